"""The console's bindings: what waits, how long it took to the first payment, one terminal's six parts and their changes.

What may live here: parse a form, call the use case, say what happened. What may not: rules, writing.
"""

from __future__ import annotations

import secrets
from datetime import date, datetime, time
from statistics import median
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_POST

from xiaopos.fleet.activation import ENTROPY
from xiaopos.fleet.bindings import REPORT_LIFE, BindingState, ReportEvent, ReportState
from xiaopos.keys import KeyRefused
from xiaopos.merchants.roles import Permission
from xiaopos.store.bindings.book import BindingRows
from xiaopos.store.bindings.queries import (
    binding_line,
    binding_steps,
    bindings_to_report,
    changes_waiting,
    first_payments,
)
from xiaopos.store.merchants.queries import merchant_names, shops_of
from xiaopos.usecases.change_binding import (
    ChangeAsk,
    ChangeFault,
    ChangeKind,
    approve_change,
    ask_for_change,
    drop_change,
    possible_changes,
    suspend_terminal,
)
from xiaopos.usecases.keep_papers import PapersFault, keep_papers
from xiaopos.usecases.report_binding import ReportFault, note_report
from xiaopos.web import depot_room
from xiaopos.web.access import may, requires
from xiaopos.web.application_room import new_id
from xiaopos.web.depot_words import (
    BINDING_EVENTS,
    BINDINGS,
    CHANGE_FAULTS,
    CHANGES,
    PAPERS_FAULTS,
    PARTS,
    REPORT_EVENTS,
    REPORT_FAULTS,
    REPORTS,
)
from xiaopos.web.pages.depot.order_views import refuse
from xiaopos.web.pages.operator.changes import actor_of

HOUR_S = 3600


@require_GET
@requires(Permission.SEE_CONSOLE)
def bindings(request: HttpRequest) -> HttpResponse:
    """What waits for a second person or for the clearing organisation; how long merchants took to their first payment."""
    firsts = first_payments()
    names = merchant_names([one.merchant_id for one in firsts])
    took = [one.took_s for one in firsts if one.took_s is not None]
    longest = max(took, default=0)
    context = {
        "waiting": changes_waiting(),
        "reports": [(line, REPORTS[ReportState(line.report)]) for line in bindings_to_report()],
        "firsts": [
            {
                "line": one,
                "name": names.get(one.merchant_id),
                "hours": _hours(one.took_s),
                "share": round(100 * one.took_s / longest) if one.took_s and longest else 0,
            }
            for one in firsts
        ],
        "median": _hours(round(median(took))) if took else "",
        "may_keep": may(request.user, Permission.REVIEW_APPLICATIONS),
    }
    return render(request, "web/depot/bindings.html", context)


def _hours(seconds: int | None) -> str:
    """Hours with one decimal; nothing for what has not happened."""
    return f"{seconds / HOUR_S:.1f}" if seconds is not None else ""


@require_GET
@requires(Permission.SEE_CONSOLE)
def binding(request: HttpRequest, terminal_id: str) -> HttpResponse:
    """What one terminal is bound to, all that happened, and what may be changed."""
    return _page(request, terminal_id)


def _page(request: HttpRequest, terminal_id: str, **more: Any) -> HttpResponse:
    rows = BindingRows()
    row, line = rows.recall_binding(terminal_id), binding_line(terminal_id)
    if row is None or line is None:
        raise Http404
    waiting, state, report = rows.waiting_change(terminal_id), BindingState(line.state), ReportState(line.report)
    kinds = possible_changes(row, rows, actor_of(request), timezone.now())
    context = {
        "line": line,
        "name": merchant_names([line.merchant_id]).get(line.merchant_id),
        "told": BINDINGS[state],
        "report": REPORTS[report],
        "parts": [(words, getattr(row.parts, part.value)) for part, words in PARTS.items()],
        "missing": [PARTS[part] for part in row.parts.missing],
        "steps": [
            (step, BINDING_EVENTS.get(step.event, step.event), BINDINGS[BindingState(step.state)])
            for step in binding_steps(terminal_id)
        ],
        "waiting": waiting,
        "waiting_words": CHANGES[waiting.kind] if waiting is not None else None,
        "kinds": [(kind.value, *CHANGES[kind]) for kind in kinds] if waiting is None else [],
        "shops": shops_of(line.merchant_id),
        "may_ask": may(request.user, Permission.KEEP_STOCK) or may(request.user, Permission.REGISTER_TERMINAL),
        "may_answer": may(request.user, Permission.REGISTER_TERMINAL),
        "may_suspend": may(request.user, Permission.SWITCH_TERMINAL) and state in _RUNNING,
        "report_events": [
            (event.value, words) for event, words in REPORT_EVENTS.items() if REPORT_LIFE.allows(report, event)
        ],
    }
    return render(request, "web/depot/binding.html", context | more)


