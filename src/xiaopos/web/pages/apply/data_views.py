"""An applicant's data: what is kept and until when, a copy of all of it, consents, deletion with its proof.

What may live here: parse, call the use case, render, pack a copy. What may not: rules, another applicant's data.
"""

from __future__ import annotations

import io
import json
import zipfile
from datetime import timedelta

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from xiaopos.merchants.applications.fields import is_picture
from xiaopos.merchants.applications.rulebook import NEEDED, Purpose
from xiaopos.merchants.applications.states import ApplicationState
from xiaopos.merchants.tries import Limit
from xiaopos.store.applications.personal import PersonalRows
from xiaopos.store.people.attempts import Subject
from xiaopos.usecases.apply_for_pos import APPLICANT, Standing
from xiaopos.usecases.keep_personal_data import (
    Copy,
    DataFault,
    agreed_to,
    answer_consent,
    copy_data,
    erase_data,
    kept_until,
    record_of,
    texts_of,
)
from xiaopos.web.application_room import Room
from xiaopos.web.data_words import FAULTS, PURPOSES
from xiaopos.web.pages.apply.holding import of_ones_own, too_many

COPIES = Limit(5, timedelta(hours=1))


@require_GET
@of_ones_own
def data(request: HttpRequest, room: Room, standing: Standing) -> HttpResponse:
    """What is kept, by which consent, until when; what may be done about it."""
    application, book = standing.application, PersonalRows(room.seal)
    number = application.application_id
    consents = book.consents(number)
    record = record_of(ApplicationState(application.state))
    context = {
        "fields": [field for field in standing.values if not is_picture(field)],
        "pictures": [field for field in standing.values if is_picture(field)],
        "consents": [(one, PURPOSES[one.purpose]) for one in consents],
        "asked": [
            (purpose.value, PURPOSES[purpose], agreed_to(purpose, consents))
            for purpose in Purpose
            if purpose not in NEEDED
        ],
        "until": kept_until(application, room.desk, book),
        "why": room.desk.rules.retention[record].why,
        "gone": book.tombstone(number),
    }
    return render(request, "web/apply/data.html", context)


def packed(copy: Copy) -> bytes:
    """A copy as a ZIP: data.json, and each picture under its field's name."""
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("data.json", json.dumps(texts_of(copy), ensure_ascii=False, indent=1))
        for field, picture in copy.pictures.items():
            file.writestr(f"{field.value}.png", picture)
    return whole.getvalue()


def as_file(copy: Copy) -> HttpResponse:
    """A copy to be kept by whoever asked for it, and by nobody on the way."""
    answer = HttpResponse(packed(copy), content_type="application/zip")
    answer["Content-Disposition"] = f'attachment; filename="xiaopos-{copy.application_id}.zip"'
    answer["Cache-Control"] = "private, no-store"
    return answer


@require_POST
@of_ones_own
def take_copy(request: HttpRequest, room: Room, standing: Standing) -> HttpResponse:
    """Everything, in one file."""
    number = standing.application.application_id
    refused = too_many(request, [Subject("data_copy", number, COPIES)])
    if refused is not None:
        return refused
    copy = copy_data(number, APPLICANT, timezone.now(), room.desk, PersonalRows(room.seal))
    if isinstance(copy, DataFault):
        messages.error(request, _("没有改动：%(why)s") % {"why": FAULTS[copy]})
        return redirect("apply_data")
    return as_file(copy)


@require_POST
@of_ones_own
def consent(request: HttpRequest, room: Room, standing: Standing) -> HttpResponse:
    """Another answer to a purpose on which nothing depends."""
    purpose = next((each for each in Purpose if each.value == request.POST.get("purpose")), None)
    if purpose is None:
        raise Http404
    given = request.POST.get("given") == "yes"
    number, book = standing.application.application_id, PersonalRows(room.seal)
    fault = answer_consent(number, purpose, timezone.now(), room.desk, book, given=given)
    if fault is not None:
        messages.error(request, _("没有改动：%(why)s") % {"why": FAULTS[fault]})
    else:
        messages.success(request, _("已记下您的选择"))
    return redirect("apply_data")


@require_POST
@of_ones_own
def erase(request: HttpRequest, room: Room, standing: Standing) -> HttpResponse:
    """Delete all that was given, where nobody must keep it; the page that follows is the proof."""
    if request.POST.get("sure") != "yes":
        messages.error(request, _("请先勾选确认"))
        return redirect("apply_data")
    number, now = standing.application.application_id, timezone.now()
    proof = erase_data(number, APPLICANT, now, room.desk, PersonalRows(room.seal))
    if isinstance(proof, DataFault):
        messages.error(request, _("没有删除：%(why)s") % {"why": FAULTS[proof]})
        return redirect("apply_data")
    request.session.flush()
    return render(request, "web/apply/erased.html", {"proof": proof, "at": now, "number": number})
