"""A message read or written field by field, from the table: the authority on what is right and what is wrong with it.

What may live here: the walk over a message. What may not: speed (generated code is fast, and asks here when in doubt).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from xiaopos.wire.iso8583.encodings import READ, write_value
from xiaopos.wire.iso8583.message import Message
from xiaopos.wire.iso8583.spec import Bitmap, Field, Prefix, Size, Spec, Third, Typed
from xiaopos.wire.malformed import Malformed

MTI = 0
BITMAP = 1
THIRD = 65
_NOT_DIGIT = re.compile(r"[^0-9]")
_NOT_HEX = re.compile(r"[^0-9A-F]")


@dataclass(frozen=True, slots=True, repr=False)
class Piece:
    """One part of a message: bytes `start` to `end` (length prefix included) hold `value`.

    `number` is 0 for the message type, 1 for the bitmap, 65 for a third bitmap that lies as field 65 (their values as
    bytes of bits, also where the wire has them in hexadecimal).
    """

    number: int
    start: int
    end: int
    value: str | bytes


def walk(spec: Spec, data: bytes) -> Iterator[Piece]:
    """The parts of a message in their order, from the message type on. Raises Malformed at the first wrong one."""
    offset = spec.type_bytes
    yield Piece(MTI, 0, offset, message_type(spec, data))
    bitmap, end = _bitmaps(spec, data, offset)
    yield Piece(BITMAP, offset, end, bitmap)
    numbers, offset = _numbers(spec, bitmap), end
    last = BITMAP
    while numbers:
        last = numbers.pop(0)
        if last == THIRD:
            piece, more = _third(spec, data, offset)
            numbers += more
        else:
            piece = _piece(spec, spec.fields[last], data, offset)
        offset = piece.end
        yield piece
    if offset != len(data):
        raise Malformed(last, offset, "the end of the message", f"{len(data) - offset} more bytes")


def read(spec: Spec, data: bytes) -> Message:
    """The message in `data`. Raises Malformed."""
    pieces = list(walk(spec, data))
    mti = pieces[0].value
    assert isinstance(mti, str)
    return Message(mti, {piece.number: piece.value for piece in pieces[2:] if piece.number != THIRD})


def message_type(spec: Spec, data: bytes) -> str:
    """The four digits at the beginning. Raises Malformed; also for another edition than the spec's."""
    raw = data[: spec.type_bytes]
    if len(raw) != spec.type_bytes:
        raise Malformed(MTI, len(data), f"{spec.type_bytes} bytes of message type", f"{len(data)} bytes")
    packed = spec.typed is Typed.BCD
    digits = raw.hex() if packed else raw.decode(spec.ebcdic if spec.typed is Typed.EBCDIC else "latin-1")
    wrong = _NOT_DIGIT.search(digits)
    if wrong:
        place = wrong.start()
        found = f"nibble {wrong[0].upper()}" if packed else f"byte {raw[place]:02X}"
        raise Malformed(MTI, place // 2 if packed else place, "a digit", found)
    if spec.version is not None and digits[0] != spec.version.value:
        raise Malformed(MTI, 0, f"a message type that begins with {spec.version.value}", digits[0])
    return digits


def _bitmap(spec: Spec, data: bytes, offset: int, count: int) -> bytes:
    """The bits of `count` bitmaps from the offset on."""
    size = spec.bitmap_bytes * count
    raw = data[offset : offset + size]
    if len(raw) != size:
        raise Malformed(BITMAP, len(data), f"{size} bytes of bitmap", f"{len(raw)} bytes")
    if spec.bitmaps is Bitmap.BINARY:
        return raw
    text = raw.decode(spec.ebcdic if spec.bitmaps is Bitmap.EBCDIC_HEX else "latin-1")
    wrong = _NOT_HEX.search(text)
    if wrong:
        place = wrong.start()
        raise Malformed(BITMAP, offset + place, "a hexadecimal capital", f"byte {raw[place]:02X}")
    return bytes.fromhex(text)


def _bitmaps(spec: Spec, data: bytes, offset: int) -> tuple[bytes, int]:
    """The bits of all bitmaps at the beginning, and the offset behind them."""
    bits = _bitmap(spec, data, offset, 1)
    if spec.secondary and bits[0] & 0x80:
        bits = _bitmap(spec, data, offset, 2)
        if spec.third is Third.BEHIND and bits[8] & 0x80:
            bits = _bitmap(spec, data, offset, 3)
    return bits, offset + len(bits) // 8 * spec.bitmap_bytes


def _place(spec: Spec, number: int) -> int:
    """The offset of the symbol of the bitmap that announces the field."""
    return spec.type_bytes + (number - 1) * spec.bitmap_bytes // 64


def _bits(bitmap: bytes, first: int) -> list[int]:
    bits, total = int.from_bytes(bitmap, "big"), len(bitmap) * 8
    return [first + place for place in range(total) if bits >> (total - 1 - place) & 1]


def _numbers(spec: Spec, bitmap: bytes) -> list[int]:
    """The fields that the bitmap announces. Raises Malformed for one that the spec lacks."""
    numbers = _bits(bitmap, 1)
    for bit, size in ((1, 16), (THIRD, 24)):
        if len(bitmap) >= size:
            numbers.remove(bit)
            if not numbers or numbers[-1] < size * 8 - 63:
                place = spec.type_bytes + spec.bitmap_bytes * (size // 8 - 1)
                above = size * 8 - 64
                raise Malformed(BITMAP, place, f"a field above {above}, as bit {bit} announces", "none")
    for number in numbers:
        if number not in spec.fields and not (number == THIRD and spec.third is Third.FIELD_65):
            raise Malformed(BITMAP, _place(spec, number), f"fields of {spec.name}", f"bit {number}")
    return numbers


def _third(spec: Spec, data: bytes, offset: int) -> tuple[Piece, list[int]]:
    """The bitmap that lies as field 65, and the fields it announces."""
    bits = _bitmap(spec, data, offset, 1)
    numbers = _bits(bits, 129)
    if not numbers:
        raise Malformed(THIRD, offset, "a field above 128, as bit 65 announces", "none")
    for number in numbers:
        if number not in spec.fields:
            place = offset + (number - 129) * spec.bitmap_bytes // 64
            raise Malformed(THIRD, place, f"fields of {spec.name}", f"bit {number}")
    return Piece(THIRD, offset, offset + spec.bitmap_bytes, bits), numbers


def _piece(spec: Spec, field: Field, data: bytes, offset: int) -> Piece:
    count, start = _length(spec, field, data, offset)
    symbols = count * field.symbols_per_count
    size = field.bytes_of(symbols)
    raw = data[start : start + size]
    if len(raw) != size:
        raise Malformed(field.number, start, f"{size} bytes", f"{len(raw)} bytes")
    return Piece(field.number, offset, start + size, READ[field.encoding](field, raw, symbols, start, spec.ebcdic))


_PREFIX_WORDS = {Prefix.BCD: "BCD", Prefix.ASCII: "ASCII digits", Prefix.EBCDIC: "EBCDIC digits"}


def _length(spec: Spec, field: Field, data: bytes, offset: int) -> tuple[int, int]:
    """The field's length, and where its value begins."""
    if field.size is Size.FIXED:
        return field.most, offset
    start = offset + field.prefix_bytes
    raw = data[offset:start]
    if len(raw) != field.prefix_bytes:
        raise Malformed(field.number, offset, f"{field.prefix_bytes} bytes of length", f"{len(raw)} bytes")
    if field.prefix is Prefix.BINARY:
        count = int.from_bytes(raw, "big")
    else:
        pages = {Prefix.ASCII: "latin-1", Prefix.EBCDIC: spec.ebcdic}
        digits = raw.hex() if field.prefix is Prefix.BCD else raw.decode(pages[field.prefix])
        if _NOT_DIGIT.search(digits):
            raise Malformed(field.number, offset, f"a length in {_PREFIX_WORDS[field.prefix]}", raw.hex().upper())
        count = int(digits)
    if count > field.most:
        raise Malformed(field.number, offset, f"a length of at most {field.most}", str(count))
    return count, start


def prefix_of(field: Field, count: int, page: str) -> bytes:
    """The length as it lies on the wire; nothing for a fixed field."""
    if field.prefix is Prefix.BINARY:
        return count.to_bytes(field.prefix_bytes, "big")
    if field.prefix is Prefix.BCD:
        return bytes.fromhex(str(count).zfill(field.prefix_bytes * 2)) if field.prefix_bytes else b""
    digits = str(count).zfill(field.size.value) if field.prefix_bytes else ""
    return digits.encode("ascii" if field.prefix is Prefix.ASCII else page)


def type_of(spec: Spec, mti: str) -> bytes:
    """The message type as it lies on the wire. Raises Malformed, without an offset."""
    if not (isinstance(mti, str) and len(mti) == 4 and mti.isascii() and mti.isdigit()):
        raise Malformed(MTI, None, "4 digits", "another message type")
    if spec.version is not None and mti[0] != spec.version.value:
        raise Malformed(MTI, None, f"a message type that begins with {spec.version.value}", mti[0])
    if spec.typed is Typed.BCD:
        return bytes.fromhex(mti)
    return mti.encode("ascii" if spec.typed is Typed.ASCII else spec.ebcdic)


def write(spec: Spec, message: Message) -> bytes:
    """The bytes of a message, from its type on. Raises Malformed, without an offset, for what the spec cannot hold."""
    mti = type_of(spec, message.mti)
    numbers = sorted(message.fields)
    for number in numbers:
        if number not in spec.fields:
            raise Malformed(number, None, f"a field of {spec.name}", "none of that number")
    values = [(number, _written(spec, spec.fields[number], message.fields[number])) for number in numbers]
    if spec.third is Third.FIELD_65 and numbers and numbers[-1] > 128:
        bits = sum(1 << (192 - number) for number in numbers if number > 128)
        values.append((THIRD, spec.bitmap_text(bits.to_bytes(8, "big"))))
        values.sort()
    return b"".join([mti, spec.bitmap(numbers), *(raw for _, raw in values)])


def _written(spec: Spec, field: Field, value: str | bytes) -> bytes:
    symbols, raw = write_value(field, value, spec.ebcdic)
    count, rest = divmod(symbols, field.symbols_per_count)
    if rest:
        raise Malformed(field.number, None, "an even number of symbols", str(symbols))
    if field.size is Size.FIXED:
        if count != field.most:
            raise Malformed(field.number, None, f"a length of {field.most}", str(count))
        return raw
    if count > field.most:
        raise Malformed(field.number, None, f"a length of at most {field.most}", str(count))
    return prefix_of(field, count, spec.ebcdic) + raw
