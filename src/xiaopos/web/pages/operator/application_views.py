"""The review of applications: the queue, one application with what was found, its papers side by side, what is decided.

What may live here: parse a form, call the use case, say what happened. What may not: rules, writing.

What an applicant gave is shown masked. Whoever needs it whole says why; that is written down first, and every picture then bears
their name and the time.
"""

from __future__ import annotations

import base64
import functools
from collections.abc import Callable
from typing import Any, Concatenate, ParamSpec, cast

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from xiaopos.keys import KeyRefused
from xiaopos.merchants.applications.fields import Field, Kind, is_picture
from xiaopos.merchants.applications.requirements import Need
from xiaopos.merchants.applications.states import (
    APPLICATION_LIFE,
    WITH_APPLICANT,
    WITH_US,
    ApplicationEvent,
    ApplicationState,
)
from xiaopos.merchants.roles import Permission
from xiaopos.store.agents.queries import promoter_line
from xiaopos.store.applications.book import append_line
from xiaopos.store.applications.personal import PersonalRows
from xiaopos.store.applications.queries import (
    calls_of,
    consents_of,
    pictures_of,
    queue,
    risk_reasons_of,
    steps_of,
)
from xiaopos.usecases.actors import Actor
from xiaopos.usecases.application_ports import CallOutcome, KeptApplication
from xiaopos.usecases.apply_for_pos import Standing, expire_applications, standing_of
from xiaopos.usecases.keep_documents import PictureLook, show_picture
from xiaopos.usecases.keep_personal_data import erase_what_is_over, kept_until
from xiaopos.usecases.review_application import (
    ReviewFault,
    answer_appeal,
    approve,
    plan_call,
    put_back,
    record_call,
    refuse,
    return_parts,
    send_back,
    take,
)
from xiaopos.web.access import may, person_of, requires
from xiaopos.web.application_room import Room, open_room
from xiaopos.web.application_words import FIELD_WORDS, REVIEW_FAULTS, STATES
from xiaopos.web.pages.operator.changes import actor_of
from xiaopos.web.ring_drawing import draw_ring

P = ParamSpec("P")
CLOCK = Actor("clock", "", "its time is over")
LONGEST_TOLD = 200
SHOWN = {
    "with_us": WITH_US,
    "with_applicant": WITH_APPLICANT,
    "decided": frozenset(ApplicationState) - WITH_US - WITH_APPLICANT,
}
"""Which states a list shows."""


