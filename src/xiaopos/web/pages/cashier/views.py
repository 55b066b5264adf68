"""The cashier's views.

What may live here: parse, ask one verb or one query of one's own merchant, render. What may not: rules, SQL.
"""

from __future__ import annotations

import os
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from xiaopos.kernel.clock import business_day
from xiaopos.kernel.ids import is_id, make_id
from xiaopos.kernel.money import Money
from xiaopos.kernel.refusal import Reason, Refused
from xiaopos.merchants.roles import Permission
from xiaopos.payments.payment import Kind, Payment
from xiaopos.payments.receipts import has_receipt
from xiaopos.payments.states import State
from xiaopos.store.fleet.queries import TerminalLine
from xiaopos.store.merchants.queries import MerchantFacts, merchant_facts
from xiaopos.store.payments.cashier_queries import refusals_of_day
from xiaopos.store.payments.portal_queries import Search, day_takings, find_payments, one_payment, payment_detail
from xiaopos.usecases.steps import Result
from xiaopos.web import receipts, stories
from xiaopos.web.access import person_of, requires
from xiaopos.web.approval import approve
from xiaopos.web.asking import StillUnderWay
from xiaopos.web.pages.cashier import asks
from xiaopos.web.pages.cashier.telling import told, told_refusal
from xiaopos.web.pages.searching import page_of, turning
from xiaopos.web.words import channel_words, money_text, reason_words

LINES_TODAY = 50
LATE_AFTER = timedelta(seconds=60)
SAID_WITHIN = timedelta(minutes=10)
_STATUS = {Reason.REPEAT_DIFFERS: 409, Reason.FORMAT_WRONG: 400}


def _own(request: HttpRequest) -> MerchantFacts:
    merchant = merchant_facts(person_of(request).merchant_id)
    if merchant is None:
        raise Http404
    return merchant


def _own_payment(request: HttpRequest, payment_id: str) -> Payment:
    payment = one_payment(person_of(request).merchant_id, payment_id)
    if payment is None:
        raise Http404
    return payment


def _refusal(refused: Refused) -> JsonResponse:
    return JsonResponse(told_refusal(refused), status=_STATUS.get(refused.reason, 422))


def _result(result: Result) -> JsonResponse:
    return _refusal(result) if isinstance(result, Refused) else JsonResponse(told(result))


@requires(Permission.TAKE_PAYMENT)
@require_GET
def counter(request: HttpRequest) -> HttpResponse:
    """The keypad, and everything that happens on it."""
    terminal = asks.terminal_of(request)
    deployment = settings.DEPLOYMENT
    english = (get_language() or "").startswith("en")
    lang = "en" if english else "zh"
    origin = f"{request.scheme}://{request.get_host()}"
    framed = terminal is not None and bool(deployment.terminals_url)
    wallets = asks.wallets_here(person_of(request).merchant_id)
    context = {
        "terminal": terminal,
        "wallets": [(name, channel_words(name)) for name in wallets] if len(wallets) > 1 else [],
        "terminals": asks.terminals_here(request),
        "terminal_frame": f"{deployment.terminals_url}/terminals/{terminal.terminal_id}?lang={lang}&origin={origin}"
        if framed and terminal
        else "",
        "phone_frame": f"{deployment.phone_url}/phone?lang={lang}" if deployment.phone_url else "",
        "setup": {
            "take": reverse("cashier_take"),
            "voucher": reverse("cashier_voucher", args=[0, 0]).replace("0/0.json", ""),
            "payments": reverse("cashier_take") + "/",
            "camera": reverse("cashier_camera"),
            "terminal_origin": deployment.terminals_url,
            "words": _script_words(),
            "merchant": person_of(request).merchant_id,
            "lang": "en" if english else "zh-CN",
        },
    }
    return render(request, "web/cashier/counter.html", context)


def _script_words() -> dict[str, str]:
    """What the page says by itself, before or without an answer of the house."""
    unknown = reason_words(Reason.OUTCOME_UNKNOWN)
    return {
        "amount_first": _("请先输入金额"),
        "sending": _("正在收款，请稍候"),
        "offline_title": _("网络断开，还没有提交"),
        "offline_money": _("没有动钱"),
        "offline_next": _("恢复网络后再按一次"),
        "unknown_title": unknown.title,
        "unknown_money": unknown.money,
        "unknown_next": unknown.next,
        "resumed": _("上一笔还没有结果，正在查询"),
        "aside_open": _("还在确认，请勿对同一位顾客重复收款"),
        "cannot_keep": _("这个浏览器不能保存数据，还没有提交；请关闭无痕模式后再试"),
        "terminal_silent": _("终端没有回应，请检查终端，或换一种收款方式"),
        "card_wait": _("请在终端上刷卡、插卡或挥卡"),
        "no_reader": _("这里没有读卡终端，请换一种收款方式"),
        "scan_wait": _("请扫描或输入顾客的付款码"),
        "show_wait": _("请顾客扫码付款"),
        "seconds": _("秒"),
        "next": _("下一笔"),
        "again": _("再收一次"),
        "camera_failed": _("摄像头不可用，请手工输入"),
        "problem": _("系统没有受理，请重试"),
        "none_moved": _("没有动钱"),
        "card_cancelled": _("已取消刷卡"),
        "copied": _("已复制，请在顾客的手机上粘贴"),
    }


