"""How the standard's own tables are written: rows in its notation, in ASCII, and the same rows packed or in EBCDIC.

What may live here: what n, ans and b mean, the rule by which a row changes. What may not: rows.
"""

from __future__ import annotations

from dataclasses import replace

from xiaopos.wire.iso8583.spec import Encoding, Field, Prefix, Shown, Size, Spec, Typed


def n(number: int, most: int, zh: str, en: str, size: Size = Size.FIXED, shown: Shown = Shown.PLAIN) -> Field:
    """A row of digits in ASCII, length in ASCII."""
    return Field(number, zh, en, size, most, Encoding.ASCII, shown, prefix=Prefix.ASCII, digits=True)


def ans(number: int, most: int, zh: str, en: str, size: Size = Size.FIXED, shown: Shown = Shown.PLAIN) -> Field:
    """A row of printable ASCII, length in ASCII."""
    return Field(number, zh, en, size, most, Encoding.ASCII, shown, prefix=Prefix.ASCII)


def b(number: int, most: int, zh: str, en: str, size: Size = Size.FIXED) -> Field:
    """A row of bytes that nobody is shown, length in ASCII."""
    return Field(number, zh, en, size, most, Encoding.BINARY, Shown.HIDDEN, prefix=Prefix.ASCII)


PIN_BLOCK = 52


def long_pins(spec: Spec) -> Spec:
    """The table for who enciphers PINs with a cipher of 16-byte blocks (AES, SM4): only field 52 is longer."""
    rows = tuple(replace(row, most=16) if row.number == PIN_BLOCK else row for row in spec.rows)
    return replace(spec, name=f"{spec.name}, 16-byte PIN block", rows=rows)


def packed(spec: Spec, name: str, *, signed: frozenset[int], tracks: frozenset[int]) -> Spec:
    """The table with its digits packed two a byte, lengths in BCD, and the message type in two bytes.

    Digits of fixed length are right-justified, of variable length left-justified (the filler nibble behind), as tracks
    are. `signed` names the amounts with a sign (x+n), `tracks` the fields whose symbols are packed as nibbles.
    """

    def row(field: Field) -> Field:
        encoding, digits = field.encoding, False
        if field.number in signed:
            encoding = Encoding.SIGNED
        elif field.number in tracks:
            encoding = Encoding.TRACK
        elif field.digits:
            encoding = Encoding.BCD_RIGHT if field.size is Size.FIXED else Encoding.BCD_LEFT
        return replace(field, encoding=encoding, digits=digits, prefix=Prefix.BCD)

    return replace(spec, name=name, rows=tuple(map(row, spec.rows)), typed=Typed.BCD)


def in_ebcdic(spec: Spec, name: str, page: str) -> Spec:
    """The table with its text, digits, lengths and message type in EBCDIC; what is binary stays so."""

    def row(field: Field) -> Field:
        text = field.encoding is Encoding.ASCII
        return replace(field, encoding=Encoding.EBCDIC if text else field.encoding, prefix=Prefix.EBCDIC)

    return replace(spec, name=name, rows=tuple(map(row, spec.rows)), typed=Typed.EBCDIC, ebcdic=page)
