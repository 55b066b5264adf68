"""Parts that say what they are: by a tag and a length of several kinds, or by a bitmap of their own.

What may live here: those layouts, and BER-TLV as a layout. What may not: a dialect's tables.

    TTLLL     tag 2 characters | length 3 digits | value         Tagged(parts, TagForm.TEXT, 2, LengthPrefix(ASCII, 3))
    binary    tag 1 byte | length 1 byte BCD | value             Tagged(parts, TagForm.BYTES, 1, LengthPrefix(BCD, 1))
    by width  tag 2 characters | value as long as its row says   Tagged(parts, TagForm.TEXT, 2)
    BER       see emv.tlv                                        BerTlv(parts)

A tag that a table lacks is kept in its place as bytes, and `unlisted` names it; only where the table alone knows the lengths
(by width) is it a fault.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import Enum

from xiaopos.wire.emv import tlv
from xiaopos.wire.iso8583.subfields import (
    Found,
    LengthPrefix,
    Part,
    Parts,
    Place,
    put,
    read_part,
    taken,
    written,
)
from xiaopos.wire.malformed import Malformed


class TagForm(Enum):
    """How a tag is written: characters, bytes (named in upper-case hex), or bytes as many as BER says."""

    TEXT = "text"
    BYTES = "bytes"
    BER = "ber"


def _rows(parts: tuple[Part, ...]) -> dict[str, Part]:
    rows = {part.tag: part for part in parts}
    if len(rows) != len(parts):
        raise ValueError("two parts share a tag")
    return rows


@dataclass(frozen=True, slots=True)
class Tagged(Parts):
    """Tag, length, value, again and again; without a `length` each tag's row says how long its value is."""

    parts: tuple[Part, ...]
    tag_form: TagForm
    tag_bytes: int
    length: LengthPrefix | None = None
    _by_tag: dict[str, Part] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if self.length is None and any(part.size is None for part in self.parts):
            raise ValueError("where no length stands, every row needs one")
        object.__setattr__(self, "_by_tag", _rows(self.parts))

    def read(self, data: bytes, place: Place) -> tuple[Found, ...]:
        """The parts in their order, one that comes twice twice. Raises Malformed."""
        found: list[Found] = []
        index = 0
        while index < len(data):
            item, index = self._item(data, index, place)
            found.append(item)
        return tuple(found)

    def _item(self, data: bytes, begin: int, place: Place) -> tuple[Found, int]:
        tag, index = self._tag(data, begin, place)
        part = self._by_tag.get(tag)
        if self.length is not None:
            size = self.length.read(data, index, place, tag)
            if part is not None and part.size is not None and size > part.size:
                raise place.fault(index, f"a length of at most {part.size}", str(size), tag)
            index += self.length.width
        elif part is None or part.size is None:
            raise place.fault(begin, "a tag whose length is known", "another")
        else:
            size = part.size
        end = index + size
        if end > len(data):
            raise place.fault(index, f"a length of {size}", str(len(data) - index), tag)
        raw = data[index:end]
        value, inner = (raw, ()) if part is None else read_part(part, raw, index, place)
        return Found(tag, value, inner, place.offset(begin) or 0, place.offset(end) or 0, part), end

    def _tag(self, data: bytes, index: int, place: Place) -> tuple[str, int]:
        if self.tag_form is TagForm.BER:
            try:
                return tlv.read_tag(data, index, len(data))
            except Malformed as fault:
                raise place.fault(index, fault.expected, fault.found) from None
        raw = data[index : index + self.tag_bytes]
        if len(raw) != self.tag_bytes:
            raise place.fault(index, f"a tag of {self.tag_bytes} bytes", f"{len(raw)} bytes")
        if self.tag_form is TagForm.BYTES:
            return raw.hex().upper(), index + self.tag_bytes
        text = raw.decode("latin-1")
        if not (text.isascii() and text.isalnum()):
            raise place.fault(index, "a tag of letters and digits", "something else")
        return text, index + self.tag_bytes

    def write(self, found: Iterable[Found], place: Place) -> bytes:
        """The parts in the order given. Raises Malformed for a tag or a length that cannot be written."""
        return b"".join([self._put(item, place) for item in found])

    def _put(self, item: Found, place: Place) -> bytes:
        part = self._by_tag.get(item.tag)
        tag = self._tag_written(item.tag, place)
        raw = written(part, item, place)
        if self.length is None:
            if part is None or len(raw) != part.size:
                raise place.fault(0, "a tag and a length that the table knows", "others", item.tag)
            return tag + raw
        if part is not None and part.size is not None and len(raw) > part.size:
            raise place.fault(0, f"a length of at most {part.size}", str(len(raw)), item.tag)
        return tag + self.length.write(len(raw), place, item.tag) + raw

    def _tag_written(self, tag: str, place: Place) -> bytes:
        if self.tag_form is TagForm.TEXT:
            raw = tag.encode("ascii", "replace")
        else:
            try:
                raw = bytes.fromhex(tag)
            except ValueError:
                raw = b""
        try:
            whole = bool(raw) and self._tag(raw, 0, place) == (tag, len(raw))
        except Malformed:
            whole = False
        if not whole:
            raise place.fault(0, "a tag of this form", "another")
        return raw


