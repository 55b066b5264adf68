"""A customer's signature as a pretend terminal draws one: black strokes on white, small enough for field 62.

What may live here: drawing, and reading what somebody drew. What may not: sending it (playing).

Terminals in service send JBIG. No encoder of that is at hand, and the host keeps whatever comes, so this is a bitmap of one bit a
pixel that any browser shows.
"""

from __future__ import annotations

import math

from xiaopos.kernel.secret import Secret

WIDTH, HEIGHT = 128, 48
MOST_BYTES = 999
_HEADER_BYTES = 62
_ROW_BYTES = WIDTH // 8


def bitmap(black: set[tuple[int, int]]) -> bytes:
    """A BMP of one bit a pixel, 128 by 48, with these pixels (from the top left) black."""
    rows = [bytearray(b"\xff" * _ROW_BYTES) for _ in range(HEIGHT)]
    for x, y in black:
        if 0 <= x < WIDTH and 0 <= y < HEIGHT:
            rows[y][x // 8] &= ~(0x80 >> x % 8) & 0xFF
    picture = b"".join(reversed(rows))
    size = _HEADER_BYTES + len(picture)
    header = b"BM" + size.to_bytes(4, "little") + bytes(4) + _HEADER_BYTES.to_bytes(4, "little")
    info = (40, WIDTH, HEIGHT)
    header += b"".join(value.to_bytes(4, "little") for value in info) + b"\x01\x00\x01\x00" + bytes(4)
    header += len(picture).to_bytes(4, "little") + bytes(16) + b"\x00\x00\x00\x00" + b"\xff\xff\xff\x00"
    return header + picture


def sample_signature(stan: int) -> Secret:
    """A scribble that is another one for each payment: what a customer writes who is not asked to draw."""
    turns = 2 + stan % 5
    black: set[tuple[int, int]] = set()
    for step in range(1200):
        along = step / 1200
        x = 8 + int(along * (WIDTH - 24) + 6 * math.sin(along * turns * 9))
        y = HEIGHT // 2 + int((HEIGHT / 3) * math.sin(along * turns * 6.283 + stan % 7) * (1 - along / 2))
        black |= {(x, y), (x + 1, y), (x, y + 1)}
    return Secret(bitmap(black))
