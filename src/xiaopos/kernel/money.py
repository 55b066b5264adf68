"""Money as integer minor units of one currency, and rates as integers.

What may live here: amounts, splitting, rates in parts per million with a named rounding.
What may not: floats, decimals, formatting for a language (pages do that), exchange rates.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from msgspec import Struct

MILLION = 1_000_000


@dataclass(frozen=True, slots=True)
class Currency:
    """An ISO 4217 currency: three letters, the three-digit number and how many digits its minor unit has."""

    code: str
    number: str
    minor_digits: int


CURRENCIES: dict[str, Currency] = {
    row.code: row
    for row in (
        Currency("CNY", "156", 2),
        Currency("HKD", "344", 2),
        Currency("MOP", "446", 2),
        Currency("USD", "840", 2),
        Currency("EUR", "978", 2),
        Currency("JPY", "392", 0),
    )
}


class Rounding(Enum):
    """How a fraction of a minor unit becomes a whole one. Negative amounts mirror positive ones."""

    HALF_UP = "half_up"
    HALF_EVEN = "half_even"
    DOWN = "down"
    UP = "up"


def divide(numerator: int, denominator: int, rounding: Rounding) -> int:
    """Return numerator / denominator as a whole number, rounded as named; the denominator is positive.

    >>> divide(5, 10, Rounding.HALF_UP), divide(5, 10, Rounding.HALF_EVEN), divide(-5, 10, Rounding.HALF_UP)
    (1, 0, -1)
    """
    if denominator <= 0:
        raise ValueError(f"denominator must be positive, got {denominator}")
    sign = -1 if numerator < 0 else 1
    whole, rest = divmod(abs(numerator), denominator)
    if rounding is Rounding.UP:
        whole += rest > 0
    elif rounding is Rounding.HALF_UP:
        whole += rest * 2 >= denominator
    elif rounding is Rounding.HALF_EVEN:
        whole += rest * 2 > denominator or (rest * 2 == denominator and whole % 2 == 1)
    return sign * whole


class Money(Struct, frozen=True, gc=False):
    """An amount of one currency, as a whole number of minor units (分 for CNY).

    Arithmetic between two currencies raises ValueError; there is no arithmetic with plain numbers, so that
    a count can never be added to an amount by accident.
    """

    minor: int
    currency: str = "CNY"

    def __post_init__(self) -> None:
        if type(self.minor) is not int:
            raise TypeError(f"minor units must be an int, got {type(self.minor).__name__}")
        if self.currency not in CURRENCIES:
            raise ValueError(f"unknown currency {self.currency!r}")

    def _same(self, other: Money) -> None:
        if self.currency != other.currency:
            raise ValueError(f"cannot mix {self.currency} and {other.currency}")

    def __add__(self, other: Money) -> Money:
        self._same(other)
        return Money(self.minor + other.minor, self.currency)

    def __sub__(self, other: Money) -> Money:
        self._same(other)
        return Money(self.minor - other.minor, self.currency)

    def __neg__(self) -> Money:
        return Money(-self.minor, self.currency)

    def __lt__(self, other: Money) -> bool:
        self._same(other)
        return self.minor < other.minor

    def __le__(self, other: Money) -> bool:
        self._same(other)
        return self.minor <= other.minor

    def __str__(self) -> str:
        """The plain decimal form with the currency's letters, as logs show it: `12.50 CNY`."""
        return f"{self.decimal()} {self.currency}"

    def decimal(self) -> str:
        """The amount in major units, without a sign for the currency.

        >>> Money(1250).decimal(), Money(-5).decimal(), Money(7, "JPY").decimal()
        ('12.50', '-0.05', '7')
        """
        digits = CURRENCIES[self.currency].minor_digits
        sign = "-" if self.minor < 0 else ""
        text = str(abs(self.minor)).zfill(digits + 1)
        return f"{sign}{text}" if digits == 0 else f"{sign}{text[:-digits]}.{text[-digits:]}"

    def split(self, weights: Sequence[int]) -> tuple[Money, ...]:
        """Divide by weights into parts that sum to the whole; what is left over goes to the earliest parts.

        >>> [part.minor for part in Money(100).split([1, 1, 1])]
        [34, 33, 33]

        Raises ValueError for no weights, a negative weight, or weights that sum to zero.
        """
        total = sum(weights)
        if total <= 0 or min(weights) < 0:
            raise ValueError("weights must be non-negative and sum to more than zero")
        sign = -1 if self.minor < 0 else 1
        parts = [abs(self.minor) * weight // total for weight in weights]
        left = abs(self.minor) - sum(parts)
        for index, weight in enumerate(weights):
            if left and weight:
                parts[index] += 1
                left -= 1
        return tuple(Money(sign * part, self.currency) for part in parts)


@dataclass(frozen=True, slots=True)
class Rate:
    """A share of an amount in parts per million: 0.38 % is `Rate(3_800)`."""

    ppm: int

    def __post_init__(self) -> None:
        if not 0 <= self.ppm <= MILLION:
            raise ValueError(f"a rate lies between 0 and {MILLION} parts per million, got {self.ppm}")

    def of(self, amount: Money, rounding: Rounding = Rounding.HALF_UP) -> Money:
        """This share of the amount, rounded to a whole minor unit as named.

        >>> Rate(3_800).of(Money(2500)).minor
        10
        """
        return Money(divide(amount.minor * self.ppm, MILLION, rounding), amount.currency)
