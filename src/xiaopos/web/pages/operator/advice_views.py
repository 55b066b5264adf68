"""The console's rules of advice: what counts how much, entered by one person and approved by another, tried before they count.

What may live here: parse a form, call the use case, say what happened. What may not: rules about rules, writing.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from xiaopos.fleet.advice import Advised, Needs, advise
from xiaopos.fleet.advice_rules import ALWAYS_RULE_OUT, NEVER_RULE_OUT, AdviceRules, Point, Rule
from xiaopos.fleet.catalogue import CATALOGUE, standing
from xiaopos.merchants.roles import Permission
from xiaopos.store.advice.book import AdviceRows, all_rules
from xiaopos.usecases.adjust_advice import (
    AdviceFault,
    KeptRules,
    RulesEntry,
    approve_rules,
    drop_rules,
    enter_rules,
    rules_on,
)
from xiaopos.web.access import requires
from xiaopos.web.advice_words import ADVICE_FAULTS, NEEDS_FAULTS, POINTS, ground_words
from xiaopos.web.needs_form import read_needs
from xiaopos.web.pages.apply.advice_views import choices, shown
from xiaopos.web.pages.operator.changes import actor_of


@require_GET
@requires(Permission.KEEP_ADVICE)
def rules(request: HttpRequest) -> HttpResponse:
    """The rules that stand, those that wait, every set before; and how both judge what somebody needs."""
    return _page(request, rules_on(timezone.localdate(), AdviceRows()), "")


def _page(request: HttpRequest, shown_in_form: AdviceRules, wrong: Any) -> HttpResponse:
    today, kept = timezone.localdate(), all_rules()
    now = rules_on(today, AdviceRows())
    waiting = [each for each in kept if not each.approver]
    asked = read_needs(request.GET)
    context = choices() | {
        "now": now,
        "form": shown_in_form,
        "points": _points(shown_in_form, now),
        "tomorrow": max(shown_in_form.valid_from, today + timedelta(days=1)),
        "wrong": wrong,
        "waiting": [(each, _differs(each.rules, now)) for each in waiting],
        "history": [each for each in kept if each.approver],
        "sent": asked.sent,
        "needs_wrong": NEEDS_FAULTS[asked.wrong] if asked.wrong is not None else "",
        "wrong_field": asked.wrong.value if asked.wrong is not None else "",
        "tried": _tried(asked.needs, [("now", now), *(("waiting", each.rules) for each in waiting)], today)
        if asked.needs is not None
        else [],
    }
    return render(request, "web/console/advice.html", context, status=422 if wrong else 200)


def _points(form: AdviceRules, now: AdviceRules) -> list[dict[str, Any]]:
    return [
        {
            "point": point,
            "words": POINTS[point][0],
            "rule": form.rules.get(point, Rule(0)),
            "now": now.rules[point],
            "always": point in ALWAYS_RULE_OUT,
            "never": point in NEVER_RULE_OUT,
        }
        for point in Point
    ]


def _differs(entered: AdviceRules, now: AdviceRules) -> list[tuple[Any, Rule, Rule]]:
    """What entered rules would change: the point, how it is, how it would be."""
    return [
        (POINTS[point][0], now.rules[point], entered.rules[point])
        for point in Point
        if now.rules[point] != entered.rules[point]
    ]


def _tried(needs: Needs, sets: list[tuple[str, AdviceRules]], today: date) -> list[dict[str, Any]]:
    """How each set of rules judges: every model with its score, and how that came about."""
    models = standing(CATALOGUE, today)
    return [
        {"name": name, "from": each.valid_from, "judged": [_explained(one) for one in _all(needs, each, models, today)]}
        for name, each in sets
    ]


def _all(needs: Needs, each: AdviceRules, models: Any, today: date) -> list[Advised]:
    found = advise(needs, models, each, today)
    return [*found.advised, *found.ruled_out]


def _explained(one: Advised) -> dict[str, Any]:
    return {
        "model": shown(one.model),
        "rank": one.rank,
        "share": one.share,
        "earned": one.earned,
        "grounds": [(ground, POINTS[ground.point][0], ground_words(ground)) for ground in one.grounds],
    }


def _number(text: str) -> int:
    """A whole number; -1 for what is none."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 12 else -1


def _read(form: Mapping[str, str]) -> AdviceRules:
    """The rules that a form sends. What cannot be read is so far out that it is refused by its name."""
    own = {}
    for point in Point:
        must = point in ALWAYS_RULE_OUT or form.get(f"must_{point.value}") == "yes"
        own[point] = Rule(_number(form.get(f"weight_{point.value}", "")), must=must)
    yuan = _number(form.get("busy", ""))
    try:
        begins = date.fromisoformat(form.get("from", "")[:10])
    except ValueError:
        begins = date.min
    return AdviceRules(begins, own, yuan * 100, _number(form.get("days", "")))


def _refuse(request: HttpRequest, fault: AdviceFault) -> None:
    messages.error(request, _("没有改动：%(why)s") % {"why": ADVICE_FAULTS[fault]})


@require_POST
@requires(Permission.KEEP_ADVICE)
def enter(request: HttpRequest) -> HttpResponse:
    """Enter rules from a day to come; another person approves them."""
    entered = _read(request.POST.dict())
    entry = RulesEntry(entered, actor_of(request), timezone.now())
    fault = enter_rules(entry, timezone.localdate(), AdviceRows())
    if fault is not None:
        return _page(request, entered, ADVICE_FAULTS[fault])
    messages.success(request, _("已录入，等另一个人复核"))
    return redirect("console_advice")


def _waiting(begins: str) -> KeptRules:
    found = next(
        (each for each in all_rules() if not each.approver and each.rules.valid_from.isoformat() == begins), None
    )
    if found is None:
        raise Http404
    return found


@require_POST
@requires(Permission.KEEP_ADVICE)
def answer(request: HttpRequest) -> HttpResponse:
    """Approve what waits, or drop it."""
    kept = _waiting(request.POST.get("from", ""))
    entry = RulesEntry(kept.rules, actor_of(request), timezone.now())
    approved = request.POST.get("answer") == "approve"
    fault = approve_rules(entry, timezone.localdate(), AdviceRows()) if approved else drop_rules(entry, AdviceRows())
    if fault is not None:
        _refuse(request, fault)
    else:
        messages.success(request, _("已复核，到日子生效") if approved else _("已撤下"))
    return redirect("console_advice")
