"""When somebody has been wrong too often: the rule of the lock-out.

What may live here: limits and the rule. What may not: who counts (store), clocks.

A try is counted before it is checked, so that many at once cannot slip past the limit; one that was right is taken
back. One person has five tries within fifteen minutes. One address has twenty, for behind one address may stand a whole
shop: five there would let one clumsy colleague lock out the others. One merchant has five wrong approval codes within
five minutes.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True)
class Limit:
    """How many tries within which time, and how long the pause is that follows."""

    tries: int
    window: timedelta


PER_PERSON = Limit(5, timedelta(minutes=15))
PER_ADDRESS = Limit(20, timedelta(minutes=15))
PER_APPROVER = Limit(5, timedelta(minutes=5))


@dataclass(frozen=True, slots=True)
class Tries:
    """What is remembered of one subject: tries since `first_at`, and until when it is locked."""

    count: int
    first_at: datetime
    locked_until: datetime | None = None

    def is_locked(self, now: datetime) -> bool:
        """Whether a try is refused unseen."""
        return self.locked_until is not None and now < self.locked_until


def counted(tries: Tries | None, limit: Limit, now: datetime) -> Tries:
    """What is remembered after one more try. The last allowed try also sets the pause, which a right answer lifts.

    While locked, nothing changes: asking again does not lengthen the pause.
    """
    if tries is None:
        fresh = Tries(0, now)
    elif tries.is_locked(now):
        return tries
    elif tries.locked_until is not None or now - tries.first_at >= limit.window:
        fresh = Tries(0, now)
    else:
        fresh = tries
    count = fresh.count + 1
    return replace(fresh, count=count, locked_until=now + limit.window if count >= limit.tries else None)


def taken_back(tries: Tries) -> Tries:
    """What is remembered after a try that turned out right."""
    return replace(tries, count=max(0, tries.count - 1), locked_until=None)
