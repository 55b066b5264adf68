"""What we say to Alipay, and what its answers mean. Pure.

What may live here: business contents from payments, answers of the house from bodies. What may not: HTTP, signatures, clocks.

Amounts are yuan with two decimals. `out_trade_no` is our payment's id, `out_request_no` the refund's: Alipay does each once.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable

from xiaopos.gateways.alipay.codes import (
    ABOUT_THE_REFUND,
    NO_SUCH_TRADE,
    REFUND_DONE,
    UNDONE_BY,
    Code,
    TradeStatus,
    reason_of,
)
from xiaopos.gateways.alipay.signing import Body
from xiaopos.kernel.money import CURRENCIES
from xiaopos.kernel.refusal import Reason
from xiaopos.payments.answers import Answer, Approved, Declined, OutcomeUnknown, PayerAsked
from xiaopos.payments.payment import CardKind, Method, Payment
from xiaopos.payments.states import State

_YUAN = re.compile(r"(0|[1-9][0-9]{0,12})(?:\.([0-9]{1,2}))?", re.ASCII)
_NOT_KNOWN_YET = frozenset({State.SENT, State.PAYING, State.UNKNOWN})

Reader = Callable[[Body, Payment], Answer]


def dump(content: Body) -> str:
    """A business content as text: compact JSON."""
    return json.dumps(content, ensure_ascii=False, separators=(",", ":"))


def minor_of(value: object) -> int | None:
    """An amount in fen from Alipay's yuan, None when it is none.

    >>> minor_of("88.88"), minor_of("88.8"), minor_of(88), minor_of("-1"), minor_of("1.005")
    (8888, 8880, 8800, None, None)
    """
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    found = _YUAN.fullmatch(str(value))
    if found is None:
        return None
    return int(found[1]) * 100 + int((found[2] or "").ljust(2, "0"))


def order_content(payment: Payment, *, subject: str, lives: str) -> dict[str, object]:
    """The part of an order that both ways to pay share."""
    return {
        "out_trade_no": payment.payment_id,
        "total_amount": payment.amount.decimal(),
        "subject": subject,
        "store_id": payment.shop_id,
        "terminal_id": payment.terminal_id,
        "timeout_express": lives,
    }


def pay_content(order: Body, payer_code: str, scene: str) -> dict[str, object]:
    """Take a payment with the customer's code."""
    return {**order, "scene": scene, "auth_code": payer_code, "product_code": "FACE_TO_FACE_PAYMENT"}


def precreate_content(order: Body) -> dict[str, object]:
    """Make a code to show. The code itself dies with the order's patience (`qr_code_timeout_express`).

    An order that nobody has scanned does not exist at Alipay, and whether cancelling it kills its code is not documented: so a
    code lives no longer than the house asks about it.
    """
    return {**order, "qr_code_timeout_express": order["timeout_express"]}


def trade_content(payment: Payment) -> dict[str, object]:
    """Ask for an order, cancel or close it."""
    return {"out_trade_no": payment.payment_id}


def refund_content(refund: Payment, original: Payment) -> dict[str, object]:
    """Pay back part or all of an order."""
    return {
        "out_trade_no": original.payment_id,
        "refund_amount": refund.amount.decimal(),
        "out_request_no": refund.payment_id,
    }


def refund_query_content(refund: Payment) -> dict[str, object]:
    """Ask for a refund. A refund names the payment that it follows."""
    return {"out_trade_no": refund.original_id or refund.payment_id, "out_request_no": refund.payment_id}


def code_of(body: Body) -> str:
    """The gateway's return code."""
    return _text(body, "code")


def sub_code_of(body: Body) -> str:
    """The detail of a failure, empty for none."""
    return _text(body, "sub_code")


def _text(body: Body, name: str) -> str:
    value = body.get(name, "")
    return value if isinstance(value, str) else ""


def refusal(body: Body) -> Declined | OutcomeUnknown | None:
    """What a failure means: a refusal, or that nobody knows. None for 10000 and 10003, which are no failures."""
    code, sub_code = code_of(body), sub_code_of(body)
    if code in (Code.SUCCESS.value, Code.WAITING.value):
        return None
    detail = f"{code} {sub_code}".strip() or "no code"
    reason = reason_of(sub_code) if code.startswith("4") or code == Code.NO_AUTHORITY.value else None
    if reason is None:
        return OutcomeUnknown(f"the wallet could not tell: {detail}")
    return Declined(reason, detail=detail)


def nobody_knows(body: Body) -> bool:
    """Whether a failure says that nobody knows what happened."""
    return isinstance(refusal(body), OutcomeUnknown)


def is_about_the_refund(body: Body) -> bool:
    """Whether a refund was refused for what it is, not for the state of something else."""
    return sub_code_of(body) in ABOUT_THE_REFUND


def is_not_done(body: Body) -> bool:
    """Whether the answer to a question about a refund says that there was none."""
    if code_of(body) == Code.SUCCESS.value:
        return "refund_status" not in body
    return sub_code_of(body) == NO_SUCH_TRADE


def _same_order(body: Body, payment: Payment) -> bool:
    return body.get("out_trade_no") == payment.payment_id and minor_of(body.get("total_amount")) == payment.amount.minor


def _approved(body: Body) -> Approved:
    return Approved(channel_ref=_text(body, "trade_no"), payer=_text(body, "buyer_logon_id"), card_kind=CardKind.WALLET)


