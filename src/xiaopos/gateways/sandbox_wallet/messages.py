"""What we say to the sandbox wallet, and what its answers mean. Pure.

What may live here: request bodies from payments, answers of the house from bodies. What may not: HTTP, signatures, clocks.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping

from xiaopos.gateways.sandbox_wallet.codes import (
    REASONS_OF_STATES,
    UNSURE_ERRORS,
    TradeState,
    reason_of,
)
from xiaopos.kernel.refusal import Reason
from xiaopos.kernel.secret import Secret
from xiaopos.payments.answers import Answer, Approved, Declined, OutcomeUnknown, PayerAsked
from xiaopos.payments.payment import CardKind, Payment

Body = Mapping[str, object]


def dump(body: Body) -> bytes:
    """A body as bytes: compact JSON in UTF-8."""
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()


def load(raw: bytes) -> Body | None:
    """A body from bytes, or None when it is not a JSON object."""
    try:
        body = json.loads(raw)
    except ValueError:
        return None
    return body if isinstance(body, dict) else None


def order_body(payment: Payment) -> dict[str, object]:
    """The part of an order that both ways to pay share. `out_trade_no` is our payment's id."""
    return {
        "out_trade_no": payment.payment_id,
        "amount_minor": payment.amount.minor,
        "currency": payment.amount.currency,
        "shop_id": payment.shop_id,
        "terminal_id": payment.terminal_id,
    }


def pay_body(payment: Payment, payer_code: Secret) -> dict[str, object]:
    """Take a payment with the customer's code."""
    return {**order_body(payment), "auth_code": payer_code.value.decode("ascii", "replace")}


def trade_body(payment: Payment) -> dict[str, object]:
    """Ask for an order, or reverse it."""
    return {"out_trade_no": payment.payment_id}


def refund_body(refund: Payment, original: Payment) -> dict[str, object]:
    """Pay back. `out_refund_no` is the refund's own id: the wallet does each number once."""
    return {
        "out_trade_no": original.payment_id,
        "out_refund_no": refund.payment_id,
        "amount_minor": refund.amount.minor,
        "currency": refund.amount.currency,
    }


def refund_query_body(refund: Payment) -> dict[str, object]:
    """Ask for a refund."""
    return {"out_refund_no": refund.payment_id}


def _text(body: Body, name: str) -> str:
    value = body.get(name, "")
    return value if isinstance(value, str) else ""


def _error(body: Body) -> str:
    return _text(body, "error")


def _same_order(body: Body, payment: Payment) -> bool:
    return (
        body.get("out_trade_no") == payment.payment_id
        and body.get("amount_minor") == payment.amount.minor
        and body.get("currency") == payment.amount.currency
    )


def read_trade(body: Body, payment: Payment) -> Answer:
    """What an order's state means for its payment: the answer to a payment or to a question about one."""
    if body.get("code") != "OK":
        return OutcomeUnknown(f"the wallet could not tell: {_error(body) or 'no error named'}")
    if not _same_order(body, payment):
        return OutcomeUnknown("the wallet's answer is about another order or amount")
    try:
        state = TradeState(body.get("trade_state"))
    except ValueError:
        return OutcomeUnknown("the wallet named a state that we do not know")
    reference = _text(body, "transaction_id")
    # A refunded order was paid: its refunds are payments of their own.
    if state in (TradeState.SUCCESS, TradeState.REFUNDED):
        return Approved(channel_ref=reference, payer=_text(body, "payer"), card_kind=CardKind.WALLET)
    if state in (TradeState.USERPAYING, TradeState.NOTPAY):
        return PayerAsked(channel_ref=reference, shown_code=_text(body, "code_url"))
    return Declined(reason_of(_error(body), REASONS_OF_STATES[state]), detail=f"{state.value} {_error(body)}".strip())


def read_pay(body: Body, payment: Payment) -> Answer:
    """The answer to a payment: an error that is no doubt is a refusal, everything else is the order's state."""
    return _refusal(body) or read_trade(body, payment)


def read_precreate(body: Body, payment: Payment) -> Answer:
    """The answer to a wish for a code to show. An order without a code cannot be paid, so it counts as refused."""
    answer = read_pay(body, payment)
    if isinstance(answer, PayerAsked) and not answer.shown_code:
        return Declined(Reason.CHANNEL_DECLINED, detail="the wallet sent no code to show")
    return answer


def read_reverse(body: Body, payment: Payment) -> Answer:
    """The answer to a reversal: done, or still to be asked for. Done also when there was nothing."""
    done = body.get("code") == "OK" and body.get("out_trade_no") == payment.payment_id
    if done and body.get("trade_state") in (TradeState.REVOKED.value, TradeState.CLOSED.value):
        return Approved(channel_ref=_text(body, "transaction_id"), card_kind=CardKind.WALLET)
    return OutcomeUnknown(
        f"the wallet did not reverse: {_error(body) or _text(body, 'trade_state') or 'no error named'}"
    )


def read_refund(body: Body, refund: Payment) -> Answer:
    """The answer to a refund."""
    return _refusal(body) or read_refund_query(body, refund)


def read_refund_query(body: Body, refund: Payment) -> Answer:
    """The answer to a question about a refund. A refund that the wallet does not know may still be on its way."""
    if body.get("code") != "OK":
        return OutcomeUnknown(f"the wallet could not tell: {_error(body) or 'no error named'}")
    if body.get("out_refund_no") != refund.payment_id or body.get("amount_minor") != refund.amount.minor:
        return OutcomeUnknown("the wallet's answer is about another refund or amount")
    if body.get("refund_state") != TradeState.SUCCESS.value:
        return OutcomeUnknown("the wallet has not finished the refund")
    return Approved(channel_ref=_text(body, "refund_id"), payer=_text(body, "payer"), card_kind=CardKind.WALLET)


def _refusal(body: Body) -> Declined | None:
    error = _error(body)
    if body.get("code") != "ERROR" or not error or error in UNSURE_ERRORS:
        return None
    return Declined(reason_of(error), detail=error)


Reader = Callable[[Body, Payment], Answer]