_RUNNING = frozenset({BindingState.BOUND, BindingState.PROVED})


@require_POST
@requires(Permission.KEEP_STOCK)
def ask(request: HttpRequest, terminal_id: str) -> HttpResponse:
    """Ask for a change; another person approves it."""
    kind = next((kind for kind in ChangeKind if kind.value == request.POST.get("kind")), None)
    if kind is None or binding_line(terminal_id) is None:
        raise Http404
    asked = ChangeAsk(
        terminal_id,
        kind,
        actor_of(request),
        timezone.now(),
        request.POST.get("shop", "")[:32],
        request.POST.get("address", "").strip()[:121],
        lost=request.POST.get("lost") == "yes",
    )
    fault = ask_for_change(asked, BindingRows())
    if fault is not None:
        refuse(request, CHANGE_FAULTS[fault])
    else:
        messages.success(request, _("已提交，等另一个人复核"))
    return redirect("console_binding", terminal_id)


@never_cache
@require_POST
@requires(Permission.REGISTER_TERMINAL)
def answer(request: HttpRequest, terminal_id: str) -> HttpResponse:
    """Approve the change that waits, or drop it. A move's new code is shown on this page, and never again."""
    rows, actor, now = BindingRows(), actor_of(request), timezone.now()
    if binding_line(terminal_id) is None:
        raise Http404
    if request.POST.get("answer") == "drop":
        dropped = drop_change(terminal_id, actor, now, rows)
        if dropped is not None:
            refuse(request, CHANGE_FAULTS[dropped])
        return redirect("console_binding", terminal_id)
    try:
        entropy, keyed = secrets.token_bytes(ENTROPY), depot_room.keyed()
        done = approve_change(terminal_id, actor, now, entropy, keyed, book=rows, make_id=new_id)
    except KeyRefused:
        refuse(request, _("密钥现在用不了，请联系管理员"))
        return redirect("console_binding", terminal_id)
    if isinstance(done, ChangeFault):
        refuse(request, CHANGE_FAULTS[done])
        return redirect("console_binding", terminal_id)
    messages.success(request, _("已通过并执行"))
    if done.order_id:
        return redirect("console_order", done.order_id)
    return _page(request, terminal_id, code=done.code)


@require_POST
@requires(Permission.SWITCH_TERMINAL)
def suspend(request: HttpRequest, terminal_id: str) -> HttpResponse:
    """Stop a terminal's money at once."""
    if binding_line(terminal_id) is None:
        raise Http404
    fault = suspend_terminal(terminal_id, actor_of(request), timezone.now(), BindingRows())
    if fault is not None:
        refuse(request, CHANGE_FAULTS[fault])
    else:
        messages.success(request, _("绑定已中断，这台终端不能收款"))
    return redirect("console_binding", terminal_id)


@require_POST
@requires(Permission.REGISTER_TERMINAL)
def report(request: HttpRequest, terminal_id: str) -> HttpResponse:
    """Write down what became of the report to the clearing organisation."""
    asked = {event.value: event for event in REPORT_EVENTS}
    event = asked.get(request.POST.get("event", ""))
    if event is None or event is ReportEvent.CHANGE or binding_line(terminal_id) is None:
        raise Http404
    reference = request.POST.get("reference", "")[:61]
    done = note_report(terminal_id, event, reference, actor_of(request), timezone.now(), BindingRows())
    if isinstance(done, ReportFault):
        refuse(request, REPORT_FAULTS[done])
    else:
        messages.success(request, _("已记下"))
    return redirect("console_binding", terminal_id)


def _begin_of(text: str) -> datetime:
    """The beginning of a day in the operator's zone; today's for what is no day."""
    try:
        on = date.fromisoformat(text)
    except ValueError:
        on = timezone.localdate()
    return datetime.combine(on, time(), settings.DEPLOYMENT.zone)


@sensitive_post_parameters("licence", "account")
@require_POST
@requires(Permission.REVIEW_APPLICATIONS)
def papers(request: HttpRequest) -> HttpResponse:
    """Keep the papers of a merchant whose application was approved before this house kept applications."""
    sent = {name: request.POST.get(name, "").strip()[:40] for name in ("merchant", "licence", "account")}
    at, now = _begin_of(request.POST.get("on", "")[:10]), timezone.now()
    try:
        kept = keep_papers(
            sent["merchant"], sent["licence"], sent["account"], at, depot_room.keyed(), actor_of(request), now,
            book=BindingRows(),
        )  # fmt: skip
    except KeyRefused:
        refuse(request, _("密钥现在用不了，请联系管理员"))
        return redirect("console_bindings")
    if isinstance(kept, PapersFault):
        refuse(request, PAPERS_FAULTS[kept])
    else:
        messages.success(request, _("已补录；号码只留不可逆的摘要"))
    return redirect("console_bindings")