def currency_fits(payment: Payment) -> bool:
    """Whether an amount can be said in yuan."""
    return payment.amount.currency == "CNY" and CURRENCIES["CNY"].minor_digits == 2


def read_pay(body: Body, payment: Payment) -> Answer:
    """The answer to a payment: paid, waiting for the customer, refused, or unknown."""
    refused = refusal(body)
    if refused is not None:
        return refused
    if code_of(body) == Code.WAITING.value:
        return PayerAsked(channel_ref=_text(body, "trade_no"))
    if not _same_order(body, payment):
        return OutcomeUnknown("the wallet's answer is about another order or amount")
    return _approved(body)


def read_precreate(body: Body, payment: Payment) -> Answer:
    """The answer to a wish for a code to show. An order without a code cannot be paid, so it counts as refused."""
    refused = refusal(body)
    if refused is not None:
        return refused
    shown = _text(body, "qr_code")
    if not shown or body.get("out_trade_no") != payment.payment_id:
        return Declined(Reason.CHANNEL_DECLINED, detail="the wallet sent no code to show")
    return PayerAsked(shown_code=shown)


def read_trade(body: Body, payment: Payment) -> Answer:
    """What an order's state means for its payment.

    An order that Alipay does not know may still be on its way; one whose code is shown exists only after it was scanned.
    """
    if code_of(body) != Code.SUCCESS.value:
        if sub_code_of(body) == NO_SUCH_TRADE and payment.method is Method.SHOP_CODE:
            return PayerAsked(shown_code=payment.shown_code)
        return OutcomeUnknown(f"the wallet could not tell: {code_of(body)} {sub_code_of(body)}".rstrip())
    if not _same_order(body, payment):
        return OutcomeUnknown("the wallet's answer is about another order or amount")
    try:
        status = TradeStatus(body.get("trade_status"))
    except ValueError:
        return OutcomeUnknown("the wallet named a state that we do not know")
    if status is TradeStatus.WAIT_BUYER_PAY:
        return PayerAsked(channel_ref=_text(body, "trade_no"), shown_code=payment.shown_code)
    if status is TradeStatus.TRADE_CLOSED:
        return _read_closed(body, payment)
    return _approved(body)


def _read_closed(body: Body, payment: Payment) -> Answer:
    """A closed order was never paid, or wholly paid back: then it depends on whether our books know that it was paid.

    What our refunds paid back was a sale; what was paid back before we knew of it was none, and its money is with the customer.
    """
    if _text(body, "send_pay_date"):
        if payment.state not in _NOT_KNOWN_YET:
            return _approved(body)
        return Declined(Reason.REVERSED_BEFORE, detail="TRADE_CLOSED, paid and paid back")
    if '"cancel"' in _text(body, "ext_infos").replace(" ", ""):
        return Declined(Reason.REVERSED_BEFORE, detail="TRADE_CLOSED, cancelled")
    return Declined(Reason.PAYER_TOO_SLOW, detail="TRADE_CLOSED")


def read_cancel(body: Body, payment: Payment) -> Answer:
    """The answer to a cancellation: done, or to be asked for again. Done also when there was no order."""
    done = code_of(body) == Code.SUCCESS.value and body.get("out_trade_no") == payment.payment_id
    action = _text(body, "action")
    if done and body.get("retry_flag") != "Y" and (not action or action in UNDONE_BY):
        return Approved(channel_ref=_text(body, "trade_no"), card_kind=CardKind.WALLET)
    detail = sub_code_of(body) or ("asked to try again" if body.get("retry_flag") == "Y" else code_of(body))
    return OutcomeUnknown(f"the wallet did not cancel: {detail or 'no code'}")


def read_refund(body: Body, refund: Payment) -> Answer:
    """The answer to a refund. Without a change of funds it is known only after it was asked for."""
    refused = refusal(body)
    if refused is not None:
        return refused
    if body.get("out_trade_no") != (refund.original_id or refund.payment_id):
        return OutcomeUnknown("the wallet's answer is about another order")
    if code_of(body) != Code.SUCCESS.value or body.get("fund_change") != "Y":
        return OutcomeUnknown("the wallet does not say that this refund moved money")
    return _approved(body)


def read_refund_query(body: Body, refund: Payment) -> Answer:
    """The answer to a question about a refund. What the wallet does not know may still be on its way."""
    if code_of(body) != Code.SUCCESS.value:
        return OutcomeUnknown(f"the wallet could not tell: {code_of(body)} {sub_code_of(body)}".rstrip())
    if body.get("refund_status") != REFUND_DONE:
        return OutcomeUnknown("the wallet has not done this refund")
    same = body.get("out_request_no") == refund.payment_id
    if not same or minor_of(body.get("refund_amount")) != refund.amount.minor:
        return OutcomeUnknown("the wallet's answer is about another refund or amount")
    return _approved(body)


def read_close(body: Body, payment: Payment) -> Answer:
    """The answer to a wish to close an order: closed, or refused since it is paid, closed already or unknown."""
    refused = refusal(body)
    if refused is not None:
        return refused
    if code_of(body) != Code.SUCCESS.value or body.get("out_trade_no") != payment.payment_id:
        return OutcomeUnknown("the wallet's answer is about another order")
    return Approved(channel_ref=_text(body, "trade_no"), card_kind=CardKind.WALLET)
