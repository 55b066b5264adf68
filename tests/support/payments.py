"""Payments for unit tests: a card sale of 25.00 at the tea shop, with whatever a test says is different."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from xiaopos.kernel.ids import MerchantId, PaymentId, ShopId, TerminalId
from xiaopos.kernel.money import Money
from xiaopos.payments.payment import CardFacts, Kind, Method, Payment
from xiaopos.payments.states import State

NOON = datetime(2026, 3, 14, 4, 0, tzinfo=UTC)
MEIS_CARD = CardFacts("620000*********0018", "token-of-mei", "sealed", "051")


def a_sale(minor: int = 25_00, **parts: Any) -> Payment:
    """A card sale in SENT."""
    nothing = Money(0)
    values: dict[str, Any] = {
        "merchant_id": MerchantId("898110058120001"),
        "payment_id": PaymentId("0" * 31 + "1"),
        "business_on": date(2026, 3, 14),
        "kind": Kind.SALE,
        "method": Method.CARD,
        "channel": "unionpay",
        "amount": Money(minor),
        "fee": nothing,
        "refunding": nothing,
        "refunded": nothing,
        "content_hash": "hash",
        "received_at": NOON,
        "shop_id": ShopId("tea"),
        "terminal_id": TerminalId("10000001"),
        "batch_number": 1,
        "stan": 1,
        "rrn": "607300000001",
        "card": MEIS_CARD,
    }
    return Payment(**(values | parts))


def an_approved_sale(minor: int = 25_00, **parts: Any) -> Payment:
    """A card sale that was approved, with a fee of 15 cents."""
    values: dict[str, Any] = {"state": State.APPROVED, "fee": Money(15), "version": 2, "decided_at": NOON}
    return a_sale(minor, **(values | parts))


def an_undoing(kind: Kind, minor: int = 25_00, **parts: Any) -> Payment:
    """A void or refund of that sale, in SENT."""
    values: dict[str, Any] = {
        "kind": kind,
        "payment_id": PaymentId("0" * 31 + "2"),
        "stan": 2,
        "rrn": "607300000002",
        "original_id": PaymentId("0" * 31 + "1"),
    }
    return a_sale(minor, **(values | parts))
