"""BER-TLV as chip cards use it (EMV Book 3 annex B): tag, length, value, in their order.

What may live here: reading and writing the tree. What may not: what a tag means (tags).

    tag      1 to 4 bytes: low five bits of the first all set -> more follow while bit 8 is set
    length   00-7F, or 81 LL, 82 LLLL, 83 .. (the indefinite form 80 is refused)
    value    bytes; when bit 6 of the tag's first byte is set (constructed), more of the same
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from xiaopos.wire.malformed import Malformed

DEPTH_LIMIT = 8
_TAG_BYTES = 4
_LENGTH_BYTES = 3


@dataclass(frozen=True, slots=True, repr=False)
class Tlv:
    """One data object: `tag` in upper-case hex, `value` its bytes, `children` what a constructed one holds.

    `length_bytes` is how many bytes follow the first length byte, where that is more than needed; so that what was read
    can be written again byte for byte. The repr shows no value.
    """

    tag: str
    value: bytes
    children: tuple[Tlv, ...] = ()
    length_bytes: int = 0

    def __repr__(self) -> str:
        return f"Tlv({self.tag}, {len(self.value)} bytes)"

    def encode(self) -> bytes:
        """Tag, length and value."""
        return bytes.fromhex(self.tag) + _length(len(self.value), self.length_bytes) + self.value


def parse(data: bytes, *, field: int | None = None) -> tuple[Tlv, ...]:
    """The objects in `data`, in their order. 00 bytes between objects are filler and are dropped.

    Unknown tags are kept like any other. Raises Malformed with the offset (`field` names the message field it came in)
    for a tag or length that does not end, is over 4 or 3 bytes, the indefinite length, a value cut short, and
    templates nested deeper than 8.
    """
    return _parse(data, 0, len(data), field, 1)


def build(objects: Iterable[Tlv]) -> bytes:
    """The objects one after the other."""
    return b"".join([item.encode() for item in objects])


def template(tag: str, children: Iterable[Tlv]) -> Tlv:
    """A constructed object. Raises ValueError when the tag is a primitive one."""
    if not bytes.fromhex(tag)[0] & 0x20:
        raise ValueError(f"tag {tag} is not a constructed one")
    inner = tuple(children)
    return Tlv(tag, build(inner), inner)


def every(objects: Iterable[Tlv]) -> Iterator[Tlv]:
    """All objects of the tree, each template before what it holds."""
    for item in objects:
        yield item
        yield from every(item.children)


def first(objects: Iterable[Tlv], tag: str) -> bytes | None:
    """The value of the first object with this tag anywhere in the tree, or None."""
    return next((item.value for item in every(objects) if item.tag == tag), None)


def _length(size: int, extra: int) -> bytes:
    if size < 0x80 and not extra:
        return bytes([size])
    extra = max(extra, (size.bit_length() + 7) // 8)
    return bytes([0x80 | extra]) + size.to_bytes(extra, "big")


def _parse(data: bytes, start: int, end: int, field: int | None, depth: int) -> tuple[Tlv, ...]:
    if depth > DEPTH_LIMIT:
        raise Malformed(field, start, f"at most {DEPTH_LIMIT} levels of templates", "more")
    objects = []
    while start < end:
        if data[start] == 0:
            start += 1
            continue
        tag, at = _read_tag(data, start, end, field)
        size, extra, at = _read_length(data, at, end, field, tag)
        if at + size > end:
            raise Malformed(field, at, f"{size} bytes", f"{end - at} bytes", tag)
        constructed = data[start] & 0x20
        children = _parse(data, at, at + size, field, depth + 1) if constructed else ()
        objects.append(Tlv(tag, data[at : at + size], children, extra))
        start = at + size
    return tuple(objects)


def _read_tag(data: bytes, start: int, end: int, field: int | None) -> tuple[str, int]:
    at = start + 1
    if data[start] & 0x1F == 0x1F:
        while at < end and data[at] & 0x80:
            at += 1
        at += 1
    if at > end:
        raise Malformed(field, start, "a whole tag", "the end")
    if at - start > _TAG_BYTES:
        raise Malformed(field, start, f"a tag of at most {_TAG_BYTES} bytes", f"{at - start} bytes")
    return data[start:at].hex().upper(), at


def _read_length(data: bytes, at: int, end: int, field: int | None, tag: str) -> tuple[int, int, int]:
    """The length, how many bytes it took more than needed to be told, and where the value begins."""
    if at >= end:
        raise Malformed(field, at, "a length", "the end", tag)
    if data[at] < 0x80:
        return data[at], 0, at + 1
    extra = data[at] & 0x7F
    if not 1 <= extra <= _LENGTH_BYTES:
        raise Malformed(field, at, "a length", f"byte {data[at]:02X}", tag)
    if at + 1 + extra > end:
        raise Malformed(field, at, f"{extra} bytes of length", f"{end - at - 1} bytes", tag)
    size = int.from_bytes(data[at + 1 : at + 1 + extra], "big")
    shortest = 0 if size < 0x80 else (size.bit_length() + 7) // 8
    return size, extra if extra > shortest else 0, at + 1 + extra