@dataclass(frozen=True, slots=True)
class BerTlv(Parts):
    """BER-TLV (EMV book 3, annex B) with names for its tags; templates hold parts, filler and long lengths are kept."""

    parts: tuple[Part, ...]
    _by_tag: dict[str, Part] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_by_tag", _rows(self.parts))

    def read(self, data: bytes, place: Place) -> tuple[Found, ...]:
        """The objects in their order. Raises Malformed."""
        try:
            objects = tlv.parse(data)
        except Malformed as fault:
            raise place.fault(fault.offset or 0, fault.expected, fault.found, fault.subfield) from None
        return self._found(objects, 0, place)[0]

    def _found(self, objects: tuple[tlv.Tlv, ...], index: int, place: Place) -> tuple[tuple[Found, ...], int]:
        found = []
        for item in objects:
            begin = index + len(item.before)
            start = begin + item.head_size
            part = self._by_tag.get(item.tag)
            value: str | bytes = item.value
            inner: tuple[Found, ...] = ()
            if item.children:
                inner, _ = self._found(item.children, start, place)
            elif part is not None:
                value, inner = read_part(part, item.value, start, place)
            end = start + len(item.value)
            offsets = place.offset(begin) or 0, place.offset(end) or 0
            found.append(Found(item.tag, value, inner, *offsets, part, (item.length_bytes, item.before, item.after)))
            index = end + len(item.after)
        return tuple(found), index

    def write(self, found: Iterable[Found], place: Place) -> bytes:
        """The objects in the order given. Raises Malformed for a tag that is none."""
        try:
            return tlv.build([self._object(item, place) for item in found])
        except Malformed as fault:
            raise place.fault(0, fault.expected, fault.found, fault.subfield) from None

    def _object(self, item: Found, place: Place) -> tlv.Tlv:
        length_bytes, before, after = item.extra
        part = self._by_tag.get(item.tag)
        if item.children and (part is None or part.layout is None):
            value = tlv.build([self._object(child, place) for child in item.children])
        else:
            value = written(part, item, place)
        return tlv.Tlv(item.tag, value, (), length_bytes, before, after)


@dataclass(frozen=True, slots=True)
class Bitmapped(Parts):
    """A bitmap of the field's own, then the parts it announces: `parts` by bit, the first being bit 1."""

    parts: dict[int, Part] = field(hash=False)
    bitmap_bytes: int = 8

    def __post_init__(self) -> None:
        _rows(tuple(self.parts.values()))
        for bit, part in self.parts.items():
            if not 1 <= bit <= self.bitmap_bytes * 8:
                raise ValueError(f"no bit {bit} in {self.bitmap_bytes} bytes")
            if part.size is None and part.prefix is None:
                raise ValueError(f"bit {bit} has no length")

    def read(self, data: bytes, place: Place) -> tuple[Found, ...]:
        """The parts in the order of their bits. Raises Malformed, also for a bit that the table lacks."""
        bitmap = data[: self.bitmap_bytes]
        if len(bitmap) != self.bitmap_bytes:
            raise place.fault(0, f"{self.bitmap_bytes} bytes of bitmap", f"{len(bitmap)} bytes")
        bits = int.from_bytes(bitmap, "big")
        total = self.bitmap_bytes * 8
        index, found = self.bitmap_bytes, []
        for bit in range(1, total + 1):
            if bits >> (total - bit) & 1:
                part = self.parts.get(bit)
                if part is None:
                    raise place.fault((bit - 1) // 8, "bits of the table", f"bit {bit}")
                item, index = taken(part, data, index, place)
                found.append(item)
        if index != len(data):
            raise place.fault(index, "the end", f"{len(data) - index} more")
        return tuple(found)

    def write(self, found: Iterable[Found], place: Place) -> bytes:
        """The bitmap and the parts. Raises Malformed for a part that the table lacks, or that comes twice."""
        items = list(found)
        given = {item.tag: item for item in items}
        bits, chunks = 0, []
        for bit, part in sorted(self.parts.items()):
            item = given.pop(part.tag, None)
            if item is not None:
                bits |= 1 << (self.bitmap_bytes * 8 - bit)
                chunks.append(put(part, item, place))
        if given or len(chunks) != len(items):
            raise place.fault(0, "each part of the table at most once", "others")
        return bits.to_bytes(self.bitmap_bytes, "big") + b"".join(chunks)
