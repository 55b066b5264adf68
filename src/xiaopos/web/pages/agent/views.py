"""A promoter's own badge, and an agent's own people and record.

What may live here: parse a form, call one use case or query, render. What may not: rules; somebody else's agent.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from xiaopos.kernel.clock import business_day
from xiaopos.keys import KeyRefused
from xiaopos.merchants.agents.authority import bounds_of, doubt_of_chain, doubt_of_promoter
from xiaopos.merchants.agents.states import AgentState, PromoterState
from xiaopos.merchants.badges.states import BadgeState
from xiaopos.merchants.badges.verdicts import is_due
from xiaopos.merchants.roles import Permission
from xiaopos.merchants.tries import Limit
from xiaopos.store.agents import queries
from xiaopos.store.agents.book import AgentRows
from xiaopos.store.applications.queries import brought_by
from xiaopos.store.badges.queries import BadgeLine, carried_badges, seen_count
from xiaopos.store.badges.queries import reports as badge_reports
from xiaopos.store.merchants.queries import merchant_names
from xiaopos.store.people.attempts import Subject, begin
from xiaopos.usecases.actors import Actor
from xiaopos.usecases.keep_badges import BadgeFault, issue_badge
from xiaopos.usecases.report_badge import ReportKind, ReportState
from xiaopos.usecases.scan_badge import answer_question
from xiaopos.web import badge_room
from xiaopos.web.access import may, person_of, requires
from xiaopos.web.agent_words import DOUBTS, PROMOTER_STATES, STATES
from xiaopos.web.badge_words import CHALLENGE_FAULTS, DEEDS, FAULTS, NEVERS, REPORT_KINDS, REPORT_STATES
from xiaopos.web.badge_words import STATES as BADGE_STATES
from xiaopos.web.drawing import code_svg
from xiaopos.web.introductions import link_of
from xiaopos.web.region_words import region_name, region_names
from xiaopos.web.words import in_english

ANSWERS = Limit(10, timedelta(minutes=3))
RENEWALS = Limit(10, timedelta(hours=1))


def _own(request: HttpRequest) -> queries.AgentLine:
    found = queries.agent_lines([person_of(request).agent_id])
    if not found:
        raise PermissionDenied
    return found[0]


def _myself(request: HttpRequest) -> queries.PromoterLine:
    found = queries.promoter_line(person_of(request).promoter_id)
    if found is None or found.agent_id != person_of(request).agent_id:
        raise PermissionDenied
    return found


def _told_badge(badge: BadgeLine | None) -> dict[str, Any]:
    """How a badge stands, in words."""
    if badge is None:
        return {"line": None}
    tone, words = BADGE_STATES[BadgeState(badge.state)]
    now = timezone.now()
    return {"line": badge, "tone": tone, "words": words, "over": badge.expires_at <= now, "due": is_due(badge, now)}


# -- a promoter's badge ----------------------------------------------------------------------------------------------


def _address(request: HttpRequest, text: str) -> str:
    """What stands in the code: the badge's page as merchants reach it."""
    path, outside = reverse("badge", args=[text]), settings.DEPLOYMENT.public_url
    return outside + path if outside else request.build_absolute_uri(path)


@requires(Permission.CARRY_BADGE)
@require_GET
def badge(request: HttpRequest) -> HttpResponse:
    """One's own badge as others scan it, until when, and the field for the number that somebody reads."""
    myself = _myself(request)
    chain = AgentRows().chain(myself.agent_id)
    doubt = doubt_of_promoter(myself, chain, business_day(timezone.now(), settings.DEPLOYMENT.zone))
    carried = _told_badge(carried_badges([myself.promoter_id]).get(myself.promoter_id))
    line = carried["line"]
    shown = line is not None and line.state == BadgeState.VALID.value and not carried["over"]
    bounds = bounds_of(chain)
    context = {
        "myself": myself,
        "agent": chain[0],
        "doubt": DOUBTS[doubt] if doubt else "",
        "badge": carried,
        "drawn": code_svg(_address(request, line.text)) if shown else "",
        "link": link_of(request, myself.promoter_id),
        "link_drawn": code_svg(link_of(request, myself.promoter_id)) if not doubt else "",
        "seen": seen_count(line.badge_id) if line is not None else 0,
        "deeds": [words for deed, words in DEEDS.items() if deed in bounds.deeds],
        "regions": region_names(bounds.regions),
        "nevers": NEVERS.values(),
    }
    return render(request, "web/agent/badge.html", context)


