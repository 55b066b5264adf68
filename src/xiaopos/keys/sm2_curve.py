"""The curve of SM2 (sm2p256v1, GB/T 32918.5-2017): points, and multiples of points in a regular rhythm.

What may live here: field and point arithmetic, the encodings of a point.
What may not: hashing, signing, encrypting (`sm2`).

`cryptography` offers SM3 and SM4 but not SM2, so the curve is computed here. What is done against an observer with a clock:
a multiple always takes the same number of doublings and additions whatever the scalar (its base-16 digits run from 1 to 16,
never 0), the starting point's coordinates are blinded by a random factor, and inverses modulo the order are blinded. What
is not: Python's integers take time that depends a little on their values. A secret key that must withstand someone on the
same machine belongs into a hardware module.
"""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

from xiaopos.keys.vault import KeyFault, KeyRefused

P = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF00000000FFFFFFFFFFFFFFFF
A = P - 3
B = 0x28E9FA9E9D9F5E344D5A9E4BCF6509A7F39789F515AB8F92DDBCBD414D940E93
N = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFF7203DF6B21C6052B53BBF40939D54123
GX = 0x32C4AE2C1F1981195F9904466A39C9948FE30BBFF2660BE1715A4589334C74C7
GY = 0xBC3736A2F4F6779C59BDCEE36B692153D0A9877CC62A474002DF32E52139F0A0

SIZE = 32
_DIGITS = 64
# Subtracted from a scalar, this leaves digits that are one too small, so that none of the digits meant is zero.
_ALL_ONES = sum(16**place for place in range(_DIGITS))


class Point(NamedTuple):
    """A point of the curve other than the one at infinity."""

    x: int
    y: int

    def encoded(self) -> bytes:
        """`x | y`, 64 bytes."""
        return self.x.to_bytes(SIZE, "big") + self.y.to_bytes(SIZE, "big")


def on_curve(x: int, y: int) -> bool:
    """Whether `y^2 = x^3 - 3x + b`, both within the field."""
    return 0 <= x < P and 0 <= y < P and (y * y - (x * x * x + A * x + B)) % P == 0


