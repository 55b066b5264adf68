"""Where in a message's bytes a card number or a track may stand, whatever the spec says: a fault moves fields about.

What may live here: finding such places. What may not: hiding them (table).

A number counts when its check digit is right and its surroundings say so: its own length in front of it, in digits or (a
terminal's usual mistake) in bytes; the chip's tag 5A; a track's separator behind it, and then what follows too; or, written as
characters, nothing but other characters around it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from xiaopos.kernel.secret import luhn_ok

FEWEST, MOST = 13, 19
LONGEST_TRACK = 37
"""A track 2, from its number to its end, at most (ISO/IEC 7813)."""
TELLING = 8
"""So many digits of a card number in a row are no chance."""
FIRST_FIELD_BYTES = 22
"""From the bitmap on, as many bytes as a card number with its length can take in any encoding."""

_PACKED_PREFIXED = re.compile(r"(?=(1[3-9]|0[7-9]|0a|10)([3-6][0-9]{12,18}))")
_PACKED_TAGGED = re.compile(r"(?=5a0[789a]([3-6][0-9]{12,18}))")
_PACKED_TRACK = re.compile(r"(?=([3-6][0-9]{12,18})d([0-9]*))")
_WRITTEN = re.compile(r"(?<![0-9])(?:1[3-9])?([3-6][0-9]{12,18})(?:[=D^]([0-9]*))?(?![0-9])")
_WRITTEN_PREFIXED = re.compile(r"(?=(1[3-9])([3-6][0-9]{12,18}))")
_USUAL = (
    re.compile(r"(?=((?:62|4[0-9]|5[1-5]|2[2-7]|35)[0-9]{14}))"),
    re.compile(r"(?=(62[0-9]{17}))"),
    re.compile(r"(?=(3[47][0-9]{13}))"),
)
"""Brands by their first digits, with the lengths that their cards usually have."""
_WRITTEN_TRACK = re.compile(r"(?=([3-6][0-9]{12,18})[=D]([0-9]*))")


def card_places(body: bytes) -> list[tuple[int, int]]:
    """The bytes `start` to `end` of every card number or track found, in their order; where a number was found, also every other
    place where its beginning stands.

    >>> card_places(bytes.fromhex("16 6225561620345170 0200"))
    [(1, 9)]
    """
    packed, texts = body.hex(), (body.decode("latin-1"), body.decode("cp500"))
    in_packed = set(_packed(packed))
    in_texts = [set(_written(text)) for text in texts]
    numbers = {_digits(packed[start:end]) for start, end in in_packed}
    numbers |= {_digits(text[start:end]) for text, found in zip(texts, in_texts, strict=True) for start, end in found}
    for number in numbers:
        in_packed |= _again(packed, number)
        for text, found in zip(texts, in_texts, strict=True):
            found |= _again(text, number)
    places = {(start // 2, (end + 1) // 2) for start, end in in_packed}
    return _merged(places.union(*in_texts))


def _merged(places: set[tuple[int, int]]) -> list[tuple[int, int]]:
    """Places that overlap, as one."""
    merged: list[tuple[int, int]] = []
    for first, last in sorted(places):
        if merged and first < merged[-1][1]:
            merged[-1] = merged[-1][0], max(last, merged[-1][1])
        else:
            merged.append((first, last))
    return merged


def _digits(found: str) -> str:
    """The card number at the beginning of what was found."""
    return re.split("[^0-9]", found, maxsplit=1)[0][:MOST]


def _again(text: str, number: str) -> set[tuple[int, int]]:
    """Where a number, or a part of it that is long enough to tell, stands in a text: a broken number is hidden too."""
    parts = "|".join(number[at : at + TELLING] for at in range(len(number) - TELLING + 1))
    return {(match.start(), match.start() + TELLING) for match in re.finditer(f"(?=(?:{parts}))", text)}


def possible_places(body: bytes) -> list[tuple[int, int]]:
    """The same for a message that cannot be trusted to begin and go on where it seems to: every run of digits of a card's usual
    length, brand and check digit, whatever stands around it. Some of them
    are none: this is for a message in which `card_places` finds nothing.

    >>> possible_places(bytes.fromhex("00 6225561620345170 02"))
    [(1, 9)]
    """
    found = [(match.start() // 2, (match.start() + len(match[1]) + 1) // 2) for match in _likely(body.hex())]
    for text in (body.decode("latin-1"), body.decode("cp500")):
        found += [(match.start(), match.start() + len(match[1])) for match in _likely(text)]
    return found


def _likely(text: str) -> Iterator[re.Match[str]]:
    return (match for usual in _USUAL for match in usual.finditer(text) if luhn_ok(match[1]))


def _packed(digits: str) -> Iterator[tuple[int, int]]:
    """Places in packed digits, counted in nibbles."""
    for match in _PACKED_PREFIXED.finditer(digits):
        said = int(match[1], 16) if match[1] == "0a" else int(match[1])
        for size in {said, 2 * said, 2 * said - 1}:
            if FEWEST <= size <= len(match[2]) and luhn_ok(match[2][:size]):
                yield match.start(2), match.start(2) + size
    for match in _PACKED_TAGGED.finditer(digits):
        yield match.start(1), match.end(1)
    for match in _PACKED_TRACK.finditer(digits):
        if luhn_ok(match[1]):
            yield match.start(1), min(match.end(2), match.start(1) + LONGEST_TRACK)


def _written(text: str) -> Iterator[tuple[int, int]]:
    """Places in characters."""
    for match in _WRITTEN_PREFIXED.finditer(text):
        size = int(match[1])
        if size <= len(match[2]) and luhn_ok(match[2][:size]):
            yield match.start(2), match.start(2) + size
    for pattern in (_WRITTEN, _WRITTEN_TRACK):
        for match in pattern.finditer(text):
            if luhn_ok(match[1]):
                end = match.end(1) if match[2] is None else match.end(2)
                yield match.start(1), min(end, match.start(1) + LONGEST_TRACK)
