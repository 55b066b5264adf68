"""Where a parcel is, for whoever has its link: its stages, when, and what to do now.

What may live here: parse, limits, render. What may not: rules; serial numbers, codes, names, streets, telephone numbers.
"""

from __future__ import annotations

from datetime import timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from xiaopos.fleet.deliveries.links import LIVES, is_token
from xiaopos.fleet.deliveries.states import ParcelEvent, ParcelState
from xiaopos.merchants.tries import Limit
from xiaopos.store.deliveries.queries import ParcelLine, news_of, parcel_behind
from xiaopos.store.people.attempts import Subject, begin
from xiaopos.web import depot_room
from xiaopos.web.depot_words import PARCEL_EVENTS, PARCEL_NEXT, PARCELS
from xiaopos.web.trail import address_of

LOOKS = Limit(60, timedelta(minutes=10))
STAGES = (ParcelState.ORDERED, ParcelState.PICKED_UP, ParcelState.IN_TRANSIT, ParcelState.OUT_FOR_DELIVERY)


def _private(answer: HttpResponse) -> HttpResponse:
    answer["Cache-Control"] = "private, no-store"
    answer["Referrer-Policy"] = "same-origin"
    answer["X-Robots-Tag"] = "noindex"
    return answer


def _found(token: str) -> ParcelLine | None:
    """The parcel behind a link that still works."""
    parcel = parcel_behind(token) if is_token(token) else None
    return parcel if parcel is not None and timezone.now() < parcel.changed_at + LIVES else None


@require_GET
def track(request: HttpRequest, token: str) -> HttpResponse:
    """Where the parcel is. A link that never worked and one that does no more are answered alike."""
    now = timezone.now()
    until = begin([Subject("track", address_of(request), LOOKS)], now)
    if until is not None:
        answer = render(request, "web/track/busy.html", {"until": until}, status=429)
        answer["Retry-After"] = str(max(1, round((until - now).total_seconds())))
        return _private(answer)
    parcel = _found(token)
    if parcel is not None:
        depot_room.hear_courier(parcel)
        parcel = _found(token)
    if parcel is None:
        return _private(render(request, "web/track/unknown.html", status=404))
    state = ParcelState(parcel.state)
    news = [(one, PARCEL_EVENTS[ParcelEvent(one.event)]) for one in reversed(news_of(parcel.parcel_id)) if one.moved]
    context = {
        "told": PARCELS[state],
        "next": PARCEL_NEXT[state],
        "tracking": parcel.tracking,
        "courier": parcel.courier,
        "ordered_at": parcel.ordered_at,
        "news": news,
        "stage": STAGES.index(state) + 1 if state in STAGES else 0,
        "stages": len(STAGES) + 1,
        "arrived": state is ParcelState.DELIVERED,
    }
    return _private(render(request, "web/track/parcel.html", context))
