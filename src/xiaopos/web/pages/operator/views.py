"""The console's pages that only show: overview, merchants, terminals, payments, what is unresolved, the audit trail.

What may live here: parse, one or two queries, render. What may not: rules, SQL, changes (changes.py), the ledger's pages.
"""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from xiaopos.fleet.asks import TerminalAsk
from xiaopos.fleet.bindings import BindingState
from xiaopos.fleet.fitness import misfits
from xiaopos.fleet.profiles import PROFILES
from xiaopos.merchants.roles import Permission
from xiaopos.payments.receipts import has_receipt
from xiaopos.store.applications.queries import application_of_merchant
from xiaopos.store.audit.queries import recent
from xiaopos.store.audit.trail import verify
from xiaopos.store.bindings.queries import binding_line
from xiaopos.store.fleet.asks import asks_of
from xiaopos.store.fleet.notice_queries import scripts_of, signed_at
from xiaopos.store.fleet.queries import find_terminals, one_terminal, statuses_of, terminals_of
from xiaopos.store.jobs.queries import jobs_of, queue_now, waiting_jobs
from xiaopos.store.merchants.queries import find_merchants, merchant_facts, merchant_names, shops_of
from xiaopos.store.payments.console_queries import (
    discrepancies_of,
    house_today,
    open_discrepancies,
    open_payments,
)
from xiaopos.store.payments.frame_queries import frames_of
from xiaopos.store.payments.portal_queries import find_payments, payment_detail
from xiaopos.store.people.staff_queries import people_of
from xiaopos.web import stories
from xiaopos.web.access import may, requires
from xiaopos.web.depot_words import BINDINGS
from xiaopos.web.pages.operator.terms_views import about_terms
from xiaopos.web.pages.searching import address_with, asked_of, page_of, turning
from xiaopos.web.profile_words import MISFIT_WORDS, profile_facts

CURRENCY = "CNY"
AUDIT_PAGE = 50
HISTORY = 10


def _text(request: HttpRequest) -> str:
    return " ".join(request.GET.get("q", "").split())[:64]


def _numbers() -> dict[str, Any]:
    now = timezone.now()
    return {
        "today": house_today(timezone.localdate(now), now=now, currency=CURRENCY),
        "queue": queue_now(now),
        "now": now,
    }


@requires(Permission.SEE_CONSOLE)
def overview(request: HttpRequest) -> HttpResponse:
    """How the house stands; the numbers renew themselves."""
    return render(request, "web/console/overview.html", _numbers())


@requires(Permission.SEE_CONSOLE)
def numbers(request: HttpRequest) -> HttpResponse:
    """Only the numbers, for the overview to renew."""
    return render(request, "web/console/numbers.html", _numbers())


@requires(Permission.SEE_CONSOLE)
def merchants(request: HttpRequest) -> HttpResponse:
    """Merchants by number or name."""
    text = _text(request)
    return render(request, "web/console/merchants.html", {"rows": find_merchants(text), "text": text})


@requires(Permission.SEE_CONSOLE)
def merchant(request: HttpRequest, merchant_id: str) -> HttpResponse:
    """One merchant: terms, shops, terminals, people."""
    found = merchant_facts(merchant_id)
    if found is None:
        raise Http404
    context = {
        "merchant": found,
        **about_terms(request, found),
        "shops": shops_of(merchant_id),
        "terminals": terminals_of(merchant_id),
        "people": people_of(merchant_id),
        "may_register": may(request.user, Permission.REGISTER_TERMINAL),
        "may_order": may(request.user, Permission.KEEP_STOCK),
        "may_end": may(request.user, Permission.LOOK_AFTER_PEOPLE),
        "came_of": application_of_merchant(merchant_id) if may(request.user, Permission.REVIEW_APPLICATIONS) else None,
    }
    return render(request, "web/console/merchant.html", context)


@requires(Permission.SEE_CONSOLE)
def terminals(request: HttpRequest) -> HttpResponse:
    """Terminals by number, merchant or serial."""
    text = _text(request)
    rows = find_terminals(text)
    names = merchant_names(row.merchant_id for row in rows)
    context = {"rows": [(row, names.get(row.merchant_id)) for row in rows], "text": text}
    return render(request, "web/console/terminals.html", context)


