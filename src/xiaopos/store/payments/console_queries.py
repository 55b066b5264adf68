"""What the console reads of payments: how today goes, what is unresolved, what a person must look at.

What may live here: queries over all merchants, each returning frozen values. What may not: writing, rules, words.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Count, Min, Q, QuerySet, Sum

from xiaopos.kernel.money import Money
from xiaopos.payments.payment import TAKES_MONEY, Kind, Method
from xiaopos.payments.states import MONEY_HELD, State
from xiaopos.store.payments.models import OPEN_STATES, DiscrepancyRow, PaymentRow, RefusalRow

A_WHILE = timedelta(minutes=1)
"""A payment that is still open after so long is shown as unresolved."""

MOST_SHOWN = 200

_STANDING = tuple(state.value for state in MONEY_HELD)
_TAKINGS = tuple(kind.value for kind in TAKES_MONEY)
_DECIDED = (*_STANDING, State.DECLINED.value, State.VOIDED.value, State.REVERSED.value)
_YES = (*_STANDING, State.VOIDED.value)


@dataclass(frozen=True, slots=True)
class HouseToday:
    """How a day goes over all merchants. `approved` of `decided` sales were approved; refusals never became payments."""

    sales: Money
    sales_count: int
    decided: int
    approved: int
    refusals: int
    unresolved: int
    unresolved_since: datetime | None
    discrepancies: int

    @property
    def approval_permille(self) -> int | None:
        """Approved sales per thousand decided ones; None before the first."""
        return self.approved * 1000 // self.decided if self.decided else None


def house_today(on: date, *, now: datetime, currency: str) -> HouseToday:
    """The numbers of a business day, in four queries."""
    standing = Q(state__in=_STANDING)
    sales = PaymentRow.objects.filter(business_on=on, kind__in=_TAKINGS, currency=currency).aggregate(
        minor=Sum("amount_minor", filter=standing, default=0),
        count=Count("payment_id", filter=standing),
        decided=Count("payment_id", filter=Q(state__in=_DECIDED)),
        approved=Count("payment_id", filter=Q(state__in=_YES)),
    )
    waiting = _open(now).aggregate(count=Count("payment_id"), since=Min("received_at"))
    return HouseToday(
        sales=Money(int(sales["minor"]), currency),
        sales_count=sales["count"],
        decided=sales["decided"],
        approved=sales["approved"],
        refusals=RefusalRow.objects.filter(business_on=on).count(),
        unresolved=waiting["count"],
        unresolved_since=waiting["since"],
        discrepancies=DiscrepancyRow.objects.filter(closed_at__isnull=True).count(),
    )


@dataclass(frozen=True, slots=True)
class OpenPayment:
    """A payment whose outcome has been open for a while."""

    merchant_id: str
    payment_id: str
    received_at: datetime
    kind: Kind
    method: Method
    channel: str
    state: State
    amount: Money
    rrn: str
    reason: str


def open_payments(*, now: datetime, most: int = MOST_SHOWN) -> tuple[OpenPayment, ...]:
    """Payments open for longer than A_WHILE, oldest first. One query over the index of open payments."""
    rows = (
        _open(now)
        .order_by("received_at")
        .values_list(
            "merchant_id", "payment_id", "received_at", "kind", "method", "channel", "state", "amount_minor",
            "currency", "rrn", "reason",
        )[:most]
    )  # fmt: skip
    return tuple(
        OpenPayment(
            merchant, payment, at, Kind(kind), Method(method), channel, State(state), Money(minor, currency), rrn, why
        )
        for merchant, payment, at, kind, method, channel, state, minor, currency, rrn, why in rows
    )


@dataclass(frozen=True, slots=True)
class OpenNow:
    """How many payments have been open for longer than A_WHILE, and since when the oldest."""

    payments: int
    since: datetime | None


def open_now(now: datetime) -> OpenNow:
    """One query over the index of open payments."""
    found = _open(now).aggregate(payments=Count("payment_id"), since=Min("received_at"))
    return OpenNow(found["payments"], found["since"])


def _open(now: datetime) -> QuerySet[PaymentRow]:
    return PaymentRow.objects.filter(state__in=OPEN_STATES, received_at__lt=now - A_WHILE)


@dataclass(frozen=True, slots=True)
class DiscrepancyLine:
    """Something that our books and another's may hold differently."""

    merchant_id: str
    payment_id: str
    kind: str
    detail: str
    found_at: datetime


def open_discrepancies(*, most: int = MOST_SHOWN) -> tuple[DiscrepancyLine, ...]:
    """What nobody has closed yet, oldest first."""
    return _discrepancies(most, closed_at__isnull=True)


def discrepancies_of(merchant_id: str, payment_id: str) -> tuple[DiscrepancyLine, ...]:
    """What was found about one payment, closed or not."""
    return _discrepancies(MOST_SHOWN, merchant_id=merchant_id, payment_id=payment_id)


def _discrepancies(most: int, **wanted: object) -> tuple[DiscrepancyLine, ...]:
    rows = DiscrepancyRow.objects.filter(**wanted).order_by("found_at")
    columns = ("merchant_id", "payment_id", "kind", "detail", "found_at")
    return tuple(DiscrepancyLine(*values) for values in rows.values_list(*columns)[:most])
