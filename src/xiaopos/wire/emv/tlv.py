"""BER-TLV as chip cards use it (EMV book 3, annex B): tag, length, value, in their order.

What may live here: reading and writing the tree. What may not: what a tag means (dictionary), how a value is read.

    tag      1 to 4 bytes      b8 b7 class | b6 constructed | b5-b1 number; all of b5-b1 set: the number goes on in the
                               next byte, and after it while b8 of that byte is set
    length   1 to 4 bytes      00-7F | 81 LL | 82 LLLL | 83 LLLLLL; 80 (indefinite) is refused
    value    length bytes      when b6 of the tag's first byte is set: more objects
    filler   00 or FF bytes    before, between and after objects (annex B1; ISO/IEC 7816-4), kept with their neighbour

Reading and writing are inverse, byte for byte: filler and lengths longer than needed are kept. The one exception is
data of nothing but filler, which has no object to keep it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from xiaopos.wire.malformed import Malformed

DEPTH_LIMIT = 8
"""Levels of templates, the outermost objects being the first."""
SIZE_LIMIT = 65535
"""Bytes that are looked at; more is refused unread."""
OBJECT_LIMIT = 1000
"""Objects in one tree, so that reading takes a bounded number of steps whatever comes."""
_TAG_BYTES = 4
_LENGTH_BYTES = 3
_TAG = re.compile("[02468ACE][0-9A-F]|[13579BDF][0-9A-E]|[13579BDF]F(?:[89A-F][0-9A-F]){0,2}[0-7][0-9A-F]")


@dataclass(frozen=True, slots=True, repr=False)
class Tlv:
    """One data object: `tag` in upper-case hex, `value` its bytes, `children` what a constructed one holds.

    `length_bytes` is how many bytes follow the first length byte, where that is more than needed; so that what was read
    can be written again byte for byte. `before` and `after` are the filler around the object (after: only the last of
    its template's has one); they do not count when two objects are compared. The repr shows no value.
    """

    tag: str
    value: bytes
    children: tuple[Tlv, ...] = ()
    length_bytes: int = 0
    before: bytes = field(default=b"", compare=False)
    after: bytes = field(default=b"", compare=False)

    def __repr__(self) -> str:
        return f"Tlv({self.tag}, {len(self.value)} bytes)"

    @property
    def constructed(self) -> bool:
        """Whether the tag says that the value is objects (b6 of its first byte)."""
        return bool(int(self.tag[:2], 16) & 0x20)

    @property
    def head_size(self) -> int:
        """Bytes of tag and length, before the value."""
        return len(self.tag) // 2 + len(_length(len(self.value), self.length_bytes, self.tag))

    def encode(self) -> bytes:
        """Tag, length and value, without the filler around it.

        Raises Malformed for a tag that is none (see the module's layout) and a value over 16,777,215 bytes.
        """
        return write_tag(self.tag) + _length(len(self.value), self.length_bytes, self.tag) + self.value


def parse(data: bytes, *, field: int | None = None, ff_is_filler: bool = False) -> tuple[Tlv, ...]:
    """The objects in `data`, in their order, a tag that comes twice twice; unknown tags are kept like any other.

    Filler is 00, and FF where nothing but filler follows in that template. FF may also begin a tag (FF01, FF8104), so an
    FF before an object is read as a tag; with `ff_is_filler` every FF where an object could begin is filler.

    Raises Malformed (`field` names the message field it came in, `subfield` is the path of tags such as `70.A5.82`, the
    offset counts from the start of `data`) for: a tag or length that does not end; a tag over 4, a length over 3 further
    bytes; the indefinite length; a value cut short; more than 8 levels, 1000 objects or 65535 bytes.
    """
    objects, fault = _Reading(data, field, ff_is_filler).whole()
    if fault is not None:
        raise fault
    return objects


def salvage(
    data: bytes, *, field: int | None = None, ff_is_filler: bool = False
) -> tuple[tuple[Tlv, ...], Malformed | None]:
    """The whole outermost objects before the first fault, and the fault; for showing people what could be read."""
    return _Reading(data, field, ff_is_filler).whole()


def build(objects: Iterable[Tlv]) -> bytes:
    """The objects one after the other, with the filler they came with. Raises Malformed as `Tlv.encode` does."""
    return b"".join([item.before + item.encode() + item.after for item in objects])


def template(tag: str, children: Iterable[Tlv]) -> Tlv:
    """A constructed object. Raises Malformed when the tag is a primitive one or none."""
    inner = tuple(children)
    made = Tlv(tag, build(inner), inner)
    if not write_tag(tag)[0] & 0x20:
        raise Malformed(None, None, "the tag of a template", "a primitive one", tag)
    return made


def every(objects: Iterable[Tlv]) -> Iterator[Tlv]:
    """All objects of the tree, each template before what it holds."""
    for item in objects:
        yield item
        if item.children:
            yield from every(item.children)


def first(objects: Iterable[Tlv], tag: str) -> bytes | None:
    """The value of the first object with this tag anywhere in the tree, or None."""
    return next((item.value for item in every(objects) if item.tag == tag), None)


def firsts(objects: Iterable[Tlv]) -> dict[str, bytes]:
    """The value of the first object of every tag in the tree: what `first` says, for many tags at once."""
    found: dict[str, bytes] = {}
    for item in every(objects):
        found.setdefault(item.tag, item.value)
    return found


def every_value(objects: Iterable[Tlv], tag: str) -> list[bytes]:
    """The values of all objects with this tag anywhere in the tree, in their order."""
    return [item.value for item in every(objects) if item.tag == tag]


def read_tag(data: bytes, start: int, end: int, field: int | None = None, path: str | None = None) -> tuple[str, int]:
    """The tag at `start` and where it ends; for lists of tags too (dol). Raises Malformed when it does not end by `end`."""
    at = start + 1
    if data[start] & 0x1F == 0x1F:
        while at < end and data[at] & 0x80 and at - start < _TAG_BYTES:
            at += 1
        at += 1
    if at - start > _TAG_BYTES:
        raise Malformed(field, start, f"a tag of at most {_TAG_BYTES} bytes", "a longer one", path)
    if at > end:
        raise Malformed(field, start, "a whole tag", "the end", path)
    return data[start:at].hex().upper(), at


def write_tag(tag: str) -> bytes:
    """The bytes of a tag. Raises Malformed for what is no tag of 1 to 4 bytes in upper-case hex."""
    if _TAG.fullmatch(tag) is None:
        raise Malformed(None, None, f"one tag of at most {_TAG_BYTES} bytes in upper-case hex", "something else")
    return bytes.fromhex(tag)


def _length(size: int, extra: int, tag: str) -> bytes:
    if size < 0x80 and not extra:
        return bytes([size])
    extra = max(extra, (size.bit_length() + 7) // 8)
    if extra > _LENGTH_BYTES:
        raise Malformed(None, None, f"a length of at most {_LENGTH_BYTES} further bytes", str(extra), tag)
    return bytes([0x80 | extra]) + size.to_bytes(extra, "big")


class _Reading:
    """One reading of one piece of data: what does not change on the way down, and how many objects were met."""

    def __init__(self, data: bytes, field: int | None, ff_is_filler: bool) -> None:
        self.data = data
        self.field = field
        self.filler = b"\x00\xff" if ff_is_filler else b"\x00"
        self.count = 0

    def whole(self) -> tuple[tuple[Tlv, ...], Malformed | None]:
        found: list[Tlv] = []
        try:
            if len(self.data) > SIZE_LIMIT:
                raise Malformed(self.field, SIZE_LIMIT, f"at most {SIZE_LIMIT} bytes", str(len(self.data)))
            self.area(found, 0, len(self.data), "", 1)
        except Malformed as fault:
            return tuple(found), fault
        return tuple(found), None

    def area(self, found: list[Tlv], start: int, end: int, path: str, depth: int) -> None:
        """Appends the objects between `start` and `end` to `found`, each as soon as it is whole."""
        if depth > DEPTH_LIMIT:
            raise Malformed(self.field, start, f"at most {DEPTH_LIMIT} levels of templates", "more", path)
        while start < end:
            begin = self._past_filler(start, end)
            filler = self.data[start:begin]
            if begin == end:
                if found:
                    found[-1] = replace(found[-1], after=filler)
                return
            self.count += 1
            if self.count > OBJECT_LIMIT:
                raise Malformed(self.field, begin, f"at most {OBJECT_LIMIT} objects", "more", path or None)
            start = self._object(found, begin, end, path, depth, filler)

    def _object(self, found: list[Tlv], begin: int, end: int, path: str, depth: int, filler: bytes) -> int:
        tag, at = read_tag(self.data, begin, end, self.field, path or None)
        here = f"{path}.{tag}" if path else tag
        size, extra, at = self._length(at, end, here)
        if at + size > end:
            raise Malformed(self.field, at, f"{size} bytes", f"{end - at} bytes", here)
        children: list[Tlv] = []
        if self.data[begin] & 0x20:
            self.area(children, at, at + size, here, depth + 1)
        found.append(Tlv(tag, self.data[at : at + size], tuple(children), extra, filler))
        return at + size

    def _past_filler(self, start: int, end: int) -> int:
        while start < end and self.data[start] in self.filler:
            start += 1
        if start < end and self.data[start] == 0xFF and not self.data[start:end].lstrip(b"\x00\xff"):
            return end
        return start

    def _length(self, at: int, end: int, path: str) -> tuple[int, int, int]:
        """The length, how many bytes told it if more than needed, and where the value begins."""
        if at >= end:
            raise Malformed(self.field, at, "a length", "the end", path)
        first_byte = self.data[at]
        if first_byte < 0x80:
            return first_byte, 0, at + 1
        extra = first_byte & 0x7F
        if not 1 <= extra <= _LENGTH_BYTES:
            found = "the indefinite form" if extra == 0 else f"byte {first_byte:02X}"
            raise Malformed(self.field, at, f"a length of at most {_LENGTH_BYTES} further bytes", found, path)
        if at + 1 + extra > end:
            raise Malformed(self.field, at, f"{extra} bytes of length", f"{end - at - 1} bytes", path)
        size = int.from_bytes(self.data[at + 1 : at + 1 + extra], "big")
        shortest = 0 if size < 0x80 else (size.bit_length() + 7) // 8
        return size, extra if extra > shortest else 0, at + 1 + extra