@requires(Permission.CARRY_BADGE)
@require_POST
def renew(request: HttpRequest) -> HttpResponse:
    """Take a badge, or a newer one; the one before is believed no more."""
    person, now = person_of(request), timezone.now()
    myself = _myself(request)
    if begin([Subject("badge_renewal", myself.promoter_id, RENEWALS)], now) is not None:
        messages.error(request, _("没有改动：%(why)s") % {"why": _("一小时内换得太多，请稍后再试")})
        return redirect("agent_badge")
    try:
        press = badge_room.press()
        made = (
            None
            if press is None
            else issue_badge(
                myself.promoter_id,
                Actor(person.username, person.role, ""),
                now,
                book=badge_room.rows(),
                register=badge_room.register(),
                press=press,
            )
        )
    except KeyRefused:
        made = None
    if made is None:
        messages.error(request, _("没有改动：%(why)s") % {"why": _("签工牌的密钥现在用不了，请联系我们")})
    elif isinstance(made, BadgeFault):
        messages.error(request, _("没有改动：%(why)s") % {"why": FAULTS[made]})
    else:
        messages.success(request, _("工牌已更新"))
    return redirect("agent_badge")


@requires(Permission.CARRY_BADGE)
@require_POST
def answer(request: HttpRequest) -> HttpResponse:
    """Type the number that somebody read aloud."""
    myself, now = _myself(request), timezone.now()
    carried = carried_badges([myself.promoter_id]).get(myself.promoter_id)
    if begin([Subject("badge_answer", myself.promoter_id, ANSWERS)], now) is not None:
        messages.error(request, _("试得太多，请过几分钟再来"))
        return redirect("agent_badge")
    fault = (
        answer_question(carried.badge_id, request.POST.get("number", "")[:20], now, book=badge_room.rows())
        if carried is not None
        else None
    )
    if carried is None or fault is not None:
        messages.error(request, CHALLENGE_FAULTS[fault] if fault is not None else _("您还没有工牌"))
    else:
        messages.success(request, _("核对成功，对方的页面已经变绿"))
    return redirect("agent_badge")


# -- an agent's people and record ------------------------------------------------------------------------------------


@require_GET
def home(request: HttpRequest) -> HttpResponseBase:
    """Where an agent's people start: a promoter at their badge, whoever runs the agent at its people."""
    if may(request.user, Permission.CARRY_BADGE):
        return redirect("agent_badge")
    return _overview(request)


@requires(Permission.SEE_OWN_AGENT)
def _overview(request: HttpRequest) -> HttpResponse:
    line = _own(request)
    chain, on = AgentRows().chain(line.agent_id), business_day(timezone.now(), settings.DEPLOYMENT.zone)
    doubt, bounds = doubt_of_chain(chain, on), bounds_of(chain)
    tone, words = STATES[AgentState(line.state)]
    promoters = queries.promoters_of(line.agent_id)
    badges = carried_badges([each.promoter_id for each in promoters])
    context = {
        "line": line,
        "tone": tone,
        "words": words,
        "doubt": DOUBTS[doubt] if doubt else "",
        "above": chain[1:],
        "regions": region_names(bounds.regions),
        "products": bounds.products,
        "deeds": [words for deed, words in DEEDS.items() if deed in bounds.deeds],
        "nevers": NEVERS.values(),
        "ends_on": bounds.ends_on,
        "promoters": [
            {
                "line": each,
                "state": PROMOTER_STATES[PromoterState(each.state)],
                "badge": _told_badge(badges.get(each.promoter_id)),
            }
            for each in promoters
        ],
        "record": [
            (each, REPORT_KINDS[ReportKind(each.kind)], REPORT_STATES[ReportState(each.state)])
            for each in badge_reports(promoter_ids=[each.promoter_id for each in promoters])
            if each.state == ReportState.UPHELD.value
        ],
        **_brought(line.agent_id, {each.promoter_id: each.name for each in promoters}),
    }
    return render(request, "web/agent/home.html", context)


def _brought(agent_id: str, names: Mapping[str, str]) -> dict[str, Any]:
    """What an agent's promoters brought: applications by where they are, and the merchants that came of them."""
    lines, rules = brought_by(agent_id), settings.APPLICATION_RULES
    shops = merchant_names([line.merchant_id for line in lines if line.merchant_id])
    return {
        "brought": [
            {
                "line": line,
                "category": rules.category(line.category),
                "region": region_name(line.region),
                "promoter": names.get(line.promoter_id, ""),
            }
            for line in lines
        ],
        "merchants": [(line, shops[line.merchant_id][in_english()]) for line in lines if line.merchant_id in shops],
    }
