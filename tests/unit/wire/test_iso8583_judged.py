"""pyiso8583 judges ours: what either side writes, the other reads as the same message."""

from __future__ import annotations

import random
from typing import Any

import iso8583
import pytest

from support.wire_random import SPECS, random_message
from xiaopos.wire.iso8583 import Bitmap, Codec, Encoding, Field, Message, Prefix, Size, Spec, Third, Typed

THEY_LACK = (Encoding.SIGNED,)
"""Encodings pyiso8583 has no word for; such fields are left out of the messages."""
JUDGED = [spec for spec in SPECS if spec.third is not Third.FIELD_65]


def _prefix(field: Field, page: str) -> dict[str, object]:
    names = {Prefix.BCD: "bcd", Prefix.ASCII: "ascii", Prefix.EBCDIC: page, Prefix.BINARY: "b"}
    return {"len_enc": names[field.prefix], "len_type": field.prefix_bytes if field.size is not Size.FIXED else 0}


def _row(field: Field, page: str) -> dict[str, object] | None:
    """pyiso8583's row of ours, or None where it has none."""
    row = {"desc": field.en, "max_len": field.most, **_prefix(field, page)}
    texts = {Encoding.ASCII: "ascii", Encoding.EBCDIC: page, Encoding.GBK: "gbk"}
    if field.encoding in THEY_LACK or field.encoding is Encoding.GBK:
        return None
    if field.encoding in texts:
        return {**row, "data_enc": texts[field.encoding]}
    if field.encoding.packed:
        if field.symbols_per_count == 2:
            return {**row, "data_enc": "b"}
        side = "left_pad" if field.encoding is Encoding.BCD_RIGHT else "right_pad"
        return {**row, "data_enc": "b", "len_count": "nibbles", side: field.filler} if field.filler == "0" else None
    if field.encoding is Encoding.BINARY:
        return {**row, "data_enc": "b"}
    if field.size is not Size.FIXED:
        return None
    return {**row, "data_enc": "ascii" if field.encoding is Encoding.HEX else page, "max_len": field.fixed_bytes}


def table_of(spec: Spec) -> dict[str, Any]:
    """pyiso8583's table of a spec of ours."""
    typed = {Typed.BCD: ("b", 2), Typed.ASCII: ("ascii", 4), Typed.EBCDIC: (spec.ebcdic, 4)}[spec.typed]
    bits = {Bitmap.BINARY: ("b", 8), Bitmap.HEX: ("ascii", 16), Bitmap.EBCDIC_HEX: (spec.ebcdic, 16)}[spec.bitmaps]

    def head(encoding: str, size: int) -> dict[str, object]:
        return {"data_enc": encoding, "len_enc": "ascii", "len_type": 0, "max_len": size, "desc": ""}

    rows = {str(field.number): _row(field, spec.ebcdic) for field in spec.rows}
    table = {number: row for number, row in rows.items() if row is not None}
    return {"h": head("ascii", 0), "t": head(*typed), "p": head(*bits), "1": head(*bits), **table}


def theirs(spec: Spec, message: Message) -> dict[str, str]:
    """The message as pyiso8583 holds it."""
    values = {}
    for number, value in message.fields.items():
        if isinstance(value, bytes):
            values[str(number)] = value.hex().upper()
        else:
            track = spec.fields[number].encoding is Encoding.TRACK
            values[str(number)] = value.replace("=", "D") if track else value
    return {"t": message.mti, **values}


@pytest.mark.parametrize("spec", JUDGED, ids=lambda spec: spec.name)
def test_what_either_side_writes_the_other_reads(spec: Spec) -> None:
    chance, table, codec = random.Random(spec.name), table_of(spec), Codec(spec)
    assert len(table) - 4 >= len(spec.rows) // 2
    for _ in range(150):
        message = random_message(spec, chance)
        message.fields = {number: value for number, value in message.fields.items() if str(number) in table}
        wanted = theirs(spec, message)
        body, _ = iso8583.encode(dict(wanted), table)
        assert codec.encode(message) == bytes(body)
        assert codec.decode(bytes(body)) == message
        decoded, _ = iso8583.decode(bytes(body), table)
        decoded.pop("p")
        decoded.pop("1", None)
        assert decoded == wanted
