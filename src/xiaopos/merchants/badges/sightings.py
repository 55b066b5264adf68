"""Noticing copied badges: the same badge in two places.

What may live here: what one scan tells, and when two scans cannot be of one person. What may not: storage, addresses, maps.

A scan tells a region when the one who scans chooses it, a network's keyed hash always. Two regions of different cities within
the time that a journey takes, or far more networks at once than one street has, mean that copies go round. Two regions said from
one network are one person who chose twice. It is a suspicion: a person looks into it; the badge says so meanwhile.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

JOURNEY = timedelta(hours=2)
"""Nobody shows a badge in two cities within this time."""
CROWD, CROWD_WITHIN = 25, timedelta(minutes=10)
"""So many networks within so short a time: one street does not scan one badge so often."""
CITY_DIGITS = 4


@dataclass(frozen=True, slots=True)
class Sighting:
    """One scan. `region` is what the person chose (GB/T 2260), or empty; `network` a keyed hash of where it came from."""

    at: datetime
    region: str
    network: str


class Suspicion(Enum):
    """Why a badge may have been copied."""

    TWO_PLACES = "two_places"
    CROWD = "crowd"


def suspicion(earlier: Sequence[Sighting], newest: Sighting) -> Suspicion | None:
    """What the newest scan, seen with those before it, makes one suspect; None for nothing."""
    city = newest.region[:CITY_DIGITS]
    if len(city) == CITY_DIGITS:
        for one in earlier:
            other = one.region[:CITY_DIGITS]
            elsewhere = len(other) == CITY_DIGITS and other != city and one.network != newest.network
            if elsewhere and abs(newest.at - one.at) < JOURNEY:
                return Suspicion.TWO_PLACES
    crowd = {one.network for one in earlier if abs(newest.at - one.at) < CROWD_WITHIN} | {newest.network}
    return Suspicion.CROWD if len(crowd) >= CROWD else None
