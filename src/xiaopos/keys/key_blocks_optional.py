"""The optional blocks of a key block's header, as characters (ANSI X9.143:2021, 6.3.6).

What may live here: finding where each begins and ends, and writing them. What may not: what is inside (`key_blocks_values`).

    | id 2 | length 2 hex | value |                                    the length counts everything, id included
    | id 2 | "00" | n 2 hex | length, n hex digits or n bytes | value |   longer than 255 characters: extended

The standard's text lets the `n` of an extended length be read two ways: digits, as its own samples 8.5 and 8.6 have it
(`0004` then `0500`), or bytes of two digits each, as other implementations write (`0002` then `0500`). Both are read,
one reading in a whole block; the result says which was met.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum

from xiaopos.keys.key_blocks_words import BlockVersion, KeyBlockRefused

PADDING = "PB"
MOST = 99
_SHORTEST = 4
_LONGEST_SHORT = 255
_ID = re.compile(r"[0-9A-Z]{2}")
_HEX = re.compile(r"[0-9A-F]+")
_PRINTABLE = re.compile(r"[ -~]*")
_FIRST = 16


class ExtendedLength(Enum):
    """How an extended length was read, or is to be written."""

    DIGITS = 1
    """The count says hex digits: X9.143:2021, samples 8.5 and 8.6."""
    BYTES = 2
    """The count says bytes, two hex digits each."""


@dataclass(frozen=True, slots=True)
class OptionalBlock:
    """One optional block: a two-character id and printable text. Raises KeyBlockRefused for other characters."""

    id: str
    value: str

    def __post_init__(self) -> None:
        if _ID.fullmatch(self.id) is None:
            raise KeyBlockRefused(_FIRST, "an optional block's id of two digits or capital letters")
        if _PRINTABLE.fullmatch(self.value) is None:
            raise KeyBlockRefused(_FIRST, "printable ASCII characters in an optional block")

    def text(self, extended: ExtendedLength) -> str:
        """The block as it stands in a header. Raises KeyBlockRefused when it is too long for any."""
        length = _SHORTEST + len(self.value)
        if length <= _LONGEST_SHORT:
            return f"{self.id}{length:02X}{self.value}"
        length += 6
        if length > 0xFFFF:
            raise KeyBlockRefused(_FIRST, "optional blocks of at most 65535 characters")
        return f"{self.id}00{4 // extended.value:02X}{length:04X}{self.value}"


@dataclass(frozen=True, slots=True)
class Found:
    """The optional blocks of a header: without padding, where they end, and how a length was read if one was extended."""

    blocks: tuple[OptionalBlock, ...]
    end: int
    extended: ExtendedLength | None


def find(text: str, count: int, version: BlockVersion, extended: ExtendedLength) -> Found:
    """The `count` optional blocks from character 16 on, extended lengths read as told. Raises KeyBlockRefused."""
    blocks: list[OptionalBlock] = []
    at, met = _FIRST, False
    for place in range(count):
        start, end, is_extended = _extent(text, at, extended)
        met |= is_extended
        block = OptionalBlock(text[at : at + 2], text[start:end])
        if block.id != PADDING:
            if any(each.id == block.id for each in blocks):
                raise KeyBlockRefused(at, "each optional block once")
            blocks.append(block)
        elif place != count - 1:
            raise KeyBlockRefused(at, "the padding block as the last one")
        at = end
    if at % version.block_size:
        raise KeyBlockRefused(at, f"optional blocks that fill whole blocks of {version.block_size} characters")
    return Found(tuple(blocks), at, extended if met else None)


def _extent(text: str, at: int, extended: ExtendedLength) -> tuple[int, int, bool]:
    """Where a block's value begins and ends, and whether its length is extended."""
    if _ID.fullmatch(text, at, at + 2) is None:
        raise KeyBlockRefused(at, "an optional block's id of two digits or capital letters")
    length, start = _number(text, at + 2, 2), at + _SHORTEST
    is_extended = length == 0
    if is_extended:
        digits = _number(text, start, 2) * extended.value
        length, start = _number(text, start + 2, digits), start + 2 + digits
    end = at + length
    if not start <= end <= len(text):
        raise KeyBlockRefused(at + 2, "an optional block's length that ends within the key block")
    return start, end, is_extended


def _number(text: str, at: int, digits: int) -> int:
    if digits == 0 or _HEX.fullmatch(text, at, at + digits) is None or at + digits > len(text):
        raise KeyBlockRefused(at, f"a length of {digits or 'at least 2'} upper-case hex digits")
    return int(text[at : at + digits], 16)


def written(blocks: Sequence[OptionalBlock], version: BlockVersion, extended: ExtendedLength) -> tuple[int, str]:
    """How many blocks there are with padding, and their text. Raises KeyBlockRefused for what a header cannot hold."""
    if len({block.id for block in blocks}) < len(blocks) or any(block.id == PADDING for block in blocks):
        raise KeyBlockRefused(_FIRST, "each optional block once, and no padding block (it is added)")
    text = "".join(_texts(blocks, extended))
    count = len(blocks)
    missing = -len(text) % version.block_size
    if missing:
        filler = missing + version.block_size if missing < _SHORTEST else missing
        text += OptionalBlock(PADDING, "0" * (filler - _SHORTEST)).text(extended)
        count += 1
    if count > MOST:
        raise KeyBlockRefused(12, f"at most {MOST} optional blocks, padding included")
    return count, text


def _texts(blocks: Iterable[OptionalBlock], extended: ExtendedLength) -> Iterable[str]:
    return (block.text(extended) for block in blocks)
