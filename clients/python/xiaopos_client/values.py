"""What the API tells, as frozen values. Members that a later service adds are let be.

What may live here: fields and reading them from JSON. What may not: calls.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

KNOWN = frozenset({"approved", "declined", "reversed", "voided", "completed"})
"""The states in which everybody knows what happened to the money."""


@dataclass(frozen=True, slots=True)
class Why:
    """Why a payment is not simply approved. `money_moved` is "no", "yes" or "unknown"."""

    reason: str
    title: str
    next: str
    money_moved: str


@dataclass(frozen=True, slots=True)
class Payment:
    """A payment, capture, void or refund as the books hold it. Amounts are in minor units of the currency."""

    payment_id: str
    version: int
    kind: str
    method: str
    state: str
    amount_minor: int
    refunded_minor: int
    refundable_minor: int
    currency: str
    terminal_id: str
    shop_id: str
    business_on: date
    received_at: datetime
    decided_at: datetime | None
    original_id: str | None
    rrn: str
    approval_code: str
    channel: str
    channel_ref: str
    shown_code: str
    why: Why | None

    @property
    def known(self) -> bool:
        """Whether it is certain what happened to the money; until then: wait, do not charge again."""
        return self.state in KNOWN

    @property
    def approved(self) -> bool:
        """Whether the money is taken (or, of a void or refund, given back)."""
        return self.state == "approved"


@dataclass(frozen=True, slots=True)
class Page:
    """A page of a business day, newest first; `next_cursor` is None on the last."""

    payments: tuple[Payment, ...]
    next_cursor: str | None


def payment_of(told: dict[str, Any]) -> Payment:
    """A payment from the JSON of an answer. Raises KeyError or ValueError when it is none."""
    given = {name: told[name] for name in Payment.__slots__}
    why, decided_at = given["why"], given["decided_at"]
    given["business_on"] = date.fromisoformat(given["business_on"])
    given["received_at"] = datetime.fromisoformat(given["received_at"])
    given["decided_at"] = None if decided_at is None else datetime.fromisoformat(decided_at)
    given["why"] = None if why is None else Why(**{name: why[name] for name in Why.__slots__})
    return Payment(**given)


def page_of(told: dict[str, Any]) -> Page:
    """A page from the JSON of an answer. Raises KeyError or ValueError when it is none."""
    return Page(tuple(payment_of(one) for one in told["payments"]), told["next_cursor"])
