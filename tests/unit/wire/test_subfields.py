"""Parts of a field by their place, and repeated ones: read, written, refused with their place in the message."""

from __future__ import annotations

import pytest

from xiaopos.wire.iso8583 import Malformed
from xiaopos.wire.iso8583.subfields import (
    ByLength,
    Form,
    Found,
    LengthForm,
    LengthPrefix,
    Part,
    Parts,
    Place,
    Positional,
    Repeated,
    every,
    first,
    read_parts,
    unlisted,
    write_parts,
    write_text,
)

TYPE_AND_BATCH = Positional(
    (Part("60.1", "交易类型码", "type", 2), Part("60.2", "批次号", "batch", 6), Part("60.3", "网络码", "network", 3)), 2
)
MIXED = Positional(
    (
        Part("a", "文字", "text", 4, Form.TEXT),
        Part("b", "压缩数字", "packed digits", 2, Form.BCD),
        Part("c", "变长", "prefixed", 9, Form.TEXT, prefix=LengthPrefix(LengthForm.ASCII, 2)),
        Part("d", "余下", "the rest", None, Form.BYTES),
    )
)


def test_parts_come_back_byte_for_byte() -> None:
    for value in ("22000001", "22000001000"):
        found = read_parts(TYPE_AND_BATCH, value, field=60, packed=True)
        assert [item.tag for item in found] == ["60.1", "60.2", "60.3"][: len(found)]
        assert write_text(TYPE_AND_BATCH, found) == value
    mixed = "茶铺".encode("gbk") + b"\x12\x34" + b"03abc" + b"\xff\x00"
    found = read_parts(MIXED, mixed)
    assert [item.value for item in found] == ["茶铺", "1234", "abc", b"\xff\x00"]
    assert write_parts(MIXED, found) == mixed
    assert read_parts(MIXED, mixed[:-2]) == found[:-1]
    assert write_parts(MIXED, found[:-1]) == mixed[:-2]


def test_a_part_knows_its_bytes_in_the_message_and_hides_its_value() -> None:
    found = read_parts(TYPE_AND_BATCH, "22000001000", at=50, packed=True)
    assert [(item.start, item.end) for item in found] == [(50, 51), (51, 54), (54, 56)]
    assert [(item.start, item.end) for item in read_parts(MIXED, b"abcd\x12\x3400", at=7)] == [
        (7, 11),
        (11, 13),
        (13, 15),
    ]
    assert repr(found[0]) == "Found(60.1, 2)"
    assert repr(Found("x", "1", (Found("y"),))) == "Found(x, 1, [Found(y, 0)])"
    assert first(found, "60.2") == "000001"
    assert first(found, "60.9") is None
    assert [item.tag for item in every([Found("x", "1", (Found("y"),))])] == ["x", "y"]
    assert unlisted([Found("x", "1"), *found]) == ["x"]


@pytest.mark.parametrize(
    ("layout", "value", "packed", "offset", "subfield", "expected", "found"),
    [
        (TYPE_AND_BATCH, "2200000100", True, 14, "60.3", "a length of 3", "2"),
        (TYPE_AND_BATCH, "220000010001", True, 15, None, "the end", "1 more"),
        (TYPE_AND_BATCH, "22", True, 11, "60.2", "a length of 6", "0"),
        (TYPE_AND_BATCH, "22A00001", False, 12, "60.2", "a digit", "byte 41"),
        (MIXED, b"ab\xff\xff", False, 12, "a", "GBK text", "byte FF"),
        (MIXED, b"abc\x07", False, 13, "a", "GBK text", "byte 07"),
        (MIXED, b"abcd\x1b\x34", False, 14, "b", "a digit", "nibble B"),
        (MIXED, b"abcd\x12\x34", False, 16, "c", "2 bytes of length", "0 bytes"),
        (MIXED, b"abcd\x12\x34x1", False, 16, "c", "a length in digits", "something else"),
        (MIXED, b"abcd\x12\x3412", False, 16, "c", "a length of at most 9", "12"),
        (MIXED, b"abcd\x12\x3402a", False, 18, "c", "a length of 2", "1"),
    ],
)
def test_a_fault_has_a_place(
    layout: Parts, value: str | bytes, packed: bool, offset: int, subfield: str | None, expected: str, found: str
) -> None:
    with pytest.raises(Malformed) as caught:
        read_parts(layout, value, field=60, at=10, packed=packed)
    fault = caught.value
    assert (fault.field, fault.offset, fault.subfield) == (60, offset, subfield)
    assert (fault.expected, fault.found) == (expected, found)


@pytest.mark.parametrize(
    ("layout", "found"),
    [
        (TYPE_AND_BATCH, [Found("60.2", "000001")]),
        (TYPE_AND_BATCH, [Found("60.1", "22")]),
        (TYPE_AND_BATCH, [Found("60.1", "2"), Found("60.2", "000001")]),
        (TYPE_AND_BATCH, [Found("60.1", "AB"), Found("60.2", "000001")]),
        (TYPE_AND_BATCH, [Found("60.1", "22"), Found("60.2", "000001"), Found("60.3", "000"), Found("60.4", "5")]),
        (Positional((Part("p", "", "", 2, Form.BCD),)), [Found("p", "123")]),
        (Positional((Part("p", "", "", 2, Form.BCD),)), [Found("p", "12a4")]),
        (Positional((Part("p", "", "", 2, Form.TEXT),)), [Found("p", "\U0001f375")]),
        (Positional((Part("p", "", "", 2, Form.TEXT, prefix=LengthPrefix(LengthForm.BCD, 1)),)), [Found("p", "abc")]),
        (
            Positional((Part("p", "", "", None, Form.TEXT, prefix=LengthPrefix(LengthForm.ASCII, 1)),)),
            [Found("p", "a" * 10)],
        ),
        (
            Positional((Part("p", "", "", None, Form.TEXT, prefix=LengthPrefix(LengthForm.BCD, 1)),)),
            [Found("p", "a" * 100)],
        ),
        (
            Positional((Part("p", "", "", None, Form.TEXT, prefix=LengthPrefix(LengthForm.BINARY, 1)),)),
            [Found("p", "a" * 256)],
        ),
    ],
)
def test_what_a_layout_cannot_hold_is_not_written(layout: Parts, found: list[Found]) -> None:
    with pytest.raises(Malformed) as caught:
        write_parts(layout, found, field=60)
    assert (caught.value.field, caught.value.offset) == (60, None)


