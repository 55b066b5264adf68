"""The words of a message spec: one row per field, checked once.

What may live here: the types of the table. What may not: a dialect's rows (one file each), reading and writing.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from xiaopos.wire.iso8583.subfields import Parts

LAST_FIELD = 192
EBCDIC_PAGES = ("cp037", "cp500")


class Size(Enum):
    """How long a field is: always `most`, or as its length prefix says. The value is the prefix's number of digits."""

    FIXED = 0
    L = 1
    LL = 2
    LLL = 3
    LLLL = 4

    @property
    def prefix_bytes(self) -> int:
        """How many bytes the length prefix takes on the wire when it is BCD (LL is one byte, LLL is two: `0019`)."""
        return (self.value + 1) // 2


class Prefix(Enum):
    """How a length prefix lies on the wire.

    BCD packs two digits a byte, right-justified (LLL is `0019`); ASCII and EBCDIC take a byte a digit; BINARY is a
    big-endian number in one byte (L, LL) or two (LLL, LLLL).
    """

    BCD = "bcd"
    ASCII = "ascii"
    EBCDIC = "ebcdic"
    BINARY = "binary"


class Unit(Enum):
    """What a length counts: symbols of the value (digits, nibbles), or bytes (of the value, for HEX; else on the wire)."""

    DIGITS = "digits"
    BYTES = "bytes"


class Encoding(Enum):
    """How a value lies on the wire.

    BCD_LEFT and BCD_RIGHT pack two digits a byte; an odd count is filled with a nibble (0 unless the row says F) behind
    or in front. TRACK packs nibbles the same way as BCD_LEFT, `=` as D; other letters stay, since a track may be encrypted.
    SIGNED is an amount with its sign (x+n): `C` or `D` as a byte of ASCII, then its digits packed.
    ASCII is printable ASCII, EBCDIC printable text in the spec's code page, GBK printable GBK text (its length counts
    bytes). BINARY is plain bytes; HEX and EBCDIC_HEX are bytes written as text, two hexadecimal capitals a byte.
    """

    BCD_LEFT = "bcd left"
    BCD_RIGHT = "bcd right"
    TRACK = "track"
    ASCII = "ascii"
    GBK = "gbk"
    BINARY = "binary"
    EBCDIC = "ebcdic"
    HEX = "hex"
    EBCDIC_HEX = "ebcdic hex"
    SIGNED = "signed bcd"

    @property
    def packed(self) -> bool:
        """Whether two symbols share a byte."""
        return self in (Encoding.BCD_LEFT, Encoding.BCD_RIGHT, Encoding.TRACK)

    @property
    def hexadecimal(self) -> bool:
        """Whether bytes are written as text."""
        return self in (Encoding.HEX, Encoding.EBCDIC_HEX)

    @property
    def holds_bytes(self) -> bool:
        """Whether the value is bytes; else it is text."""
        return self is Encoding.BINARY or self.hexadecimal


class Pad(Enum):
    """What makes a short value of a fixed field long enough when it is written; reading takes nothing away again."""

    ZERO_LEFT = "0 left"
    ZERO_RIGHT = "0 right"
    SPACE_LEFT = "space left"
    SPACE_RIGHT = "space right"


class Shown(Enum):
    """What people may see of a field: all of it, a card number's ends, or only its length."""

    PLAIN = "plain"
    PAN = "pan"
    HIDDEN = "hidden"


class Version(Enum):
    """The edition of ISO 8583, as the first digit of the message type tells it."""

    ISO1987 = "0"
    ISO1993 = "1"
    ISO2003 = "2"

    @classmethod
    def of(cls, mti: str) -> Version | None:
        """The edition a message type belongs to; None for national (8), private (9) and reserved ones."""
        return next((version for version in cls if version.value == mti[:1]), None)


class Typed(Enum):
    """How the four digits of the message type lie on the wire: packed in two bytes, or a byte each."""

    BCD = "bcd"
    ASCII = "ascii"
    EBCDIC = "ebcdic"


