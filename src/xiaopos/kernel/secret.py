"""Values that must not be seen: card numbers that print masked, and bytes that do not print at all.

What may live here: types whose only job is to keep a sensitive value out of logs, exceptions and pages.
What may not: encryption (the keys room), storage.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_PAN = re.compile(r"[0-9]{12,19}")


def mask_pan(digits: str) -> str:
    """A card number as people may see it: first six and last four digits (PCI DSS 3.4.1).

    >>> mask_pan("6225561620345170")
    '622556******5170'
    """
    return f"{digits[:6]}{'*' * (len(digits) - 10)}{digits[-4:]}"


def luhn_ok(digits: str) -> bool:
    """Whether the last digit is the Luhn check digit (ISO/IEC 7812-1 annex B). Some old cards fail: warn, never refuse."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (1 + place % 2)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


@dataclass(frozen=True, slots=True, repr=False)
class Pan:
    """A primary account number of 12 to 19 digits. It prints masked; only `digits` holds it whole.

    Raises ValueError, without the value, when it is not 12 to 19 digits.
    """

    digits: str

    def __post_init__(self) -> None:
        if _PAN.fullmatch(self.digits) is None:
            raise ValueError(f"a card number is 12 to 19 digits, got {len(self.digits)} characters")

    def __repr__(self) -> str:
        return f"Pan({self.masked})"

    def __str__(self) -> str:
        return self.masked

    def __format__(self, spec: str) -> str:
        return format(self.masked, spec)

    @property
    def masked(self) -> str:
        """First six and last four digits."""
        return mask_pan(self.digits)

    @property
    def bin(self) -> str:
        """The issuer's identification number as routing uses it: the first six digits."""
        return self.digits[:6]


@dataclass(frozen=True, slots=True, repr=False)
class Secret:
    """Bytes that never print: tracks, PIN blocks, payer codes on their way through. `value` holds them."""

    value: bytes

    def __repr__(self) -> str:
        return f"Secret({len(self.value)} bytes)"

    def __str__(self) -> str:
        return repr(self)
