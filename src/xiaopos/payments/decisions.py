"""Whether a payment may be asked for: pure functions from facts to a refusal or a payment to record and send.

What may live here: the rules of sale, void and refund, in the order in which their refusals take precedence.
What may not: storage, channels, clocks; who may approve (merchants' roles), prices.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from xiaopos.kernel.money import Money
from xiaopos.kernel.refusal import Reason, Refused
from xiaopos.payments.payment import Kind, Payment
from xiaopos.payments.states import Event, State


@dataclass(frozen=True, slots=True)
class Limits:
    """What bounds a payment at one merchant: the most for one payment, in minor units of its currency."""

    currency: str
    payment_minor: int


@dataclass(frozen=True, slots=True)
class Undoing:
    """A void or refund that may be sent, with its original as it stands once the undoing is recorded."""

    payment: Payment
    original: Payment


def decide_sale(payment: Payment, limits: Limits) -> Refused | Payment:
    """Check a sale before anything is recorded. Precedence: currency, zero, limit."""
    if payment.amount.currency != limits.currency:
        return Refused(Reason.CURRENCY_WRONG, f"{payment.amount.currency} instead of {limits.currency}")
    if payment.amount.minor <= 0:
        return Refused(Reason.AMOUNT_ZERO)
    if payment.amount.minor > limits.payment_minor:
        return Refused(
            Reason.AMOUNT_OVER_LIMIT, f"{payment.amount} over {Money(limits.payment_minor, limits.currency)}"
        )
    return payment


_NOT_UNDOABLE = {
    State.VOIDED: Reason.ORIGINAL_VOIDED,
    State.VOIDING: Reason.ORIGINAL_BUSY,
    State.SENT: Reason.ORIGINAL_BUSY,
    State.PAYING: Reason.ORIGINAL_BUSY,
    State.UNKNOWN: Reason.ORIGINAL_BUSY,
    State.REVERSING: Reason.ORIGINAL_BUSY,
    State.UNRESOLVED: Reason.ORIGINAL_BUSY,
    State.DECLINED: Reason.ORIGINAL_NOT_APPROVED,
    State.REVERSED: Reason.ORIGINAL_NOT_APPROVED,
}


def _not_undoable(original: Payment, card_token: str | None) -> Refused | None:
    """What void and refund refuse alike: not a sale, not approved, another card. A token of None means no card was shown."""
    if original.kind is not Kind.SALE:
        return Refused(Reason.ORIGINAL_UNKNOWN, "the original is not a sale")
    if original.state is not State.APPROVED:
        return Refused(_NOT_UNDOABLE[original.state])
    if card_token is not None and original.card is not None and original.card.token != card_token:
        return Refused(Reason.CARD_DIFFERS)
    return None


def decide_void(
    void: Payment, original: Payment, *, open_batch: int, at: datetime, card_token: str | None = None
) -> Refused | Undoing:
    """Check a void (消费撤销): the whole amount, the same terminal, while the original is in the open batch.

    Precedence: not a sale, state, card, terminal, batch, refunds, amount.
    """
    refused = _not_undoable(original, card_token)
    if refused is not None:
        return refused
    if original.terminal_id != void.terminal_id:
        return Refused(Reason.ORIGINAL_OTHER_TERMINAL)
    if original.batch_number != open_batch:
        return Refused(Reason.ORIGINAL_SETTLED)
    if original.refunded.minor or original.refunding.minor:
        return Refused(Reason.ORIGINAL_BUSY if original.refunding.minor else Reason.VOID_AMOUNT_DIFFERS)
    if void.amount != original.amount:
        return Refused(Reason.VOID_AMOUNT_DIFFERS)
    return Undoing(
        replace(void, channel=original.channel, original_id=original.payment_id, fee=original.fee),
        original.moved(Event.VOID_ASKED, at),
    )


def decide_refund(
    refund: Payment, original: Payment, *, at: datetime, card_token: str | None = None
) -> Refused | Undoing:
    """Check a refund (退货): at most what remains of the original, to the card that paid.

    Precedence: not a sale, state, card, currency, zero, too much. The amount is reserved on the original until the
    refund's outcome is known, so that two refunds at once cannot exceed it.
    """
    if original.state in (State.VOIDED, State.VOIDING):
        return Refused(Reason.REFUND_AFTER_VOID)
    refused = _not_undoable(original, card_token)
    if refused is not None:
        return refused
    if refund.amount.currency != original.amount.currency:
        return Refused(Reason.CURRENCY_WRONG)
    if refund.amount.minor <= 0:
        return Refused(Reason.AMOUNT_ZERO)
    if original.refundable < refund.amount:
        return Refused(Reason.REFUND_TOO_MUCH, f"{original.refundable} remain")
    reserved = replace(original, refunding=original.refunding + refund.amount)
    return Undoing(
        replace(refund, channel=original.channel, original_id=original.payment_id, card_kind=original.card_kind),
        reserved.touched(at),
    )
