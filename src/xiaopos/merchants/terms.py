"""What is agreed with a merchant from a day on (协议): price plan, the most for one payment, shares and days.

What may live here: the values, and which can be agreed. What may not: storage, who may agree (usecases), what terms do to a
payment (payments, settlement).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import Enum

HIGHEST_LIMIT_MINOR = 1_000_000_000
COMPLETION_PERCENT = range(100, 201)
PREAUTH_DAYS = range(1, 91)
TIP_PERCENT = range(51)


class Unfit(Enum):
    """Which part of terms cannot be agreed."""

    LIMIT = "limit"
    COMPLETION = "completion"
    PREAUTH_DAYS = "preauth_days"
    TIP = "tip"


@dataclass(frozen=True, slots=True)
class Terms:
    """Terms of a merchant from a business day on. The limit is the most for one payment, in minor units of its currency."""

    merchant_id: str
    valid_from: date
    plan_id: str
    payment_limit_minor: int
    completion_percent: int
    preauth_days: int
    tip_percent: int


def unfit(terms: Terms) -> Unfit | None:
    """The first part that cannot be agreed, in the order of Unfit."""
    faults = {
        Unfit.LIMIT: not 0 < terms.payment_limit_minor <= HIGHEST_LIMIT_MINOR,
        Unfit.COMPLETION: terms.completion_percent not in COMPLETION_PERCENT,
        Unfit.PREAUTH_DAYS: terms.preauth_days not in PREAUTH_DAYS,
        Unfit.TIP: terms.tip_percent not in TIP_PERCENT,
    }
    return next((part for part, wrong in faults.items() if wrong), None)
