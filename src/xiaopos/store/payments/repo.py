"""The explicit mapping between a Payment and its row.

What may live here: column order and conversion, both ways. What may not: Django, SQL, a connection.

Enumerations are read by `_value_`: `value` is a descriptor in Python, and cost a payment as much as its two hashes.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date, datetime
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
    "card_masked",
    "card_token",
    "card_sealed",
    "card_entry_mode",
    "card_sequence",
    "card_chip",
    "claimed_by",
    "advice",
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
    "reason",
    "card_kind",
    "issuer",
    "payer",
    "channel_ref",
    "shown_code",
)
COLUMNS = KEY_COLUMNS + FIXED_COLUMNS + MOVING_COLUMNS

_NO_CARD = ("", "", "", "", "", "")


def key_of(payment: Payment) -> tuple[Any, ...]:
    """The values of KEY_COLUMNS."""
    return (payment.merchant_id, payment.payment_id)


def moving_of(payment: Payment) -> tuple[Any, ...]:
    """The values of MOVING_COLUMNS: what a move may change."""
    return (
        payment.channel,
        payment.state._value_,
        payment.version,
        payment.amount.minor,
        payment.fee.minor,
        payment.refunding.minor,
        payment.refunded.minor,
        payment.decided_at,
        payment.approval_code,
        payment.response_code,
        payment.reason._value_ if payment.reason else "",
        payment.card_kind._value_,
        payment.issuer,
        payment.payer,
        payment.channel_ref,
        payment.shown_code,
    )


def row_of(payment: Payment) -> tuple[Any, ...]:
    """The values of COLUMNS."""
    card = payment.card
    kept = (
        (
            card.masked,
            card.token,
            card.sealed,
            card.entry_mode,
            card.sequence,
            json.dumps(card.chip) if card.chip else "",
        )
        if card
        else _NO_CARD
    )
    return (
        *key_of(payment),
        payment.business_on,
        payment.kind._value_,
        payment.method._value_,
        payment.amount.currency,
        payment.content_hash,
        payment.received_at,
        payment.shop_id,
        payment.terminal_id,
        payment.batch_number,
        payment.stan,
        payment.cashier,
        payment.terminal_time,
        payment.original_id,
        payment.rrn,
        *kept,
        payment.claimed_by,
        payment.advice,
        *moving_of(payment),
    )


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
