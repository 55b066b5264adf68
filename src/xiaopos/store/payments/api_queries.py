"""What the API reads of payments: one by its id, and a business day page by page.

What may live here: queries that return Payments. What may not: writing, JSON, who may see what.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Q

from xiaopos.kernel.ids import is_id
from xiaopos.payments.payment import Payment
from xiaopos.store.payments.models import PaymentRow
from xiaopos.store.payments.repo import COLUMNS, payment_of


@dataclass(frozen=True, slots=True)
class Position:
    """Where a page ended: the instant and id of its last payment."""

    received_at: datetime
    payment_id: str


def payment_by_id(merchant_id: str, payment_id: str) -> Payment | None:
    """One payment of a merchant, or None. A text that is no id names nothing."""
    if not is_id(payment_id):
        return None
    row = PaymentRow.objects.filter(merchant_id=merchant_id, payment_id=payment_id).values_list(*COLUMNS).first()
    return payment_of(row) if row else None


def payments_of_day(
    merchant_id: str, on: date, *, shop_id: str = "", after: Position | None = None, limit: int
) -> tuple[Sequence[Payment], Position | None]:
    """A merchant's payments of a business day, newest first, and where the next page begins (None: this is the last).

    An empty `shop_id` means every shop of the merchant.
    """
    rows = PaymentRow.objects.filter(merchant_id=merchant_id, business_on=on)
    if shop_id:
        rows = rows.filter(shop_id=shop_id)
    if after is not None:
        same_instant = Q(received_at=after.received_at, payment_id__lt=after.payment_id)
        rows = rows.filter(Q(received_at__lt=after.received_at) | same_instant)
    found = [payment_of(row) for row in rows.order_by("-received_at", "-payment_id").values_list(*COLUMNS)[: limit + 1]]
    if len(found) <= limit:
        return found, None
    last = found[limit - 1]
    return found[:limit], Position(last.received_at, last.payment_id)
