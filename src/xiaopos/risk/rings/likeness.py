"""Pictures that are the same to the eye: a difference hash, and how far two are apart.

What may live here: the hash of pixels that somebody else scaled, distances, the parts by which near ones are found. What may not:
reading picture files, storage.

The difference hash (dHash, publicly described by N. Krawetz, 2013) says for each of 64 places of a 9 x 8 grey picture whether it
gets brighter to the right. Encoding a picture anew, or scaling it, changes a few of the 64 at most.
"""

from __future__ import annotations

WIDTH, HEIGHT = 9, 8
NEAR = 4
"""So many places may differ between two pictures that are one."""
_PARTS, _PART_BITS = 4, 16


def likeness(grey: bytes) -> str:
    """The hash, 16 hex digits, of a picture scaled to 9 x 8 with a byte of brightness each, row by row.

    Raises ValueError for another size.

    >>> likeness(bytes(range(72))), likeness(bytes(72))
    ('ffffffffffffffff', '0000000000000000')
    """
    if len(grey) != WIDTH * HEIGHT:
        raise ValueError(f"a picture of {WIDTH} x {HEIGHT} bytes is needed, got {len(grey)} bytes")
    bits = 0
    for row in range(HEIGHT):
        for place in range(row * WIDTH, row * WIDTH + WIDTH - 1):
            bits = bits << 1 | (grey[place] < grey[place + 1])
    return f"{bits:016x}"


def apart(one: str, other: str) -> int:
    """In how many of the 64 places two hashes differ.

    >>> apart("ffffffffffffffff", "fffffffffffffff0")
    4
    """
    return (int(one, 16) ^ int(other, 16)).bit_count()


def parts(mark: str) -> tuple[str, ...]:
    """Four parts of a hash, each with its place: two hashes that differ in three places or fewer share one at least.

    >>> parts("0123456789abcdef")
    ('0:0123', '1:4567', '2:89ab', '3:cdef')
    """
    step = _PART_BITS // 4
    return tuple(f"{number}:{mark[number * step : (number + 1) * step]}" for number in range(_PARTS))


def is_flat(mark: str) -> bool:
    """Whether a picture shows next to nothing: an empty sheet is like every other one."""
    return not _PART_BITS // 2 <= int(mark, 16).bit_count() <= 64 - _PART_BITS // 2
