"""The words of a message spec: one row per field, checked once.

What may live here: the types of the table. What may not: a dialect's rows (one file each), reading and writing.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import Enum


class Size(Enum):
    """How long a field is: always `most`, or as its length prefix says. The value is the prefix's number of digits.

    The prefix is BCD, right-justified: LL is one byte, LLL is two (`0019`).
    """

    FIXED = 0
    LL = 2
    LLL = 3

    @property
    def prefix_bytes(self) -> int:
        """How many bytes the length prefix takes on the wire."""
        return (self.value + 1) // 2


class Unit(Enum):
    """What a length counts: symbols of the value (digits, nibbles), or bytes on the wire."""

    DIGITS = "digits"
    BYTES = "bytes"


class Encoding(Enum):
    """How a value lies on the wire.

    BCD_LEFT and BCD_RIGHT pack two digits a byte; an odd count is filled with a 0 nibble behind or in front.
    TRACK packs nibbles the same way as BCD_LEFT, `=` as D; other letters stay, since a track may be encrypted.
    ASCII is printable ASCII, GBK printable GBK text (its length counts bytes), BINARY plain bytes.
    """

    BCD_LEFT = "bcd left"
    BCD_RIGHT = "bcd right"
    TRACK = "track"
    ASCII = "ascii"
    GBK = "gbk"
    BINARY = "binary"

    @property
    def packed(self) -> bool:
        """Whether two symbols share a byte."""
        return self in (Encoding.BCD_LEFT, Encoding.BCD_RIGHT, Encoding.TRACK)


class Shown(Enum):
    """What people may see of a field: all of it, a card number's ends, or only its length."""

    PLAIN = "plain"
    PAN = "pan"
    HIDDEN = "hidden"


@dataclass(frozen=True, slots=True)
class Field:
    """One row: `most` is the length (FIXED) or the greatest length, in `unit` (digits for packed encodings unless said)."""

    number: int
    zh: str
    en: str
    size: Size
    most: int
    encoding: Encoding
    shown: Shown = Shown.PLAIN
    unit: Unit | None = None

    def __post_init__(self) -> None:
        if not 2 <= self.number <= 128 or self.number == 65:
            raise ValueError(f"no data field has number {self.number}")
        if self.most < 1 or (self.size is not Size.FIXED and self.most >= 10**self.size.value):
            raise ValueError(f"field {self.number}: length {self.most} does not fit {self.size.name}")
        if self.unit is Unit.DIGITS and not self.encoding.packed:
            raise ValueError(f"field {self.number}: {self.encoding.name} counts bytes")
        if self.size is Size.FIXED and self.unit is Unit.BYTES and self.encoding.packed:
            raise ValueError(f"field {self.number}: a fixed packed field counts digits")

    @property
    def symbols_per_count(self) -> int:
        """How many symbols of the value one count of the length stands for."""
        return 2 if self.encoding.packed and self.unit is Unit.BYTES else 1

    @property
    def sensitive(self) -> bool:
        """Whether people may not see all of it."""
        return self.shown is not Shown.PLAIN


@dataclass(frozen=True, slots=True)
class Spec:
    """A message spec: message type in BCD (2 bytes), binary primary bitmap, and with `secondary` a second one.

    Raises ValueError when two rows share a number, or a row needs a bitmap that the spec does not have.
    """

    name: str
    rows: tuple[Field, ...]
    secondary: bool = False
    fields: dict[int, Field] = field(init=False, repr=False, compare=False, hash=False)

    def __post_init__(self) -> None:
        fields = {row.number: row for row in self.rows}
        if len(fields) != len(self.rows):
            raise ValueError(f"{self.name}: two rows share a number")
        if not self.secondary and max(fields, default=0) > 64:
            raise ValueError(f"{self.name}: fields above 64 need a secondary bitmap")
        object.__setattr__(self, "fields", fields)

    def bitmap(self, numbers: Iterable[int]) -> bytes:
        """The bitmap that says these fields are present, with its secondary part (and bit 1) when one is above 64."""
        bits = 0
        for number in numbers:
            bits |= 1 << (128 - number)
        if bits & ((1 << 64) - 1):
            return (bits | 1 << 127).to_bytes(16, "big")
        return (bits >> 64).to_bytes(8, "big")
