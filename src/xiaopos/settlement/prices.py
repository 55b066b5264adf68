"""Price plans and the fee of one payment (商户手续费).

What may live here: what a merchant pays per payment, and what of it is given back with a refund.
What may not: what channels cost us, payouts, percentages known from memory (plans are rows of business data).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from xiaopos.kernel.money import Money, Rate, Rounding, divide


@dataclass(frozen=True, slots=True)
class Price:
    """A rate of the amount, with an optional cap in minor units: 0.5 %, at most 20 yuan.

    Raises ValueError for a cap below zero.
    """

    rate: Rate
    cap_minor: int | None = None

    def __post_init__(self) -> None:
        if self.cap_minor is not None and self.cap_minor < 0:
            raise ValueError(f"a fee's cap cannot be negative, got {self.cap_minor}")

    def fee(self, amount: Money) -> Money:
        """The fee for an amount: rounded half up to the minor unit, at most the cap, at most the amount itself."""
        fee = self.rate.of(amount, Rounding.HALF_UP)
        if self.cap_minor is not None and fee.minor > self.cap_minor:
            fee = Money(self.cap_minor, amount.currency)
        return amount if amount.minor < fee.minor else fee


@dataclass(frozen=True, slots=True)
class PricePlan:
    """Prices by kind of card (`debit`, `credit`, `wallet`, `unknown`), and whether a refund returns its share of fee.

    A kind without a price of its own pays the price of `unknown`. Raises ValueError when that one is missing.
    """

    plan_id: str
    prices: Mapping[str, Price]
    refund_returns_fee: bool

    def __post_init__(self) -> None:
        if "unknown" not in self.prices:
            raise ValueError(f"price plan {self.plan_id!r} has no price for cards of unknown kind")

    def fee(self, card_kind: str, amount: Money) -> Money:
        """What the merchant pays for one payment."""
        return self.prices.get(card_kind, self.prices["unknown"]).fee(amount)

    def fee_returned(self, *, fee: Money, amount: Money, refunded_before: Money, refund: Money) -> Money:
        """The part of a payment's fee that comes back with one refund of it.

        Parts are taken from the running total, so that the parts of many refunds never exceed the fee and a full
        refund returns it exactly.
        """
        if not self.refund_returns_fee:
            return Money(0, amount.currency)
        before = divide(fee.minor * refunded_before.minor, amount.minor, Rounding.HALF_UP)
        after = divide(fee.minor * (refunded_before + refund).minor, amount.minor, Rounding.HALF_UP)
        return Money(after - before, amount.currency)
