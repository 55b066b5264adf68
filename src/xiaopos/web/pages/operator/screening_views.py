"""The console's lists that applicants are screened against: import a version, end a list, look somebody up.

What may live here: parse a form, call the use case, say what happened. What may not: rules, comparing, writing.
"""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_POST

from xiaopos.merchants.roles import Permission
from xiaopos.risk.screening.matching import ListedKind, Terms
from xiaopos.usecases.import_screening_list import BIGGEST, COLUMNS, ListFault, NotImported, end_list, import_list
from xiaopos.usecases.screen_applicant import Subject, find_listed
from xiaopos.web.access import requires
from xiaopos.web.application_room import lists_room, new_id
from xiaopos.web.pages.operator.changes import actor_of
from xiaopos.web.risk_words import COLUMN_WORDS, LIST_FAULTS

LONGEST = 60


@never_cache
@require_GET
@requires(Permission.KEEP_SCREENING)
def screening(request: HttpRequest) -> HttpResponse:
    """Every list with its versions; the forms."""
    return _page(request)


def _page(request: HttpRequest, **found: Any) -> HttpResponse:
    versions = lists_room().lists()
    context = {
        "standing": [version for version, ended in versions if ended is None],
        "ended": [(version, ended) for version, ended in versions if ended is not None],
        "columns": ",".join(COLUMNS),
        "kinds": list(ListedKind),
    }
    return render(request, "web/console/screening.html", context | found)


@require_POST
@requires(Permission.KEEP_SCREENING)
def take_list(request: HttpRequest) -> HttpResponse:
    """Import a file: the newest version of a list, whole or not at all."""
    sent, now = request.FILES.get("file"), timezone.now()
    content = sent.read(BIGGEST + 1) if sent is not None else b""
    name = request.POST.get("name", "").strip()
    done = import_list(name, content, actor_of(request), now, book=lists_room(), make_id=new_id)
    if isinstance(done, NotImported):
        messages.error(request, _("没有导入：%(why)s") % {"why": _why(done)})
    else:
        messages.success(request, _("已导入 %(name)s，%(rows)s 条") % {"name": done.name, "rows": done.rows})
    return redirect("console_screening")


def _why(refused: NotImported) -> str:
    words = str(LIST_FAULTS[refused.fault])
    if refused.row is None:
        return words
    where = {"line": refused.row.line, "column": COLUMN_WORDS[refused.row.column]}
    return words + _("（第 %(line)s 行，%(column)s）") % where


@require_POST
@requires(Permission.KEEP_SCREENING)
def end(request: HttpRequest) -> HttpResponse:
    """End a list: nobody is compared with it any more."""
    name, now = request.POST.get("name", ""), timezone.now()
    fault = end_list(name, actor_of(request), now, book=lists_room())
    if fault is not None:
        messages.error(request, _("没有改动：%(why)s") % {"why": LIST_FAULTS[fault]})
    else:
        messages.success(request, _("名单已停用"))
    return redirect("console_screening")


@never_cache
@sensitive_post_parameters("name", "code")
@require_POST
@requires(Permission.KEEP_SCREENING)
def look_up(request: HttpRequest) -> HttpResponse:
    """Compare somebody with the lists, for a reason that is written down first. Nothing of whom is kept."""
    actor, rows = actor_of(request), lists_room()
    name, code = (" ".join(request.POST.get(part, "").split())[:LONGEST] for part in ("name", "code"))
    if not actor.gives_a_reason or not (name or code):
        fault = ListFault.NO_REASON if name or code else ListFault.NAME
        messages.error(request, _("没有查：%(why)s") % {"why": LIST_FAULTS[fault]})
        return redirect("console_screening")
    company = request.POST.get("kind") == ListedKind.COMPANY.value
    rows.note_look(actor, timezone.now())
    subject = Subject(
        ListedKind.COMPANY if company else ListedKind.PERSON, (name,) if name else (), (code,) if code else ()
    )
    return _page(request, listed=find_listed([subject], book=rows, terms=Terms()), looked=name or code)
