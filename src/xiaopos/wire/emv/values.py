"""Single values of chip data: digits, dates, times, amounts, text, the track 2 equivalent.

What may live here: reading and writing one value. What may not: what it means for a payment.

    57   PAN digits | D | expiry YYMM | service code 3 | issuer's own | F to a whole byte     EMV book 3 annex A, ISO/IEC 7813
    9A, 5F24, 5F25   YYMMDD       9F21   hhmmss       9F02, 9F03   12 digits, minor units
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, time

from xiaopos.kernel.secret import Pan
from xiaopos.wire.malformed import Malformed

_TRACK = re.compile("([0-9]{12,19})D([0-9]{4})([0-9]{3})([0-9]*)(F?)")


def digits(value: bytes, tag: str) -> str:
    """The digits of a value of format n or cn, the filling F of cn taken off.

    Raises Malformed for a nibble that is no digit, at the offset of its byte.

    >>> digits(bytes.fromhex("6225561620345170"), "5A")[:6]
    '622556'
    """
    text = value.hex()
    bare = text.rstrip("f")
    for at, letter in enumerate(bare):
        if not letter.isdigit():
            raise Malformed(None, at // 2, "decimal digits", "another nibble", tag)
    return bare


def read_date(value: bytes, tag: str) -> date:
    """A date of 3 bytes; years 00 to 49 are of this century (EMV book 4, 6.7.3). Raises Malformed for what is none.

    >>> read_date(bytes.fromhex("261123"), "9A")
    datetime.date(2026, 11, 23)
    """
    text = digits(value, tag)
    if len(text) == 6:
        year = int(text[:2])
        try:
            return date(year + (2000 if year < 50 else 1900), int(text[2:4]), int(text[4:]))
        except ValueError:
            pass
    raise Malformed(None, 0, "a date YYMMDD", "none", tag)


def read_time(value: bytes, tag: str) -> time:
    """A time of day of 3 bytes, hhmmss. Raises Malformed for what is none."""
    text = digits(value, tag)
    if len(text) == 6:
        try:
            return time(int(text[:2]), int(text[2:4]), int(text[4:]))
        except ValueError:
            pass
    raise Malformed(None, 0, "a time hhmmss", "none", tag)


def read_amount(value: bytes, tag: str) -> int:
    """An amount of 6 bytes (n12) in minor units. Raises Malformed for another size and for what are no digits."""
    if len(value) != 6:
        raise Malformed(None, min(len(value), 6), "6 bytes", str(len(value)), tag)
    return int(digits(value, tag) or "0")


def text(value: bytes) -> str:
    """Text as cards and terminals in China write it: GB 18030, of which ASCII is a part; other bytes as U+FFFD."""
    return "".join(letter if letter.isprintable() else "·" for letter in value.decode("gb18030", "replace"))


@dataclass(frozen=True, slots=True, repr=False)
class Track2:
    """The track 2 equivalent (57): the card number, expiry YYMM, service code and the issuer's own digits.

    Nothing of it prints but the masked card number.
    """

    pan: Pan
    expiry: str
    service_code: str
    own: str

    def __repr__(self) -> str:
        return f"Track2({self.pan.masked})"

    @property
    def has_chip(self) -> bool:
        """Whether the service code says that the card has a chip (first digit 2 or 6, ISO/IEC 7813)."""
        return self.service_code[0] in "26"

    @classmethod
    def parse(cls, value: bytes) -> Track2:
        """Reads tag 57.

        Raises Malformed, without any digit of it, for over 19 bytes, a card number that is not 12 to 19 digits before
        the separator D, less than expiry and service code after it, and other nibbles than digits there.
        """
        if len(value) > 19:
            raise Malformed(None, 19, "at most 19 bytes", str(len(value)), "57")
        nibbles = value.hex().upper()
        found = _TRACK.fullmatch(nibbles)
        if found is None:
            at = max(nibbles.find("D"), 0) // 2
            raise Malformed(None, at, "12 to 19 digits, D, expiry, service code, digits", "something else", "57")
        return cls(Pan(found[1]), *found.group(2, 3, 4))

    def encode(self) -> bytes:
        """The value of tag 57."""
        nibbles = f"{self.pan.digits}D{self.expiry}{self.service_code}{self.own}"
        return bytes.fromhex(nibbles + "F" * (len(nibbles) % 2))
