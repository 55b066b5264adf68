"""How alike two names are, and the keys by which names that may be alike find each other.

What may live here: comparing spelled names. What may not: ids and birthdays (matching), storage.

Similarity is of 1000. Characters are compared by edit distance, sounds by Jaro-Winkler over syllables.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

from xiaopos.risk.screening.spelling import Spelled

SAME, SAME_SOUND, SAME_READING = 1000, 850, 920
"""The same characters; other characters that sound the same; characters against letters that spell them."""
_SOUNDS = 900
"""What the likeness of sounds counts at most, in thousandths, where one side has characters."""
_MOST_KEYS = 40
_LONG = 5
"""Names of more characters, mostly companies', are also found by how they begin and end."""
_ALIKE = (
    ("zh", "z"), ("ch", "z"), ("sh", "s"), ("ts", "z"), ("hs", "s"), ("c", "z"), ("j", "z"), ("q", "z"), ("x", "s"),
    ("p", "b"), ("t", "d"), ("k", "g"), ("n", "l"), ("r", "l"), ("h", "f"),
)  # fmt: skip
"""Beginnings that are taken for each other: neighbours by ear, and the older romanisations of Mandarin."""


def alike(one: Spelled, other: Spelled) -> int:
    """How alike two names are. The same from either side; 1000 for a name and itself."""
    if not (one.says_something and other.says_something):
        return 0
    if one.han and other.han:
        if one.han == other.han:
            return SAME if one.words == other.words else SAME_READING
        sounds_same = bool(set(one.readings) & set(other.readings))
        return max(_edited(one.han, other.han), SAME_SOUND if sounds_same else 0)
    if set(one.readings) & set(other.readings):
        return SAME_READING if one.han or other.han else SAME
    near = max((_sounding(mine, theirs) for mine, theirs in product(one.readings, other.readings)), default=0)
    return near * _SOUNDS // 1000 if one.han or other.han else near


def keys_of(name: Spelled) -> frozenset[str]:
    """Keys of a name: names that are alike share one. At most forty, so that no name costs more than any other."""
    return frozenset(key for _, key in zip(range(_MOST_KEYS), _keys(name), strict=False))


def _keys(name: Spelled) -> Iterator[str]:
    if name.han:
        yield f"h:{name.han[:24]}"
        if len(name.han) > _LONG:
            yield f"b:{name.han[:4]}"
            yield f"e:{name.han[-4:]}"
        if len(name.han) > 2:
            for place in range(min(len(name.han), 12)):
                yield f"h:{name.han[:place]}{name.han[place + 1 : 24]}"
    for reading in name.readings:
        rough = sorted(_rough(syllable) for syllable in reading)
        yield "s:" + " ".join(rough)[:40]
        if len(rough) > 2:
            for place in range(min(len(rough), 6)):
                yield "s:" + " ".join(rough[:place] + rough[place + 1 :])[:40]


def _rough(syllable: str) -> str:
    """A syllable with what is easily taken for something else made one.

    >>> _rough("zhang"), _rough("chang"), _rough("zan")
    ('zan', 'zan', 'zan')
    """
    for written, taken in _ALIKE:
        if syllable.startswith(written) and len(syllable) > len(written):
            syllable = taken + syllable[len(written) :]
            break
    return syllable.removesuffix("g") if syllable.endswith("ng") else syllable


def _sounding(one: tuple[str, ...], other: tuple[str, ...]) -> int:
    """How alike two readings sound, whatever their order: each syllable with the one that is most like it, none twice."""
    pairs = sorted(
        (-_jaro_winkler(mine, theirs), tuple(sorted((mine, theirs))), place, at)
        for place, mine in enumerate(one)
        for at, theirs in enumerate(other)
    )
    left, right, total = set(range(len(one))), set(range(len(other))), 0
    for likeness, _, place, at in pairs:
        if place in left and at in right:
            left.remove(place)
            right.remove(at)
            total -= likeness
    return total // max(len(one), len(other))


def _edited(one: str, other: str) -> int:
    """What part of the longer text stays when one becomes the other, in thousandths."""
    row = list(range(len(other) + 1))
    for place, letter in enumerate(one, 1):
        before, row[0] = row[0], place
        for column, theirs in enumerate(other, 1):
            before, row[column] = row[column], min(row[column] + 1, row[column - 1] + 1, before + (letter != theirs))
    longest = max(len(one), len(other))
    return (longest - row[-1]) * 1000 // longest


def _jaro_winkler(one: str, other: str) -> int:
    """Jaro-Winkler similarity in thousandths (Winkler 1990): 0.1 for each of up to four letters at the beginning."""
    jaro = _jaro(one, other)
    same = next((place for place in range(min(len(one), len(other), 4)) if one[place] != other[place]), None)
    begins = min(len(one), len(other), 4) if same is None else same
    return jaro + begins * (1000 - jaro) // 10


def _jaro(one: str, other: str) -> int:
    if one == other:
        return 1000
    first, second = (one, other) if (len(one), one) <= (len(other), other) else (other, one)
    reach = max(len(second) // 2 - 1, 0)
    taken = [False] * len(second)
    mine: list[str] = []
    for place, letter in enumerate(first):
        for at in range(max(0, place - reach), min(len(second), place + reach + 1)):
            if not taken[at] and second[at] == letter:
                taken[at] = True
                mine.append(letter)
                break
    if not mine:
        return 0
    theirs = [letter for letter, used in zip(second, taken, strict=True) if used]
    moved = sum(left != right for left, right in zip(mine, theirs, strict=True)) // 2
    count = len(mine)
    return (1000 * count // len(first) + 1000 * count // len(second) + 1000 * (count - moved) // count) // 3
