"""A message read or written field by field, from the table: the authority on what is right and what is wrong with it.

What may live here: the walk over a message. What may not: speed (generated code is fast, and asks here when in doubt).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from xiaopos.wire.iso8583.encodings import READ, write_value
from xiaopos.wire.iso8583.message import Message
from xiaopos.wire.iso8583.spec import Field, Size, Spec
from xiaopos.wire.malformed import Malformed

MTI = 0
BITMAP = 1


@dataclass(frozen=True, slots=True, repr=False)
class Piece:
    """One part of a message: bytes `start` to `end` (length prefix included) hold `value`.

    `number` is 0 for the message type, 1 for the bitmap (its value as bytes).
    """

    number: int
    start: int
    end: int
    value: str | bytes


def walk(spec: Spec, data: bytes) -> Iterator[Piece]:
    """The parts of a message in their order, from the message type on. Raises Malformed at the first wrong one."""
    yield Piece(MTI, 0, 2, _message_type(data))
    bitmap = _bitmap(spec, data)
    offset = 2 + len(bitmap)
    yield Piece(BITMAP, 2, offset, bitmap)
    last = BITMAP
    for last in _numbers(spec, bitmap):
        piece = _piece(spec.fields[last], data, offset)
        offset = piece.end
        yield piece
    if offset != len(data):
        raise Malformed(last, offset, "the end of the message", f"{len(data) - offset} more bytes")


def read(spec: Spec, data: bytes) -> Message:
    """The message in `data`. Raises Malformed."""
    pieces = list(walk(spec, data))
    mti = pieces[0].value
    assert isinstance(mti, str)
    return Message(mti, {piece.number: piece.value for piece in pieces[2:]})


def _message_type(data: bytes) -> str:
    digits = data[:2].hex()
    if len(digits) != 4:
        raise Malformed(MTI, len(data), "2 bytes of message type", f"{len(data)} bytes")
    for place, digit in enumerate(digits):
        if not digit.isdigit():
            raise Malformed(MTI, place // 2, "a digit", f"nibble {digit.upper()}")
    return digits


def _bitmap(spec: Spec, data: bytes) -> bytes:
    size = 16 if spec.secondary and data[2:3] >= b"\x80" else 8
    bitmap = data[2 : 2 + size]
    if len(bitmap) != size:
        raise Malformed(BITMAP, len(data), f"{size} bytes of bitmap", f"{len(bitmap)} bytes")
    return bitmap


def _numbers(spec: Spec, bitmap: bytes) -> list[int]:
    """The fields that the bitmap announces. Raises Malformed for one that the spec lacks."""
    bits = int.from_bytes(bitmap, "big")
    total = len(bitmap) * 8
    numbers = [number for number in range(1, total + 1) if bits >> (total - number) & 1]
    if total == 128:
        numbers.remove(1)
        if not numbers or numbers[-1] <= 64:
            raise Malformed(BITMAP, 10, "a field above 64, as bit 1 announces", "none")
    for number in numbers:
        if number not in spec.fields:
            raise Malformed(BITMAP, 2 + (number - 1) // 8, f"fields of {spec.name}", f"bit {number}")
    return numbers


def _piece(field: Field, data: bytes, offset: int) -> Piece:
    count, start = _length(field, data, offset)
    symbols = count * field.symbols_per_count
    size = (symbols + 1) // 2 if field.encoding.packed else symbols
    raw = data[start : start + size]
    if len(raw) != size:
        raise Malformed(field.number, start, f"{size} bytes", f"{len(raw)} bytes")
    return Piece(field.number, offset, start + size, READ[field.encoding](field, raw, symbols, start))


def _length(field: Field, data: bytes, offset: int) -> tuple[int, int]:
    """The field's length, and where its value begins."""
    if field.size is Size.FIXED:
        return field.most, offset
    start = offset + field.size.prefix_bytes
    digits = data[offset:start].hex()
    if len(digits) != field.size.prefix_bytes * 2:
        raise Malformed(field.number, offset, f"{field.size.prefix_bytes} bytes of length", f"{len(digits) // 2} bytes")
    if not digits.isdigit():
        raise Malformed(field.number, offset, "a length in BCD", digits.upper())
    if int(digits) > field.most:
        raise Malformed(field.number, offset, f"a length of at most {field.most}", str(int(digits)))
    return int(digits), start


def write(spec: Spec, message: Message) -> bytes:
    """The bytes of a message, from its type on. Raises Malformed, without an offset, for what the spec cannot hold."""
    mti = message.mti
    if not (isinstance(mti, str) and len(mti) == 4 and mti.isascii() and mti.isdigit()):
        raise Malformed(MTI, None, "4 digits", "another message type")
    numbers = sorted(message.fields)
    for number in numbers:
        if number not in spec.fields:
            raise Malformed(number, None, f"a field of {spec.name}", "none of that number")
    values = [_written(spec.fields[number], message.fields[number]) for number in numbers]
    return b"".join([bytes.fromhex(mti), spec.bitmap(numbers), *values])


def _written(field: Field, value: str | bytes) -> bytes:
    symbols, raw = write_value(field, value)
    count, rest = divmod(symbols, field.symbols_per_count)
    if rest:
        raise Malformed(field.number, None, "an even number of symbols", str(symbols))
    if field.size is Size.FIXED:
        if count != field.most:
            raise Malformed(field.number, None, f"a length of {field.most}", str(count))
        return raw
    if count > field.most:
        raise Malformed(field.number, None, f"a length of at most {field.most}", str(count))
    return bytes.fromhex(str(count).zfill(field.size.prefix_bytes * 2)) + raw
