"""The console's live view: how the house does just now, renewed by itself.

What may live here: the page and its fragment, where the columns of its drawing stand. What may not: queries, rules.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from xiaopos.merchants.roles import Permission
from xiaopos.store.jobs.queries import kinds_waiting, queue_now
from xiaopos.store.merchants.queries import merchant_names
from xiaopos.store.payments.console_queries import open_now, open_payments
from xiaopos.store.payments.live_queries import Minute, live
from xiaopos.web.access import may, requires

WIDTH, RISE, FOOT = 720, 150, 20
LABELS_EVERY = 10
MOST_OPEN = 10


@dataclass(frozen=True, slots=True)
class Bar:
    """One minute's column: its parts as (class, y, height) from the floor upwards."""

    minute: Minute
    x: int
    width: int
    parts: tuple[tuple[str, int, int], ...]
    labelled: bool


@dataclass(frozen=True, slots=True)
class Drawing:
    """The hour in units of its view box. `highest` is the count at the top."""

    width: int
    height: int
    floor: int
    foot: int
    highest: int
    bars: tuple[Bar, ...]


def drawing(minutes: Sequence[Minute]) -> Drawing:
    """Columns of approved, declined and unknown payments on one scale."""
    highest = max(1, *(minute.total for minute in minutes))
    place = WIDTH // len(minutes)
    bars = []
    for index, minute in enumerate(minutes):
        parts, top = [], RISE
        for name, count in (("approved", minute.approved), ("declined", minute.declined), ("unknown", minute.unknown)):
            height = max(2, RISE * count // highest) if count else 0
            top -= height
            if height:
                parts.append((name, max(0, top), height))
        labelled = minute.at.minute % LABELS_EVERY == 0
        bars.append(Bar(minute, index * place + 1, place - 2, tuple(parts), labelled))
    return Drawing(WIDTH, RISE + FOOT, RISE, RISE + FOOT - 4, highest, tuple(bars))


def _now(request: HttpRequest) -> dict[str, Any]:
    now = timezone.now()
    seen = live(now)
    waiting = open_payments(now=now, most=MOST_OPEN) if may(request.user, Permission.SEE_UNRESOLVED) else ()
    held = open_now(now)
    names = merchant_names({row.merchant_id for row in waiting})
    return {
        "now": now,
        "numbers": "numbers" in request.GET,
        "live": seen,
        "drawing": drawing(seen.minutes),
        "queue": queue_now(now),
        "kinds": kinds_waiting(now),
        "held": held,
        "oldest": now - held.since if held.since else None,
        "waiting": [(row, names.get(row.merchant_id), now - row.received_at) for row in waiting],
    }


@requires(Permission.SEE_CONSOLE)
def live_view(request: HttpRequest) -> HttpResponse:
    """Throughput, times, approval by channel and reason, queues, what is unresolved."""
    return render(request, "web/console/live.html", _now(request))


@requires(Permission.SEE_CONSOLE)
def live_now(request: HttpRequest) -> HttpResponse:
    """Only what changes, for the page to renew."""
    return render(request, "web/console/live_now.html", _now(request))
