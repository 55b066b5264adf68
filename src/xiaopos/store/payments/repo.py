"""The explicit mapping between a Payment and its row.

What may live here: column order and conversion, both ways. What may not: Django, SQL, a connection.

Enumerations are read by `_value_`: `value` is a descriptor in Python, and cost a payment as much as its two hashes.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from datetime import date, datetime
from operator import attrgetter
from typing import Any

from xiaopos.kernel.ids import MerchantId, PaymentId, ShopId, TerminalId
from xiaopos.kernel.money import Money
from xiaopos.kernel.refusal import Reason
from xiaopos.payments.payment import CardFacts, CardKind, Kind, Method, Payment
from xiaopos.payments.states import State

KEY_COLUMNS = ("merchant_id", "payment_id")
FIXED_COLUMNS = (
    "business_on",
    "kind",
    "method",
    "currency",
    "content_hash",
    "received_at",
    "shop_id",
    "terminal_id",
    "batch_number",
    "stan",
    "cashier",
    "terminal_time",
    "original_id",
    "rrn",
    "claimed_by",
    "advice",
    "card_masked",
    "card_token",
    "card_sealed",
    "card_entry_mode",
    "card_sequence",
    "card_chip",
)
MOVING_COLUMNS = (
    "channel",
    "state",
    "version",
    "amount_minor",
    "fee_minor",
    "refunding_minor",
    "refunded_minor",
    "decided_at",
    "approval_code",
    "response_code",
    "card_kind",
    "issuer",
    "payer",
    "channel_ref",
    "shown_code",
    "reason",
)
COLUMNS = KEY_COLUMNS + FIXED_COLUMNS + MOVING_COLUMNS

_NO_CARD = ("", "", "", "", "", "")

# Looking an attribute of an attribute up is done in C: these run twice for each payment, on the writer's way.
key_of: Callable[[Payment], tuple[Any, ...]] = attrgetter(*KEY_COLUMNS)
"""The values of KEY_COLUMNS."""
_fixed_of = attrgetter(
    "business_on", "kind._value_", "method._value_", "amount.currency", "content_hash", "received_at", "shop_id", "terminal_id",
    "batch_number", "stan", "cashier", "terminal_time", "original_id", "rrn", "claimed_by", "advice",
)  # fmt: skip
_card_of = attrgetter("masked", "token", "sealed", "entry_mode", "sequence")
_moving_of = attrgetter(
    "channel", "state._value_", "version", "amount.minor", "fee.minor", "refunding.minor", "refunded.minor", "decided_at",
    "approval_code", "response_code", "card_kind._value_", "issuer", "payer", "channel_ref", "shown_code",
)  # fmt: skip


def moving_of(payment: Payment) -> tuple[Any, ...]:
    """The values of MOVING_COLUMNS: what a move may change."""
    return (*_moving_of(payment), payment.reason._value_ if payment.reason else "")


def row_of(payment: Payment) -> tuple[Any, ...]:
    """The values of COLUMNS."""
    card = payment.card
    kept = (*_card_of(card), json.dumps(card.chip) if card.chip else "") if card else _NO_CARD
    return (*key_of(payment), *_fixed_of(payment), *kept, *moving_of(payment))


def payment_of(values: Sequence[Any]) -> Payment:
    """The payment that a row of COLUMNS holds."""
    row = dict(zip(COLUMNS, values, strict=True))
    currency = row["currency"]
    chip = tuple((tag, value) for tag, value in json.loads(row["card_chip"])) if row["card_chip"] else ()
    card = (
        CardFacts(
            row["card_masked"],
            row["card_token"],
            row["card_sealed"],
            row["card_entry_mode"],
            row["card_sequence"],
            chip,
        )
        if row["card_masked"]
        else None
    )
    return Payment(
        merchant_id=MerchantId(row["merchant_id"]),
        payment_id=PaymentId(row["payment_id"]),
        business_on=as_date(row["business_on"]),
        kind=Kind(row["kind"]),
        method=Method(row["method"]),
        channel=row["channel"],
        amount=Money(row["amount_minor"], currency),
        fee=Money(row["fee_minor"], currency),
        refunding=Money(row["refunding_minor"], currency),
        refunded=Money(row["refunded_minor"], currency),
        content_hash=row["content_hash"],
        received_at=as_instant(row["received_at"]),
        shop_id=ShopId(row["shop_id"]),
        terminal_id=TerminalId(row["terminal_id"]),
        batch_number=row["batch_number"],
        stan=row["stan"],
        cashier=row["cashier"],
        state=State(row["state"]),
        version=row["version"],
        terminal_time=as_instant(row["terminal_time"]) if row["terminal_time"] else None,
        decided_at=as_instant(row["decided_at"]) if row["decided_at"] else None,
        original_id=PaymentId(row["original_id"]) if row["original_id"] else None,
        rrn=row["rrn"],
        approval_code=row["approval_code"],
        response_code=row["response_code"],
        reason=Reason(row["reason"]) if row["reason"] else None,
        card_kind=CardKind(row["card_kind"]),
        card=card,
        issuer=row["issuer"],
        payer=row["payer"],
        channel_ref=row["channel_ref"],
        shown_code=row["shown_code"],
        claimed_by=row["claimed_by"],
        advice=bool(row["advice"]),
    )


def as_instant(value: datetime | str) -> datetime:
    """An instant as a driver gives it (aware, or text in UTC from SQLite) as an aware one."""
    if isinstance(value, datetime):
        return value
    return datetime.fromisoformat(value + "+00:00")


def as_date(value: date | str) -> date:
    """A date as a driver gives it (a date, or ISO text from SQLite)."""
    return value if isinstance(value, date) else date.fromisoformat(value)
