"""How one field's value is read from its bytes and written to them, slowly and with a precise complaint.

What may live here: one pair of functions per encoding. What may not: bitmaps, whole messages, generated code.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from xiaopos.wire.iso8583.spec import Encoding, Field, Pad, Unit
from xiaopos.wire.malformed import Malformed

_CONTROL = re.compile(rb"[\x00-\x1f\x7f]")
_NOT_DIGIT = re.compile(r"[^0-9]")
_NOT_NIBBLE = re.compile(r"[^0-9A-CEF=]")
_NOT_PRINTABLE = re.compile(r"[^\x20-\x7e]")
_NOT_EBCDIC = re.compile(r"[^\x20-\x7e\xa0-\xff]")
_NOT_HEX = re.compile(r"[^0-9A-F]")
_NOT_SIGNED = re.compile(r"^[^CD]|(?!^)[^0-9]")


def gbk_text(raw: bytes) -> str:
    """GBK bytes as text. Raises ValueError for bytes that are no GBK, and for control characters."""
    if _CONTROL.search(raw):
        raise ValueError("control character")
    return raw.decode("gbk")


def printable_ebcdic(page: str) -> bytes:
    """Every byte that is a printable character in the code page."""
    return bytes(byte for byte in range(256) if not _NOT_EBCDIC.search(bytes([byte]).decode(page)))


def _unpadded(field: Field, nibbles: str, count: int, offset: int) -> str:
    """The `count` nibbles of a packed field, after its filler nibble was found to be the right one."""
    if count % 2 == 0:
        return nibbles
    place = 0 if field.encoding is Encoding.BCD_RIGHT else count
    if nibbles[place].upper() != field.filler:
        found = f"nibble {nibbles[place].upper()}"
        raise Malformed(field.number, offset + place // 2, f"a filler nibble {field.filler}", found)
    return nibbles[1:] if place == 0 else nibbles[:-1]


def _read_bcd(field: Field, raw: bytes, count: int, offset: int, _page: str) -> str:
    nibbles = raw.hex()
    if field.filler == "F":
        return _digits_beside_f(field, nibbles, count, offset)
    wrong = _NOT_DIGIT.search(nibbles)
    if wrong:
        found = f"nibble {wrong[0].upper()}"
        raise Malformed(field.number, offset + wrong.start() // 2, "a digit", found)
    return _unpadded(field, nibbles, count, offset)


def _digits_beside_f(field: Field, nibbles: str, count: int, offset: int) -> str:
    digits = _unpadded(field, nibbles, count, offset)
    wrong = _NOT_DIGIT.search(digits)
    if wrong:
        place = wrong.start() + (count % 2 if field.encoding is Encoding.BCD_RIGHT else 0)
        raise Malformed(field.number, offset + place // 2, "a digit", f"nibble {wrong[0].upper()}")
    return digits


def _read_track(field: Field, raw: bytes, count: int, offset: int, _page: str) -> str:
    return _unpadded(field, raw.hex(), count, offset).upper().replace("D", "=")


def _read_ascii(field: Field, raw: bytes, _count: int, offset: int, _page: str) -> str:
    text = raw.decode("latin-1")
    pattern, expected = (_NOT_DIGIT, "a digit") if field.digits else (_NOT_PRINTABLE, "printable ASCII")
    return _checked(field, text, pattern, expected, raw, offset)


def _read_ebcdic(field: Field, raw: bytes, _count: int, offset: int, page: str) -> str:
    pattern, expected = (_NOT_DIGIT, "a digit") if field.digits else (_NOT_EBCDIC, "printable EBCDIC")
    return _checked(field, raw.decode(page), pattern, expected, raw, offset)


def _checked(field: Field, text: str, pattern: re.Pattern[str], expected: str, raw: bytes, offset: int) -> str:
    """The text, when the pattern finds nothing in it. A character is a byte."""
    wrong = pattern.search(text)
    if wrong:
        found = f"byte {raw[wrong.start()]:02X}"
        raise Malformed(field.number, offset + wrong.start(), expected, found)
    return text


def _read_gbk(field: Field, raw: bytes, _count: int, offset: int, _page: str) -> str:
    control = _CONTROL.search(raw)
    if control:
        raise Malformed(field.number, offset + control.start(), "GBK text", f"byte {control[0].hex().upper()}")
    try:
        return raw.decode("gbk")
    except UnicodeDecodeError as error:
        found = f"byte {raw[error.start]:02X}"
        raise Malformed(field.number, offset + error.start, "GBK text", found) from None


def _read_binary(_field: Field, raw: bytes, _count: int, _offset: int, _page: str) -> bytes:
    return raw


def _read_hex(field: Field, raw: bytes, count: int, offset: int, page: str) -> bytes:
    text = raw.decode("latin-1" if field.encoding is Encoding.HEX else page)
    _checked(field, text, _NOT_HEX, "a hexadecimal capital", raw, offset)
    if count % 2:
        raise Malformed(field.number, offset, "an even number of hexadecimal digits", str(count))
    return bytes.fromhex(text)


def _read_signed(field: Field, raw: bytes, _count: int, offset: int, _page: str) -> str:
    sign, digits = raw[:1].decode("latin-1"), raw[1:].hex()
    if sign not in "CD":
        raise Malformed(field.number, offset, "C or D", f"byte {raw[:1].hex().upper()}")
    wrong = _NOT_DIGIT.search(digits)
    if wrong:
        found = f"nibble {wrong[0].upper()}"
        raise Malformed(field.number, offset + 1 + wrong.start() // 2, "a digit", found)
    return sign + digits


READ: dict[Encoding, Callable[[Field, bytes, int, int, str], str | bytes]] = {
    Encoding.BCD_LEFT: _read_bcd,
    Encoding.BCD_RIGHT: _read_bcd,
    Encoding.TRACK: _read_track,
    Encoding.ASCII: _read_ascii,
    Encoding.GBK: _read_gbk,
    Encoding.BINARY: _read_binary,
    Encoding.EBCDIC: _read_ebcdic,
    Encoding.HEX: _read_hex,
    Encoding.EBCDIC_HEX: _read_hex,
    Encoding.SIGNED: _read_signed,
}
"""Reader of each encoding: (field, its bytes, number of symbols, offset of the first byte, EBCDIC page) -> value, or
Malformed."""


def write_value(field: Field, value: str | bytes, page: str = "cp500") -> tuple[int, bytes]:
    """The value's number of symbols and its bytes; a short value is padded where the row says so.

    `page` is the code page of EBCDIC. Raises Malformed when the encoding cannot hold the value.
    """
    kind = bytes if field.encoding.holds_bytes else str
    if not isinstance(value, kind):
        raise Malformed(field.number, None, kind.__name__, type(value).__name__)
    if field.pad is not None:
        value = _padded(field, field.pad, value)
    if isinstance(value, bytes):
        return _write_bytes(field, value, page)
    if field.encoding is Encoding.GBK:
        return _write_gbk(field, value)
    if field.encoding is Encoding.SIGNED:
        _refuse(field, value, _NOT_SIGNED, "C or D, and digits")
        return len(value), value[:1].encode() + bytes.fromhex(value[1:].rjust(len(value) // 2 * 2, "0"))
    if field.encoding in (Encoding.ASCII, Encoding.EBCDIC):
        return _write_text(field, value, page)
    wrong, words = (_NOT_NIBBLE, "0-9 A-C E F =") if field.encoding is Encoding.TRACK else (_NOT_DIGIT, "digits")
    _refuse(field, value, wrong, words)
    nibbles = value.replace("=", "D")
    if len(value) % 2:
        right = field.encoding is Encoding.BCD_RIGHT
        nibbles = field.filler + nibbles if right else nibbles + field.filler
    return len(value), bytes.fromhex(nibbles)


def _refuse(field: Field, value: str, pattern: re.Pattern[str], expected: str) -> None:
    if pattern.search(value):
        raise Malformed(field.number, None, expected, "another character")


def _padded(field: Field, pad: Pad, value: str | bytes) -> str | bytes:
    symbol = "0" if pad in (Pad.ZERO_LEFT, Pad.ZERO_RIGHT) else " "
    left = pad in (Pad.ZERO_LEFT, Pad.SPACE_LEFT)
    if isinstance(value, bytes):
        size = field.most // (2 if field.unit is Unit.DIGITS else 1)
        return value.rjust(size, b"\0") if left else value.ljust(size, b"\0")
    missing = field.most - (len(value.encode("gbk", "replace")) if field.encoding is Encoding.GBK else len(value))
    return symbol * missing + value if left else value + symbol * missing


def _write_text(field: Field, value: str, page: str) -> tuple[int, bytes]:
    if field.digits:
        _refuse(field, value, _NOT_DIGIT, "digits")
    if field.encoding is Encoding.ASCII:
        _refuse(field, value, _NOT_PRINTABLE, "printable ASCII")
        return len(value), value.encode("ascii")
    _refuse(field, value, _NOT_EBCDIC, "printable EBCDIC")
    return len(value), value.encode(page)


def _write_bytes(field: Field, value: bytes, page: str) -> tuple[int, bytes]:
    if field.encoding is Encoding.BINARY:
        return len(value), value
    text = value.hex().upper()
    return len(text), text.encode("ascii" if field.encoding is Encoding.HEX else page)


def _write_gbk(field: Field, value: str) -> tuple[int, bytes]:
    try:
        raw = value.encode("gbk")
    except UnicodeEncodeError:
        raise Malformed(field.number, None, "GBK text", "a character GBK lacks") from None
    if _CONTROL.search(raw):
        raise Malformed(field.number, None, "GBK text", "a control character")
    return len(raw), raw
