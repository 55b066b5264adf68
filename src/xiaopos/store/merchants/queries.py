"""What pages read of merchants: lists, one merchant with its terms and shops, names by number.

What may live here: queries, each returning frozen values. What may not: writing, rules.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Count, Q

from xiaopos.kernel.money import Money
from xiaopos.store.merchants.models import Merchant, MerchantTerms, PricePlan, Shop


@dataclass(frozen=True, slots=True)
class MerchantFacts:
    """A merchant as pages need it."""

    merchant_id: str
    name: str
    name_en: str
    category_code: str
    active: bool
    zone_name: str
    cut_over_hour: int
    created_at: datetime

    @property
    def zone(self) -> ZoneInfo:
        """The zone of its business day."""
        return ZoneInfo(self.zone_name)


_COLUMNS = ("merchant_id", "name", "name_en", "category_code", "active", "zone", "cut_over_hour", "created_at")


def merchant_facts(merchant_id: str) -> MerchantFacts | None:
    """One merchant, or None."""
    values = Merchant.objects.filter(merchant_id=merchant_id).values_list(*_COLUMNS).first()
    return MerchantFacts(*values) if values else None


@dataclass(frozen=True, slots=True)
class MerchantLine:
    """A merchant in a list."""

    merchant_id: str
    name: str
    name_en: str
    category_code: str
    active: bool
    shops: int
    created_at: datetime


def find_merchants(text: str = "", *, most: int = 200) -> tuple[MerchantLine, ...]:
    """Merchants whose number begins with the text or whose name holds it, by number. One query."""
    rows = Merchant.objects.annotate(shops=Count("shop")).order_by("merchant_id")
    if text:
        rows = rows.filter(Q(merchant_id__startswith=text) | Q(name__icontains=text) | Q(name_en__icontains=text))
    columns = (*MerchantLine.__dataclass_fields__,)
    return tuple(MerchantLine(*values) for values in rows.values_list(*columns)[:most])


def merchant_names(merchant_ids: Iterable[str]) -> dict[str, tuple[str, str]]:
    """Chinese and English names by number. One query, none for no numbers."""
    wanted = set(merchant_ids)
    if not wanted:
        return {}
    rows = Merchant.objects.filter(merchant_id__in=wanted).values_list("merchant_id", "name", "name_en")
    return {number: (name, name_en) for number, name, name_en in rows}


@dataclass(frozen=True, slots=True)
class TermsLine:
    """What was agreed from a day on. `prices` is (kind of card, parts per million, cap or None); no `approver` while it waits."""

    valid_from: date
    plan_id: str
    plan_name: str
    plan_name_en: str
    prices: tuple[tuple[str, int, Money | None], ...]
    refund_returns_fee: bool
    currency: str
    payment_limit: Money
    completion_percent: int
    preauth_days: int
    tip_percent: int
    author: str
    approver: str


@dataclass(frozen=True, slots=True)
class ShopLine:
    """A place where a merchant takes money."""

    shop_id: str
    name: str
    name_en: str
    address: str
    phone: str


def terms_of(merchant_id: str) -> tuple[TermsLine, ...]:
    """A merchant's terms, newest first. One query."""
    rows = MerchantTerms.objects.filter(merchant_id=merchant_id).order_by("-valid_from").select_related("plan")
    return tuple(
        TermsLine(
            row.valid_from,
            row.plan_id,
            row.plan.name_zh,
            row.plan.name_en,
            _prices(row.plan.prices, row.currency),
            row.plan.refund_returns_fee,
            row.currency,
            Money(row.payment_limit_minor, row.currency),
            row.completion_percent,
            row.preauth_days,
            row.tip_percent,
            row.author,
            row.approver,
        )
        for row in rows
    )


@dataclass(frozen=True, slots=True)
class PlanLine:
    """A price plan. `prices` is (kind of card, parts per million, cap or None)."""

    name: str
    name_en: str
    prices: tuple[tuple[str, int, Money | None], ...]


def price_plan(plan_id: str, currency: str) -> PlanLine | None:
    """The price plan of this number, or None."""
    row = PricePlan.objects.filter(plan_id=plan_id).first()
    return PlanLine(row.name_zh, row.name_en, _prices(row.prices, currency)) if row else None


def _prices(prices: dict[str, dict[str, Any]], currency: str) -> tuple[tuple[str, int, Money | None], ...]:
    return tuple(
        (kind, row["ppm"], None if row["cap_minor"] is None else Money(row["cap_minor"], currency))
        for kind, row in prices.items()
    )


def currency_of(merchant_id: str, on: date) -> str:
    """The currency of the terms valid on a day; CNY before the first."""
    rows = MerchantTerms.objects.filter(merchant_id=merchant_id, valid_from__lte=on).exclude(approver="")
    rows = rows.order_by("-valid_from")
    return rows.values_list("currency", flat=True).first() or "CNY"


def has_shop(merchant_id: str, shop_id: str) -> bool:
    """Whether this merchant has this shop."""
    return Shop.objects.filter(merchant_id=merchant_id, shop_id=shop_id).exists()


def shops_of(merchant_id: str) -> tuple[ShopLine, ...]:
    """A merchant's shops, by name."""
    columns = (*ShopLine.__dataclass_fields__,)
    rows = Shop.objects.filter(merchant_id=merchant_id).order_by("name", "shop_id")
    return tuple(ShopLine(*values) for values in rows.values_list(*columns))
