"""How far an authority goes: every doubt, every bound, and that no agent goes further than one above it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xiaopos.kernel.machine import IllegalMove
from xiaopos.merchants.agents.authority import (
    MOST_TIERS,
    Bounds,
    Doubt,
    bounds_of,
    doubt_about,
    doubt_of_chain,
    doubt_of_deed,
    doubt_of_promoter,
    is_within,
    narrower,
    runs_out,
)
from xiaopos.merchants.agents.states import (
    AGENT_LIFE,
    PROMOTER_LIFE,
    AgentEvent,
    AgentState,
    PromoterEvent,
    PromoterState,
)
from xiaopos.merchants.badges.credential import Deed

DAY = date(2026, 6, 1)
ALL = tuple(deed.value for deed in Deed)


@dataclass
class Agent:
    agent_id: str = "a"
    name: str = "小林商务"
    parent_id: str = ""
    state: str = "authorised"
    regions: list[str] = field(default_factory=list)
    products: list[str] = field(default_factory=list)
    deeds: tuple[str, ...] = ALL
    valid_from: date = DAY - timedelta(days=100)
    valid_until: date = DAY + timedelta(days=100)
    recheck_on: date | None = DAY + timedelta(days=50)


@dataclass
class Promoter:
    agent_id: str = "a"
    state: str = "active"
    since: date = DAY - timedelta(days=10)


def chain(*agents: Agent) -> list[Agent]:
    """Agents from the lowest up, numbered and tied together."""
    names = "abcdefgh"
    return [
        replace(agent, agent_id=names[tier], parent_id=names[tier + 1] if tier + 1 < len(agents) else "")
        for tier, agent in enumerate(agents)
    ]


@pytest.mark.parametrize(
    ("agent", "doubt"),
    [
        (Agent(), None),
        (Agent(state="revoked"), Doubt.REVOKED),
        (Agent(state="suspended"), Doubt.SUSPENDED),
        (Agent(state="expired"), Doubt.EXPIRED),
        (Agent(state="applied"), Doubt.NOT_AUTHORISED),
        (Agent(state="checked"), Doubt.NOT_AUTHORISED),
        (Agent(state="refused"), Doubt.NOT_AUTHORISED),
        (Agent(valid_until=DAY), None),
        (Agent(valid_until=DAY - timedelta(days=1)), Doubt.EXPIRED),
        (Agent(valid_from=DAY), None),
        (Agent(valid_from=DAY + timedelta(days=1)), Doubt.NOT_YET),
        (Agent(recheck_on=DAY), None),
        (Agent(recheck_on=DAY - timedelta(days=1)), Doubt.RECHECK_DUE),
        (Agent(recheck_on=None), Doubt.RECHECK_DUE),
    ],
)
def test_why_an_agent_may_not_act(agent: Agent, doubt: Doubt | None) -> None:
    assert doubt_about(agent, DAY) is doubt
    assert doubt_of_chain([agent], DAY) is doubt


def test_what_befalls_an_agent_above_befalls_those_below() -> None:
    assert doubt_of_chain(chain(Agent(), Agent(), Agent()), DAY) is None
    assert doubt_of_chain(chain(Agent(), Agent(), Agent(state="suspended")), DAY) is Doubt.ABOVE
    assert doubt_of_chain(chain(Agent(state="expired"), Agent(state="suspended")), DAY) is Doubt.EXPIRED
    assert doubt_of_chain(chain(*[Agent()] * (MOST_TIERS + 1)), DAY) is Doubt.ABOVE
    broken = chain(Agent(), Agent(), Agent())
    assert doubt_of_chain(broken[:2], DAY) is Doubt.ABOVE, "nobody knows the one above"
    assert doubt_of_chain([broken[0], broken[2]], DAY) is Doubt.ABOVE


@pytest.mark.parametrize(
    ("promoter", "agent", "doubt"),
    [
        (Promoter(), Agent(), None),
        (Promoter(agent_id="b"), Agent(), Doubt.OTHER_AGENT),
        (Promoter(state="suspended"), Agent(), Doubt.PROMOTER_SUSPENDED),
        (Promoter(state="left"), Agent(state="revoked"), Doubt.PROMOTER_LEFT),
        (Promoter(since=DAY), Agent(), None),
        (Promoter(since=DAY + timedelta(days=1)), Agent(), Doubt.PROMOTER_NOT_YET),
        (Promoter(), Agent(state="revoked"), Doubt.REVOKED),
    ],
)
def test_why_a_promoter_may_not_act(promoter: Promoter, agent: Agent, doubt: Doubt | None) -> None:
    assert doubt_of_promoter(promoter, [agent], DAY) is doubt


def test_bounds_are_those_that_all_above_share() -> None:
    bounds = bounds_of(
        chain(
            Agent(regions=["3101", "3205", "44"], products=["a1", "k9"], deeds=("introduce", "deliver")),
            Agent(regions=["31", "320506"], valid_until=DAY + timedelta(days=3)),
            Agent(products=["a1"], recheck_on=DAY + timedelta(days=2)),
        )
    )
    assert bounds == Bounds(
        ("3101", "320506"), ("a1",), frozenset({Deed.INTRODUCE, Deed.DELIVER}), DAY + timedelta(days=2)
    )
    assert bounds_of([Agent()]).regions == ()
    assert bounds_of([Agent()]).deeds == frozenset(Deed)


@pytest.mark.parametrize(
    "agents",
    [
        (Agent(regions=["31"]), Agent(regions=["32"]), Agent(regions=["33"])),
        (Agent(products=["a"]), Agent(products=["b"]), Agent(products=["a"])),
    ],
)
def test_those_that_share_nothing_may_do_nothing(agents: tuple[Agent, ...]) -> None:
    assert bounds_of(chain(*agents)).deeds == frozenset()


@pytest.mark.parametrize(
    ("deed", "region", "product", "doubt"),
    [
        (Deed.INTRODUCE, "", "", None),
        (Deed.INTRODUCE, "310115", "a1", None),
        (Deed.TRAIN, "310115", "a1", Doubt.DEED),
        (Deed.INTRODUCE, "32", "a1", Doubt.REGION),
        (Deed.INTRODUCE, "310115", "k9", Doubt.PRODUCT),
    ],
)
def test_what_lies_outside_the_bounds(deed: Deed, region: str, product: str, doubt: Doubt | None) -> None:
    bounds = Bounds(("31",), ("a1",), frozenset({Deed.INTRODUCE}), DAY)
    assert doubt_of_deed(bounds, deed, region, product) is doubt
    assert doubt_of_deed(replace(bounds, regions=(), products=()), Deed.INTRODUCE, "99", "z") is None


REGIONS = st.lists(st.sampled_from(["31", "32", "3101", "3205", "310115", "320506", "44"]), max_size=4)


@given(st.lists(REGIONS, min_size=1, max_size=3), st.sampled_from(["310115", "310101", "320506", "320601", "440300"]))
def test_nobody_goes_further_than_anybody_above(regions: list[list[str]], place: str) -> None:
    bounds = bounds_of(chain(*(Agent(regions=each) for each in regions)))
    everybody = all(not each or any(place.startswith(one) for one in each) for each in regions)
    assert (doubt_of_deed(bounds, Deed.INTRODUCE, place) is None) is everybody


@given(REGIONS, REGIONS)
def test_what_lies_in_both_is_the_same_either_way(first: list[str], second: list[str]) -> None:
    assert narrower(first, second) == narrower(second, first)
    assert is_within(narrower(first, second), first) or not narrower(first, second)


@pytest.mark.parametrize(
    ("child", "parent", "within"),
    [
        ((), (), True),
        (("31",), (), True),
        ((), ("31",), False),
        (("3101",), ("31",), True),
        (("31",), ("3101",), False),
    ],
)
def test_which_regions_lie_within_others(child: tuple[str, ...], parent: tuple[str, ...], within: bool) -> None:
    assert is_within(child, parent) is within


def test_when_an_authority_runs_out() -> None:
    assert runs_out(Agent()) == DAY + timedelta(days=50)
    assert runs_out(Agent(recheck_on=None)) == DAY + timedelta(days=100)
    assert runs_out(Agent(valid_until=DAY)) == DAY


MOVES = """
applied check checked
applied refuse refused
checked authorise authorised
checked refuse refused
authorised suspend suspended
authorised expire expired
authorised revoke revoked
suspended resume authorised
suspended expire expired
suspended revoke revoked
expired check checked
expired revoke revoked
"""
AFTER = {tuple(line.split()[:2]): line.split()[2] for line in MOVES.strip().splitlines()}


@pytest.mark.parametrize("state", AgentState)
@pytest.mark.parametrize("event", AgentEvent)
def test_every_move_of_an_agent(state: AgentState, event: AgentEvent) -> None:
    after = AFTER.get((state.value, event.value))
    if after is None:
        with pytest.raises(IllegalMove):
            AGENT_LIFE.move(state, event)
    else:
        assert AGENT_LIFE.move(state, event) is AgentState(after)


def test_where_agents_end() -> None:
    assert AGENT_LIFE.ends() == {AgentState.REVOKED, AgentState.REFUSED}
    assert AGENT_LIFE.reachable() == set(AgentState)


@pytest.mark.parametrize("state", PromoterState)
@pytest.mark.parametrize("event", PromoterEvent)
def test_every_move_of_a_promoter(state: PromoterState, event: PromoterEvent) -> None:
    after = {
        "active suspend": "suspended", "active leave": "left", "suspended resume": "active", "suspended leave": "left",
    }.get(f"{state.value} {event.value}")  # fmt: skip
    if after is None:
        with pytest.raises(IllegalMove):
            PROMOTER_LIFE.move(state, event)
    else:
        assert PROMOTER_LIFE.move(state, event) is PromoterState(after)