def point(data: bytes) -> Point:
    """A point from bytes: GB/T 32918.1-2016, 4.2.9.

    ::

        x | y           64 bytes
        04 | x | y      65
        02 | x          33, y even
        03 | x          33, y odd

    Refusals: WRONG_LENGTH, WRONG_FORM for another first byte, BAD_BLOB for what is not on the curve.

    >>> point(bytes.fromhex("0232C4AE2C1F1981195F9904466A39C9948FE30BBFF2660BE1715A4589334C74C7")).y == GY
    True
    """
    if len(data) == 2 * SIZE:
        data = b"\x04" + data
    if len(data) not in (SIZE + 1, 2 * SIZE + 1):
        raise KeyRefused(KeyFault.WRONG_LENGTH, f"a point has 33, 64 or 65 bytes, got {len(data)}")
    form, x = data[0], int.from_bytes(data[1 : SIZE + 1], "big")
    if form == 4 and len(data) == 2 * SIZE + 1:
        y = int.from_bytes(data[SIZE + 1 :], "big")
    elif form in (2, 3) and len(data) == SIZE + 1:
        y = pow(x * x * x + A * x + B, (P + 1) // 4, P)
        if y & 1 != form & 1:
            y = P - y
    else:
        raise KeyRefused(KeyFault.WRONG_FORM, "a point begins with 02, 03 or 04")
    if not on_curve(x, y):
        raise KeyRefused(KeyFault.BAD_BLOB, "this point is not on the curve")
    return Point(x, y)


# A point in Jacobian coordinates: (X / Z^2, Y / Z^3); Z = 0 is the point at infinity.
_Jacobian = tuple[int, int, int]
_INFINITY: _Jacobian = (1, 1, 0)


def _doubled(point: _Jacobian) -> _Jacobian:
    x, y, z = point
    gamma = y * y % P
    beta = x * gamma % P
    delta = z * z % P
    alpha = 3 * (x - delta) * (x + delta) % P
    new_x = (alpha * alpha - 8 * beta) % P
    return new_x, (alpha * (4 * beta - new_x) - 8 * gamma * gamma) % P, 2 * y * z % P


def _added(point: _Jacobian, other: Point) -> _Jacobian:
    x, y, z = point
    if z == 0:
        return other.x, other.y, 1
    square = z * z % P
    run = (other.x * square - x) % P
    rise = (other.y * square % P * z - y) % P
    if run == 0:
        return _doubled(point) if rise == 0 else _INFINITY
    run_2 = run * run % P
    run_3 = run * run_2 % P
    base = x * run_2 % P
    new_x = (rise * rise - run_3 - 2 * base) % P
    return new_x, (rise * (base - new_x) - y * run_3) % P, z * run % P


def _affine(points: list[_Jacobian]) -> list[Point]:
    """The same points with Z = 1, for the price of one inversion (Montgomery's trick). None is at infinity."""
    products = [1]
    for _, _, z in points:
        products.append(products[-1] * z % P)
    inverse = pow(products[-1], -1, P)
    found = []
    for (x, y, z), before in zip(reversed(points), reversed(products[:-1]), strict=True):
        single = inverse * before % P
        inverse = inverse * z % P
        square = single * single % P
        found.append(Point(x * square % P, y * square % P * single % P))
    return found[::-1]


def _first_16(base: Point) -> list[Point]:
    """1 to 16 times a point."""
    points: list[_Jacobian] = [(base.x, base.y, 1)]
    for _ in range(15):
        points.append(_added(points[-1], base))
    return _affine(points)


@cache
def _generator_table() -> tuple[tuple[Point, ...], ...]:
    """For each of 64 places, 1 to 16 times `16^place * G`; made once, in some milliseconds."""
    rows, base = [], Point(GX, GY)
    for _ in range(_DIGITS):
        row = _first_16(base)
        rows.append(tuple(row))
        base = row[15]
    return tuple(rows)


def _digits(scalar: int) -> bytes:
    """The 64 digits of a scalar, lowest first, each one less than it is meant."""
    reduced = (scalar - _ALL_ONES) % N
    return bytes(reduced >> 4 * place & 15 for place in range(_DIGITS))


def _blinded(start: Point, blind: int) -> _Jacobian:
    factor = blind % (P - 1) + 1
    square = factor * factor % P
    return start.x * square % P, start.y * square % P * factor % P, factor


def _of_generator(scalar: int, blind: int) -> _Jacobian:
    table, digits = _generator_table(), _digits(scalar)
    total = _blinded(table[0][digits[0]], blind)
    for place in range(1, _DIGITS):
        total = _added(total, table[place][digits[place]])
    return total


def _of_point(base: Point, scalar: int, blind: int) -> _Jacobian:
    table, digits = _first_16(base), _digits(scalar)
    total = _blinded(table[digits[-1]], blind)
    for digit in reversed(digits[:-1]):
        total = _added(_doubled(_doubled(_doubled(_doubled(total)))), table[digit])
    return total


def _finished(found: _Jacobian) -> Point | None:
    return _affine([found])[0] if found[2] else None


def times_generator(scalar: int, blind: int) -> Point | None:
    """`scalar * G`, or None for the point at infinity; `blind` is any random number of 256 bits or more."""
    return _finished(_of_generator(scalar, blind))


def times(base: Point, scalar: int, blind: int) -> Point | None:
    """`scalar * base`, or None for the point at infinity."""
    return _finished(_of_point(base, scalar, blind))


def combined(scalar: int, base: Point, factor: int) -> Point | None:
    """`scalar * G + factor * base`, or None: what a verification needs. Nothing is secret, so nothing is blinded."""
    other = _finished(_of_point(base, factor, 0))
    own = _of_generator(scalar, 0)
    return _finished(own if other is None else _added(own, other))


def inverse(value: int, blind: int) -> int:
    """`1 / value` modulo the order, blinded by a random number; `value` is not a multiple of the order."""
    factor = blind % (N - 1) + 1
    return pow(value * factor % N, -1, N) * factor % N
