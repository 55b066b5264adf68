"""Whether a payment may be asked for: pure functions from facts to a refusal or a payment to record and send.

What may live here: the rules of sale, void and refund, in the order in which their refusals take precedence.
What may not: storage, channels, clocks; who may approve (merchants' roles), prices.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from msgspec.structs import replace

from xiaopos.kernel.money import Money
from xiaopos.kernel.refusal import Reason, Refused
from xiaopos.payments.payment import ON_ITS_OWN, TAKES_MONEY, Kind, Method, Payment
from xiaopos.payments.states import Event, State


@dataclass(frozen=True, slots=True)
class Limits:
    """What bounds a payment at one merchant: the most for one payment, in minor units of its currency.

    A completion may take `completion_percent` of what its pre-authorisation held, within `preauth_days` of it; both come
    from the contract with the card network (115 and 30 are usual, and unconfirmed). The tips of a sale may take `tip_percent`
    of it in all; 0 where the merchant takes none.
    """

    currency: str
    payment_minor: int
    completion_percent: int = 115
    preauth_days: int = 30
    tip_percent: int = 0


@dataclass(frozen=True, slots=True)
class Following:
    """A void, refund or completion that may be sent, with its original as it stands once that is recorded."""

    payment: Payment
    original: Payment


def decide_sale(payment: Payment, limits: Limits) -> Refused | Payment:
    """Check a sale or pre-authorisation before anything is recorded. Precedence: currency, zero, limit."""
    if payment.amount.currency != limits.currency:
        return Refused(Reason.CURRENCY_WRONG, f"{payment.amount.currency} instead of {limits.currency}")
    if payment.amount.minor <= 0:
        return Refused(Reason.AMOUNT_ZERO)
    if payment.amount.minor > limits.payment_minor:
        return Refused(
            Reason.AMOUNT_OVER_LIMIT, f"{payment.amount} over {Money(limits.payment_minor, limits.currency)}"
        )
    return payment


_NOT_FOLLOWABLE = {
    State.COMPLETED: Reason.PREAUTH_COMPLETED,
    State.COMPLETING: Reason.ORIGINAL_BUSY,
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


_VOIDABLE = TAKES_MONEY | {Kind.PREAUTH}


def _not_followable(original: Payment, kinds: frozenset[Kind], card_token: str | None) -> Refused | None:
    """What all refuse alike: another kind, not approved, another card. A token of None means no card was shown."""
    if original.kind not in kinds:
        return Refused(Reason.ORIGINAL_UNKNOWN, f"the original is a {original.kind.value}")
    if original.state is not State.APPROVED:
        return Refused(_NOT_FOLLOWABLE[original.state])
    if card_token is not None and original.card is not None and original.card.token != card_token:
        return Refused(Reason.CARD_DIFFERS)
    return None


def decide_void(
    void: Payment,
    original: Payment,
    *,
    open_batch: int,
    at: datetime,
    card_token: str | None = None,
    tips: Sequence[Payment] = (),
) -> Refused | Following:
    """Check a void (消费撤销, 预授权撤销, 预授权完成撤销): the whole amount, and what took money only on the same terminal while
    it is in the open batch. A pre-authorisation can be voided on any of the merchant's terminals, until it is completed.

    A tip that stands on it is voided first: it is money of its own, which nobody would give back otherwise. `tips` are
    the original's, whatever became of them.

    Precedence: kind, state, card, terminal, batch, refunds, amount, tips.
    """
    refused = _not_followable(original, _VOIDABLE, card_token)
    if refused is not None:
        return refused
    if original.kind is not Kind.PREAUTH:
        if original.terminal_id != void.terminal_id:
            return Refused(Reason.ORIGINAL_OTHER_TERMINAL)
        if original.batch_number != open_batch:
            return Refused(Reason.ORIGINAL_SETTLED)
    if original.refunded.minor or original.refunding.minor:
        return Refused(Reason.ORIGINAL_BUSY if original.refunding.minor else Reason.VOID_AMOUNT_DIFFERS)
    if void.amount != original.amount:
        return Refused(Reason.VOID_AMOUNT_DIFFERS)
    if any(map(_stands, tips)):
        return Refused(Reason.TIP_STANDS)
    return Following(
        replace(void, channel=original.channel, original_id=original.payment_id, fee=original.fee),
        original.moved(Event.VOID_ASKED, at),
    )


def decide_refund(
    refund: Payment,
    original: Payment,
    *,
    at: datetime,
    card_token: str | None = None,
    tips: Sequence[Payment] = (),
) -> Refused | Following:
    """Check a refund (退货): at most what remains of the original, to the card that paid. All that remains is paid back only
    once the tips on it are (`tips`: all of them, whatever became of them): nobody gives back a whole sale but its tip.

    Precedence: kind, state, card, currency, zero, too much, tips. The amount is reserved on the original until the
    refund's outcome is known, so that two refunds at once cannot exceed it.
    """
    if original.state in (State.VOIDED, State.VOIDING):
        return Refused(Reason.REFUND_AFTER_VOID)
    refused = _not_followable(original, TAKES_MONEY, card_token)
    if refused is not None:
        return refused
    if refund.amount.currency != original.amount.currency:
        return Refused(Reason.CURRENCY_WRONG)
    if refund.amount.minor <= 0:
        return Refused(Reason.AMOUNT_ZERO)
    if original.refundable < refund.amount:
        return Refused(Reason.REFUND_TOO_MUCH, f"{original.refundable} remain")
    if original.refundable == refund.amount and any(map(_stands, tips)):
        return Refused(Reason.TIP_STANDS)
    reserved = replace(original, refunding=original.refunding + refund.amount)
    return Following(
        replace(refund, channel=original.channel, original_id=original.payment_id, card_kind=original.card_kind),
        reserved.touched(at),
    )


def decide_completion(
    completion: Payment, preauth: Payment, limits: Limits, *, at: datetime, card_token: str | None = None
) -> Refused | Following:
    """Check a completion (预授权完成): once, in time, at most the agreed share of what was held, on the same card.

    Precedence: kind, state, card, expiry, currency, zero, share of the pre-authorisation, limit.
    """
    refused = _not_followable(preauth, frozenset({Kind.PREAUTH}), card_token)
    if refused is not None:
        return refused
    if at - preauth.received_at > timedelta(days=limits.preauth_days):
        return Refused(Reason.PREAUTH_EXPIRED, f"held on {preauth.business_on}, for {limits.preauth_days} days")
    if completion.amount.currency != preauth.amount.currency:
        return Refused(Reason.CURRENCY_WRONG)
    most = Money(preauth.amount.minor * limits.completion_percent // 100, preauth.amount.currency)
    if completion.amount.minor > 0 and most < completion.amount:
        return Refused(Reason.COMPLETION_TOO_MUCH, f"at most {most}")
    decided = decide_sale(completion, limits)
    if isinstance(decided, Refused):
        return decided
    return Following(
        replace(completion, channel=preauth.channel, original_id=preauth.payment_id, card_kind=preauth.card_kind),
        preauth.moved(Event.COMPLETION_ASKED, at),
    )


_NEVER_TAKEN = frozenset({State.DECLINED, State.REVERSED, State.VOIDED})


def _stands(tip: Payment) -> bool:
    """Whether some of a tip was taken, or may be, and is not paid back."""
    return tip.state not in _NEVER_TAKEN and tip.refunded != tip.amount


def decide_tip(
    tip: Payment,
    sale: Payment,
    limits: Limits,
    *,
    tips: Sequence[Payment],
    total: Money,
    open_batch: int,
    at: datetime,
    card_token: str | None = None,
) -> Refused | Following:
    """Check a tip (小费) on a card sale or completion of the terminal's open batch. `tips` are the sale's, whatever became of
    them; `total` is what the terminal says that sale and tips come to with this one.

    Precedence: none agreed, kind, state, card, terminal, batch, refunds, currency, zero, limit, total, agreed share.
    """
    if not limits.tip_percent:
        return Refused(Reason.TRANSACTION_UNSUPPORTED, "no tips are agreed with the merchant")
    if sale.method is not Method.CARD:
        return Refused(Reason.ORIGINAL_UNKNOWN, "the original is no card's")
    refused = _not_followable(sale, ON_ITS_OWN, card_token)
    if refused is not None:
        return refused
    if sale.terminal_id != tip.terminal_id:
        return Refused(Reason.ORIGINAL_OTHER_TERMINAL)
    if sale.batch_number != open_batch:
        return Refused(Reason.ORIGINAL_SETTLED)
    if sale.refundable != sale.amount:
        return Refused(Reason.TIP_WRONG, "some of the sale was paid back")
    decided = decide_sale(tip, limits)
    if isinstance(decided, Refused):
        return decided
    standing = sum(one.amount.minor for one in tips if one.state not in _NEVER_TAKEN) + tip.amount.minor
    if total.minor != sale.amount.minor + standing:
        return Refused(Reason.TIP_WRONG, f"{sale.amount} and {standing} of tips are not {total}")
    if standing > sale.amount.minor * limits.tip_percent // 100:
        return Refused(Reason.TIP_WRONG, f"more than {limits.tip_percent} per cent of {sale.amount}")
    return Following(
        replace(tip, channel=sale.channel, original_id=sale.payment_id, card_kind=sale.card_kind), sale.touched(at)
    )
