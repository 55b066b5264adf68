"""Pay an order of a shop's code, once: begin it with a wallet; afterwards close or pay back whatever came besides.

What may live here: those two verbs, and the role that keeps orders. What may not: which app belongs to which wallet (web), SQL.

The first payment that is approved is the order's (`kept`, written once). Every other is closed while it is unpaid and paid back
when it was paid: by a reversal where that is still possible, else by a refund whose number was chosen with the payment's, so that
asking again after a crash pays back no second time.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Protocol

from xiaopos.kernel.ids import PaymentId
from xiaopos.kernel.refusal import Reason
from xiaopos.merchants.shop_codes import ShopOrder, Tried
from xiaopos.payments.payment import Payment
from xiaopos.payments.states import KNOWN, State
from xiaopos.usecases.follow_payment import FollowAsk, refund_payment
from xiaopos.usecases.ports import House
from xiaopos.usecases.reverse_payment import cancel_payment
from xiaopos.usecases.steps import Request, Result, note
from xiaopos.usecases.take_payment import SaleAsk, ShopCode, take_payment

ARRIVES_WITHIN = timedelta(minutes=5)
"""After that long a payment that the books do not know will not come any more."""

_MAY_PASS = frozenset({Reason.TERMINAL_NOT_ACTIVE, Reason.TERMINAL_NOT_BOUND, Reason.MERCHANT_NOT_ACTIVE})
"""Why a refund is not even tried now, but may be later. Of any other refusal a person is told, and it is left to that person."""


class Orders(Protocol):
    """The orders that are not closed. Every method raises BooksLost."""

    async def to_look_after(self, now: datetime) -> Sequence[ShopOrder]:
        """Open orders of which something is approved, or whose time is over."""
        ...

    async def keep(self, order_id: str, payment_id: str) -> str:
        """Write down which payment is the order's, unless one is written; returns the one that is."""
        ...

    async def close(self, order: ShopOrder, at: datetime) -> bool:
        """Close an order, unless it was begun with a wallet once more meanwhile."""
        ...


async def pay_order(order: ShopOrder, tried: Tried, house: House) -> Result:
    """Begin an order with a wallet: its code to show, as a payment that waits for the customer. Asked again, the same payment."""
    now = house.clock.now()
    request = Request(tried.payment_id, order.terminal_id, order.amount, now, merchant_id=order.merchant_id)
    return await take_payment(SaleAsk(request, ShopCode(tried.wallet)), house)


async def look_after_order(order: ShopOrder, orders: Orders, house: House) -> bool:
    """Do what an order asks for now; whether it is closed. May be called again and by several processes at once."""
    now = house.clock.now()
    found = [(tried, await house.books.recall_payment(order.merchant_id, tried.payment_id)) for tried in order.tries]
    kept = order.kept or await _keep_first(order, [payment for _, payment in found if payment], orders)
    over = bool(kept) or now >= order.expires_at
    settled = True
    for tried, payment in found:
        if payment is None:
            settled &= bool(tried.refused) or now - tried.made_at > ARRIVES_WITHIN
        elif payment.payment_id != kept:
            settled &= await _undo(tried, payment, house, over=over, now=now)
    return settled and over and await orders.close(order, now)


async def _keep_first(order: ShopOrder, payments: Sequence[Payment], orders: Orders) -> str:
    approved = [payment for payment in payments if payment.state is State.APPROVED]
    if not approved:
        return ""
    first = min(approved, key=lambda payment: (payment.decided_at or payment.received_at, payment.payment_id))
    return await orders.keep(order.order_id, first.payment_id)


async def _undo(tried: Tried, payment: Payment, house: House, *, over: bool, now: datetime) -> bool:
    """Close or pay back a payment that is not the order's; whether nothing is left to do."""
    if payment.state is State.PAYING and over:
        result = await cancel_payment(payment.merchant_id, payment.payment_id, house)
        return isinstance(result, Payment) and result.state in KNOWN
    if payment.state is not State.APPROVED:
        return payment.state in KNOWN
    if not payment.refundable.minor:
        return not payment.refunding.minor
    return await _pay_back(tried, payment, house, now)


async def _pay_back(tried: Tried, payment: Payment, house: House, now: datetime) -> bool:
    request = Request(
        PaymentId(tried.refund_id), payment.terminal_id, payment.refundable, now, merchant_id=payment.merchant_id
    )
    result = await refund_payment(FollowAsk(request, payment.payment_id), house)
    reason = result.reason
    if isinstance(result, Payment) and result.state is not State.DECLINED:
        return result.state is State.APPROVED
    if reason is Reason.BUSY or reason is Reason.ORIGINAL_BUSY:
        return False
    why = reason.value if reason else "declined"
    await note(payment, "paid_twice", f"not paid back: {why}", house, now)
    return reason not in _MAY_PASS
