"""Time as the house reads it: aware UTC instants handed in, business days in the shop's zone.

What may live here: the Clock role, and pure rules that turn an instant into a business day or complete a date.
What may not: reading the machine's clock (adapters do that).
"""

from __future__ import annotations

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
    local = instant.astimezone(zone)
    return (local + timedelta(hours=24 - cut_over_hour)).date()


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
