"""The console's register of agents: enter, capture a filing, check, authorise, suspend, revoke; their promoters.

What may live here: parse a form, call the use case, say what happened. What may not: rules, writing.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from xiaopos.kernel.clock import business_day
from xiaopos.merchants.agents.authority import bounds_of, doubt_of_chain, doubt_of_promoter, runs_out
from xiaopos.merchants.agents.states import (
    AGENT_LIFE,
    PROMOTER_LIFE,
    AgentEvent,
    AgentState,
    PromoterState,
)
from xiaopos.merchants.badges.credential import Deed
from xiaopos.merchants.badges.states import BADGE_LIFE, BadgeEvent, BadgeState
from xiaopos.merchants.roles import Permission
from xiaopos.store.agents import queries
from xiaopos.store.agents.book import AgentRows
from xiaopos.store.badges.book import HOUSE
from xiaopos.store.badges.queries import carried_badges
from xiaopos.store.badges.queries import reports as badge_reports
from xiaopos.store.people.staff_queries import people_at_agent
from xiaopos.usecases.keep_agents import (
    AgentDraft,
    AgentFault,
    FilingProof,
    PromoterDraft,
    capture_filing,
    change_agent,
    change_promoter,
    enter_agent,
    enter_promoter,
    expire_agents,
)
from xiaopos.usecases.report_badge import ReportState
from xiaopos.web import badge_room, people_views
from xiaopos.web.access import may, requires
from xiaopos.web.agent_words import DOUBTS, EVENTS, FAULTS, PROMOTER_EVENTS, PROMOTER_STATES, STATES
from xiaopos.web.badge_words import DEEDS
from xiaopos.web.badge_words import EVENTS as BADGE_EVENTS
from xiaopos.web.badge_words import STATES as BADGE_STATES
from xiaopos.web.pages.operator.changes import actor_of
from xiaopos.web.region_words import region_names

BIGGEST_PROOF = 10_000_000
WARNED_BEFORE = timedelta(days=30)
"""How long before an authority runs out people are told."""
_LONGEST = 600


def _today() -> date:
    return business_day(timezone.now(), settings.DEPLOYMENT.zone)


def _sent(request: HttpRequest, name: str, longest: int = 60) -> str:
    return request.POST.get(name, "")[:longest].strip()


def _list_sent(request: HttpRequest, name: str) -> tuple[str, ...]:
    """A list that was typed with spaces or commas between."""
    return tuple(_sent(request, name, _LONGEST).replace("，", " ").replace(",", " ").replace("、", " ").split())


def _day(request: HttpRequest, name: str) -> date | None:
    try:
        return date.fromisoformat(_sent(request, name))
    except ValueError:
        return None


def _refuse(request: HttpRequest, fault: AgentFault) -> None:
    messages.error(request, _("没有改动：%(why)s") % {"why": FAULTS[fault]})


def _line(agent_id: str) -> queries.AgentLine:
    found = queries.agent_lines([agent_id])
    if not found:
        raise Http404
    return found[0]


# -- all of them -----------------------------------------------------------------------------------------------------


def _row(line: queries.AgentLine, on: date) -> dict[str, Any]:
    tone, words = STATES[AgentState(line.state)]
    doubt = doubt_of_chain(AgentRows().chain(line.agent_id), on)
    authorised = line.state == AgentState.AUTHORISED.value
    return {"line": line, "tone": tone, "words": words, "doubt": DOUBTS[doubt] if doubt and authorised else ""}


@requires(Permission.KEEP_AGENTS)
@require_http_methods(["GET", "POST"])
def agents(request: HttpRequest) -> HttpResponse:
    """The register, and the form for another agent."""
    wrong, sent = "", request.POST if request.method == "POST" else {}
    if request.method == "POST":
        made = _enter(request)
        if isinstance(made, str):
            messages.success(request, _("已登记；留存备案截图以后核实，再由另一位同事授权"))
            return redirect("console_agent", made)
        wrong = str(FAULTS[made])
    expire_agents(timezone.now(), _today(), book=AgentRows(), actor=HOUSE)
    text = request.GET.get("q", "").strip()[:40]
    lines = queries.list_agents(text=text)
    context = {
        "rows": [_row(line, _today()) for line in lines],
        "text": text,
        "wrong": wrong,
        "sent": sent,
        "deeds": [(deed.value, words) for deed, words in DEEDS.items()],
        "chosen_deeds": request.POST.getlist("deeds") if wrong else [deed.value for deed in Deed],
        "parents": [line for line in lines if line.state == AgentState.AUTHORISED.value],
        "ending": [line for line in lines if _is_ending(line)],
        "open_reports": len(badge_reports(state=ReportState.OPEN)),
    }
    return render(request, "web/console/agents.html", context, status=422 if wrong else 200)


def _is_ending(line: queries.AgentLine) -> bool:
    """Whether an authority, or the time to the next check, runs out soon."""
    return line.state == AgentState.AUTHORISED.value and runs_out(line) <= _today() + WARNED_BEFORE


def _enter(request: HttpRequest) -> str | AgentFault:
    first, last = _day(request, "valid_from"), _day(request, "valid_until")
    if first is None or last is None:
        return AgentFault.DATES
    draft = AgentDraft(
        _sent(request, "name"),
        _sent(request, "licence").upper(),
        _sent(request, "filing"),
        _sent(request, "parent"),
        _list_sent(request, "regions"),
        _list_sent(request, "products"),
        tuple(request.POST.getlist("deeds")[: len(Deed)]),
        _sent(request, "contract"),
        first,
        last,
    )
    return enter_agent(draft, actor_of(request), timezone.now(), book=AgentRows(), make_id=badge_room.new_id)


# -- one of them -----------------------------------------------------------------------------------------------------


@requires(Permission.KEEP_AGENTS)
def agent(request: HttpRequest, agent_id: str) -> HttpResponse:
    """One agent: how far it may go and why not further, its proofs, its people and their badges."""
    line, chain, on = _line(agent_id), AgentRows().chain(agent_id), _today()
    doubt, bounds, state = doubt_of_chain(chain, on), bounds_of(chain), AgentState(line.state)
    allowed = [event for event in EVENTS if AGENT_LIFE.allows(state, event)]
    context = {
        **_row(line, on),
        "doubt": DOUBTS[doubt] if doubt else "",
        "above": chain[1:],
        "below": [_row(each, on) for each in queries.agents_below(agent_id)],
        "regions": region_names(bounds.regions),
        "products": bounds.products,
        "deeds": [words for deed, words in DEEDS.items() if deed in bounds.deeds],
        "ends_on": bounds.ends_on,
        "events": [(event.value, EVENTS[event], event is AgentEvent.REVOKE) for event in allowed],
        "proofs": queries.proofs_of(agent_id),
        "promoters": _promoters(agent_id, chain, on),
        "people": people_at_agent(agent_id),
        "may_invite": may(request.user, Permission.LOOK_AFTER_PEOPLE),
        "today": on,
    }
    return render(request, "web/console/agent.html", context)


def _promoters(agent_id: str, chain: Sequence[Any], on: date) -> list[dict[str, Any]]:
    lines = queries.promoters_of(agent_id)
    badges = carried_badges([line.promoter_id for line in lines])
    found = []
    for line in lines:
        tone, words = PROMOTER_STATES[PromoterState(line.state)]
        doubt = doubt_of_promoter(line, chain, on)
        events = [event for event in PROMOTER_EVENTS if PROMOTER_LIFE.allows(PromoterState(line.state), event)]
        found.append(
            {
                "line": line,
                "tone": tone,
                "words": words,
                "doubt": DOUBTS[doubt] if doubt else "",
                "events": [(event.value, PROMOTER_EVENTS[event]) for event in events],
                "badge": badge_row(badges[line.promoter_id]) if line.promoter_id in badges else None,
            }
        )
    return found


def badge_row(badge: Any) -> dict[str, Any]:
    """A badge as console pages show it, with what can be done to it."""
    tone, words = BADGE_STATES[BadgeState(badge.state)]
    events = [event for event in BADGE_EVENTS if BADGE_LIFE.allows(BadgeState(badge.state), event)]
    return {
        "line": badge,
        "tone": tone,
        "words": words,
        "events": [(event.value, BADGE_EVENTS[event], event is BadgeEvent.REVOKE) for event in events],
        "over": badge.expires_at <= timezone.now(),
    }


def _event(events: Any, sent: str) -> Any:
    found = next((event for event in events if event.value == sent), None)
    if found is None:
        raise Http404
    return found


@require_POST
@requires(Permission.KEEP_AGENTS)
def move(request: HttpRequest, agent_id: str) -> HttpResponse:
    """Move an agent in its life."""
    event = _event(EVENTS, _sent(request, "event"))
    done = change_agent(agent_id, event, actor_of(request), timezone.now(), _today(), book=AgentRows())
    if isinstance(done, AgentFault):
        _refuse(request, done)
    else:
        messages.success(request, _("已改为：%(state)s") % {"state": STATES[done][1]})
    return redirect("console_agent", agent_id)


@require_POST
@requires(Permission.KEEP_AGENTS)
def filing(request: HttpRequest, agent_id: str) -> HttpResponse:
    """Keep that an agent's filing was seen in a public list: where, and the digest of the picture or page that was saved."""
    sent = request.FILES.get("proof")
    small_enough = sent is not None and sent.size is not None and 0 < sent.size <= BIGGEST_PROOF
    digest = hashlib.sha256(sent.read()).hexdigest() if sent is not None and small_enough else ""
    now = timezone.now()
    proof = FilingProof(now, _sent(request, "place", 200), digest)
    fault = capture_filing(agent_id, proof, actor_of(request), now, book=AgentRows())
    if fault is not None:
        _refuse(request, fault)
    else:
        messages.success(request, _("已留存备案记录"))
    return redirect("console_agent", agent_id)


