"""Business days and dates without a year."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from xiaopos.kernel.clock import business_day, complete_year

SHANGHAI = ZoneInfo("Asia/Shanghai")


def at(year: int, month: int, day: int, hour: int = 0, minute: int = 0, second: int = 0) -> datetime:
    return datetime(year, month, day, hour, minute, second, tzinfo=SHANGHAI)


def test_a_business_day_is_the_shops_own_and_not_utcs() -> None:
    assert business_day(datetime(2026, 3, 13, 16, 0, tzinfo=UTC), SHANGHAI) == date(2026, 3, 14)
    assert business_day(datetime(2026, 3, 13, 15, 59, 59, tzinfo=UTC), SHANGHAI) == date(2026, 3, 13)


def test_a_shop_that_cuts_over_at_23_is_already_in_tomorrow() -> None:
    assert business_day(at(2026, 12, 31, 22, 59, 59), SHANGHAI, 23) == date(2026, 12, 31)
    assert business_day(at(2026, 12, 31, 23), SHANGHAI, 23) == date(2027, 1, 1)


@pytest.mark.parametrize("hour", [1, 23, 24])
@pytest.mark.parametrize(
    "zone", ["Asia/Shanghai", "Asia/Kolkata", "Asia/Kathmandu", "America/New_York", "Africa/Monrovia"]
)
def test_an_instant_belongs_to_its_local_day_whatever_the_zone_does(zone: str, hour: int) -> None:
    there = ZoneInfo(zone)
    for begin in (
        datetime(1969, 12, 31, tzinfo=UTC),
        datetime(2026, 3, 7, tzinfo=UTC),
        datetime(2026, 10, 31, tzinfo=UTC),
    ):
        for step in range(3 * 24 * 60):
            instant = begin + timedelta(seconds=60 * step - step % 2)
            local = instant.astimezone(there)
            assert business_day(instant, there, hour) == (local + timedelta(hours=24 - hour)).date()


def test_a_naive_instant_has_no_business_day() -> None:
    with pytest.raises(ValueError, match="aware"):
        business_day(datetime(2026, 3, 14), SHANGHAI)  # noqa: DTZ001 - the naive instant is what is refused


@pytest.mark.parametrize("hour", [0, 25, -1])
def test_a_cut_over_outside_the_day_is_refused(hour: int) -> None:
    with pytest.raises(ValueError, match="must be 1"):
        business_day(at(2026, 3, 14), SHANGHAI, hour)


def test_a_stamp_of_old_years_eve_received_in_the_new_year_stays_in_the_old() -> None:
    stamped = complete_year(12, 31, 23, 59, 58, near=at(2027, 1, 1, 0, 0, 3), zone=SHANGHAI)
    assert stamped == at(2026, 12, 31, 23, 59, 58)
    assert stamped.tzinfo is UTC


def test_a_terminal_whose_clock_runs_ahead_may_already_be_in_the_new_year() -> None:
    assert complete_year(1, 1, 0, 0, 5, near=at(2026, 12, 31, 23, 59), zone=SHANGHAI) == at(2027, 1, 1, 0, 0, 5)


def test_a_leap_day_belongs_to_the_nearest_year_that_has_one() -> None:
    assert complete_year(2, 29, 8, 0, 0, near=at(2027, 6, 1), zone=SHANGHAI) == at(2028, 2, 29, 8)


def test_a_day_that_no_year_has_is_refused() -> None:
    with pytest.raises(ValueError, match="no such date: 02-30"):
        complete_year(2, 30, 8, 0, 0, near=at(2026, 6, 1), zone=SHANGHAI)
