"""How one field's value is read from its bytes and written to them, slowly and with a precise complaint.

What may live here: one pair of functions per encoding. What may not: bitmaps, whole messages, generated code.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from xiaopos.wire.iso8583.spec import Encoding, Field
from xiaopos.wire.malformed import Malformed

_CONTROL = re.compile(rb"[\x00-\x1f\x7f]")
_NOT_DIGIT = re.compile(r"[^0-9]")
_NOT_NIBBLE = re.compile(r"[^0-9A-CEF=]")
_NOT_PRINTABLE = re.compile(r"[^\x20-\x7e]")


def gbk_text(raw: bytes) -> str:
    """GBK bytes as text. Raises ValueError for bytes that are no GBK, and for control characters."""
    if _CONTROL.search(raw):
        raise ValueError("control character")
    return raw.decode("gbk")


def track_nibbles(track: str) -> str:
    """A track as hexadecimal digits, `=` as D. Raises ValueError for what a track cannot hold."""
    if _NOT_NIBBLE.search(track):
        raise ValueError("no track symbol")
    return track.replace("=", "D")


def _unpadded(field: Field, nibbles: str, count: int, offset: int) -> str:
    """The `count` nibbles of a packed field, after its filler nibble was found to be 0."""
    if count % 2 == 0:
        return nibbles
    filler = 0 if field.encoding is Encoding.BCD_RIGHT else count
    if nibbles[filler] != "0":
        raise Malformed(field.number, offset + filler // 2, "a filler nibble 0", f"nibble {nibbles[filler].upper()}")
    return nibbles[1:] if filler == 0 else nibbles[:-1]


def _read_bcd(field: Field, raw: bytes, count: int, offset: int) -> str:
    nibbles = raw.hex()
    wrong = _NOT_DIGIT.search(nibbles)
    if wrong:
        found = f"nibble {wrong[0].upper()}"
        raise Malformed(field.number, offset + wrong.start() // 2, "a digit", found)
    return _unpadded(field, nibbles, count, offset)


def _read_track(field: Field, raw: bytes, count: int, offset: int) -> str:
    return _unpadded(field, raw.hex(), count, offset).upper().replace("D", "=")


def _read_ascii(field: Field, raw: bytes, _count: int, offset: int) -> str:
    text = raw.decode("latin-1")
    wrong = _NOT_PRINTABLE.search(text)
    if wrong:
        found = f"byte {ord(wrong[0]):02X}"
        raise Malformed(field.number, offset + wrong.start(), "printable ASCII", found)
    return text


def _read_gbk(field: Field, raw: bytes, _count: int, offset: int) -> str:
    control = _CONTROL.search(raw)
    if control:
        raise Malformed(field.number, offset + control.start(), "GBK text", f"byte {control[0].hex().upper()}")
    try:
        return raw.decode("gbk")
    except UnicodeDecodeError as error:
        found = f"byte {raw[error.start]:02X}"
        raise Malformed(field.number, offset + error.start, "GBK text", found) from None


def _read_binary(_field: Field, raw: bytes, _count: int, _offset: int) -> bytes:
    return raw


READ: dict[Encoding, Callable[[Field, bytes, int, int], str | bytes]] = {
    Encoding.BCD_LEFT: _read_bcd,
    Encoding.BCD_RIGHT: _read_bcd,
    Encoding.TRACK: _read_track,
    Encoding.ASCII: _read_ascii,
    Encoding.GBK: _read_gbk,
    Encoding.BINARY: _read_binary,
}
"""Reader of each encoding: (field, its bytes, number of symbols, offset of the first byte) -> value, or Malformed."""


def write_value(field: Field, value: str | bytes) -> tuple[int, bytes]:
    """The value's number of symbols and its bytes. Raises Malformed when the encoding cannot hold the value."""
    kind = bytes if field.encoding is Encoding.BINARY else str
    if not isinstance(value, kind):
        raise Malformed(field.number, None, kind.__name__, type(value).__name__)
    if isinstance(value, bytes):
        return len(value), value
    if field.encoding is Encoding.GBK:
        return _write_gbk(field, value)
    if field.encoding is Encoding.ASCII:
        if _NOT_PRINTABLE.search(value):
            raise Malformed(field.number, None, "printable ASCII", "another character")
        return len(value), value.encode("ascii")
    wrong, words = (_NOT_NIBBLE, "0-9 A-C E F =") if field.encoding is Encoding.TRACK else (_NOT_DIGIT, "digits")
    if wrong.search(value):
        raise Malformed(field.number, None, words, "another character")
    nibbles = value.replace("=", "D")
    if len(value) % 2:
        nibbles = "0" + nibbles if field.encoding is Encoding.BCD_RIGHT else nibbles + "0"
    return len(value), bytes.fromhex(nibbles)


def _write_gbk(field: Field, value: str) -> tuple[int, bytes]:
    try:
        raw = value.encode("gbk")
    except UnicodeEncodeError:
        raise Malformed(field.number, None, "GBK text", "a character GBK lacks") from None
    if _CONTROL.search(raw):
        raise Malformed(field.number, None, "GBK text", "a control character")
    return len(raw), raw
