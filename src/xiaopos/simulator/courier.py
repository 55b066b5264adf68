"""A pretend courier: takes parcels, and tells of them by the clock - or loses, refuses and turns them back, where it is told to.

What may live here: its journeys as data, and telling them. What may not: anything of the house but the courier's role.

It remembers nothing: a parcel's whole journey is in its tracking number, so that every process tells the same.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import Enum

from xiaopos.fleet.deliveries.states import ParcelEvent
from xiaopos.usecases.follow_delivery import CourierNews, ParcelAsk

PRETEND = "pretend"
_TRACKING = re.compile(r"XP([0-9]{12})([ARLB])-([0-9a-f]{6})")

_E = ParcelEvent
_Journey = Sequence[tuple[timedelta, ParcelEvent, str]]


class Fate(Enum):
    """How a journey ends; the letter stands in the tracking number."""

    ARRIVES = "A"
    REFUSED = "R"
    LOST = "L"
    TURNED_BACK = "B"


_BEGINS: _Journey = (
    (timedelta(hours=2), _E.PICK_UP, "演示市总仓"),
    (timedelta(hours=8), _E.MOVE_ON, "演示市转运中心"),
)
_DOOR: _Journey = ((timedelta(hours=22), _E.GO_OUT, "柳巷营业点"),)
JOURNEYS: Mapping[Fate, _Journey] = {
    Fate.ARRIVES: (*_BEGINS, *_DOOR, (timedelta(hours=25), _E.DELIVER, "柳巷")),
    Fate.REFUSED: (
        *_BEGINS,
        *_DOOR,
        (timedelta(hours=25), _E.REFUSE, "柳巷"),
        (timedelta(hours=30), _E.TURN_BACK, "柳巷营业点"),
        (timedelta(hours=50), _E.COME_BACK, "演示市总仓"),
    ),
    Fate.LOST: (*_BEGINS, (timedelta(hours=60), _E.LOSE, "演示市转运中心")),
    Fate.TURNED_BACK: (
        *_BEGINS,
        (timedelta(hours=20), _E.TURN_BACK, "演示市转运中心"),
        (timedelta(hours=40), _E.COME_BACK, "演示市总仓"),
    ),
}
"""What is told how long after a parcel was taken."""


@dataclass(frozen=True, slots=True)
class PretendCourier:
    """The courier. `fate` is that of the parcels it takes; `hour` how long one of its hours lasts."""

    fate: Fate = Fate.ARRIVES
    hour: timedelta = timedelta(hours=1)
    name: str = PRETEND

    def take(self, ask: ParcelAsk, at: datetime) -> str:
        """See Courier."""
        return f"XP{at.astimezone(UTC):%y%m%d%H%M%S}{self.fate.value}-{ask.parcel_id[-6:]}"

    def news_of(self, tracking: str, now: datetime) -> Sequence[CourierNews]:
        """See Courier. Of a number that is not its own it knows nothing."""
        found = _TRACKING.fullmatch(tracking)
        if found is None:
            return ()
        taken_at = datetime.strptime(found[1], "%y%m%d%H%M%S").replace(tzinfo=UTC)
        journey = [
            CourierNews(event, place, taken_at + after * (self.hour / timedelta(hours=1)))
            for after, event, place in JOURNEYS[Fate(found[2])]
        ]
        return [news for news in journey if news.told_at <= now]