class Bitmap(Enum):
    """How a bitmap of 64 bits lies on the wire: 8 bytes, or 16 hexadecimal capitals."""

    BINARY = "binary"
    HEX = "hex"
    EBCDIC_HEX = "ebcdic hex"


class Third(Enum):
    """Where the bitmap of fields 129 to 192 lies, when bit 65 announces it: nowhere, behind the second, or as field 65."""

    NONE = "none"
    BEHIND = "behind the second"
    FIELD_65 = "field 65"


@dataclass(frozen=True, slots=True)
class Field:
    """One row: `most` is the length (FIXED) or the greatest length, in `unit` (digits for packed encodings, else bytes).

    `prefix` says how the length lies on the wire; `pad` what fills a short value of a fixed field when it is written
    (without it a short value is refused); `filler` is the nibble that fills an odd packed value; `digits` says that text
    holds digits only; `parts` reads the sub-fields inside the value, for who asks: the codec leaves values whole.
    """

    number: int
    zh: str
    en: str
    size: Size
    most: int
    encoding: Encoding
    shown: Shown = Shown.PLAIN
    unit: Unit | None = None
    prefix: Prefix = Prefix.BCD
    pad: Pad | None = None
    filler: str = "0"
    digits: bool = False
    parts: Parts | None = field(default=None, hash=False)

    def __post_init__(self) -> None:
        wrong = self._wrong_length() or self._wrong_unit() or self._wrong_filling()
        if wrong:
            raise ValueError(f"field {self.number}: {wrong}")

    def _wrong_length(self) -> str:
        if not 2 <= self.number <= LAST_FIELD or self.number == 65:
            return "no data field has this number"
        if self.most < 1 or (self.size is not Size.FIXED and self.most > self.longest_said):
            return f"length {self.most} does not fit {self.size.name}"
        if self.encoding is Encoding.SIGNED and (self.size is not Size.FIXED or self.most < 3 or self.most % 2 == 0):
            return "a signed amount is fixed, a sign and an even number of digits"
        return ""

    def _wrong_unit(self) -> str:
        counts_symbols = self.encoding.packed or self.encoding.hexadecimal
        if self.unit is Unit.DIGITS and not counts_symbols:
            return f"{self.encoding.name} counts bytes"
        if self.size is Size.FIXED and self.unit is Unit.BYTES and self.encoding.packed:
            return "a fixed packed field counts digits"
        if self.size is Size.FIXED and self.unit is Unit.DIGITS and self.encoding.hexadecimal and self.most % 2:
            return "a fixed hexadecimal field holds whole bytes"
        if self.digits and self.encoding not in (Encoding.ASCII, Encoding.EBCDIC):
            return f"digits only is said of ASCII and EBCDIC, not of {self.encoding.name}"
        return ""

    def _wrong_filling(self) -> str:
        if self.filler not in ("0", "F") or (self.filler == "F" and not self.encoding.packed):
            return "the filler is 0, or F for packed encodings"
        if self.pad is None:
            return ""
        if self.size is not Size.FIXED or self.encoding is Encoding.SIGNED:
            return "only a fixed field without a sign is padded"
        spaces = self.pad in (Pad.SPACE_LEFT, Pad.SPACE_RIGHT)
        if spaces and (self.digits or self.encoding not in (Encoding.ASCII, Encoding.EBCDIC, Encoding.GBK)):
            return "only text is padded with spaces"
        return ""

    @property
    def prefix_bytes(self) -> int:
        """How many bytes the length prefix takes on the wire; 0 for FIXED."""
        if self.prefix in (Prefix.ASCII, Prefix.EBCDIC):
            return self.size.value
        return self.size.prefix_bytes

    @property
    def longest_said(self) -> int:
        """The greatest length that the prefix can say."""
        if self.prefix is Prefix.BINARY:
            return int(256**self.prefix_bytes) - 1
        return int(10**self.size.value) - 1

    @property
    def symbols_per_count(self) -> int:
        """How many symbols of the value (digits, nibbles, characters) one count of the length stands for."""
        if self.encoding.packed:
            return 2 if self.unit is Unit.BYTES else 1
        return 2 if self.encoding.hexadecimal and self.unit is not Unit.DIGITS else 1

    def bytes_of(self, symbols: int) -> int:
        """How many bytes so many symbols take on the wire."""
        if self.encoding is Encoding.SIGNED:
            return 1 + symbols // 2
        return (symbols + 1) // 2 if self.encoding.packed else symbols

    def bytes_for(self, value: str | bytes) -> int:
        """How many bytes a value that was read takes on the wire, without its length."""
        if isinstance(value, str) and self.encoding is Encoding.GBK:
            return len(value.encode("gbk"))
        return self.bytes_of((2 if self.encoding.hexadecimal else 1) * len(value))

    @property
    def fixed_bytes(self) -> int:
        """How many bytes a FIXED field takes."""
        return self.bytes_of(self.most * self.symbols_per_count)

    @property
    def sensitive(self) -> bool:
        """Whether people may not see all of it."""
        return self.shown is not Shown.PLAIN


