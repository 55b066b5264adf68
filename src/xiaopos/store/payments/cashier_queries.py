"""What the cashier's pages read besides payments: what was refused before it became one.

What may live here: queries, each returning frozen values. What may not: writing, rules, words.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from xiaopos.kernel.money import Money
from xiaopos.kernel.refusal import Reason
from xiaopos.payments.payment import Kind
from xiaopos.store.payments.models import RefusalRow

MOST_REFUSALS = 50


@dataclass(frozen=True, slots=True)
class RefusalLine:
    """A request that was refused before any channel was asked: no money moved."""

    at: datetime
    kind: Kind
    amount: Money
    terminal_id: str
    cashier: str
    reason: Reason


def refusals_of_day(
    merchant_id: str, on: date, *, shop_id: str = "", most: int = MOST_REFUSALS
) -> tuple[RefusalLine, ...]:
    """A business day's refusals, newest first, at most `most`. An empty shop means all of the merchant's. One query."""
    rows = RefusalRow.objects.filter(merchant_id=merchant_id, business_on=on)
    if shop_id:
        rows = rows.filter(shop_id=shop_id)
    return tuple(
        RefusalLine(
            row.at, Kind(row.kind), Money(row.amount_minor, row.currency), row.terminal_id, row.cashier,
            Reason(row.reason),
        )
        for row in rows.order_by("-at", "-refusal_id")[:most]
    )  # fmt: skip
