"""What the console's live view reads: how payments went in the last hour, minute by minute, channel by channel.

What may live here: the query over the counts that the writer keeps, and what they add up to. What may not: words, drawing.

The counts are few rows a minute however many payments there were, so the view may ask every few seconds.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Sum

from xiaopos.payments.states import State
from xiaopos.store.payments.models import OutcomeMinuteRow
from xiaopos.store.writer.outcomes import TOOK_MS

SHOWN = timedelta(hours=1)
JUST_NOW = timedelta(minutes=15)
"""How far back rates, times and reasons look."""
MOST_REASONS = 10


@dataclass(frozen=True, slots=True)
class Minute:
    """How many payments ended in one minute, by how they ended."""

    at: datetime
    approved: int
    declined: int
    unknown: int
    reversed: int

    @property
    def total(self) -> int:
        """Payments whose first outcome fell into this minute: a reversal follows an outcome that was counted before."""
        return self.approved + self.declined + self.unknown


@dataclass(frozen=True, slots=True)
class ChannelNow:
    """How a channel did just now. Times are upper bounds in milliseconds; None for longer than the longest bound."""

    channel: str
    approved: int
    declined: int
    unknown: int
    p50_ms: int | None
    p99_ms: int | None

    @property
    def total(self) -> int:
        """Payments that ended."""
        return self.approved + self.declined + self.unknown

    @property
    def approval_permille(self) -> int | None:
        """Approved payments per thousand that ended; None before the first."""
        return self.approved * 1000 // self.total if self.total else None


@dataclass(frozen=True, slots=True)
class ReasonNow:
    """How often payments of a channel were declined or lost for one reason just now."""

    channel: str
    reason: str
    payments: int


@dataclass(frozen=True, slots=True)
class Live:
    """The last hour: `minutes` from the oldest to the one under way, the rest of the last quarter of an hour."""

    minutes: tuple[Minute, ...]
    channels: tuple[ChannelNow, ...]
    reasons: tuple[ReasonNow, ...]

    @property
    def per_minute(self) -> int:
        """Payments of the last minute that is over."""
        return self.minutes[-2].total

    @property
    def per_second(self) -> str:
        """The same for each second, with one digit behind the point."""
        tenths = self.per_minute // 6
        return f"{tenths // 10}.{tenths % 10}"

    @property
    def per_hour(self) -> int:
        """Payments of the whole hour."""
        return sum(minute.total for minute in self.minutes)

    @property
    def just_now(self) -> int:
        """Payments of the last quarter of an hour."""
        return sum(channel.total for channel in self.channels)


def live(now: datetime) -> Live:
    """How payments went up to an instant, in one query."""
    last = now.replace(second=0, microsecond=0)
    first = last - SHOWN + timedelta(minutes=1)
    rows = (
        OutcomeMinuteRow.objects.filter(minute_at__gte=first, minute_at__lte=last)
        .values_list("minute_at", "channel", "state", "reason", "took")
        .annotate(count=Sum("payments"))
    )
    by_minute: Counter[tuple[datetime, str]] = Counter()
    by_state: defaultdict[str, Counter[str]] = defaultdict(Counter)
    times: defaultdict[str, Counter[int]] = defaultdict(Counter)
    reasons: Counter[tuple[str, str]] = Counter()
    for minute, channel, state, reason, took, count in rows:
        by_minute[minute, state] += count
        if minute <= now - JUST_NOW or state == State.REVERSED.value:
            continue
        by_state[channel][state] += count
        times[channel][took] += count
        if state != State.APPROVED.value:
            reasons[channel, reason] += count
    minutes = [first + timedelta(minutes=place) for place in range(SHOWN // timedelta(minutes=1))]
    return Live(
        tuple(_minute(minute, by_minute) for minute in minutes),
        tuple(_channel(channel, by_state[channel], times[channel]) for channel in sorted(by_state)),
        tuple(ReasonNow(channel, reason, count) for (channel, reason), count in reasons.most_common(MOST_REASONS)),
    )


def _minute(at: datetime, counts: Mapping[tuple[datetime, str], int]) -> Minute:
    ends = (State.APPROVED, State.DECLINED, State.UNKNOWN, State.REVERSED)
    return Minute(at, *(counts.get((at, state.value), 0) for state in ends))


def _channel(channel: str, states: Counter[str], times: Counter[int]) -> ChannelNow:
    return ChannelNow(
        channel,
        states[State.APPROVED.value],
        states[State.DECLINED.value],
        states[State.UNKNOWN.value],
        time_within(times, 500),
        time_within(times, 990),
    )


def time_within(times: Mapping[int, int], permille: int) -> int | None:
    """The bound in milliseconds within which that many of a thousand payments ended; None beyond the last bound, or for none.

    >>> time_within({0: 98, 3: 1, 6: 1}, 500), time_within({0: 98, 3: 1, 6: 1}, 990), time_within({len(TOOK_MS): 1}, 500)
    (5, 50, None)
    """
    wanted, met = sum(times.values()) * permille, 0
    for place in sorted(times):
        met += times[place] * 1000
        if met >= wanted:
            return TOOK_MS[place] if place < len(TOOK_MS) else None
    return None