# -- its people ------------------------------------------------------------------------------------------------------


@require_POST
@requires(Permission.KEEP_AGENTS)
def enter_person(request: HttpRequest, agent_id: str) -> HttpResponse:
    """Enter somebody who promotes for an agent."""
    draft = PromoterDraft(
        agent_id, _sent(request, "name"), _sent(request, "work_number"), _day(request, "since") or _today()
    )
    made = enter_promoter(draft, actor_of(request), timezone.now(), book=AgentRows(), make_id=badge_room.new_id)
    if isinstance(made, AgentFault):
        _refuse(request, made)
    else:
        messages.success(request, _("已登记推广员"))
    return redirect("console_agent", agent_id)


@require_POST
@requires(Permission.KEEP_AGENTS)
def move_person(request: HttpRequest, promoter_id: str) -> HttpResponse:
    """Suspend a promoter, let them go on, or write that they left."""
    line = queries.promoter_line(promoter_id)
    if line is None:
        raise Http404
    event = _event(PROMOTER_EVENTS, _sent(request, "event"))
    done = change_promoter(promoter_id, event, actor_of(request), timezone.now(), book=AgentRows())
    if isinstance(done, AgentFault):
        _refuse(request, done)
    else:
        messages.success(request, _("已改为：%(state)s") % {"state": PROMOTER_STATES[done][1]})
    return redirect("console_agent", line.agent_id)


@require_POST
@requires(Permission.LOOK_AFTER_PEOPLE)
def invite(request: HttpRequest, agent_id: str) -> HttpResponse:
    """Invite whoever runs the agent's business, or one of its promoters."""
    _line(agent_id)
    promoter_id = _sent(request, "promoter")
    if promoter_id and promoter_id not in {line.promoter_id for line in queries.promoters_of(agent_id)}:
        raise Http404
    return people_views.invite_at_agent(request, agent_id, promoter_id, reverse("console_agent", args=[agent_id]))
