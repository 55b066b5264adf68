"""The words for what stands inside a field: parts one after the other, repeated parts, and what was found of them.

What may live here: the types of the tables, reading and writing parts by place. What may not: tags and nested bitmaps
(tagged), any dialect's tables. A layout works on bytes: a text field's value is taken as GBK, a packed field's as its digits,
one byte each, of which two share a byte of the message.

    layout = Positional((Part("60.1", "交易类型码", "type", 2), Part("60.2", "批次号", "batch", 6)))
    found = read_parts(layout, "22000001", field=60, at=91, packed=True)
    write_parts(layout, found) == b"22000001"

Reading and writing are inverse, byte for byte. A fault is Malformed with field, part and the byte's place in the message.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import TypeAlias

from xiaopos.wire.iso8583.spec import Shown
from xiaopos.wire.malformed import Malformed

Meanings: TypeAlias = Mapping[str, tuple[str, str]]
"""What a code stands for, in Chinese and in English."""

_CONTROL = re.compile(rb"[\x00-\x1f\x7f]")


class Form(Enum):
    """How a part's bytes are a value: digits as characters, printable GBK text, two digits a byte, or plain bytes."""

    DIGITS = "digits"
    TEXT = "text"
    BCD = "bcd"
    BYTES = "bytes"


class LengthForm(Enum):
    """How a length or a count is written: as characters, two digits a byte, or a big-endian number."""

    ASCII = "ascii"
    BCD = "bcd"
    BINARY = "binary"