@pytest.mark.parametrize(
    ("form", "written"), [(LengthForm.ASCII, b"03"), (LengthForm.BCD, b"\x00\x03"), (LengthForm.BINARY, b"\x00\x03")]
)
def test_a_length_is_written_in_its_form(form: LengthForm, written: bytes) -> None:
    layout = Positional((Part("p", "", "", None, Form.BYTES, prefix=LengthPrefix(form, 2)),))
    assert write_parts(layout, [Found("p", b"abc")]) == written + b"abc"
    assert read_parts(layout, written + b"abc") == (Found("p", b"abc"),)


def test_text_that_gbk_lacks_is_refused_both_ways() -> None:
    with pytest.raises(Malformed, match="GBK"):
        read_parts(MIXED, "\U0001f375")
    with pytest.raises(Malformed, match="GBK"):
        write_text(Positional((Part("p", "", "", None, Form.BYTES),)), [Found("p", b"\xff")])


RECORD = Positional((Part("stan", "跟踪号", "trace", 2), Part("amount", "金额", "amount", 3)))
COUNTED = Repeated(Part("row", "明细", "row", 5, layout=RECORD), LengthPrefix(LengthForm.ASCII, 2), 3)
ENDLESS = Repeated(Part("row", "明细", "row", 5, layout=RECORD), most=3)


def test_repeated_parts_come_back() -> None:
    for layout, value in ((COUNTED, "020110002200"), (ENDLESS, "0110002200"), (COUNTED, "00"), (ENDLESS, "")):
        found = read_parts(layout, value, packed=True)
        assert write_text(layout, found) == value
        assert all(first(item.children, "stan") in ("01", "02") for item in found)
    assert COUNTED.write([Found("row", "01100")], _nowhere()) == b"0101100"
    prefixed = Repeated(Part("name", "名称", "name", None, Form.TEXT, prefix=LengthPrefix(LengthForm.BINARY, 1)))
    assert [item.value for item in read_parts(prefixed, b"\x02ab\x00\x01c")] == ["ab", "", "c"]


def _nowhere() -> Place:
    return Place(None, None)


@pytest.mark.parametrize(
    ("layout", "value", "offset", "subfield"),
    [
        (COUNTED, "0401100", 10, "row"),
        (COUNTED, "020110002", 13, "row"),
        (COUNTED, "01011009", 13, None),
        (COUNTED, "0101a00", 12, "row"),
        (ENDLESS, "01100" * 4, 17, "row"),
    ],
)
def test_a_repeated_fault_has_a_place(layout: Parts, value: str, offset: int, subfield: str | None) -> None:
    with pytest.raises(Malformed) as caught:
        read_parts(layout, value, at=10, packed=True)
    assert (caught.value.offset, caught.value.subfield) == (offset, subfield)


def test_a_nested_fault_tells_the_way_to_it() -> None:
    nested = Positional((Part("48.1", "明细", "rows", None, Form.TEXT, layout=RECORD),))
    with pytest.raises(Malformed) as caught:
        read_parts(nested, "01a00", field=48, at=10)
    assert str(caught.value) == "field 48, 48.1/amount, offset 12: expected a digit, found byte 61"


def test_repeated_parts_that_do_not_fit_are_not_written() -> None:
    for found in ([Found("other", "01100")], [Found("row", "01100")] * 4, [Found("row", "0110")]):
        with pytest.raises(Malformed):
            write_parts(COUNTED, found)


def test_tables_that_cannot_be_read_are_refused() -> None:
    with pytest.raises(ValueError, match="last"):
        Positional((Part("a", "", ""), Part("b", "", "", 1)))
    with pytest.raises(ValueError, match="length of its own"):
        Repeated(Part("a", "", ""))


SHORT = Positional((Part("a", "", "", 2),))
LONG = Positional((Part("a", "", "", 2), Part("b", "", "", 2, Form.TEXT)))
REST = Positional((Part("all", "", "", None, Form.TEXT),))


def test_the_length_chooses_the_layout() -> None:
    layout = ByLength(((2, SHORT), (4, LONG)))
    for value in ("12", "12ab"):
        assert write_text(layout, read_parts(layout, value)) == value
    with pytest.raises(Malformed, match="a length of 2 or 4, found 3"):
        read_parts(layout, "123")
    with pytest.raises(Malformed, match="one of the layouts"):
        write_parts(layout, [Found("a", "123")])
    with_rest = ByLength(((2, SHORT),), REST)
    assert [item.tag for item in read_parts(with_rest, "123")] == ["all"]
    assert write_text(with_rest, [Found("all", "123")]) == "123"
    with pytest.raises(Malformed, match="one of the layouts"):
        write_parts(with_rest, [Found("all", "12")])
    assert hash(Part("a", "", "", meanings={"1": ("", "")}, layout=with_rest))
