"""An order's number in the 25 characters that a shop's code has for a reference (tag 62.05).

What may live here: that translation. What may not: the code around it.

Our numbers are 128 bits written as 32 hexadecimal digits; in base 36 they take 25 characters, no more.
"""

from __future__ import annotations

from xiaopos.wire.malformed import Malformed

LABEL_LENGTH = 25
_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def label_of(order: str) -> str:
    """The reference of an order's number. Raises Malformed for one that is not 32 small hexadecimal digits.

    >>> label_of("0192f0c1d2e370008000000000000000")
    '03CRKZGIDZDLPWBKYI7MR8ETC'
    """
    if len(order) != 32 or not set(order) <= set("0123456789abcdef"):
        raise Malformed(None, None, "32 hexadecimal digits", "something else", "62.05")
    number, label = int(order, 16), ""
    for _ in range(LABEL_LENGTH):
        number, rest = divmod(number, 36)
        label = _DIGITS[rest] + label
    return label


def order_of(label: str) -> str | None:
    """The order's number of a reference, or None for a text that is no reference of ours."""
    if len(label) != LABEL_LENGTH or not set(label) <= set(_DIGITS):
        return None
    number = int(label, 36)
    return f"{number:032x}" if number < 1 << 128 else None