@dataclass(frozen=True, slots=True)
class Spec:
    """A message spec: its rows, whether there are a second and a third bitmap, and how type and bitmaps are written.

    `version` refuses message types of another edition; None accepts any. `ebcdic` is the code page of whatever is EBCDIC.
    Raises ValueError when two rows share a number, or a row needs a bitmap that the spec does not have.
    """

    name: str
    rows: tuple[Field, ...]
    secondary: bool = False
    third: Third = Third.NONE
    typed: Typed = Typed.BCD
    bitmaps: Bitmap = Bitmap.BINARY
    ebcdic: str = "cp500"
    version: Version | None = None
    fields: dict[int, Field] = field(init=False, repr=False, compare=False, hash=False)

    def __post_init__(self) -> None:
        fields = {row.number: row for row in self.rows}
        if len(fields) != len(self.rows):
            raise ValueError(f"{self.name}: two rows share a number")
        if not self.secondary and (max(fields, default=0) > 64 or self.third is not Third.NONE):
            raise ValueError(f"{self.name}: fields above 64 need a secondary bitmap")
        if self.third is Third.NONE and max(fields, default=0) > 128:
            raise ValueError(f"{self.name}: fields above 128 need a third bitmap")
        if self.ebcdic not in EBCDIC_PAGES:
            raise ValueError(f"{self.name}: the code page is one of {', '.join(EBCDIC_PAGES)}")
        object.__setattr__(self, "fields", fields)

    @property
    def type_bytes(self) -> int:
        """How many bytes the message type takes, and where the bitmap begins."""
        return 2 if self.typed is Typed.BCD else 4

    @property
    def bitmap_bytes(self) -> int:
        """How many bytes one bitmap of 64 bits takes."""
        return 8 if self.bitmaps is Bitmap.BINARY else 16

    def bitmap(self, numbers: Iterable[int]) -> bytes:
        """The bitmap that says these fields are present, with its secondary part (and bit 1) when one is above 64.

        As the message begins with it: a third bitmap is in it when it lies behind the second, and not as field 65.
        """
        bits = 0
        for number in numbers:
            bits |= 1 << (LAST_FIELD - number)
        if bits & ((1 << 64) - 1):
            bits |= 1 << (LAST_FIELD - 65)
        if bits & ((1 << 128) - 1):
            bits |= 1 << (LAST_FIELD - 1)
        raw = bits.to_bytes(24, "big")
        if not raw[0] & 0x80:
            return self.bitmap_text(raw[:8])
        behind = self.third is Third.BEHIND and raw[8] & 0x80
        return self.bitmap_text(raw if behind else raw[:16])

    def bitmap_text(self, raw: bytes) -> bytes:
        """The bytes of a bitmap as they lie on the wire."""
        if self.bitmaps is Bitmap.BINARY:
            return raw
        return raw.hex().upper().encode(self.ebcdic if self.bitmaps is Bitmap.EBCDIC_HEX else "ascii")
