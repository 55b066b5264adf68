"""An application as its applicant sees it: where it stands, its steps, its pictures, handing in, withdrawing, appealing.

What may live here: parse, call the use case, render. What may not: rules, another applicant's application.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from xiaopos.merchants.applications.checks import Finding
from xiaopos.merchants.applications.fields import (
    FIELDS,
    LONG_TERM,
    MONTHLY_CHOICES,
    Field,
    Input,
    Step,
    fields_of,
    is_picture,
)
from xiaopos.merchants.applications.pictures import PictureFault
from xiaopos.merchants.applications.requirements import Need
from xiaopos.merchants.applications.rulebook import NEEDED, Purpose
from xiaopos.merchants.applications.states import APPLICATION_LIFE, ApplicationEvent, ApplicationState
from xiaopos.store.applications.queries import pictures_of, steps_of
from xiaopos.store.people.attempts import Subject
from xiaopos.usecases.apply_for_pos import (
    ApplyFault,
    NotHandedIn,
    Standing,
    appeal,
    hand_in,
    save_step,
    standing_of,
    withdraw,
)
from xiaopos.usecases.keep_documents import take_in
from xiaopos.web.application_room import Room
from xiaopos.web.application_words import (
    APPLY_FAULTS,
    AUTOCOMPLETE,
    FIELD_WORDS,
    HINTS,
    MONTHLY,
    NUMERIC,
    PICTURE_FAULTS,
)
from xiaopos.web.pages.apply.holding import PICTURES_PER_APPLICATION, held, of_ones_own, secret_of, too_many

LONGEST = 500


def steps_open(standing: Standing) -> list[Step]:
    """The steps on which there is something to do now, in their order."""
    return [step for step in Step if any(field in standing.open for field in fields_of(step))]


def _next_step(standing: Standing, after: Step) -> str:
    """The address of the step after one, or of the last page."""
    steps = steps_open(standing)
    later = [step for step in steps if list(Step).index(step) > list(Step).index(after)]
    return reverse("apply_step", args=[later[0].value]) if later else reverse("apply_check")


def _stops(standing: Standing, fields: Sequence[Field]) -> list[Finding]:
    return [finding for finding in standing.told if finding.stops and finding.field in fields]


def progress(standing: Standing) -> list[tuple[Step, bool]]:
    """The steps, and whether nothing more is due on each."""
    return [(step, not _stops(standing, fields_of(step))) for step in steps_open(standing)]


# -- where it stands -------------------------------------------------------------------------------------------------


@require_GET
@of_ones_own
def now(request: HttpRequest, room: Room, standing: Standing) -> HttpResponse:
    """Where the application is and what comes next."""
    application = room.rows.recall(standing.application.application_id)
    assert application is not None, "an application stays"
    state, shown = ApplicationState(application.state), progress(standing)
    later = [due for due in standing.dues.values() if due.need is Need.LATER and not standing.values.get(due.field)]
    open_step = next((step for step, done in shown if not done), None)
    context = {
        "application": application,
        "standing": standing,
        "progress": shown,
        "next_address": reverse("apply_step", args=[open_step.value]) if open_step else reverse("apply_check"),
        "link": request.build_absolute_uri(reverse("apply_back", args=[secret_of(request)])),
        "told": [step for step in steps_of(application.application_id) if step.told],
        "moves": steps_of(application.application_id),
        "later": later if state is ApplicationState.APPROVED else [],
        "may_withdraw": APPLICATION_LIFE.allows(state, ApplicationEvent.WITHDRAW),
        "may_appeal": state is ApplicationState.REFUSED
        and timezone.now() <= application.changed_at + room.desk.rules.review.appeal_within,
        "appeal_by": application.changed_at + room.desk.rules.review.appeal_within,
        "editing": state in (ApplicationState.DRAFT, ApplicationState.RETURNED),
    }
    return render(request, "web/apply/now.html", context)


# -- a step ----------------------------------------------------------------------------------------------------------


@require_http_methods(["GET", "POST"])
@of_ones_own
def step(request: HttpRequest, room: Room, standing: Standing, name: str) -> HttpResponse:
    """One step: what is asked, why, and what is wrong with what was given."""
    this = _step(name)
    fields = [field for field in fields_of(this) if field in standing.open]
    if not fields:
        return redirect("apply_now")
    if request.method == "GET":
        visited = any(standing.values.get(field) for field in fields if not is_picture(field))
        return _step_page(request, standing, this, fields, told=visited and this is not Step.PICTURES)
    sent = {field: _sent(request, field) for field in fields if not is_picture(field)}
    if sent:
        found = save_step(standing.application.application_id, sent, timezone.now(), room.desk)
        if isinstance(found, ApplyFault):
            messages.error(request, APPLY_FAULTS[found])
            return redirect("apply_now")
    return _after(request, room, this, fields)


def _after(request: HttpRequest, room: Room, this: Step, fields: Sequence[Field]) -> HttpResponse:
    """On to the next step; back to this one, with what is wrong, while something stops it."""
    fresh = _standing(request, room)
    if _stops(fresh, fields):
        return _step_page(request, fresh, this, fields, told=True, status=422)
    return redirect(_next_step(fresh, this))


def _standing(request: HttpRequest, room: Room) -> Standing:
    application = room.rows.recall(held(request))
    assert application is not None, "an application stays"
    return standing_of(application, timezone.now(), room.desk)


def _step(name: str) -> Step:
    try:
        return Step(name)
    except ValueError:
        raise Http404 from None


def _sent(request: HttpRequest, field: Field) -> str:
    if FIELDS[field].input is Input.DATE and request.POST.get(f"{field.value}_long") == "yes":
        return LONG_TERM
    return request.POST.get(field.value, "")[:LONGEST]


def _step_page(
    request: HttpRequest,
    standing: Standing,
    this: Step,
    fields: Sequence[Field],
    *,
    told: bool,
    status: int = 200,
    unkept: dict[Field, Any] | None = None,
) -> HttpResponse:
    steps = steps_open(standing)
    lines = [_line(standing, field, told=told, unkept=unkept or {}) for field in fields]
    context = {
        "step": this,
        "place": steps.index(this) + 1 if this in steps else 1,
        "steps": len(steps),
        "progress": progress(standing),
        "lines": lines,
        "wrong": [line for line in lines if line["wrong"]],
        "pictures": this is Step.PICTURES,
        "onward": _next_step(standing, this),
        "today": timezone.localdate(timezone.now()),
    }
    return render(request, "web/apply/step.html", context, status=status)


def _line(standing: Standing, field: Field, *, told: bool, unkept: dict[Field, Any]) -> dict[str, Any]:
    """A field as the page shows it."""
    value, due, part = standing.values.get(field, ""), standing.dues[field], standing.returned.get(field)
    found = [finding for finding in standing.told if finding.field is field] if told else []
    wrong = unkept.get(field) or next((finding for finding in found if finding.stops), None)
    return {
        "field": field,
        "input": FIELDS[field].input.value,
        "label": FIELD_WORDS[field],
        "why": due.why,
        "later": due.within.days if due.need is Need.LATER else 0,
        "hint": HINTS.get(field, ""),
        "value": "" if value == LONG_TERM else value,
        "long": value == LONG_TERM,
        "wrong": wrong,
        "unkept": field in unkept,
        "warnings": [finding for finding in found if not finding.stops],
        "longest": FIELDS[field].longest,
        "autocomplete": AUTOCOMPLETE.get(field, "off"),
        "numeric": field in NUMERIC,
        "choices": [(choice, MONTHLY[choice]) for choice in MONTHLY_CHOICES],
        "returned": part.reason if part is not None else "",
    }


@require_POST
@of_ones_own
def picture(request: HttpRequest, room: Room, standing: Standing, name: str) -> HttpResponse:
    """Send a picture."""
    field = next((field for field in Field if field.value == name and is_picture(field)), None)
    if field is None:
        raise Http404
    number = standing.application.application_id
    refused = too_many(request, [Subject("apply_pic", number, PICTURES_PER_APPLICATION)])
    if refused is not None:
        return refused
    taken = _take(request, room, number, field, timezone.now())
    if not isinstance(taken, PictureFault):
        messages.success(request, _("收到：%(what)s") % {"what": FIELD_WORDS[field]})
        return redirect("apply_step", Step.PICTURES.value)
    fields = [one for one in fields_of(Step.PICTURES) if one in standing.open]
    if field not in fields:
        messages.error(request, PICTURE_FAULTS[taken])
        return redirect("apply_now")
    wrong = {field: PICTURE_FAULTS[taken]}
    return _step_page(request, standing, Step.PICTURES, fields, told=False, status=422, unkept=wrong)


def _take(request: HttpRequest, room: Room, number: str, field: Field, at: datetime) -> object:
    sent = request.FILES.get("picture")
    if sent is None:
        length = int(request.headers.get("Content-Length") or 0)
        large = length > settings.FILE_UPLOAD_MAX_MEMORY_SIZE
        return PictureFault.TOO_LARGE if large else PictureFault.EMPTY
    return take_in(
        number,
        field,
        sent.read(),
        at,
        room.desk,
        pictures=room.pictures,
        scanner=room.scanner,
        redrawer=room.redrawer,
    )


# -- handing in ------------------------------------------------------------------------------------------------------


@require_http_methods(["GET", "POST"])
@of_ones_own
def check(request: HttpRequest, room: Room, standing: Standing) -> HttpResponse:
    """Everything once more, what is agreed to, and handing it in."""
    state = ApplicationState(standing.application.state)
    if not APPLICATION_LIFE.allows(state, ApplicationEvent.SUBMIT):
        return redirect("apply_now")
    wrong: Any = ""
    if request.method == "POST":
        agreed = {purpose for purpose in Purpose if request.POST.get(f"agree_{purpose.value}") == "yes"}
        done = hand_in(standing.application.application_id, agreed, timezone.now(), room.desk)
        if isinstance(done, ApplicationState):
            messages.success(request, _("已交给我们审核"))
            return redirect("apply_now")
        wrong = _("还有没填好的，见下面红色的字") if isinstance(done, NotHandedIn) else APPLY_FAULTS[done]
    return _check_page(request, room, standing, wrong)


def _check_page(request: HttpRequest, room: Room, standing: Standing, wrong: Any) -> HttpResponse:
    scans = {line.field: line.scan for line in pictures_of(standing.application.application_id)}
    asked = [field for field, due in standing.dues.items() if due.need is Need.NOW or standing.values.get(field)]
    rows = [
        {
            "field": field,
            "value": standing.values.get(field, ""),
            "picture": is_picture(field),
            "scan": scans.get(field.value, ""),
            "findings": [finding for finding in standing.told if finding.field is field],
            "step": FIELDS[field].step if field in standing.open else None,
        }
        for field in asked
    ]
    consents = [(purpose, words, purpose in NEEDED) for purpose, words in room.desk.rules.consents.items()]
    first = ApplicationState(standing.application.state) is ApplicationState.DRAFT
    context = {"rows": rows, "consents": consents if first else [], "wrong": wrong, "standing": standing}
    context["ready"] = not any(finding.stops for finding in standing.told)
    return render(request, "web/apply/check.html", context, status=422 if wrong else 200)


@require_POST
@of_ones_own
def leave(request: HttpRequest, room: Room, standing: Standing) -> HttpResponse:
    """Take the application back."""
    done = withdraw(standing.application.application_id, timezone.now(), room.desk)
    _say(request, done, _("申请已撤回"))
    return redirect("apply_now")


@require_POST
@of_ones_own
def object_to(request: HttpRequest, room: Room, standing: Standing) -> HttpResponse:
    """Say why a refusal is wrong."""
    words = request.POST.get("words", "")[: LONGEST + 1]
    _say(request, appeal(standing.application.application_id, words, timezone.now(), room.desk), _("申诉已收到"))
    return redirect("apply_now")


def _say(request: HttpRequest, done: ApplicationState | ApplyFault, words: str) -> None:
    if isinstance(done, ApplyFault):
        messages.error(request, APPLY_FAULTS[done])
    else:
        messages.success(request, words)
