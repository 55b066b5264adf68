"""Which application a browser holds, and how often something may be tried.

What may live here: that, the headers of private pages. What may not: pages.

A browser holds an application since it began it, or since it showed the link and the code. The session keeps the number and the
secret of the link, so that the link can be shown again; nothing of what was given.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Concatenate, ParamSpec, cast

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from xiaopos.keys import KeyRefused
from xiaopos.merchants.tries import Limit
from xiaopos.store.people.attempts import Subject, begin
from xiaopos.usecases.apply_for_pos import Standing, standing_of
from xiaopos.web.application_room import Room, open_room
from xiaopos.web.trail import address_of

P = ParamSpec("P")
KEPT = "application"
NEW_PER_ADDRESS = Limit(20, timedelta(hours=1))
CODES_PER_LINK = Limit(5, timedelta(minutes=15))
CODES_PER_ADDRESS = Limit(30, timedelta(minutes=15))
TRIES_PER_LINK = Limit(5, timedelta(minutes=15))
PICTURES_PER_APPLICATION = Limit(60, timedelta(minutes=10))

Page = Callable[Concatenate[HttpRequest, Room, P], HttpResponse]
View = Callable[Concatenate[HttpRequest, P], HttpResponse]


def private(answer: HttpResponse) -> HttpResponse:
    """What an applicant sees is theirs: it is neither kept, nor passed on to other sites, nor indexed."""
    answer["Cache-Control"] = "private, no-store"
    answer["Referrer-Policy"] = "same-origin"
    answer["X-Robots-Tag"] = "noindex"
    return answer


def with_room(page: Page[P]) -> View[P]:
    """A page that asks the desk; in words when it cannot be opened."""

    @functools.wraps(page)
    def opened(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        try:
            return private(page(request, open_room(), *args, **kwargs))
        except KeyRefused:
            return private(render(request, "web/apply/closed.html", status=503))

    return cast("View[P]", opened)


Own = Callable[Concatenate[HttpRequest, Room, Standing, P], HttpResponse]


def of_ones_own(page: Own[P]) -> View[P]:
    """A page about the application that this browser holds; without one, the way to the beginning."""

    @functools.wraps(page)
    def found(request: HttpRequest, room: Room, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        application = room.rows.recall(held(request))
        if application is None:
            return redirect("apply")
        return page(request, room, standing_of(application, timezone.now(), room.desk), *args, **kwargs)

    return with_room(cast("Page[P]", found))


def hold(request: HttpRequest, application_id: str, secret: str) -> None:
    """From now on this browser holds the application. The session gets a new name: who knew the old one holds nothing."""
    request.session.cycle_key()
    request.session[KEPT] = {"id": application_id, "secret": secret}


def held(request: HttpRequest) -> str:
    """The number of the application that this browser holds; empty for none."""
    return str(request.session.get(KEPT, {}).get("id", ""))


def secret_of(request: HttpRequest) -> str:
    """The secret of the link to the application that this browser holds."""
    return str(request.session.get(KEPT, {}).get("secret", ""))


def too_many(request: HttpRequest, subjects: Sequence[Subject]) -> HttpResponse | None:
    """Count a try; a page in words when there were too many."""
    now = timezone.now()
    until = begin(subjects, now)
    if until is None:
        return None
    answer = render(request, "web/apply/busy.html", {"until": until}, status=429)
    answer["Retry-After"] = str(max(1, round((until - now).total_seconds())))
    return answer


def by_address(request: HttpRequest, kind: str, limit: Limit) -> Subject:
    """The address from which something is tried."""
    return Subject(kind, address_of(request), limit)
