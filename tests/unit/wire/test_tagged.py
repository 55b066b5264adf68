"""Parts that say what they are: tags and lengths of several kinds, bitmaps of their own."""

from __future__ import annotations

import pytest

from xiaopos.wire.iso8583 import Malformed
from xiaopos.wire.iso8583.subfields import (
    Form,
    Found,
    LengthForm,
    LengthPrefix,
    Part,
    Parts,
    Positional,
    first,
    read_parts,
    unlisted,
    write_parts,
)
from xiaopos.wire.iso8583.tagged import BerTlv, Bitmapped, TagForm, Tagged

CODE = Part("A3", "付款码", "payment code", 20, Form.TEXT)
TTLLL = Tagged((CODE,), TagForm.TEXT, 2, LengthPrefix(LengthForm.ASCII, 3))
BINARY = Tagged((Part("9C", "类型", "type", 1, Form.BCD),), TagForm.BYTES, 1, LengthPrefix(LengthForm.BCD, 1))
BER_TAGS = Tagged((Part("9F02", "金额", "amount", 6, Form.BCD),), TagForm.BER, 0, LengthPrefix(LengthForm.BINARY, 1))
WIDTHS = Tagged((Part("12", "超时", "timeout", 2), Part("22", "名称", "name", 4, Form.TEXT)), TagForm.TEXT, 2)
PAIR = Positional((Part("x", "", "", 1, Form.BCD), Part("y", "", "", 1, Form.BCD)))
BER = BerTlv(
    (Part("9F34", "结果", "result", form=Form.BYTES, layout=PAIR), Part("50", "标签", "label", form=Form.TEXT))
)
OWN_BITMAP = Bitmapped(
    {2: Part("b2", "", "", 2), 9: Part("b9", "", "", 9, Form.TEXT, prefix=LengthPrefix(LengthForm.ASCII, 1))}, 2
)


@pytest.mark.parametrize(
    ("layout", "value", "tags", "unknown"),
    [
        (TTLLL, b"A3003abcZZ002\xff\x00A3000", ["A3", "ZZ", "A3"], ["ZZ"]),
        (BINARY, bytes.fromhex("9C01315F03010203"), ["9C", "5F"], ["5F"]),
        (BER_TAGS, bytes.fromhex("9F02060000000001009A03261122"), ["9F02", "9A"], ["9A"]),
        (WIDTHS, b"126022abcd", ["12", "22"], []),
        (BER, bytes.fromhex("009F3402010250026162E0039A01FF0000"), ["9F34", "50", "E0"], ["E0", "9A"]),
        (BER, bytes.fromhex("50820002616200"), ["50"], []),
        (OWN_BITMAP, b"\x40\x00" + b"12", ["b2"], []),
        (OWN_BITMAP, b"\x40\x80" + b"123abc", ["b2", "b9"], []),
        (OWN_BITMAP, b"\0\0", [], []),
    ],
)
def test_parts_come_back_byte_for_byte_with_those_nobody_knows(
    layout: Parts, value: bytes, tags: list[str], unknown: list[str]
) -> None:
    found = read_parts(layout, value, at=5)
    assert [item.tag for item in found] == tags
    assert unlisted(found) == unknown
    assert write_parts(layout, found) == value
    if found:
        assert found[-1].end <= len(value) + 5


def test_values_within_templates_are_found() -> None:
    found = read_parts(BER, bytes.fromhex("E0099F3402010250026162"), at=3)
    assert first(found, "x") == "01"
    assert first(found, "50") == "ab"
    assert [(item.start, item.end) for item in found[0].children] == [(5, 10), (10, 14)]
    assert write_parts(BER, [Found("E0", children=(Found("50", "ab"),))]) == bytes.fromhex("E00450026162")
    assert write_parts(BER, [Found("9F34", children=(Found("x", "01"), Found("y", "02")))]) == bytes.fromhex(
        "9F34020102"
    )


@pytest.mark.parametrize(
    ("layout", "value", "offset", "subfield"),
    [
        (TTLLL, b"A", 5, None),
        (TTLLL, b"A3", 7, "A3"),
        (TTLLL, b"A3x01a", 7, "A3"),
        (TTLLL, b"A3005a", 10, "A3"),
        (TTLLL, b"A3021" + b"a" * 21, 7, "A3"),
        (TTLLL, b"A3001\x07", 10, "A3"),
        (TTLLL, b"\xa33001a", 5, None),
        (BINARY, b"\x9c\x01\x3a", 7, "9C"),
        (BINARY, b"\x9c\x1a", 6, "9C"),
        (BER_TAGS, b"\x9f", 5, None),
        (WIDTHS, b"99abc", 5, None),
        (WIDTHS, b"126", 7, "12"),
        (BER, b"\x50\x05a", 7, "50"),
        (BER, b"\x9f\x34\x02\x01\xaa", 9, "9F34/y"),
        (OWN_BITMAP, b"\x40", 5, None),
        (OWN_BITMAP, b"\x00\x01", 6, None),
        (OWN_BITMAP, b"\x40\x00123", 9, None),
        (OWN_BITMAP, b"\x40\x001", 7, "b2"),
    ],
)
def test_a_fault_has_a_place(layout: Parts, value: bytes, offset: int, subfield: str | None) -> None:
    with pytest.raises(Malformed) as caught:
        read_parts(layout, value, field=62, at=5)
    fault = caught.value
    assert (fault.field, fault.offset, fault.subfield) == (62, offset, subfield)


@pytest.mark.parametrize(
    ("layout", "found"),
    [
        (TTLLL, Found("A3", "a" * 21)),
        (TTLLL, Found("ZZ", "a" * 1000)),
        (TTLLL, Found("A", "a")),
        (TTLLL, Found("", "a")),
        (TTLLL, Found("茶A", "a")),
        (BINARY, Found("9F02", b"a")),
        (BINARY, Found("XX", b"a")),
        (BER_TAGS, Found("9F", b"a")),
        (BER_TAGS, Found("9F9F", b"a")),
        (WIDTHS, Found("12", "123")),
        (WIDTHS, Found("99", "123")),
        (BER, Found("9F", b"a")),
        (OWN_BITMAP, Found("b3", "12")),
    ],
)
def test_what_a_layout_cannot_hold_is_not_written(layout: Parts, found: Found) -> None:
    with pytest.raises(Malformed) as caught:
        write_parts(layout, [found], field=62)
    assert (caught.value.field, caught.value.offset) == (62, None)


def test_a_part_under_a_bitmap_comes_once() -> None:
    with pytest.raises(Malformed, match="at most once"):
        write_parts(OWN_BITMAP, [Found("b2", "12"), Found("b2", "34")])


def test_tables_that_cannot_be_read_are_refused() -> None:
    with pytest.raises(ValueError, match="share a tag"):
        BerTlv((CODE, CODE))
    with pytest.raises(ValueError, match="every row"):
        Tagged((Part("12", "", ""),), TagForm.TEXT, 2)
    with pytest.raises(ValueError, match="no bit 17"):
        Bitmapped({17: CODE}, 2)
    with pytest.raises(ValueError, match="no length"):
        Bitmapped({1: Part("12", "", "")}, 2)