@requires(Permission.TAKE_PAYMENT)
@require_POST
def choose_terminal(request: HttpRequest) -> HttpResponse:
    """Remember which terminal this device is."""
    wanted = request.POST.get("terminal", "")
    if any(row.terminal_id == wanted for row in asks.terminals_here(request)):
        request.session[asks.CHOSEN] = wanted
    return redirect("cashier")


@requires(Permission.TAKE_PAYMENT)
@require_POST
def take(request: HttpRequest) -> JsonResponse:
    """Take a payment by the customer's code, or ask for a code to show. 202 while it is under way."""
    wanted, terminal = asks.read_wanted(request), asks.terminal_of(request)
    if isinstance(wanted, Refused):
        return _refusal(wanted)
    if terminal is None:
        return _refusal(Refused(Reason.TERMINAL_UNKNOWN))
    try:
        return _result(asks.take(wanted, terminal, person_of(request).username))
    except StillUnderWay:
        return _under_way(wanted.payment_id)


def _under_way(payment_id: str) -> JsonResponse:
    unknown = told_refusal(Refused(Reason.IN_PROGRESS))
    return JsonResponse(unknown | {"outcome": "unknown", "final": False, "payment_id": payment_id}, status=202)


@requires(Permission.TAKE_PAYMENT)
@require_GET
def state(request: HttpRequest, payment_id: str) -> JsonResponse:
    """What is known of a payment now. 404 says that the house never heard of it."""
    payment = one_payment(person_of(request).merchant_id, payment_id)
    if payment is None:
        return JsonResponse(told_refusal(Refused(Reason.ORIGINAL_UNKNOWN)), status=404)
    return JsonResponse(told(payment))


@requires(Permission.TAKE_PAYMENT)
@require_POST
def cancel(request: HttpRequest, payment_id: str) -> JsonResponse:
    """Give up a payment that the customer has not finished, or one that the page sent and the house never heard of."""
    payment = one_payment(person_of(request).merchant_id, payment_id)
    try:
        if payment is not None:
            return _result(asks.cancel(payment))
        return _forestalled(request, payment_id)
    except StillUnderWay:
        return _under_way(payment_id)


def _forestalled(request: HttpRequest, payment_id: str) -> JsonResponse:
    unheard, terminal = asks.read_unheard(request), asks.terminal_of(request)
    if isinstance(unheard, Refused):
        return _refusal(unheard)
    if unheard.payment_id != payment_id:
        return _refusal(Refused(Reason.FORMAT_WRONG, "payment_id"))
    if terminal is None:
        return _refusal(Refused(Reason.TERMINAL_UNKNOWN))
    return _result(asks.forestall(unheard, terminal, person_of(request).username))


@requires(Permission.TAKE_PAYMENT)
@require_GET
def voucher(request: HttpRequest, batch_number: int, stan: int) -> JsonResponse:
    """What the books hold of a card payment that this terminal made."""
    terminal = asks.terminal_of(request)
    payment = None
    if terminal is not None:
        payment = asks.find_voucher(person_of(request).merchant_id, terminal, batch_number, stan)
    if payment is None:
        return JsonResponse(told_refusal(Refused(Reason.ORIGINAL_UNKNOWN)), status=404)
    return JsonResponse(told(payment))


@requires(Permission.TAKE_PAYMENT)
@require_GET
def today(request: HttpRequest) -> HttpResponse:
    """Today's payments of the person's shop, newest first, and what was refused."""
    merchant, shop_id = _own(request), person_of(request).shop_id
    on = business_day(timezone.now(), merchant.zone, merchant.cut_over_hour)
    wanted = Search(merchant.merchant_id, first_on=on, last_on=on, shop_id=shop_id or None)
    found = find_payments(wanted, page=page_of(request), size=LINES_TODAY)
    context = {
        "merchant": merchant,
        "found": found,
        "refusals": refusals_of_day(merchant.merchant_id, on, shop_id=shop_id) if found.number == 1 else (),
        **turning(request, found.number, found.has_more),
    }
    return render(request, "web/cashier/today.html", context)


@requires(Permission.TAKE_PAYMENT)
@require_GET
def payment(request: HttpRequest, payment_id: str) -> HttpResponse:
    """One payment, and what can be done with it."""
    return _payment_page(request, payment_id)


def _payment_page(
    request: HttpRequest, payment_id: str, *, refused: Refused | None = None, status: int = 200
) -> HttpResponse:
    merchant = _own(request)
    detail = payment_detail(merchant.merchant_id, payment_id)
    if detail is None:
        raise Http404
    shown, terminal = detail.payment, asks.terminal_of(request)
    undoable = shown.kind is Kind.SALE and shown.state is State.APPROVED and shown.refundable.minor > 0
    context = {
        "merchant": merchant,
        "payment": shown,
        "told": (words := told(shown)),
        "say": _to_say(shown, words),
        "steps": stories.time_line(shown, detail.moves),
        "related": detail.related,
        "has_receipt": has_receipt(shown),
        "undoable": undoable,
        "may_void": undoable and not shown.refunded.minor and _in_open_batch(shown, terminal),
        "refundable": shown.refundable.decimal(),
        "undo_id": make_id(int(timezone.now().timestamp() * 1000), os.urandom(10)),
        "refused": refused,
    }
    return render(request, "web/cashier/payment.html", context, status=status)