@dataclass(frozen=True, slots=True)
class Place:
    """Where in a message the bytes being read begin; what a fault needs to know.

    `at` is the byte offset of the first of them in the message, None for a value that is being written; with `packed` two of
    them share a byte of the message. `base` is the index, counted from `at`, of what is being read now.
    """

    field: int | None = None
    at: int | None = 0
    packed: bool = False
    path: str | None = None
    base: int = 0

    def offset(self, index: int) -> int | None:
        """The message's byte that holds the byte `index` of what is being read."""
        index += self.base
        return None if self.at is None else self.at + (index // 2 if self.packed else index)

    def fault(self, index: int, expected: str, found: str, tag: str | None = None) -> Malformed:
        """The exception for what was met at `index`."""
        return Malformed(self.field, self.offset(index), expected, found, self._under(tag) if tag else self.path)

    def within(self, index: int, tag: str) -> Place:
        """The place of a part's own parts, which begin at `index`."""
        return replace(self, path=self._under(tag), base=self.base + index)

    def _under(self, tag: str) -> str:
        return f"{self.path}/{tag}" if self.path else tag


@dataclass(frozen=True, slots=True)
class LengthPrefix:
    """A length or count before what it counts: `width` characters (ASCII) or bytes (BCD, BINARY)."""

    form: LengthForm
    width: int

    def read(self, data: bytes, index: int, place: Place, tag: str) -> int:
        """The number at `index`. Raises Malformed."""
        raw = data[index : index + self.width]
        if len(raw) != self.width:
            raise place.fault(index, f"{self.width} bytes of length", f"{len(raw)} bytes", tag)
        if self.form is LengthForm.BINARY:
            return int.from_bytes(raw, "big")
        digits = raw.hex() if self.form is LengthForm.BCD else raw.decode("latin-1")
        if not (digits.isascii() and digits.isdigit()):
            raise place.fault(index, "a length in digits", "something else", tag)
        return int(digits)

    def write(self, number: int, place: Place, tag: str) -> bytes:
        """The number's bytes. Raises Malformed when it does not fit."""
        if self.form is LengthForm.BINARY:
            most = 256**self.width - 1
        else:
            most = 10 ** (self.width * 2 if self.form is LengthForm.BCD else self.width) - 1
        if number > most:
            raise place.fault(0, f"a length of at most {most}", str(number), tag)
        if self.form is LengthForm.BINARY:
            return number.to_bytes(self.width, "big")
        if self.form is LengthForm.BCD:
            return bytes.fromhex(str(number).zfill(self.width * 2))
        return str(number).zfill(self.width).encode("ascii")


@dataclass(frozen=True, slots=True)
class Part:
    """One row of a table of parts.

    `tag` is its name in the dialect (`60.1`, `5F01`, `A3`). `size` is its length in bytes (digits in a packed field); with
    a `prefix`, or as a tagged part, its greatest length; None when it takes whatever is left. `unconfirmed` marks what no
    source seen by us confirms.
    """

    tag: str
    zh: str
    en: str
    size: int | None = None
    form: Form = Form.DIGITS
    shown: Shown = Shown.PLAIN
    meanings: Meanings = field(default_factory=dict, hash=False)
    layout: Parts | None = None
    prefix: LengthPrefix | None = None
    unconfirmed: bool = False


@dataclass(frozen=True, slots=True, repr=False)
class Found:
    """A part as it was read, or as it is to be written: then `tag` and `value`, or `children`, are enough.

    `start` and `end` are its bytes in the message, tag and length included; `part` its row, None for a tag the table lacks;
    `extra` what writing needs to write a tag's length as it was. The repr shows no value.
    """

    tag: str
    value: str | bytes = b""
    children: tuple[Found, ...] = ()
    start: int = field(default=0, compare=False)
    end: int = field(default=0, compare=False)
    part: Part | None = field(default=None, compare=False)
    extra: tuple[int, bytes, bytes] = field(default=(0, b"", b""), compare=False)

    def __repr__(self) -> str:
        inside = f", {list(self.children)!r}" if self.children else ""
        return f"Found({self.tag}, {len(self.value)}{inside})"


class Parts(ABC):
    """A way in which parts lie in a value."""

    @abstractmethod
    def read(self, data: bytes, place: Place) -> tuple[Found, ...]:
        """The parts in `data`, all of it. Raises Malformed."""

    @abstractmethod
    def write(self, found: Iterable[Found], place: Place) -> bytes:
        """The bytes of the parts. Raises Malformed for what the layout cannot hold."""


def read_parts(
    layout: Parts, value: str | bytes, *, field: int | None = None, at: int | None = 0, packed: bool = False
) -> tuple[Found, ...]:
    """The parts of a field's value.

    `at` is the offset of the value's first byte in the message, `packed` says that two digits shared a byte there; both only
    serve to tell where a fault is. Raises Malformed for a value that the layout does not allow.
    """
    return layout.read(plain_bytes(value, field), Place(field, at, packed))


def write_parts(layout: Parts, found: Iterable[Found], *, field: int | None = None) -> bytes:
    """The field's value as bytes (a packed field: its digits). Raises Malformed, without an offset."""
    return layout.write(found, Place(field, None))


def write_text(layout: Parts, found: Iterable[Found], *, field: int | None = None) -> str:
    """The field's value as text, for a field whose value is text. Raises Malformed, without an offset."""
    raw = write_parts(layout, found, field=field)
    try:
        return raw.decode("gbk")
    except UnicodeDecodeError:
        raise Malformed(field, None, "GBK text", "other bytes") from None


def plain_bytes(value: str | bytes, field: int | None = None) -> bytes:
    """A field's value as a layout takes it. Raises Malformed for text that GBK cannot write."""
    if isinstance(value, bytes):
        return value
    try:
        return value.encode("gbk")
    except UnicodeEncodeError:
        raise Malformed(field, None, "GBK text", "a character GBK lacks") from None


def every(found: Iterable[Found]) -> Iterable[Found]:
    """All parts of the tree, each before those within it."""
    for item in found:
        yield item
        yield from every(item.children)


def first(found: Iterable[Found], tag: str) -> str | bytes | None:
    """The value of the first part of this name anywhere in the tree, or None."""
    return next((item.value for item in every(found) if item.tag == tag), None)


def unlisted(found: Iterable[Found]) -> list[str]:
    """The tags that the tables do not list, in their order; they were kept."""
    return [item.tag for item in every(found) if item.part is None]


def read_part(part: Part, raw: bytes, start: int, place: Place) -> tuple[str | bytes, tuple[Found, ...]]:
    """A part's value and what is within it; `start` is where `raw` began. Raises Malformed."""
    value = _value(part, raw, start, place)
    inner = () if part.layout is None else part.layout.read(raw, place.within(start, part.tag))
    return value, inner


def _value(part: Part, raw: bytes, start: int, place: Place) -> str | bytes:
    if part.form is Form.BYTES:
        return raw
    if part.form is Form.TEXT:
        try:
            text = raw.decode("gbk")
        except UnicodeDecodeError as error:
            raise place.fault(start + error.start, "GBK text", f"byte {raw[error.start]:02X}", part.tag) from None
        control = _CONTROL.search(raw)
        if control:
            found = f"byte {control[0].hex().upper()}"
            raise place.fault(start + control.start(), "GBK text", found, part.tag)
        return text
    if part.form is Form.BCD:
        digits = raw.hex()
        for index, nibble in enumerate(digits):
            if not nibble.isdigit():
                raise place.fault(start + index // 2, "a digit", f"nibble {nibble.upper()}", part.tag)
        return digits
    for index, byte in enumerate(raw):
        if not 0x30 <= byte <= 0x39:
            raise place.fault(start + index, "a digit", f"byte {byte:02X}", part.tag)
    return raw.decode("ascii")


def written(part: Part | None, item: Found, place: Place) -> bytes:
    """The bytes of one part, without prefix or tag. Raises Malformed when its row cannot hold the value."""
    if part is not None and part.layout is not None and item.children:
        raw = part.layout.write(item.children, replace(place, path=part.tag))
    elif isinstance(item.value, bytes):
        raw = item.value
    elif part is not None and part.form is Form.BCD:
        if len(item.value) % 2 or not (item.value.isascii() and item.value.isdigit()):
            raise place.fault(0, "an even number of digits", "something else", item.tag)
        raw = bytes.fromhex(item.value)
    else:
        raw = _gbk(item, place)
    if part is not None:
        _value(part, raw, 0, place)
    return raw


def _gbk(item: Found, place: Place) -> bytes:
    assert isinstance(item.value, str)
    try:
        return item.value.encode("gbk")
    except UnicodeEncodeError:
        raise place.fault(0, "GBK text", "a character GBK lacks", item.tag) from None


@dataclass(frozen=True, slots=True)
class Positional(Parts):
    """Parts one after the other, each as long as its row (or its prefix) says, those after the first `least` may be absent.

    Absent parts are absent from the end on, and never half: 11 or 14 digits of field 60, not 15. A last part of size None
    takes what is left.
    """

    parts: tuple[Part, ...]
    least: int | None = None

    def __post_init__(self) -> None:
        if any(part.size is None and part.prefix is None for part in self.parts[:-1]):
            raise ValueError("only the last part may take what is left")

    def read(self, data: bytes, place: Place) -> tuple[Found, ...]:
        """The parts, those that are absent left out. Raises Malformed."""
        least = len(self.parts) if self.least is None else self.least
        index, found = 0, []
        for number, part in enumerate(self.parts):
            if index == len(data) and (number >= least or (part.size is None and part.prefix is None)):
                break
            item, index = taken(part, data, index, place)
            found.append(item)
        if index != len(data):
            raise place.fault(index, "the end", f"{len(data) - index} more")
        return tuple(found)

    def write(self, found: Iterable[Found], place: Place) -> bytes:
        """The parts in the table's order. Raises Malformed when one is missing, out of its order, or of another length."""
        least = len(self.parts) if self.least is None else self.least
        items = list(found)
        parts = self.parts[: len(items)]
        if len(items) > len(self.parts) or [item.tag for item in items] != [part.tag for part in parts]:
            raise place.fault(0, f"the parts {', '.join(part.tag for part in self.parts)}", "others")
        if any(part.size is not None or part.prefix is not None for part in self.parts[len(items) : least]):
            raise place.fault(0, f"at least {least} parts", str(len(items)))
        return b"".join([put(part, item, place) for part, item in zip(parts, items, strict=True)])


def taken(part: Part, data: bytes, index: int, place: Place) -> tuple[Found, int]:
    """The part that begins at `index`, and where the next one does. Raises Malformed."""
    begin = index
    if part.prefix is not None:
        size = part.prefix.read(data, index, place, part.tag)
        index += part.prefix.width
        if part.size is not None and size > part.size:
            raise place.fault(begin, f"a length of at most {part.size}", str(size), part.tag)
    else:
        size = len(data) - index if part.size is None else part.size
    raw = data[index : index + size]
    if len(raw) != size:
        raise place.fault(index, f"a length of {size}", str(len(raw)), part.tag)
    value, inner = read_part(part, raw, index, place)
    end = index + size
    return Found(part.tag, value, inner, place.offset(begin) or 0, _end(place, end), part), end


def _end(place: Place, end: int) -> int:
    # In a packed field a part may end in the middle of a byte, which then is part of it.
    return (place.offset(end + 1 if place.packed else end)) or 0


def put(part: Part, item: Found, place: Place) -> bytes:
    """A part's bytes with its prefix. Raises Malformed when its length is not what its row says."""
    raw = written(part, item, place)
    if part.prefix is None:
        if part.size is not None and len(raw) != part.size:
            raise place.fault(0, f"a length of {part.size}", str(len(raw)), part.tag)
        return raw
    if part.size is not None and len(raw) > part.size:
        raise place.fault(0, f"a length of at most {part.size}", str(len(raw)), part.tag)
    return part.prefix.write(len(raw), place, part.tag) + raw


@dataclass(frozen=True, slots=True)
class Repeated(Parts):
    """The same part again and again: as often as `count` in front of them says, or to the end where there is no count."""

    item: Part
    count: LengthPrefix | None = None
    most: int | None = None

    def __post_init__(self) -> None:
        if self.item.prefix is None and not self.item.size:
            raise ValueError("a repeated part has a length of its own")

    def read(self, data: bytes, place: Place) -> tuple[Found, ...]:
        """The parts in their order. Raises Malformed, also for more than `most` and for bytes after the last."""
        index, number = 0, None
        if self.count is not None:
            number = self.count.read(data, 0, place, self.item.tag)
            index = self.count.width
            if self.most is not None and number > self.most:
                raise place.fault(0, f"at most {self.most} of them", str(number), self.item.tag)
        found: list[Found] = []
        while len(found) != number and (number is not None or index < len(data)):
            if self.most is not None and len(found) == self.most:
                raise place.fault(index, f"at most {self.most} of them", "more", self.item.tag)
            item, index = taken(self.item, data, index, place)
            found.append(item)
        if index != len(data):
            raise place.fault(index, "the end", f"{len(data) - index} more")
        return tuple(found)

    def write(self, found: Iterable[Found], place: Place) -> bytes:
        """The count, if the layout has one, and the parts. Raises Malformed for another part, or too many."""
        items = list(found)
        if any(item.tag != self.item.tag for item in items):
            raise place.fault(0, f"only the part {self.item.tag}", "another")
        if self.most is not None and len(items) > self.most:
            raise place.fault(0, f"at most {self.most} of them", str(len(items)), self.item.tag)
        head = b"" if self.count is None else self.count.write(len(items), place, self.item.tag)
        return head + b"".join([put(self.item, item, place) for item in items])


@dataclass(frozen=True, slots=True)
class ByLength(Parts):
    """Several layouts of which the value's length says the right one; `otherwise` reads every other length."""

    layouts: tuple[tuple[int, Parts], ...]
    otherwise: Parts | None = None

    def read(self, data: bytes, place: Place) -> tuple[Found, ...]:
        """The parts by the layout of this length. Raises Malformed when there is none."""
        chosen = self._of(len(data))
        if chosen is None:
            lengths = " or ".join(str(length) for length, _ in self.layouts)
            raise place.fault(0, f"a length of {lengths}", str(len(data)))
        return chosen.read(data, place)

    def _of(self, length: int) -> Parts | None:
        return next((layout for size, layout in self.layouts if size == length), self.otherwise)

    def write(self, found: Iterable[Found], place: Place) -> bytes:
        """The bytes by the layout that can hold the parts and has their length. Raises Malformed when none can."""
        items = list(found)
        for length, layout in (*self.layouts, (None, self.otherwise)):
            if layout is None:
                continue
            try:
                raw = layout.write(items, place)
            except Malformed:
                continue
            if length in (None, len(raw)) and self._of(len(raw)) is layout:
                return raw
        raise place.fault(0, "the parts of one of the layouts", "others")