def with_room(
    page: Callable[Concatenate[HttpRequest, Room, P], HttpResponse],
) -> Callable[Concatenate[HttpRequest, P], HttpResponse]:
    """A page that asks the desk; in words when it cannot be opened."""

    @functools.wraps(page)
    def opened(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        try:
            return page(request, open_room(), *args, **kwargs)
        except KeyRefused as refused:
            return render(request, "web/console/applications_closed.html", {"why": str(refused)}, status=503)

    return cast("Callable[Concatenate[HttpRequest, P], HttpResponse]", opened)


def _found(room: Room, application_id: str) -> Standing:
    application = room.rows.recall(application_id)
    if application is None:
        raise Http404
    return standing_of(application, timezone.now(), room.desk)


@never_cache
@require_GET
@requires(Permission.REVIEW_APPLICATIONS)
@with_room
def applications(request: HttpRequest, room: Room) -> HttpResponse:
    """The queue, by when something is due. What nobody goes on with ends when somebody looks."""
    now = timezone.now()
    expire_applications(now, room.desk, CLOCK)
    erase_what_is_over(now, room.desk, PersonalRows(room.seal), CLOCK)
    show = request.GET.get("show", "with_us")
    lines = queue(SHOWN.get(show, WITH_US))
    context = {
        "lines": [
            {
                "line": line,
                "category": room.desk.rules.category(line.category),
                "region": room.desk.rules.region(line.region),
                "late": line.due_at is not None and line.due_at < now,
            }
            for line in lines
        ],
        "show": show if show in SHOWN else "with_us",
        "second_from": room.desk.rules.review.second_from,
        "me": person_of(request).username,
    }
    return render(request, "web/console/applications.html", context)


@never_cache
@require_GET
@requires(Permission.REVIEW_APPLICATIONS)
@with_room
def application(request: HttpRequest, room: Room, application_id: str) -> HttpResponse:
    """One application: what was found, what is due, what it may come to."""
    standing = _found(room, application_id)
    return render(request, "web/console/application.html", _context(request, room, standing))


def _context(request: HttpRequest, room: Room, standing: Standing) -> dict[str, Any]:
    row = room.rows.recall(standing.application.application_id)
    assert row is not None, "an application stays"
    number, state, me = row.application_id, ApplicationState(row.state), person_of(request).username
    review, score = room.desk.rules.review, max(row.score, standing.risk.score)
    return {
        "application": row,
        "lines": _lines(standing),
        "unconfirmed": [
            due for due in standing.dues.values() if due.rule is not None and due.rule.source and not due.rule.confirmed
        ],
        "start_findings": [finding for finding in standing.findings if finding.field is None],
        "category": room.desk.rules.category(row.category),
        "region": room.desk.rules.region(row.region),
        "score": score,
        "reasons": dict.fromkeys((*risk_reasons_of(number), *standing.risk.reasons)),
        "needs_call": review.calls(Kind(row.kind), score),
        "needs_second": score >= review.second_from,
        "script": review.script,
        "outcomes": list(CallOutcome),
        "calls": calls_of(number),
        "steps": steps_of(number),
        "consents": consents_of(number),
        "appeal": room.rows.appeal_of(number),
        "returned": standing.returned,
        "fields": [(field.value, words) for field, words in FIELD_WORDS.items()],
        "mine": row.taken_by == me,
        "me": me,
        "may": {event.value: APPLICATION_LIFE.allows(state, event) for event in ApplicationEvent},
        "tone": STATES[state][2],
        **_about_data(row, room),
        "may_order": may(request.user, Permission.KEEP_STOCK),
        "introducer": promoter_line(row.promoter_id) if row.promoter_id else None,
        "ring": draw_ring(room.rings.find(row, standing.values, timezone.now())),
        "listed": room.lists.find(standing.values),
    }


def _about_data(application: KeptApplication, room: Room) -> dict[str, Any]:
    """How long an application's data are kept, and whether they are gone or held."""
    book, number = PersonalRows(room.seal), application.application_id
    return {
        "until": kept_until(application, room.desk, book),
        "held": book.is_held(number),
        "gone": book.tombstone(number),
    }


def _lines(standing: Standing) -> list[dict[str, Any]]:
    return [
        {
            "field": field,
            "value": standing.values.get(field, ""),
            "picture": is_picture(field),
            "due": due,
            "findings": [finding for finding in standing.findings if finding.field is field],
        }
        for field, due in standing.dues.items()
        if due.need is not Need.NEVER or standing.values.get(field)
    ]


@never_cache
@require_POST
@requires(Permission.REVIEW_APPLICATIONS)
@with_room
def look(request: HttpRequest, room: Room, application_id: str) -> HttpResponse:
    """The papers whole, side by side with what was typed, for a reason that is written down before."""
    standing, actor, now = _found(room, application_id), actor_of(request), timezone.now()
    if not actor.gives_a_reason:
        messages.error(request, REVIEW_FAULTS[ReviewFault.NO_REASON])
        return redirect("console_application", application_id)
    append_line("application_shown", application_id, actor, now)
    words = f"{actor.username} {timezone.localtime(now):%Y-%m-%d %H:%M}"
    pictures = []
    for line in pictures_of(application_id):
        wanted = PictureLook(application_id, line.picture_id, actor, now)
        drawn = show_picture(wanted, words, pictures=room.pictures, redrawer=room.redrawer)
        assert isinstance(drawn, bytes), "a picture that is listed is there"
        data = f"data:image/png;base64,{base64.b64encode(drawn).decode()}"
        pictures.append({"field": line.field, "scan": line.scan, "data": data, "taken_at": line.taken_at})
    typed = [line for line in _lines(standing) if not line["picture"] and line["value"]]
    context = {"application": standing.application, "lines": typed, "pictures": pictures}
    return render(request, "web/console/application_papers.html", context)


def _moves(request: HttpRequest) -> dict[str, Callable[..., object]]:
    told = request.POST.get("told", "")[:LONGEST_TOLD]

    def called(*parts: Any) -> ReviewFault | None:
        number, actor, at, desk = parts
        try:
            outcome = CallOutcome(request.POST.get("outcome", ""))
        except ValueError:
            raise Http404 from None
        return record_call(number, outcome, actor, at, desk)

    return {
        "take": take,
        "put_back": put_back,
        "plan_call": plan_call,
        "call": called,
        "approve": approve,
        "send_back": send_back,
        "refuse": lambda number, *parts: refuse(number, told, *parts),
        "reopen": lambda number, *parts: answer_appeal(number, told, *parts, right=True),
        "uphold": lambda number, *parts: answer_appeal(number, told, *parts, right=False),
    }


@require_POST
@requires(Permission.REVIEW_APPLICATIONS)
@with_room
def move(request: HttpRequest, room: Room, application_id: str) -> HttpResponse:
    """Decide something."""
    verb = _moves(request).get(request.POST.get("move", ""))
    if verb is None:
        raise Http404
    _found(room, application_id)
    return _told(request, verb(application_id, actor_of(request), timezone.now(), room.desk), application_id)


@require_POST
@requires(Permission.REVIEW_APPLICATIONS)
@with_room
def give_back(request: HttpRequest, room: Room, application_id: str) -> HttpResponse:
    """Give parts back to the applicant, each with its reason."""
    _found(room, application_id)
    parts = {field: request.POST.get(f"why_{field.value}", "")[:LONGEST_TOLD].strip() for field in Field}
    given = {field: why for field, why in parts.items() if why}
    done = return_parts(application_id, given, actor_of(request), timezone.now(), room.desk)
    return _told(request, done, application_id)


def _told(request: HttpRequest, done: object, application_id: str) -> HttpResponse:
    if isinstance(done, ReviewFault):
        messages.error(request, _("没有改动：%(why)s") % {"why": REVIEW_FAULTS[done]})
    elif done is ApplicationState.APPROVED:
        messages.success(request, _("已通过，商户、门店和协议已建立"))
    elif done is ApplicationState.SECOND_REVIEW:
        messages.success(request, _("风险较高，已转给第二个人复核"))
    else:
        messages.success(request, _("已记录"))
    return redirect("console_application", application_id)
