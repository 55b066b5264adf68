"""Questions to the person who shows a badge, and scans that cannot be of one person."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xiaopos.merchants.badges.challenges import ENTROPY, LIVES, TRIES, ChallengeFault, code_of, fault_of, is_open
from xiaopos.merchants.badges.sightings import CROWD, CROWD_WITHIN, JOURNEY, Sighting, Suspicion, suspicion

AT = datetime(2026, 6, 1, 8, tzinfo=UTC)
SECOND = timedelta(seconds=1)


@dataclass
class Asked:
    token: str = "t"
    code: str = "048213"
    asked_at: datetime = AT
    tries: int = 1
    answered_at: datetime | None = None


@given(st.binary(min_size=ENTROPY, max_size=ENTROPY))
def test_a_number_has_six_digits(entropy: bytes) -> None:
    assert len(code_of(entropy)) == 6
    assert code_of(entropy).isdigit()


def test_a_number_needs_its_randomness() -> None:
    with pytest.raises(ValueError, match="8 random bytes"):
        code_of(b"")


@pytest.mark.parametrize(
    ("asked", "typed", "at", "fault"),
    [
        (Asked(), "048213", AT, None),
        (Asked(), " 048 213 ", AT + LIVES - SECOND, None),
        (Asked(), "048214", AT, ChallengeFault.WRONG),
        (Asked(), "48213", AT, ChallengeFault.WRONG),
        (Asked(), "", AT, ChallengeFault.WRONG),
        (Asked(), "０４８２１３", AT, ChallengeFault.WRONG),
        (Asked(tries=TRIES - 1), "048213", AT, None),
        (Asked(tries=TRIES), "048213", AT, ChallengeFault.TOO_MANY_TRIES),
        (Asked(), "048213", AT + LIVES, ChallengeFault.TOO_LATE),
        (Asked(answered_at=AT), "048213", AT, ChallengeFault.NONE_OPEN),
        (None, "048213", AT, ChallengeFault.NONE_OPEN),
    ],
)
def test_what_an_answer_is_worth(asked: Asked | None, typed: str, at: datetime, fault: ChallengeFault | None) -> None:
    assert fault_of(asked, typed, at) is fault


def test_how_long_a_question_is_open() -> None:
    assert is_open(Asked(tries=0), AT + LIVES - SECOND)
    assert not is_open(Asked(tries=0), AT + LIVES)
    assert not is_open(Asked(tries=TRIES), AT)
    assert not is_open(Asked(answered_at=AT), AT)


def seen(minutes: float, region: str = "", network: str = "n") -> Sighting:
    return Sighting(AT + timedelta(minutes=minutes), region, network)


@pytest.mark.parametrize(
    ("earlier", "newest", "found"),
    [
        ([], seen(0, "310115"), None),
        ([seen(0, "310115")], seen(5, "310101"), None),
        ([seen(0, "310115")], seen(5, "320506", "m"), Suspicion.TWO_PLACES),
        ([seen(0, "3101")], seen(5, "3205", "m"), Suspicion.TWO_PLACES),
        ([seen(0, "3101")], seen(5, "3205"), None),
        ([seen(0, "31")], seen(5, "3205", "m"), None),
        ([seen(0, "310115")], seen(5, "", "m"), None),
        ([seen(0, "310115")], seen(JOURNEY / SECOND / 60, "320506", "m"), None),
        ([seen(10, "320506")], seen(5, "310115", "m"), Suspicion.TWO_PLACES),
    ],
)
def test_two_places(earlier: list[Sighting], newest: Sighting, found: Suspicion | None) -> None:
    assert suspicion(earlier, newest) is found


def test_a_crowd() -> None:
    within = CROWD_WITHIN / SECOND / 60
    many = [seen(0.01 * number, network=str(number)) for number in range(CROWD - 1)]
    assert suspicion(many, seen(1, network="new")) is Suspicion.CROWD
    assert suspicion(many, seen(1, network="0")) is None
    assert suspicion(many, seen(within + 1, network="new")) is None
