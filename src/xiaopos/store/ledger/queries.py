"""What pages read of the ledger: sums per account, the lines of one account.

What may live here: queries, each returning frozen values. What may not: posting, arithmetic over balances (ledger).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Q, QuerySet, Sum

from xiaopos.kernel.money import Money
from xiaopos.ledger import Account, AccountKind, AccountSum, Side
from xiaopos.store.ledger.models import LegRow

PAGE_SIZE = 50
MOST_EXPORTED = 100_000


def account_sums(*, until: date | None = None) -> list[AccountSum]:
    """Debits and credits of every account, perhaps only until a business day. One query."""
    legs = LegRow.objects.all() if until is None else LegRow.objects.filter(business_on__lte=until)
    rows = (
        legs.values("account", "account_kind", "currency")
        .annotate(
            debits=Sum("amount_minor", filter=Q(side=Side.DEBIT.value), default=0),
            credits=Sum("amount_minor", filter=Q(side=Side.CREDIT.value), default=0),
        )
        .order_by()
    )
    return [
        AccountSum(
            Account(row["account"], AccountKind(row["account_kind"])),
            row["currency"],
            int(row["debits"]),
            int(row["credits"]),
        )
        for row in rows
    ]


@dataclass(frozen=True, slots=True)
class AccountLine:
    """One leg as an account's page shows it."""

    merchant_id: str
    payment_id: str
    entry_kind: str
    leg_number: int
    business_on: date
    account: str
    side: str
    amount: Money
    posted_at: datetime


@dataclass(frozen=True, slots=True)
class AccountPage:
    """One page of an account's lines, newest first. `number` counts from 1."""

    lines: tuple[AccountLine, ...]
    number: int
    has_more: bool


_COLUMNS = (
    "merchant_id", "payment_id", "entry_kind", "leg_number", "business_on", "account", "side", "amount_minor", "currency",
    "posted_at",
)  # fmt: skip


def account_lines(account: str, *, page: int = 1, size: int = PAGE_SIZE) -> AccountPage:
    """One page of what was posted to an account. One query."""
    first = (max(page, 1) - 1) * size
    lines = [_line(row) for row in _legs(account)[first : first + size + 1]]
    return AccountPage(tuple(lines[:size]), max(page, 1), len(lines) > size)


def export_account(account: str, *, most: int = MOST_EXPORTED) -> Iterator[AccountLine]:
    """Everything posted to an account, newest first, without holding it all in memory."""
    return (_line(row) for row in _legs(account)[:most].iterator(chunk_size=1000))


def _legs(account: str) -> QuerySet[LegRow, tuple[Any, ...]]:
    order = ("-posted_at", "merchant_id", "payment_id", "entry_kind", "leg_number")
    return LegRow.objects.filter(account=account).order_by(*order).values_list(*_COLUMNS)


def _line(row: tuple[Any, ...]) -> AccountLine:
    merchant, payment, kind, number, on, account, side, minor, currency, at = row
    return AccountLine(merchant, payment, kind, number, on, account, side, Money(minor, currency), at)
