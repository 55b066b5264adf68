"""Coming back to an application on another device: the link, then a code sent to the telephone.

What may live here: the link's page, the code, the demo's pretend telephone. What may not: saying whether a link is anybody's.

Every link looks alike, whoever asks: also one that leads nowhere takes a code and finds it wrong.
"""

from __future__ import annotations

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from xiaopos.store.applications.pictures import newest_letter
from xiaopos.store.people import attempts
from xiaopos.store.people.attempts import Subject
from xiaopos.usecases.apply_for_pos import resume, send_code
from xiaopos.web.application_room import Room, link_mark, new_code
from xiaopos.web.pages.apply.holding import (
    CODES_PER_ADDRESS,
    CODES_PER_LINK,
    TRIES_PER_LINK,
    by_address,
    held,
    hold,
    too_many,
    with_room,
)

LONGEST_SECRET, LONGEST_CODE = 64, 20


@require_http_methods(["GET", "POST"])
@with_room
def back(request: HttpRequest, room: Room, secret: str) -> HttpResponse:
    """The link: on the device that holds the application straight to it, on another by a code."""
    mark = link_mark(secret[:LONGEST_SECRET])
    found = room.rows.by_link(mark)
    if found is not None and held(request) == found.application_id:
        return redirect("apply_now")
    if request.method == "GET":
        return _page(request, room, secret)
    if request.POST.get("ask") == "send":
        return _send(request, room, secret, mark)
    return _try(request, room, secret, mark)


def _page(request: HttpRequest, room: Room, secret: str, *, sent: bool = False, wrong: str = "") -> HttpResponse:
    context = {
        "sent": sent or bool(wrong),
        "wrong": wrong,
        "can_send": room.notifier is not None,
        "telephone": reverse("apply_telephone", args=[secret]),
    }
    return render(request, "web/apply/back.html", context, status=422 if wrong else 200)


def _send(request: HttpRequest, room: Room, secret: str, mark: str) -> HttpResponse:
    limits = [
        Subject("apply_send", mark, CODES_PER_LINK),
        by_address(request, "apply_from", CODES_PER_ADDRESS),
    ]
    refused = too_many(request, limits)
    if refused is not None:
        return refused
    if room.notifier is not None:
        code = new_code()
        send_code(mark, code, room.code_mark(mark, code), timezone.now(), room.desk, room.notifier)
    return _page(request, room, secret, sent=True)


def _try(request: HttpRequest, room: Room, secret: str, mark: str) -> HttpResponse:
    limits = [Subject("apply_code", mark, TRIES_PER_LINK)]
    refused = too_many(request, limits)
    if refused is not None:
        return refused
    code = "".join(request.POST.get("code", "")[:LONGEST_CODE].split())
    application = resume(mark, room.code_mark(mark, code), timezone.now(), room.desk)
    if application is None:
        return _page(request, room, secret, wrong=_("验证码不对或已过期，可以重新发一个"))
    attempts.take_back(limits)
    hold(request, application.application_id, secret)
    return redirect("apply_now")


@require_GET
@with_room
def telephone(request: HttpRequest, room: Room, secret: str) -> HttpResponse:
    """The demo's pretend telephone: the newest code. In production there is no such page."""
    if not settings.DEPLOYMENT.is_demo:
        raise Http404
    found = room.rows.by_link(link_mark(secret[:LONGEST_SECRET]))
    letter = newest_letter(found.application_id) if found is not None else None
    return render(request, "web/apply/telephone.html", {"letter": letter, "back": reverse("apply_back", args=[secret])})
