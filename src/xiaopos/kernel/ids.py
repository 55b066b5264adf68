"""Identifiers: time-ordered, 128 bit, made by whoever asks first.

What may live here: the id types of the house and the pure function that makes an id from an instant and random bytes.
What may not: a clock or a source of randomness; STAN and RRN, which are attributes of a payment and never its key.
"""

from __future__ import annotations

import re
from typing import NewType

PaymentId = NewType("PaymentId", str)
MerchantId = NewType("MerchantId", str)
ShopId = NewType("ShopId", str)
TerminalId = NewType("TerminalId", str)
JobId = NewType("JobId", str)
KeyId = NewType("KeyId", str)

ID_LENGTH = 32
_ID = re.compile(r"[0-9a-f]{32}")


def make_id(now_ms: int, entropy: bytes) -> str:
    """Return a time-ordered id as 32 lower-case hex digits, laid out as UUID version 7 (RFC 9562 section 5.7).

    Layout: 48 bits of Unix milliseconds | 4 bits version 7 | 12 random | 2 bits variant | 62 random.
    `entropy` is 10 random bytes. Raises ValueError when either part does not fit.

    >>> make_id(0x0192F0C1D2E3, bytes(10))
    '0192f0c1d2e370008000000000000000'
    """
    if not 0 <= now_ms < 1 << 48:
        raise ValueError(f"milliseconds must fit 48 bits, got {now_ms}")
    if len(entropy) != 10:
        raise ValueError(f"10 random bytes are needed, got {len(entropy)}")
    bits = int.from_bytes(entropy, "big")
    high = (now_ms << 16) | 0x7000 | (bits >> 62 & 0x0FFF)
    low = (0b10 << 62) | (bits & ((1 << 62) - 1))
    return f"{high:016x}{low:016x}"


def is_id(text: str) -> bool:
    """Whether the text has the form of an id of this house (32 lower-case hex digits)."""
    return _ID.fullmatch(text) is not None
