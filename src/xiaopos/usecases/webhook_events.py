"""What a change of the books means to merchants: the events that are written in the same commit.

What may live here: which move is which event, and what an event says. What may not: endpoints, signatures, sending.

An event's id is made of the payment and its version: whoever writes it again writes the same one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

import msgspec
from msgspec import Struct

from xiaopos.kernel.ids import MerchantId
from xiaopos.merchants.webhooks import EventType
from xiaopos.payments.payment import Kind, Payment
from xiaopos.payments.states import State
from xiaopos.payments.telling import reason_now
from xiaopos.usecases.ports import BatchClosing, Change


class MerchantEvent(Struct, frozen=True, gc=False):
    """Something that a merchant may be told. `subject` is the payment's id, or the terminal's number; `data` is JSON."""

    event_id: str
    merchant_id: MerchantId
    shop_id: str
    type: EventType
    at: datetime
    subject: str
    version: int
    data: str


_NOUNS = {Kind.VOID: "void", Kind.REFUND: "refund"}
_TOLD = frozenset({State.PAYING, State.APPROVED, State.DECLINED, State.UNKNOWN, State.REVERSED, State.UNRESOLVED})
_OWN: dict[tuple[Kind, State], EventType] = {
    (kind, state): EventType(f"{_NOUNS.get(kind, 'payment')}.{'confirming' if state is State.PAYING else state.value}")
    for kind in Kind
    for state in _TOLD
    if not (kind in _NOUNS and state is State.PAYING)
}
"""What a payment tells when it is itself what a change is about."""

_FOLLOWED = {State.VOIDED: EventType.PAYMENT_VOIDED, State.COMPLETED: EventType.PAYMENT_COMPLETED}


def events_of(changes: Sequence[Change], listening: frozenset[MerchantId]) -> list[MerchantEvent]:
    """The events of some changes, for merchants that listen."""
    return [event for change in changes for event in _of_change(change, listening)]


def _of_change(change: Change, listening: frozenset[MerchantId]) -> Iterator[MerchantEvent]:
    if change.closing is not None and change.closing.merchant_id in listening and change.terminal is not None:
        yield _closing_event(change.closing)
    if not change.moves or change.moves[0].merchant_id not in listening:
        return
    # A change that claims moves others only to reserve them; any other is about its first move, and the rest follow it.
    if change.claim is not None:
        return
    first, *followed = change.moves
    if (kind := _OWN.get((first.kind, first.state))) is not None:
        yield _payment_event(kind, first)
    for payment in followed:
        if (kind := _followed(first, payment)) is not None:
            yield _payment_event(kind, payment)


def _followed(first: Payment, payment: Payment) -> EventType | None:
    """What a payment tells because another one, which followed it, has moved."""
    if payment.state in _FOLLOWED:
        return _FOLLOWED[payment.state]
    if payment.state is not State.APPROVED:
        return None
    if first.state is State.REVERSED or (first.kind, first.state) == (Kind.VOID, State.APPROVED):
        return EventType.PAYMENT_RESTORED  # the latter: a completion was voided, its pre-authorisation holds again
    return EventType.PAYMENT_REFUNDED if (first.kind, first.state) == (Kind.REFUND, State.APPROVED) else None


class PaymentData(Struct, frozen=True, gc=False):
    """What an event says of a payment: as the API does, without the customer's card and name, and without words."""

    merchant_id: str
    payment_id: str
    version: int
    kind: str
    method: str
    state: str
    reason: str
    amount_minor: int
    refunded_minor: int
    refundable_minor: int
    currency: str
    shop_id: str
    terminal_id: str
    batch_number: int
    business_on: str
    received_at: datetime
    decided_at: datetime | None
    original_id: str | None
    rrn: str
    approval_code: str
    channel: str
    channel_ref: str


def payment_data(payment: Payment) -> PaymentData:
    """A payment as events say it."""
    reason = reason_now(payment) if payment.state is not State.UNRESOLVED else payment.reason
    return PaymentData(
        payment.merchant_id,
        payment.payment_id,
        payment.version,
        payment.kind.value,
        payment.method.value,
        payment.state.value,
        "" if reason is None else reason.value,
        payment.amount.minor,
        payment.refunded.minor,
        payment.refundable.minor,
        payment.amount.currency,
        payment.shop_id,
        payment.terminal_id,
        payment.batch_number,
        payment.business_on.isoformat(),
        payment.received_at,
        payment.decided_at,
        payment.original_id,
        payment.rrn,
        payment.approval_code,
        payment.channel,
        payment.channel_ref,
    )


def _payment_event(kind: EventType, payment: Payment) -> MerchantEvent:
    return MerchantEvent(
        event_id=f"evt-{payment.payment_id}-{payment.version}",
        merchant_id=payment.merchant_id,
        shop_id=payment.shop_id,
        type=kind,
        at=payment.decided_at or payment.received_at,
        subject=payment.payment_id,
        version=payment.version,
        data=msgspec.json.encode(payment_data(payment)).decode(),
    )


class BatchData(Struct, frozen=True, gc=False):
    """What an event says of a batch that was closed; amounts in minor units, `balanced` when the terminal counted the same."""

    merchant_id: str
    terminal_id: str
    batch_number: int
    closed_at: datetime
    balanced: bool
    sales_count: int
    sales_minor: int
    refunds_count: int
    refunds_minor: int
    next_batch: int


def _closing_event(closing: BatchClosing) -> MerchantEvent:
    ours = closing.ours
    data = BatchData(
        closing.merchant_id,
        closing.terminal_id,
        closing.batch_number,
        closing.closed_at,
        closing.balanced,
        ours.sales_count,
        ours.sales_minor,
        ours.refunds_count,
        ours.refunds_minor,
        closing.next_batch,
    )
    return MerchantEvent(
        event_id=f"evt-batch-{closing.terminal_id}-{int(closing.closed_at.timestamp() * 1000)}",
        merchant_id=closing.merchant_id,
        shop_id="",
        type=EventType.BATCH_CLOSED,
        at=closing.closed_at,
        subject=closing.terminal_id,
        version=0,
        data=msgspec.json.encode(data).decode(),
    )
