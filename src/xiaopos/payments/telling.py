"""What can be said of a payment now: the reason that a person or a terminal is told, if it did not simply succeed.

What may live here: the mapping from a state to a reason. What may not: words (kernel's table), field numbers.
"""

from __future__ import annotations

import hashlib

from xiaopos.kernel.money import Money
from xiaopos.kernel.refusal import Reason
from xiaopos.payments.payment import Kind, Method, Payment
from xiaopos.payments.states import State

_BY_STATE = {
    State.SENT: Reason.IN_PROGRESS,
    State.PAYING: Reason.IN_PROGRESS,
    State.UNKNOWN: Reason.OUTCOME_UNKNOWN,
    State.REVERSING: Reason.OUTCOME_UNKNOWN,
    State.UNRESOLVED: Reason.OUTCOME_UNKNOWN,
    State.REVERSED: Reason.REVERSED_BEFORE,
    State.VOIDING: Reason.ORIGINAL_BUSY,
    State.VOIDED: Reason.ORIGINAL_VOIDED,
    State.COMPLETING: Reason.ORIGINAL_BUSY,
}


def reason_now(payment: Payment) -> Reason | None:
    """Why the payment is not simply approved, or None when it is (and a completed pre-authorisation was).

    A reversed payment says why it was reversed when that is known (the customer was too slow), else that it was.
    """
    if payment.state in (State.APPROVED, State.COMPLETED):
        return None
    if payment.state is State.DECLINED:
        return payment.reason or Reason.CHANNEL_DECLINED
    if payment.state is State.REVERSED and payment.reason is Reason.PAYER_TOO_SLOW:
        return payment.reason
    return _BY_STATE[payment.state]


def content_hash(kind: Kind, method: Method, amount: Money, *, payer: str, original: str = "") -> str:
    """A fingerprint of what was asked, by which a repeat is told from another request under the same id.

    `payer` is the keyed token of the card or code, never the number itself.
    """
    parts = (kind._value_, method._value_, amount.currency, str(amount.minor), payer, original)
    return hashlib.sha256("|".join(parts).encode()).hexdigest()


def was_asked_for(payment: Payment, amount: Money) -> bool:
    """Whether a card payment was asked for this amount, although its issuer may have approved another.

    A terminal that never heard of a partial approval names the amount that it asked for when it reverses.
    """
    payer = payment.card.token if payment.card else ""
    asked = content_hash(payment.kind, payment.method, amount, payer=payer, original=payment.original_id or "")
    return asked == payment.content_hash
