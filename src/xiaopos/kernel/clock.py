"""Time as the house reads it: aware UTC instants handed in, business days in the shop's zone.

What may live here: the Clock role, and pure rules that turn an instant into a business day or complete a date.
What may not: reading the machine's clock (adapters do that).
"""

from __future__ import annotations

import functools
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Protocol


class Clock(Protocol):
    """Where the time comes from. One `now()` per use case; pretend twins stand still or jump."""

    def now(self) -> datetime:
        """The present instant, aware, in UTC."""
        ...


def business_day(instant: datetime, zone: tzinfo, cut_over_hour: int = 24) -> date:
    """The business day an instant belongs to, in the shop's zone.

    `cut_over_hour` is the local hour at which the next business day begins: 24 is midnight, 23 means that 23:00
    already belongs to tomorrow. Raises ValueError for a naive instant or an hour outside 1..24.
    """
    if instant.tzinfo is None:
        raise ValueError("an instant must be aware of its zone")
    if not 1 <= cut_over_hour <= 24:
        raise ValueError(f"cut-over hour must be 1..24, got {cut_over_hour}")
    whole = _day_of_quarter(int(instant.timestamp() // _QUARTER_S), zone, cut_over_hour)
    return _day_of(instant.astimezone(zone), cut_over_hour) if whole is None else whole


_QUARTER_S = 900


def _day_of(local: datetime, cut_over_hour: int) -> date:
    return (local + timedelta(hours=24 - cut_over_hour)).date()


@functools.lru_cache(maxsize=1024)
def _day_of_quarter(quarter: int, zone: tzinfo, cut_over_hour: int) -> date | None:
    """The day that a whole quarter of an hour belongs to, counted since 1970; None when a day begins within it.

    Zones and cut-over hours of our time change days on the quarter, and payments come many to a quarter.
    """
    first = _day_of(datetime.fromtimestamp(quarter * _QUARTER_S, zone), cut_over_hour)
    last = _day_of(datetime.fromtimestamp((quarter + 1) * _QUARTER_S - 1, zone), cut_over_hour)
    return first if first == last else None


_NEAREST = timedelta(days=182)
"""A year's day that is less than half a year away is nearer than the same day of any other year."""


def complete_year(
    month: int, day: int, hour: int, minute: int, second: int, *, near: datetime, zone: tzinfo
) -> datetime:
    """Give a date without a year (ISO 8583 fields 12 and 13) the year that brings it nearest to `near`.

    A message stamped 31 December and received on 1 January belongs to the old year, and the other way round.
    Raises ValueError when no neighbouring year has such a day.
    """
    candidates = []
    for year in (near.year, near.year - 1, near.year + 1):
        try:
            candidate = datetime(year, month, day, hour, minute, second, tzinfo=zone).astimezone(UTC)
        except ValueError:
            continue
        if abs(candidate - near) < _NEAREST:
            return candidate
        candidates.append(candidate)
    if not candidates:
        raise ValueError(f"no such date: {month:02d}-{day:02d} {hour:02d}:{minute:02d}:{second:02d}")
    return min(candidates, key=lambda instant: abs(instant - near))
