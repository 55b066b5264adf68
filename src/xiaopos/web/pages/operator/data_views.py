"""The console's side of people's data: hold it, copy it for the person, delete it once it is over, end business with a merchant.

What may live here: parse a form, call the use case, say what happened. What may not: rules, writing.
"""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from xiaopos.merchants.roles import Permission
from xiaopos.store.applications.personal import PersonalRows
from xiaopos.store.applications.queries import application_of_merchant
from xiaopos.usecases.keep_personal_data import (
    DataFault,
    copy_data,
    end_business,
    erase_data,
    hold_data,
)
from xiaopos.web.access import requires
from xiaopos.web.application_room import Room
from xiaopos.web.data_words import FAULTS
from xiaopos.web.pages.apply.data_views import as_file
from xiaopos.web.pages.operator.application_views import with_room
from xiaopos.web.pages.operator.changes import actor_of


@require_POST
@requires(Permission.REVIEW_APPLICATIONS)
@with_room
def change(request: HttpRequest, room: Room, application_id: str) -> HttpResponse:
    """Hold, let go, delete what is over; each for a reason."""
    actor, now, book, desk = actor_of(request), timezone.now(), PersonalRows(room.seal), room.desk
    verb = request.POST.get("verb", "")
    if verb in ("hold", "let_go"):
        done: object = hold_data(application_id, actor, now, desk, book, held=verb == "hold")
    elif verb == "erase":
        done = erase_data(application_id, actor, now, desk, book)
    else:
        raise Http404
    if isinstance(done, DataFault):
        if done is DataFault.UNKNOWN:
            raise Http404
        messages.error(request, _("没有改动：%(why)s") % {"why": FAULTS[done]})
    else:
        messages.success(request, _("已记录"))
    return redirect("console_application", application_id)


@require_POST
@requires(Permission.REVIEW_APPLICATIONS)
@with_room
def take_copy(request: HttpRequest, room: Room, application_id: str) -> HttpResponse:
    """Everything in one file, for the person who asked for it."""
    copy = copy_data(application_id, actor_of(request), timezone.now(), room.desk, PersonalRows(room.seal))
    if copy is DataFault.UNKNOWN:
        raise Http404
    if isinstance(copy, DataFault):
        messages.error(request, _("没有改动：%(why)s") % {"why": FAULTS[copy]})
        return redirect("console_application", application_id)
    return as_file(copy)


@require_POST
@requires(Permission.LOOK_AFTER_PEOPLE)
@with_room
def end(request: HttpRequest, room: Room, merchant_id: str) -> HttpResponse:
    """Business with a merchant is over."""
    if application_of_merchant(merchant_id) is None:
        raise Http404
    fault = end_business(merchant_id, actor_of(request), timezone.now(), room.desk, PersonalRows(room.seal))
    if fault is not None:
        messages.error(request, _("没有改动：%(why)s") % {"why": FAULTS[fault]})
    else:
        messages.success(request, _("业务已结束，商户停止收款；资料到期后自动删除"))
    return redirect("console_merchant", merchant_id)