def _to_say(shown: Payment, words: dict[str, Any]) -> str:
    """What the page says aloud of money that was just given back; nothing of what is older."""
    age = timezone.now() - shown.received_at
    if shown.kind not in (Kind.VOID, Kind.REFUND) or age > SAID_WITHIN:
        return ""
    return str(words["spoken_late"] if age > LATE_AFTER else words["spoken"])


def _in_open_batch(shown: Payment, terminal: TerminalLine | None) -> bool:
    if terminal is None or terminal.terminal_id != shown.terminal_id:
        return False
    return terminal.batch_number == shown.batch_number


@requires(Permission.TAKE_PAYMENT)
@require_POST
def undo(request: HttpRequest, payment_id: str, verb: str) -> HttpResponse:
    """Void or refund, with a manager's approval."""
    if verb not in ("void", "refund"):
        raise Http404
    original, terminal = _own_payment(request, payment_id), asks.terminal_of(request)
    if terminal is None:
        return _payment_page(request, payment_id, refused=Refused(Reason.TERMINAL_UNKNOWN), status=422)
    undo_id = request.POST.get("undo_id", "")
    if not is_id(undo_id):
        return _payment_page(request, payment_id, refused=Refused(Reason.FORMAT_WRONG), status=400)
    amount = original.amount if verb == "void" else _amount(request.POST.get("amount", ""), original.amount.currency)
    if isinstance(amount, Refused):
        return _payment_page(request, payment_id, refused=amount, status=422)
    approved_by = approve(request, request.POST.get("approval", ""), object_kind="payment", object_id=payment_id)
    if isinstance(approved_by, Refused):
        return _payment_page(request, payment_id, refused=approved_by, status=422)
    cashier = f"{person_of(request).username}/{approved_by}"[:40]
    try:
        result = asks.undo(original, undo_id, amount, void=verb == "void", terminal=terminal, cashier=cashier)
    except StillUnderWay:
        messages.info(request, reason_words(Reason.OUTCOME_UNKNOWN).title)
        return redirect("cashier_payment", payment_id)
    if isinstance(result, Refused):
        return _payment_page(request, payment_id, refused=result, status=422)
    return redirect("cashier_payment", result.payment_id)


def _amount(text: str, currency: str) -> Money | Refused:
    whole, dot, part = text.strip().partition(".")
    digits = whole + part.ljust(2, "0")
    if not digits.isascii() or not digits.isdigit() or len(part) > 2 or len(digits) > 12 or (dot and not part):
        return Refused(Reason.AMOUNT_ZERO)
    return Money(int(digits), currency)


@requires(Permission.TAKE_PAYMENT)
@require_GET
def receipt(request: HttpRequest, payment_id: str) -> HttpResponse:
    """The receipt, to print or to show."""
    around = receipts.Around(shell="web/terminal.html", back=reverse("cashier_payment", args=[payment_id]))
    reprint = request.GET.get("reprint") == "1"
    return receipts.render_receipt(request, _own_payment(request, payment_id), reprint=reprint, around=around)


@requires(Permission.TAKE_PAYMENT)
def close(request: HttpRequest) -> HttpResponse:
    """The day's totals, and closing the terminal's batch."""
    merchant, terminal = _own(request), asks.terminal_of(request)
    refused: Refused | None = None
    if request.method == "POST" and terminal is not None:
        refused = _closed(request, terminal)
        if refused is None:
            return redirect("cashier_close")
    on = business_day(timezone.now(), merchant.zone, merchant.cut_over_hour)
    day: Any = day_takings(
        merchant.merchant_id,
        on,
        now=timezone.now(),
        zone=merchant.zone,
        cut_over_hour=merchant.cut_over_hour,
        currency="CNY",
        shop_id=person_of(request).shop_id,
    )
    context = {"merchant": merchant, "terminal": terminal, "day": day, "refused": refused}
    return render(request, "web/cashier/close.html", context, status=422 if refused else 200)


def _closed(request: HttpRequest, terminal: TerminalLine) -> Refused | None:
    """Close the batch that the page showed: a second tap must not close the next one."""
    batch = request.POST.get("batch", "")
    try:
        closed = asks.close(terminal, int(batch) if batch.isascii() and batch.isdigit() else 0)
    except StillUnderWay:
        messages.info(request, reason_words(Reason.IN_PROGRESS).title)
        return None
    if isinstance(closed, Refused):
        return closed
    total = money_text(Money(closed.ours.sales_minor, "CNY"))
    messages.success(request, _("已结算：%(count)s 笔，%(total)s") % {"count": closed.ours.sales_count, "total": total})
    return None
