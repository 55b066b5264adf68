"""The one-time code with which a device is activated (激活码): its form, its life, and how it is compared.

What may live here: those rules. What may not: randomness, keys (the keyed hash is handed in), storage, words.

The code travels apart from the merchant's phone number and sign-in, and is kept as a keyed hash over serial, code and phone
together: who has the table has no code, and nothing can be tried on one of the three alone.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Protocol

DIGITS = 8
ENTROPY = 8
LIVES = timedelta(days=30)
TRIES = 5
"""So many wrong tries at one serial end its code; a new one is made at the console."""

Keyed = Callable[[bytes], str]
"""A keyed hash of the house, in hex."""
_PHONE = re.compile(r"\+?[0-9]{6,15}")


class KeptCode(Protocol):
    """What is needed of a code that waits."""

    @property
    def serial(self) -> str:
        """Whose code it is."""
        ...

    @property
    def digest(self) -> str:
        """The keyed hash of serial, code and phone."""
        ...

    @property
    def expires_at(self) -> datetime:
        """When it ends."""
        ...

    @property
    def tries(self) -> int:
        """How many tries were wrong."""
        ...


def code_of(entropy: bytes) -> str:
    """The code, evenly drawn. Raises ValueError for other than 8 bytes.

    >>> code_of(bytes(8)), code_of(b"\\x00" * 7 + b"\\x2a")
    ('00000000', '00000042')
    """
    if len(entropy) != ENTROPY:
        raise ValueError(f"{ENTROPY} random bytes are needed, got {len(entropy)}")
    return f"{int.from_bytes(entropy, 'big') % 10**DIGITS:0{DIGITS}d}"


def phone_of(text: str) -> str:
    """A phone number as it is compared: its digits; empty for what is none.

    >>> phone_of("010-0000 0001"), phone_of("ask Lin")
    ('01000000001', '')
    """
    plain = re.sub(r"[\s()-]", "", text)
    return plain if _PHONE.fullmatch(plain) else ""


def digest_of(serial: str, code: str, phone: str, keyed: Keyed) -> str:
    """The keyed hash that is kept and compared. What is typed is taken without blanks, the serial in capitals."""
    typed = "".join(code.split())
    return keyed(b"\0".join((b"activation", plain_serial(serial).encode(), typed.encode(), phone_of(phone).encode())))


def plain_serial(text: str) -> str:
    """A serial number as it is compared: without blanks, in capitals.

    >>> plain_serial(" xp-m2 0001 ")
    'XP-M20001'
    """
    return "".join(text.split()).upper()


def is_right(kept: KeptCode | None, digest: str, now: datetime) -> bool:
    """Whether a digest is a waiting code's. Whoever asks learns only yes or no, after the same work."""
    known = kept.digest if kept is not None else "-" * len(digest)
    same = hmac.compare_digest(known, digest)
    return kept is not None and same and kept.tries < TRIES and now < kept.expires_at
