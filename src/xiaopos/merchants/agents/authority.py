"""How far an authority goes, today: an agent's, bounded by those of the agents above it, and by its promoter's own.

What may live here: what is needed of a row, the doubts, the bounds. What may not: storage, words (web), badges.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import Enum
from itertools import pairwise
from typing import Protocol

from xiaopos.merchants.agents.states import AgentState, PromoterState
from xiaopos.merchants.badges.credential import Deed

MOST_TIERS = 3
"""An agent, one below it, one below that: more hands than that no operator can answer for."""
RECHECK_EVERY = timedelta(days=365)
PROOF_FRESH = timedelta(days=30)
"""How old the captured proof of a filing may be when an agent is checked."""


class AgentFacts(Protocol):
    """What is needed of an agent. `regions` by digits of GB/T 2260, none for everywhere; both days are inclusive."""

    @property
    def agent_id(self) -> str:
        """Its number."""
        ...

    @property
    def name(self) -> str:
        """Its name as its licence has it."""
        ...

    @property
    def parent_id(self) -> str:
        """The agent above it; empty for one of the operator's own."""
        ...

    @property
    def state(self) -> str:
        """An AgentState by its value."""
        ...

    @property
    def regions(self) -> Sequence[str]:
        """Where it may work."""
        ...

    @property
    def products(self) -> Sequence[str]:
        """Models or products that it may offer; none for all."""
        ...

    @property
    def deeds(self) -> Sequence[str]:
        """What it may do: Deeds by their values."""
        ...

    @property
    def valid_from(self) -> date:
        """The first day of its authority."""
        ...

    @property
    def valid_until(self) -> date:
        """The last day of its authority."""
        ...

    @property
    def recheck_on(self) -> date | None:
        """The day by which it must have been checked again; None before its first check."""
        ...


class PromoterFacts(Protocol):
    """What is needed of a promoter."""

    @property
    def agent_id(self) -> str:
        """Whose they are."""
        ...

    @property
    def state(self) -> str:
        """A PromoterState by its value."""
        ...

    @property
    def since(self) -> date:
        """Their first day."""
        ...


class Doubt(Enum):
    """Why somebody may not do something, the most telling first."""

    REVOKED = "revoked"
    SUSPENDED = "suspended"
    NOT_AUTHORISED = "not_authorised"
    """Applied, checked or refused, and never authorised."""
    EXPIRED = "expired"
    NOT_YET = "not_yet"
    RECHECK_DUE = "recheck_due"
    ABOVE = "above"
    """An agent above it may not act."""
    PROMOTER_SUSPENDED = "promoter_suspended"
    PROMOTER_LEFT = "promoter_left"
    PROMOTER_NOT_YET = "promoter_not_yet"
    OTHER_AGENT = "other_agent"
    """The promoter is another agent's."""
    DEED = "deed"
    REGION = "region"
    PRODUCT = "product"


@dataclass(frozen=True, slots=True)
class Bounds:
    """How far an authority goes. No regions or products means all; no deeds means none."""

    regions: tuple[str, ...]
    products: tuple[str, ...]
    deeds: frozenset[Deed]
    ends_on: date


_BY_STATE = {
    AgentState.REVOKED: Doubt.REVOKED,
    AgentState.SUSPENDED: Doubt.SUSPENDED,
    AgentState.EXPIRED: Doubt.EXPIRED,
    AgentState.APPLIED: Doubt.NOT_AUTHORISED,
    AgentState.CHECKED: Doubt.NOT_AUTHORISED,
    AgentState.REFUSED: Doubt.NOT_AUTHORISED,
}
_BY_WORK = {
    PromoterState.SUSPENDED: Doubt.PROMOTER_SUSPENDED,
    PromoterState.LEFT: Doubt.PROMOTER_LEFT,
}


def doubt_about(agent: AgentFacts, on: date) -> Doubt | None:
    """Why an agent by itself may not act on a day."""
    by_state = _BY_STATE.get(AgentState(agent.state))
    if by_state is not None:
        return by_state
    if on > agent.valid_until:
        return Doubt.EXPIRED
    if on < agent.valid_from:
        return Doubt.NOT_YET
    return Doubt.RECHECK_DUE if agent.recheck_on is None or on > agent.recheck_on else None


def doubt_of_chain(chain: Sequence[AgentFacts], on: date) -> Doubt | None:
    """Why an agent may not act on a day. `chain` is the agent itself and those above it, up to one of the operator's own."""
    assert chain, "an agent is its own chain's first"
    own = doubt_about(chain[0], on)
    if own is not None:
        return own
    whole = all(child.parent_id == above.agent_id for child, above in pairwise(chain))
    if not whole or chain[-1].parent_id or len(chain) > MOST_TIERS:
        return Doubt.ABOVE
    return Doubt.ABOVE if any(doubt_about(above, on) for above in chain[1:]) else None


def doubt_of_promoter(promoter: PromoterFacts, chain: Sequence[AgentFacts], on: date) -> Doubt | None:
    """Why a promoter may not act on a day."""
    if promoter.agent_id != chain[0].agent_id:
        return Doubt.OTHER_AGENT
    own = _BY_WORK.get(PromoterState(promoter.state))
    if own is None and on < promoter.since:
        own = Doubt.PROMOTER_NOT_YET
    return own or doubt_of_chain(chain, on)


def bounds_of(chain: Sequence[AgentFacts]) -> Bounds:
    """How far the first agent's authority goes: nowhere further than that of any agent above it."""
    regions: tuple[str, ...] | None = None
    products: frozenset[str] | None = None
    deeds = frozenset(Deed)
    for agent in chain:
        if agent.regions:
            regions = narrower(agent.regions if regions is None else regions, agent.regions)
        if agent.products:
            products = frozenset(agent.products) & (frozenset(agent.products) if products is None else products)
        deeds &= frozenset(Deed(deed) for deed in agent.deeds)
    nowhere = regions == () or products == frozenset()
    ends_on = min(runs_out(agent) for agent in chain)
    return Bounds(regions or (), tuple(sorted(products or ())), frozenset() if nowhere else deeds, ends_on)


def doubt_of_deed(bounds: Bounds, deed: Deed, region: str = "", product: str = "") -> Doubt | None:
    """Why a deed lies outside the bounds; region and product count when they are named."""
    if deed not in bounds.deeds:
        return Doubt.DEED
    if region and bounds.regions and not any(region.startswith(each) for each in bounds.regions):
        return Doubt.REGION
    return Doubt.PRODUCT if product and bounds.products and product not in bounds.products else None


def narrower(first: Collection[str], second: Collection[str]) -> tuple[str, ...]:
    """The regions that lie in both, each named once by its shortest digits; none when they have none in common.

    >>> narrower(("31", "3205"), ("3101", "32")), narrower(("31", "3101"), ("31",)), narrower(("31",), ("32",))
    (('3101', '3205'), ('31',), ())
    """
    both = {one for one in first for other in second if one.startswith(other)}
    both |= {other for one in first for other in second if other.startswith(one)}
    return tuple(sorted(each for each in both if not any(each != one and each.startswith(one) for one in both)))


def is_within(child: Collection[str], parent: Collection[str]) -> bool:
    """Whether regions lie within others. Everywhere lies within everywhere alone."""
    if not parent:
        return True
    return bool(child) and all(any(one.startswith(each) for each in parent) for one in child)


def runs_out(agent: AgentFacts) -> date:
    """The last day on which an agent may act as things stand."""
    return min(agent.valid_until, agent.recheck_on) if agent.recheck_on is not None else agent.valid_until
