"""What people are told of a badge, for everything that the register can say."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import pytest

from support.badges import BEGINS, CLAIMS
from xiaopos.kernel.machine import IllegalMove
from xiaopos.merchants.badges.states import BADGE_LIFE, BadgeEvent, BadgeState
from xiaopos.merchants.badges.verdicts import CLOCKS_DIFFER, LIVES, RENEW_BEFORE, Standing, Verdict, is_due, judge

NOON = BEGINS + timedelta(hours=4)
GOOD = Standing(may_act=True, regions=("31", "32"))


@dataclass
class Kept:
    badge_id: str = CLAIMS.badge_id
    state: str = "valid"
    expires_at: datetime = CLAIMS.expires_at


def test_a_badge_that_stands_is_authorised_where_it_may_be_shown() -> None:
    assert judge(CLAIMS, Kept(), GOOD, "", NOON) is Verdict.AUTHORISED
    assert judge(CLAIMS, Kept(), GOOD, "310115", NOON) is Verdict.AUTHORISED
    assert judge(replace(CLAIMS, regions=()), Kept(), Standing(may_act=True, regions=()), "650100", NOON).is_good


@pytest.mark.parametrize(
    ("kept", "standing", "region", "at", "verdict"),
    [
        (None, GOOD, "", NOON, Verdict.UNKNOWN),
        (Kept(badge_id="f" * 32), GOOD, "", NOON, Verdict.UNKNOWN),
        (Kept(state="revoked"), GOOD, "", NOON, Verdict.REVOKED),
        (Kept(state="suspended"), GOOD, "", NOON, Verdict.SUSPENDED),
        (Kept(state="replaced"), GOOD, "", NOON, Verdict.REPLACED),
        (Kept(state="revoked"), GOOD, "", NOON + LIVES, Verdict.REVOKED),
        (Kept(), GOOD, "", BEGINS - CLOCKS_DIFFER - timedelta(seconds=1), Verdict.NOT_YET),
        (Kept(), GOOD, "", BEGINS - CLOCKS_DIFFER, Verdict.AUTHORISED),
        (Kept(), GOOD, "", CLAIMS.expires_at, Verdict.EXPIRED),
        (Kept(expires_at=NOON), GOOD, "", NOON, Verdict.EXPIRED),
        (Kept(), replace(GOOD, may_act=False), "", NOON, Verdict.NOT_AUTHORISED),
        (Kept(), GOOD, "440300", NOON, Verdict.OUT_OF_SCOPE),
        (Kept(), replace(GOOD, regions=("33",)), "310115", NOON, Verdict.OUT_OF_SCOPE),
        (Kept(), GOOD, "32", NOON, Verdict.OUT_OF_SCOPE),
    ],
)
def test_the_worst_is_said(kept: Kept | None, standing: Standing, region: str, at: datetime, verdict: Verdict) -> None:
    assert judge(CLAIMS, kept, standing, region, at) is verdict
    assert verdict.is_good is (verdict is Verdict.AUTHORISED)


def test_when_a_badge_is_due() -> None:
    assert not is_due(Kept(), CLAIMS.expires_at - RENEW_BEFORE - timedelta(seconds=1))
    assert is_due(Kept(), CLAIMS.expires_at - RENEW_BEFORE)
    assert not is_due(Kept(state="suspended"), CLAIMS.expires_at)


@pytest.mark.parametrize("state", BadgeState)
@pytest.mark.parametrize("event", BadgeEvent)
def test_every_move_of_a_badge(state: BadgeState, event: BadgeEvent) -> None:
    after = {
        "valid suspend": "suspended", "valid replace": "replaced", "valid revoke": "revoked", "suspended resume": "valid",
        "suspended revoke": "revoked", "replaced revoke": "revoked",
    }.get(f"{state.value} {event.value}")  # fmt: skip
    if after is None:
        with pytest.raises(IllegalMove):
            BADGE_LIFE.move(state, event)
    else:
        assert BADGE_LIFE.move(state, event) is BadgeState(after)


def test_nothing_follows_a_revocation() -> None:
    assert BADGE_LIFE.ends() == {BadgeState.REVOKED}
    assert BADGE_LIFE.reachable() == set(BadgeState)
