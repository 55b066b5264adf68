"""What pages read of payments: a day's takings, a search with pages, one payment with its time line.

What may live here: queries, each returning frozen values. What may not: writing, rules, words.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Count, Q, QuerySet, Sum
from django.db.models.functions import ExtractHour

from xiaopos.kernel.ids import is_id
from xiaopos.kernel.money import Money
from xiaopos.payments.payment import TAKES_MONEY, Kind, Method, Payment
from xiaopos.payments.states import MONEY_HELD, State
from xiaopos.store.ledger.models import LegRow
from xiaopos.store.payments.models import PaymentMoveRow, PaymentRow
from xiaopos.store.payments.repo import COLUMNS, payment_of

PAGE_SIZE = 50
MOST_EXPORTED = 50_000
HOURS = 24

_STANDING = tuple(state.value for state in MONEY_HELD)
_TAKINGS = tuple(kind.value for kind in TAKES_MONEY)


@dataclass(frozen=True, slots=True)
class Takings:
    """Sales that stand and refunds that were paid, with how many there were of each."""

    sales: Money
    sales_count: int
    refunds: Money
    refunds_count: int

    @property
    def net(self) -> Money:
        """Sales less refunds."""
        return self.sales - self.refunds

    def __add__(self, other: Takings) -> Takings:
        return Takings(
            self.sales + other.sales,
            self.sales_count + other.sales_count,
            self.refunds + other.refunds,
            self.refunds_count + other.refunds_count,
        )


@dataclass(frozen=True, slots=True)
class Hour:
    """One hour of two days beside each other; `hour` is local, 0 to 23."""

    hour: int
    today: Takings
    before: Takings


@dataclass(frozen=True, slots=True)
class DayTakings:
    """A business day beside the one before, by hour from the cut-over on and by method.

    `before_so_far` is what the day before held at the same time of day.
    """

    on: date
    today: Takings
    before: Takings
    before_so_far: Takings
    hours: tuple[Hour, ...]
    methods: tuple[tuple[Method, Takings], ...]


def day_takings(
    merchant_id: str,
    on: date,
    *,
    now: datetime,
    zone: ZoneInfo,
    cut_over_hour: int,
    currency: str,
    shop_id: str = "",
) -> DayTakings:
    """What a merchant, or one shop of it, took on a business day. One query."""
    a_day_ago = Q(received_at__lte=now - timedelta(days=1))
    rows: list[Any] = list(
        PaymentRow.objects.filter(
            merchant_id=merchant_id,
            business_on__in=(on, on - timedelta(days=1)),
            state__in=_STANDING,
            kind__in=(*_TAKINGS, Kind.REFUND.value),
            currency=currency,
            **({"shop_id": shop_id} if shop_id else {}),
        )
        .annotate(hour=ExtractHour("received_at", tzinfo=zone))
        .values("business_on", "hour", "kind", "method")
        .annotate(
            count=Count("*"),
            total=Sum("amount_minor"),
            count_so_far=Count("payment_id", filter=a_day_ago),
            total_so_far=Sum("amount_minor", filter=a_day_ago, default=0),
        )
        .order_by()
    )
    today = [row for row in rows if row["business_on"] == on]
    before = [row for row in rows if row["business_on"] != on]
    order = [(cut_over_hour + step) % HOURS for step in range(HOURS)]
    return DayTakings(
        on=on,
        today=_sum(today, currency),
        before=_sum(before, currency),
        before_so_far=_sum(before, currency, "_so_far"),
        hours=tuple(
            Hour(
                hour,
                _sum([row for row in today if row["hour"] == hour], currency),
                _sum([row for row in before if row["hour"] == hour], currency),
            )
            for hour in order
        ),
        methods=tuple(
            (method, _sum([row for row in today if row["method"] == method.value], currency)) for method in Method
        ),
    )


def _sum(rows: Iterable[dict[str, Any]], currency: str, suffix: str = "") -> Takings:
    taken = taken_count = returned = returned_count = 0
    for row in rows:
        if row["kind"] == Kind.REFUND.value:
            returned += int(row[f"total{suffix}"])
            returned_count += row[f"count{suffix}"]
        else:
            taken += int(row[f"total{suffix}"])
            taken_count += row[f"count{suffix}"]
    return Takings(Money(taken, currency), taken_count, Money(returned, currency), returned_count)


@dataclass(frozen=True, slots=True)
class Search:
    """What somebody looks for. `merchant_id` is None only for the operator's own people; None elsewhere means any."""

    merchant_id: str | None
    text: str = ""
    state: State | None = None
    method: Method | None = None
    kind: Kind | None = None
    first_on: date | None = None
    last_on: date | None = None
    shop_id: str | None = None


