"""The console's badges: suspend, resume, revoke one; what was reported, and deciding it.

What may live here: parse a form, call the use case, say what happened. What may not: rules, writing.
"""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from xiaopos.merchants.badges.sightings import Suspicion
from xiaopos.merchants.roles import Permission
from xiaopos.store.agents.queries import promoter_line
from xiaopos.store.badges import queries
from xiaopos.usecases.keep_badges import BadgeFault, change_badge
from xiaopos.usecases.report_badge import ReportFault, ReportKind, ReportState, decide_report
from xiaopos.web import badge_room
from xiaopos.web.access import requires
from xiaopos.web.badge_words import (
    EVENTS,
    FAULTS,
    REPORT_FAULTS,
    REPORT_KINDS,
    REPORT_STATES,
    STATES,
    SUSPICIONS,
)
from xiaopos.web.pages.operator.agent_views import badge_row
from xiaopos.web.pages.operator.changes import actor_of


def _report_row(line: queries.ReportLine) -> dict[str, Any]:
    tone, words = REPORT_STATES[ReportState(line.state)]
    badge = queries.badge_line(line.badge_id) if line.badge_id else None
    return {
        "line": line,
        "tone": tone,
        "words": words,
        "kind": REPORT_KINDS[ReportKind(line.kind)],
        "promoter": promoter_line(line.promoter_id) if line.promoter_id else None,
        "badge": badge_row(badge) if badge is not None else None,
    }


@requires(Permission.KEEP_AGENTS)
def reports(request: HttpRequest) -> HttpResponse:
    """What waits for a decision, badges of which copies may go round, and what was decided."""
    suspected = []
    for line in queries.suspected_badges():
        badge = queries.badge_line(line.badge_id)
        if badge is not None:
            row = {"times": line.times, "words": SUSPICIONS[Suspicion(line.suspicion)], "badge": badge_row(badge)}
            suspected.append(row | {"promoter": promoter_line(badge.promoter_id)})
    decided = [line for line in queries.reports() if line.state != ReportState.OPEN.value]
    context = {
        "open": [_report_row(line) for line in queries.reports(state=ReportState.OPEN)],
        "suspected": suspected,
        "decided": [_report_row(line) for line in decided],
    }
    return render(request, "web/console/badge_reports.html", context)


@require_POST
@requires(Permission.KEEP_AGENTS)
def decide(request: HttpRequest, report_id: str) -> HttpResponse:
    """Find a report right or wrong."""
    state = {"uphold": ReportState.UPHELD, "dismiss": ReportState.DISMISSED}.get(request.POST.get("answer", ""))
    if state is None:
        raise Http404
    fault = decide_report(report_id, state, actor_of(request), timezone.now(), book=badge_room.rows())
    if isinstance(fault, ReportFault):
        messages.error(request, _("没有改动：%(why)s") % {"why": REPORT_FAULTS[fault]})
    else:
        messages.success(request, _("已改为：%(state)s") % {"state": REPORT_STATES[state][1]})
    return redirect("console_badge_reports")


@require_POST
@requires(Permission.KEEP_AGENTS)
def change(request: HttpRequest, badge_id: str) -> HttpResponse:
    """Suspend, resume or revoke a badge."""
    event = next((each for each in EVENTS if each.value == request.POST.get("event")), None)
    if event is None:
        raise Http404
    done = change_badge(badge_id, event, actor_of(request), timezone.now(), book=badge_room.rows())
    if isinstance(done, BadgeFault):
        messages.error(request, _("没有改动：%(why)s") % {"why": FAULTS[done]})
    else:
        messages.success(request, _("已改为：%(state)s") % {"state": STATES[done][1]})
    back = request.POST.get("back", "")
    own = url_has_allowed_host_and_scheme(back, {request.get_host()}, require_https=request.is_secure())
    return redirect(back if own else "console_badge_reports")
