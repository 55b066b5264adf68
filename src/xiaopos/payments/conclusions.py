"""What an answer means for a payment: its next state, the entry to post, what the machine does next.

What may live here: pure conclusions from a channel's answer, and what becomes of the original of a void or refund.
What may not: asking, storing, prices (the fee is handed in).
"""

from __future__ import annotations

from datetime import datetime
from enum import Enum

from msgspec import Struct

from xiaopos.kernel.money import Money
from xiaopos.kernel.refusal import Reason
from xiaopos.ledger import Entry
from xiaopos.payments.answers import Answer, Approved, Declined, PayerAsked
from xiaopos.payments.payment import CardKind, Kind, Method, Payment
from xiaopos.payments.postings import approval_entry, reversal_entry
from xiaopos.payments.states import Event, State


class Next(Enum):
    """What the machine must do by itself after a conclusion."""

    NOTHING = "nothing"
    REVERSE = "reverse_payment"
    ENQUIRE = "enquire_payment"


class Conclusion(Struct, frozen=True, gc=False):
    """The payment after the answer, what it follows if that changes too, the entry to post, the machine's next step.

    `behind` is the pre-authorisation behind a completion that was voided, or whose void was undone.
    """

    payment: Payment
    original: Payment | None = None
    entry: Entry | None = None
    next: Next = Next.NOTHING
    behind: Payment | None = None


def after_unknown(payment: Payment) -> Next:
    """How an unknown outcome becomes known: what a card's reversal can undo is reversed; a refund, an advice and a wallet's
    payment are asked for again."""
    if payment.method is Method.CARD and can_be_reversed(payment):
        return Next.REVERSE
    return Next.ENQUIRE


def conclude(
    payment: Payment,
    answer: Answer,
    *,
    fee: Money,
    at: datetime,
    original: Payment | None = None,
    behind: Payment | None = None,
) -> Conclusion:
    """Turn a channel's answer into a conclusion. `fee` is the fee of what was approved.

    `original` is given for what follows another payment, `behind` for the void of a completion: its pre-authorisation.
    Raises IllegalMove when the payment is no longer waiting for an answer.
    """
    if isinstance(answer, Approved):
        return _approved(payment, answer, fee, at, original, behind)
    if isinstance(answer, Declined):
        after = payment.moved(
            Event.ANSWERED_NO, at, reason=answer.reason, response_code=answer.response_code, issuer_data=answer.icc
        )
        return Conclusion(after, _following_failed(payment, original, at))
    if isinstance(answer, PayerAsked):
        reference = answer.channel_ref or payment.channel_ref
        after = payment.moved(Event.PAYER_ASKED, at, shown_code=answer.shown_code, channel_ref=reference)
        return Conclusion(after, next=Next.ENQUIRE)
    return _unknown(payment, at)


def _unknown(payment: Payment, at: datetime) -> Conclusion:
    after = payment.moved(Event.ANSWER_LOST, at, reason=Reason.OUTCOME_UNKNOWN)
    return Conclusion(after, next=after_unknown(payment))


def _approved(
    payment: Payment, answer: Approved, fee: Money, at: datetime, original: Payment | None, behind: Payment | None
) -> Conclusion:
    # A void is whole or not at all; anything else may be approved for less than was asked.
    amount = payment.amount if payment.kind is Kind.VOID else answer.amount or payment.amount
    after = payment.moved(
        Event.ANSWERED_YES,
        at,
        amount=amount,
        fee=fee,
        reason=None,
        approval_code=answer.approval_code,
        response_code=answer.response_code,
        channel_ref=answer.channel_ref or payment.channel_ref,
        issuer=answer.issuer or payment.issuer,
        payer=answer.payer or payment.payer,
        card_kind=payment.card_kind if answer.card_kind is CardKind.UNKNOWN else answer.card_kind,
        shown_code="",
        issuer_data=answer.icc,
    )
    followed = _following_done(payment, amount, original, at)
    reopened = behind.moved(Event.COMPLETION_UNDONE, at) if behind is not None else None
    return Conclusion(after, followed, approval_entry(after, original), behind=reopened)


_DONE = {Kind.VOID: Event.VOID_DONE, Kind.COMPLETION: Event.COMPLETION_DONE}
_FAILED = {Kind.VOID: Event.VOID_FAILED, Kind.COMPLETION: Event.COMPLETION_FAILED}


def _following_done(asked: Payment, amount: Money, original: Payment | None, at: datetime) -> Payment | None:
    if original is None or asked.kind is Kind.TIP:
        return None
    if asked.kind in _DONE:
        return original.moved(_DONE[asked.kind], at)
    return original.touched(at, refunding=original.refunding - asked.amount, refunded=original.refunded + amount)


def _following_failed(payment: Payment, original: Payment | None, at: datetime) -> Payment | None:
    if original is None or payment.kind is Kind.TIP:
        return None
    if payment.kind in _FAILED:
        return original.moved(_FAILED[payment.kind], at)
    return original.touched(at, refunding=original.refunding - payment.amount)


def can_be_reversed(payment: Payment) -> bool:
    """Whether a payment of this kind can be undone by a reversal at all.

    A refund and an advice cannot (they are told again until their outcome is known), nor can the void of a wallet's
    payment, which is a refund to the wallet.
    """
    if payment.advice or payment.kind is Kind.REFUND:
        return False
    return payment.kind is Kind.SALE or payment.method is Method.CARD


def begin_reversal(payment: Payment, at: datetime) -> Conclusion:
    """Start to undo a payment by machine. Raises IllegalMove for a state that cannot be reversed."""
    assert can_be_reversed(payment), "paying back is asked again, not reversed"
    return Conclusion(payment.moved(Event.REVERSE, at), next=Next.REVERSE)


_UNDONE = {
    (Kind.VOID, State.VOIDED): Event.VOID_UNDONE,
    (Kind.VOID, State.VOIDING): Event.VOID_FAILED,
    (Kind.COMPLETION, State.COMPLETED): Event.COMPLETION_UNDONE,
    (Kind.COMPLETION, State.COMPLETING): Event.COMPLETION_FAILED,
}


def conclude_reversal(
    payment: Payment,
    *,
    posted: bool,
    at: datetime,
    original: Payment | None = None,
    behind: Payment | None = None,
) -> Conclusion:
    """The channel has undone the payment. `posted` says whether its entry stands in the ledger and must be undone too.

    When the void of a completion is undone, the pre-authorisation `behind` it is completed again; if it has been used
    otherwise meanwhile it is left alone, and `behind` of the conclusion is None: a person must look.
    """
    after = payment.moved(Event.REVERSAL_DONE, at)
    restored = recompleted = None
    if original is not None and payment.kind in _DONE:
        restored = original.moved(_UNDONE[payment.kind, original.state], at)
        # A void that was never done has not opened the pre-authorisation again.
        if behind is not None and original.state is State.VOIDED and behind.state is State.APPROVED:
            recompleted = behind.moved(Event.COMPLETION_RESTORED, at)
    entry = reversal_entry(payment, original) if posted else None
    return Conclusion(after, restored, entry, behind=recompleted)


def give_up(payment: Payment, at: datetime) -> Conclusion:
    """The machine has asked often enough: a person must look, and the machine goes on asking, more slowly."""
    return Conclusion(payment.moved(Event.REVERSAL_STUCK, at), next=Next.REVERSE)