@dataclass(frozen=True, slots=True)
class PaymentLine:
    """One payment in a list. Nothing of a card but its mask."""

    merchant_id: str
    payment_id: str
    business_on: date
    received_at: datetime
    kind: Kind
    method: Method
    channel: str
    state: State
    amount: Money
    fee: Money
    refunded: Money
    terminal_id: str
    batch_number: int
    stan: int | None
    rrn: str
    approval_code: str
    response_code: str
    reason: str
    card_masked: str
    payer: str
    cashier: str
    original_id: str | None


@dataclass(frozen=True, slots=True)
class PaymentPage:
    """One page of a search, newest first. `number` counts from 1."""

    lines: tuple[PaymentLine, ...]
    number: int
    has_more: bool


_LINE_COLUMNS = (
    "merchant_id", "payment_id", "business_on", "received_at", "kind", "method", "channel", "state", "currency",
    "amount_minor", "fee_minor", "refunded_minor", "terminal_id", "batch_number", "stan", "rrn", "approval_code",
    "response_code", "reason", "card_masked", "payer", "cashier", "original_id",
)  # fmt: skip


def find_payments(search: Search, *, page: int = 1, size: int = PAGE_SIZE) -> PaymentPage:
    """One page of what was found. One query."""
    first = (max(page, 1) - 1) * size
    lines = [_line(row) for row in _found(search)[first : first + size + 1]]
    return PaymentPage(tuple(lines[:size]), max(page, 1), len(lines) > size)


def export_payments(search: Search, *, most: int = MOST_EXPORTED) -> Iterator[PaymentLine]:
    """Everything that was found, newest first, without holding it all in memory; at most `most` lines."""
    return (_line(row) for row in _found(search)[:most].iterator(chunk_size=1000))


def _found(search: Search) -> QuerySet[PaymentRow, dict[str, Any]]:
    rows: QuerySet[PaymentRow, dict[str, Any]] = PaymentRow.objects.order_by(
        "-business_on", "-received_at", "-payment_id"
    ).values(*_LINE_COLUMNS)
    wanted: dict[str, Any] = {
        "merchant_id": search.merchant_id,
        "state": search.state and search.state.value,
        "method": search.method and search.method.value,
        "kind": search.kind and search.kind.value,
        "business_on__gte": search.first_on,
        "business_on__lte": search.last_on,
        "shop_id": search.shop_id,
    }
    rows = rows.filter(**{name: value for name, value in wanted.items() if value is not None})
    return rows.filter(_meaning(search.text)) if search.text else rows


_AMOUNT = re.compile(r"[¥￥]?(\d{1,3}(?:,\d{3})+|\d{1,9})(?:\.(\d{1,2}))?")


