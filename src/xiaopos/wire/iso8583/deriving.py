"""The same fields written another way: packed tables and EBCDIC tables derived from a table in ASCII.

What may live here: the rule by which a row changes. What may not: rows.
"""

from __future__ import annotations

from dataclasses import replace

from xiaopos.wire.iso8583.spec import Encoding, Field, Prefix, Size, Spec, Typed


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
