"""Lists that a card gives the terminal: which data it wants (DOL), which records to read (AFL).

What may live here: reading and writing them, and the data for a DOL. What may not: reading the card.

    DOL   tag | length 1 byte | tag | length ...            EMV book 3, 5.4: PDOL 9F38, CDOL 8C 8D, TDOL 97, DDOL 9F49
    AFL   SFI 5 bits, 000 | first record | last | for offline authentication       book 3, 10.2: tag 94
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from xiaopos.wire.emv.dictionary import Format, find
from xiaopos.wire.emv.tlv import read_tag, write_tag
from xiaopos.wire.malformed import Malformed

LIST_LIMIT = 252
"""Bytes that a DOL or an AFL may have."""


@dataclass(frozen=True, slots=True)
class DolEntry:
    """One wish of the card: this tag, in so many bytes."""

    tag: str
    length: int


@dataclass(frozen=True, slots=True)
class AflEntry:
    """Records `first` to `last` of file `sfi`; the first `signed` of them take part in offline data authentication."""

    sfi: int
    first: int
    last: int
    signed: int


def parse_dol(value: bytes, *, field: int | None = None) -> tuple[DolEntry, ...]:
    """The tags and lengths of a DOL, in their order.

    Raises Malformed for a tag or length that does not end, a tag over 4 bytes, and over 252 bytes.

    >>> parse_dol(bytes.fromhex("9F02065F2A02"))
    (DolEntry(tag='9F02', length=6), DolEntry(tag='5F2A', length=2))
    """
    if len(value) > LIST_LIMIT:
        raise Malformed(field, LIST_LIMIT, f"a list of at most {LIST_LIMIT} bytes", str(len(value)))
    entries, at = [], 0
    while at < len(value):
        tag, at = read_tag(value, at, len(value), field)
        if at == len(value):
            raise Malformed(field, at, "the length that the card wants", "the end", tag)
        entries.append(DolEntry(tag, value[at]))
        at += 1
    return tuple(entries)


def build_dol(entries: Iterable[DolEntry]) -> bytes:
    """The DOL's own bytes, as the card holds them. Raises Malformed for what is no tag and lengths outside 0 to 255."""
    wanted = tuple(entries)
    for entry in wanted:
        if not 0 <= entry.length <= 255:
            raise Malformed(None, None, "a length from 0 to 255", str(entry.length), entry.tag)
    return b"".join([write_tag(entry.tag) + bytes([entry.length]) for entry in wanted])


def dol_data(entries: Iterable[DolEntry], values: Mapping[str, bytes]) -> bytes:
    """The data for a DOL out of what the terminal has: values one after the other, without tags (EMV book 3, 5.4).

    A tag that is absent or a template is all zeros. A value too long loses its left bytes when its format is n, else its
    right ones. One too short is filled: n with zeros on the left, cn with FF on the right, all others with zeros on the
    right. The formats are the dictionary's; a tag that is not in it counts as binary.

    >>> dol_data(parse_dol(bytes.fromhex("9F02069A029F3704")), {"9F02": b"\\x01\\x00", "9A": bytes.fromhex("260101")}).hex()
    '000000000100010100000000'
    """
    return b"".join([_fit(entry, values.get(entry.tag, b"")) for entry in entries])


def split_dol(entries: Iterable[DolEntry], data: bytes, *, field: int | None = None) -> list[tuple[str, bytes]]:
    """Data that was built for a DOL, cut into its tags again; fillings stay where they are.

    Raises Malformed when the data is not exactly as long as the DOL says.
    """
    wanted = tuple(entries)
    size = sum(entry.length for entry in wanted)
    if size != len(data):
        raise Malformed(field, min(size, len(data)), f"{size} bytes as the list says", str(len(data)))
    pieces, at = [], 0
    for entry in wanted:
        pieces.append((entry.tag, data[at : at + entry.length]))
        at += entry.length
    return pieces


def parse_afl(value: bytes) -> tuple[AflEntry, ...]:
    """Reads tag 94.

    Raises Malformed for no entry, a size that is not a multiple of 4, over 252 bytes, an SFI outside 1 to 30, record 0,
    a last record before the first, and more records to authenticate than there are (book 3, 10.2).

    >>> parse_afl(bytes.fromhex("08010100"))
    (AflEntry(sfi=1, first=1, last=1, signed=0),)
    """
    if not 4 <= len(value) <= LIST_LIMIT or len(value) % 4:
        raise Malformed(None, len(value), f"4 to {LIST_LIMIT} bytes in groups of 4", str(len(value)), "94")
    entries = []
    for at in range(0, len(value), 4):
        sfi, first, last, signed = value[at] >> 3, *value[at + 1 : at + 4]
        if value[at] & 7 or not 1 <= sfi <= 30:
            raise Malformed(None, at, "a file identifier 1 to 30 in the upper five bits", f"byte {value[at]:02X}", "94")
        if not 1 <= first <= last:
            raise Malformed(None, at + 1, "a first record from 1 to the last", f"{first} to {last}", "94")
        if signed > last - first + 1:
            raise Malformed(None, at + 3, f"at most {last - first + 1} records to authenticate", str(signed), "94")
        entries.append(AflEntry(sfi, first, last, signed))
    return tuple(entries)


def build_afl(entries: Iterable[AflEntry]) -> bytes:
    """The value of tag 94. Raises Malformed, with the offset it would have, for entries that `parse_afl` refuses."""
    numbers = [number for entry in entries for number in (entry.sfi << 3, entry.first, entry.last, entry.signed)]
    for at, number in enumerate(numbers):
        if not 0 <= number <= 255:
            raise Malformed(None, at, "a number that one byte holds", str(number), "94")
    value = bytes(numbers)
    parse_afl(value)
    return value


def _fit(entry: DolEntry, value: bytes) -> bytes:
    row = find(entry.tag)
    kind = Format.B if row is None else row.format
    if int(entry.tag[:2], 16) & 0x20:
        return bytes(entry.length)
    if kind is Format.N:
        return value[-entry.length :].rjust(entry.length, b"\x00") if entry.length else b""
    return value[: entry.length].ljust(entry.length, b"\xff" if kind is Format.CN and value else b"\x00")
