"""Where the columns of the day's drawing stand: today over the day before, refunds beneath the floor.

What may live here: geometry, as attributes of SVG elements. What may not: colours (style sheet), queries.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from xiaopos.store.payments.portal_queries import Hour

WIDTH, RISE, FALL, FOOT = 720, 180, 40, 20
_STEP_OF_LABELS = 3


@dataclass(frozen=True, slots=True)
class Column:
    """One hour: x and width of its place, then y and height of today's sales, the day before's, and refunds."""

    hour: Hour
    x: int
    width: int
    before: tuple[int, int]
    today: tuple[int, int]
    refunds: tuple[int, int]
    labelled: bool

    @property
    def inner_x(self) -> int:
        """Where today's slimmer column begins."""
        return self.x + self.width // 5

    @property
    def inner_width(self) -> int:
        """How wide today's column is."""
        return self.width - 2 * (self.width // 5)

    @property
    def middle(self) -> int:
        """The middle of the place, for a label."""
        return self.x + self.width // 2


@dataclass(frozen=True, slots=True)
class Chart:
    """The whole drawing in units of its view box."""

    width: int
    height: int
    floor: int
    foot: int
    columns: tuple[Column, ...]


def chart(hours: Sequence[Hour]) -> Chart:
    """The drawing of a day. Sales share one scale; refunds are drawn downwards on the same scale, at most FALL deep."""
    highest = max([1, *(max(hour.today.sales.minor, hour.before.sales.minor) for hour in hours)])
    place = WIDTH // max(len(hours), 1)

    def up(minor: int) -> tuple[int, int]:
        height = max(2, RISE * minor // highest) if minor else 0
        return RISE - height, height

    def down(minor: int) -> tuple[int, int]:
        return RISE, min(FALL, max(2, RISE * minor // highest)) if minor else 0

    columns = tuple(
        Column(
            hour,
            index * place + 3,
            place - 6,
            up(hour.before.sales.minor),
            up(hour.today.sales.minor),
            down(hour.today.refunds.minor),
            index % _STEP_OF_LABELS == 0,
        )
        for index, hour in enumerate(hours)
    )
    return Chart(WIDTH, RISE + FALL + FOOT, RISE, RISE + FALL + FOOT - 4, columns)