def _meaning(text: str) -> Q:
    """What a person may have meant: an amount, a reference number, the last four digits of a card, a voucher number."""
    meant = Q(channel_ref=text) | Q(cashier=text) | Q(terminal_id=text)
    amount = _AMOUNT.fullmatch(text)
    if amount is not None:
        whole, rest = amount[1].replace(",", ""), (amount[2] or "").ljust(2, "0")
        meant |= Q(amount_minor=int(whole + rest))
    if text.isascii() and text.isdigit():
        if len(text) == 4:
            meant |= Q(card_masked__endswith=text)
        if len(text) <= 6:
            meant |= Q(stan=int(text))
    if len(text) == 6:
        meant |= Q(approval_code=text.upper())
    if len(text) == 12:
        meant |= Q(rrn=text)
    if is_id(text):
        meant |= Q(payment_id=text)
    return meant


def _line(row: dict[str, Any]) -> PaymentLine:
    values = dict(row)
    currency = values.pop("currency")
    for name in ("amount", "fee", "refunded"):
        values[name] = Money(values.pop(f"{name}_minor"), currency)
    values |= {"kind": Kind(row["kind"]), "method": Method(row["method"]), "state": State(row["state"])}
    return PaymentLine(**values)


@dataclass(frozen=True, slots=True)
class MoveLine:
    """One line of a time line: what the payment became, from what, when, which process recorded it, and on which
    channel the payment was by then and before (empty: nobody wrote that down).
    """

    version: int
    at: datetime
    before: State | None
    state: State
    reason: str
    response_code: str
    by: str
    channel: str = ""
    channel_before: str = ""


@dataclass(frozen=True, slots=True)
class LegLine:
    """One line of an entry in the ledger."""

    entry_kind: str
    leg_number: int
    account: str
    side: str
    amount: Money
    posted_at: datetime


@dataclass(frozen=True, slots=True)
class PaymentDetail:
    """One payment with everything that happened to it. `related` are its original, voids and refunds."""

    payment: Payment
    moves: tuple[MoveLine, ...]
    legs: tuple[LegLine, ...]
    related: tuple[PaymentLine, ...]


def payment_detail(merchant_id: str, payment_id: str) -> PaymentDetail | None:
    """One payment of one merchant, or None. Four queries."""
    payment = one_payment(merchant_id, payment_id)
    if payment is None:
        return None
    related = Q(original_id=payment_id)
    if payment.original_id:
        related |= Q(payment_id=payment.original_id)
    rows = PaymentRow.objects.filter(related, merchant_id=merchant_id).order_by("received_at").values(*_LINE_COLUMNS)
    return PaymentDetail(
        payment, _moves(merchant_id, payment_id), _legs(merchant_id, payment_id), tuple(_line(row) for row in rows)
    )


def one_payment(merchant_id: str, payment_id: str) -> Payment | None:
    """One payment of one merchant, or None."""
    values = PaymentRow.objects.filter(merchant_id=merchant_id, payment_id=payment_id).values_list(*COLUMNS).first()
    if values is None:
        return None
    return payment_of(values)


def _moves(merchant_id: str, payment_id: str) -> tuple[MoveLine, ...]:
    rows = (
        PaymentMoveRow.objects.filter(merchant_id=merchant_id, payment_id=payment_id)
        .order_by("version")
        .values_list("version", "at", "state", "reason", "response_code", "by", "channel")
    )
    lines: list[MoveLine] = []
    for version, at, state, reason, response_code, by, channel in rows:
        last = lines[-1] if lines else None
        before, channel_before = (last.state, last.channel) if last else (None, "")
        lines.append(
            MoveLine(version, at, before, State(state), reason, response_code, by, channel or "", channel_before)
        )
    return tuple(lines)


def _legs(merchant_id: str, payment_id: str) -> tuple[LegLine, ...]:
    rows = (
        LegRow.objects.filter(merchant_id=merchant_id, payment_id=payment_id)
        .order_by("posted_at", "entry_kind", "leg_number")
        .values_list("entry_kind", "leg_number", "account", "side", "amount_minor", "currency", "posted_at")
    )
    return tuple(
        LegLine(kind, number, account, side, Money(minor, currency), at)
        for kind, number, account, side, minor, currency, at in rows
    )
