"""What the cashier is told of a payment: what happened, whether money moved, what to do now.

What may live here: a payment or a refusal as the page's script shows it. What may not: asking the house.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from xiaopos.kernel.refusal import Reason, Refused
from xiaopos.payments.payment import Kind, Method, Payment
from xiaopos.payments.receipts import has_receipt
from xiaopos.payments.states import State
from xiaopos.payments.telling import reason_now
from xiaopos.usecases.enquire_payment import PATIENCE
from xiaopos.web.drawing import code_svg
from xiaopos.web.pages.cashier.speaking import spoken_result, tone_of
from xiaopos.web.words import money_text, reason_words

_OUTCOMES = {
    State.APPROVED: "approved",
    State.DECLINED: "declined",
    State.REVERSED: "reversed",
    State.VOIDED: "reversed",
    State.PAYING: "waiting",
}


def told(payment: Payment) -> dict[str, Any]:
    """A payment for the page. `outcome` is approved, declined, reversed, waiting or unknown; `final` ends the asking."""
    outcome = _OUTCOMES.get(payment.state, "unknown")
    title, money, then = _words(payment, outcome)
    aloud = "" if payment.state is State.VOIDED else outcome  # a sale that was voided is told by its void
    return {
        "payment_id": payment.payment_id,
        "outcome": outcome,
        "final": outcome in ("approved", "declined", "reversed"),
        "title": title,
        "money": money,
        "next": then,
        "amount": money_text(payment.amount),
        "amount_minor": payment.amount.minor,
        "method": payment.method.value,
        "rrn": payment.rrn,
        "code_svg": code_svg(payment.shown_code) if outcome == "waiting" and payment.shown_code else "",
        "code": payment.shown_code if outcome == "waiting" else "",
        "seconds_left": seconds_left(payment) if outcome == "waiting" else 0,
        "try_again": _never_arrived(payment),
        "spoken": spoken_result(aloud, payment.amount, payment.kind),
        "spoken_late": spoken_result(aloud, payment.amount, payment.kind, late=True),
        "tone": tone_of(aloud, payment.kind),
        "receipt": reverse("cashier_receipt", args=[payment.payment_id]) if has_receipt(payment) else "",
        "detail": reverse("cashier_payment", args=[payment.payment_id]),
        "help": _help(reason_now(payment)),
    }


def _never_arrived(payment: Payment) -> bool:
    """Whether the house knows of it only that it must not be taken any more: it can be asked for anew, as it was."""
    return payment.state is State.REVERSED and payment.reason is Reason.REVERSED_BEFORE


def seconds_left(payment: Payment) -> int:
    """For how long the customer may still pay before the machine takes the payment back."""
    left = payment.received_at + PATIENCE.get(payment.method, timedelta()) - timezone.now()
    return max(0, int(left.total_seconds()))


def told_refusal(refused: Refused) -> dict[str, Any]:
    """A refusal for the page: nothing was asked of any channel."""
    words = reason_words(refused.reason)
    return {
        "outcome": "refused",
        "final": True,
        "reason": words.name,
        "title": words.title,
        "money": words.money,
        "next": words.next,
        "help": _help(refused.reason),
    }


def _help(reason: Reason | None) -> str:
    """Where the help centre says more; empty when there is nothing to explain."""
    return reverse("help_article", args=[reason_words(reason).article]) if reason else ""


def _words(payment: Payment, outcome: str) -> tuple[str, str, str]:
    if outcome == "approved":
        return _approved(payment.kind)
    if outcome == "waiting":
        if payment.method is Method.SHOP_CODE:
            return _("请顾客扫码付款"), _("还没有扣款"), _("顾客付完后这里会自动更新")
        return _("顾客正在确认付款"), _("是否扣款正在确认"), _("请顾客在手机上确认，请勿重复收款")
    if outcome == "reversed" and payment.reason is not Reason.PAYER_TOO_SLOW:
        if payment.state is State.VOIDED:
            return _("这笔已撤销"), _("钱已退还顾客"), _("无需再次操作")
        if _never_arrived(payment):
            return _("这笔没有送到，已作废"), _("没有动钱"), _("请再收一次")
        return _("已冲正，收款未成功"), _("顾客没有被扣款"), _("可以重新收款")
    words = reason_words(reason_now(payment) or Reason.OUTCOME_UNKNOWN)
    return words.title, words.money, words.next


def _approved(kind: Kind) -> tuple[str, str, str]:
    if kind is Kind.VOID:
        return _("撤销成功"), _("钱已退还顾客"), _("可以打印凭证")
    if kind is Kind.REFUND:
        return _("退款成功"), _("钱已退还顾客"), _("可以打印凭证")
    return _("收款成功"), _("已收到顾客的钱"), _("可以开始下一笔")