@requires(Permission.SEE_CONSOLE)
def terminal(request: HttpRequest, terminal_id: str) -> HttpResponse:
    """One terminal, with the check values of its keys, and a switch for who may use it."""
    found = one_terminal(terminal_id)
    if found is None:
        raise Http404
    profile, master = PROFILES.get(found.profile), found.master_algorithm
    unfit = profile and master and not profile.suite.travels_under(master)
    context = {
        "terminal": found,
        "merchant": merchant_facts(found.merchant_id),
        "profile": profile,
        "facts": profile_facts(profile) if profile else [],
        "unfit": [str(MISFIT_WORDS[each]) for each in misfits(found.capabilities, profile)] if profile else [],
        "may_register": may(request.user, Permission.REGISTER_TERMINAL),
        "may_see_keys": may(request.user, Permission.SEE_KEYS),
        "profiles": [(each, profile_facts(each)) for each in PROFILES.values()],
        "history": recent(about=("terminal", terminal_id), merchant_id=found.merchant_id, limit=HISTORY),
        "wants_master": profile.suite.carrier.value if profile and unfit else "",
        "may_switch": may(request.user, Permission.SWITCH_TERMINAL),
        "may_ask": may(request.user, Permission.ASK_TERMINAL),
        "asks": asks_of(terminal_id),
        "askable": [each for each in TerminalAsk if profile and each.value in profile.downloads.asks],
        "statuses": statuses_of(terminal_id),
        "bound": (bound := binding_line(terminal_id)),
        "told": BINDINGS[BindingState(bound.state)] if bound is not None else None,
    }
    return render(request, "web/console/terminal.html", context)


@requires(Permission.SEE_CONSOLE)
def payments(request: HttpRequest) -> HttpResponse:
    """Payments of all merchants, searched and paged; `merchant` narrows to one."""
    chosen = request.GET.get("merchant", "")[:15] or None
    asked = asked_of(request, merchant_id=chosen, today=timezone.localdate())
    found = find_payments(asked.search, page=page_of(request))
    names = merchant_names(line.merchant_id for line in found.lines)
    context = {
        "asked": asked,
        "chosen": chosen or "",
        "found": found,
        "rows": [(line, names.get(line.merchant_id)) for line in found.lines],
        **turning(request, found.number, found.has_more),
    }
    return render(request, "web/console/payments.html", context)


@requires(Permission.SEE_CONSOLE)
def payment(request: HttpRequest, merchant_id: str, payment_id: str) -> HttpResponse:
    """One payment with its time line, jobs and discrepancies; its entries for who may see the ledger."""
    detail = payment_detail(merchant_id, payment_id)
    if detail is None:
        raise Http404
    facts = merchant_facts(merchant_id)
    names = (facts.name, facts.name_en) if facts else None
    context = {
        "merchant": facts,
        "detail": detail,
        "payment": detail.payment,
        "steps": stories.time_line(detail.payment, detail.moves),
        "jobs": [(job, names) for job in jobs_of(merchant_id, payment_id)],
        "discrepancies": discrepancies_of(merchant_id, payment_id),
        "has_receipt": has_receipt(detail.payment),
        "frames": frames_of(detail.payment.rrn, detail.payment.received_at)
        if may(request.user, Permission.READ_MESSAGES)
        else (),
        "may_see_ledger": may(request.user, Permission.SEE_LEDGER),
        "signed_at": signed_at(merchant_id, payment_id),
        "may_see_signature": may(request.user, Permission.SEE_SIGNATURE),
        "scripts": scripts_of(merchant_id, payment_id),
    }
    return render(request, "web/console/payment.html", context)


@requires(Permission.SEE_UNRESOLVED)
def unresolved(request: HttpRequest) -> HttpResponse:
    """What is open: payments, the machine's jobs, and what a person must look at."""
    now = timezone.now()
    waiting, jobs, found = open_payments(now=now), waiting_jobs(), open_discrepancies()
    names = merchant_names(
        {row.merchant_id for row in waiting} | {row.merchant_id for row in jobs} | {row.merchant_id for row in found}
    )
    context = {
        "payments": [(row, names.get(row.merchant_id)) for row in waiting],
        "jobs": [(row, names.get(row.merchant_id)) for row in jobs],
        "discrepancies": [(row, names.get(row.merchant_id)) for row in found],
        "may_close": may(request.user, Permission.CLOSE_DISCREPANCY),
        "now": now,
    }
    return render(request, "web/console/unresolved.html", context)


@requires(Permission.SEE_AUDIT)
def audit(request: HttpRequest) -> HttpResponse:
    """The audit trail, newest first; `verify` walks the chain."""
    before = request.GET.get("before", "")
    actor = " ".join(request.GET.get("actor", "").split())[:40]
    rows = recent(
        limit=AUDIT_PAGE + 1,
        before_seq=int(before) if before.isascii() and before.isdigit() and len(before) < 19 else None,
        actor=actor or None,
    )
    more = len(rows) > AUDIT_PAGE
    context = {
        "rows": rows[:AUDIT_PAGE],
        "actor": actor,
        "older": address_with(request, before=rows[AUDIT_PAGE - 1].seq) if more else "",
        "newest": reverse("console_audit") if before else "",
        "verified": verify() if "verify" in request.GET else None,
    }
    return render(request, "web/console/audit.html", context)
