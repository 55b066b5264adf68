"""The console's changes of a merchant's terms: entering them, a second person's approval.

What may live here: parse a form, call the use case, say what happened. What may not: rules, writing.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from xiaopos.kernel.clock import business_day
from xiaopos.merchants.roles import Permission
from xiaopos.merchants.shop_codes import read_amount
from xiaopos.merchants.terms import COMPLETION_PERCENT, PREAUTH_DAYS, TIP_PERCENT, Terms
from xiaopos.store.merchants.queries import MerchantFacts, currency_of, merchant_facts, terms_of
from xiaopos.store.merchants.terms import TermsRows, plans
from xiaopos.usecases.change_terms import TermsEntry, TermsFault, approve_terms, drop_terms, enter_terms
from xiaopos.web.access import may, person_of, requires
from xiaopos.web.pages.operator.changes import actor_of

_FAULTS = {
    TermsFault.NO_REASON: gettext_lazy("请写明原因"),
    TermsFault.MERCHANT_UNKNOWN: gettext_lazy("没有这个商户"),
    TermsFault.PLAN_UNKNOWN: gettext_lazy("没有这个价格方案，请重新选择"),
    TermsFault.LIMIT: gettext_lazy("单笔限额要大于零，最多一千万"),
    TermsFault.COMPLETION: gettext_lazy("预授权完成比例在 100 % 到 200 % 之间"),
    TermsFault.PREAUTH_DAYS: gettext_lazy("预授权有效期在 1 天到 90 天之间"),
    TermsFault.TIP: gettext_lazy("小费比例在 0 % 到 50 % 之间"),
    TermsFault.TOO_SOON: gettext_lazy("最早从下一个营业日起生效，当天的协议不变"),
    TermsFault.DAY_TAKEN: gettext_lazy("这一天已有协议，请换一个日期"),
    TermsFault.NOT_WAITING: gettext_lazy("这份协议已不在等复核"),
    TermsFault.OWN_ENTRY: gettext_lazy("录入的人不能自己复核"),
    TermsFault.OTHERWISE: gettext_lazy("等复核的内容与您看到的不同，请重新查看"),
}


def _today(merchant: MerchantFacts, now: datetime) -> date:
    """The newest business day that has begun, whichever clock the day is read from."""
    return max(business_day(now, merchant.zone, merchant.cut_over_hour), timezone.localdate(now))


def about_terms(request: HttpRequest, merchant: MerchantFacts) -> dict[str, Any]:
    """What a merchant's page shows of terms: those that count or will, those that wait, and the form."""
    lines = terms_of(merchant.merchant_id)
    approved = [line for line in lines if line.approver]
    today = _today(merchant, timezone.now())
    return {
        "terms": approved,
        "waiting_terms": [line for line in lines if not line.approver],
        "present_terms": next((line for line in approved if line.valid_from <= today), None),
        "terms_today": today,
        "may_change_terms": may(request.user, Permission.CHANGE_TERMS),
        "plans": plans(),
        "me": person_of(request).username,
        "completion_bounds": (COMPLETION_PERCENT[0], COMPLETION_PERCENT[-1]),
        "days_bounds": (PREAUTH_DAYS[0], PREAUTH_DAYS[-1]),
        "tip_bounds": (TIP_PERCENT[0], TIP_PERCENT[-1]),
    }


def _number(request: HttpRequest, name: str) -> int:
    text = request.POST.get(name, "").strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 3 else -1


def _read(request: HttpRequest, merchant: MerchantFacts) -> Terms | None:
    """The terms of a form; None without a day. What cannot be read is a number that cannot be agreed."""
    try:
        valid_from = date.fromisoformat(request.POST.get("valid_from", ""))
    except ValueError:
        return None
    amount = read_amount(request.POST.get("limit", "")[:14], currency_of(merchant.merchant_id, valid_from))
    return Terms(
        merchant.merchant_id,
        valid_from,
        request.POST.get("plan", "")[:32],
        amount.minor if amount else 0,
        _number(request, "completion"),
        _number(request, "days"),
        _number(request, "tip"),
    )


def _merchant(merchant_id: str) -> MerchantFacts:
    found = merchant_facts(merchant_id)
    if found is None:
        raise Http404
    return found


def _told(request: HttpRequest, merchant_id: str, fault: TermsFault | None, done: str) -> HttpResponse:
    if fault is None:
        messages.success(request, done)
    else:
        messages.error(request, _("没有改动：%(why)s") % {"why": _FAULTS[fault]})
    return redirect("console_merchant", merchant_id)


@require_POST
@requires(Permission.CHANGE_TERMS)
def enter(request: HttpRequest, merchant_id: str) -> HttpResponse:
    """Enter terms; another person approves them."""
    merchant, now = _merchant(merchant_id), timezone.now()
    terms = _read(request, merchant)
    if terms is None:
        messages.error(request, _("没有改动：%(why)s") % {"why": _("生效日期看不懂，请选一个日期")})
        return redirect("console_merchant", merchant_id)
    fault = enter_terms(TermsEntry(terms, actor_of(request), now), _today(merchant, now), TermsRows())
    return _told(request, merchant_id, fault, _("已录入，等另一个人复核后生效"))


@require_POST
@requires(Permission.CHANGE_TERMS)
def answer(request: HttpRequest, merchant_id: str) -> HttpResponse:
    """Approve terms that another person entered, as they were seen, or take them away."""
    merchant, now = _merchant(merchant_id), timezone.now()
    terms = _read(request, merchant)
    if terms is None:
        raise Http404
    entry = TermsEntry(terms, actor_of(request), now)
    if request.POST.get("answer") == "approve":
        fault = approve_terms(entry, _today(merchant, now), TermsRows())
        return _told(request, merchant_id, fault, _("已复核，自生效日起执行"))
    return _told(request, merchant_id, drop_terms(entry, TermsRows()), _("已撤回这条录入"))
