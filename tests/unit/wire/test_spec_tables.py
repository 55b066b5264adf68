"""A spec's table refuses rows that cannot be meant; the shipped tables say what the interface says."""

from __future__ import annotations

from typing import Any

import pytest

from support.wire_samples import SHIPPED
from xiaopos.wire.iso8583 import Encoding, Field, Malformed, Pad, Prefix, Shown, Size, Spec, Third, Unit, card_network
from xiaopos.wire.iso8583.spec import EBCDIC_PAGES


@pytest.mark.parametrize(
    ("number", "size", "most", "encoding", "unit"),
    [
        (1, Size.FIXED, 4, Encoding.ASCII, None),
        (65, Size.FIXED, 4, Encoding.ASCII, None),
        (193, Size.FIXED, 4, Encoding.ASCII, None),
        (2, Size.LL, 100, Encoding.ASCII, None),
        (2, Size.LLL, 1000, Encoding.ASCII, None),
        (2, Size.LL, 0, Encoding.ASCII, None),
        (2, Size.LL, 10, Encoding.ASCII, Unit.DIGITS),
        (2, Size.FIXED, 10, Encoding.BCD_LEFT, Unit.BYTES),
    ],
)
def test_a_row_that_cannot_be_meant_is_refused(
    number: int, size: Size, most: int, encoding: Encoding, unit: Unit | None
) -> None:
    with pytest.raises(ValueError):
        Field(number, "域", "field", size, most, encoding, unit=unit)


def test_a_spec_refuses_two_rows_of_one_number_and_fields_without_their_bitmap() -> None:
    row = Field(2, "域", "field", Size.FIXED, 4, Encoding.ASCII)
    with pytest.raises(ValueError, match="share a number"):
        Spec("twice", (row, row))
    high = Field(70, "域", "field", Size.FIXED, 4, Encoding.ASCII)
    with pytest.raises(ValueError, match="secondary bitmap"):
        Spec("high", (high,))
    assert Spec("high", (high,), secondary=True).bitmap([70]).hex() == "80000000000000000400000000000000"
    assert Spec("none", ()).bitmap([]) == bytes(8)


@pytest.mark.parametrize("spec", SHIPPED, ids=lambda spec: spec.name)
def test_shipped_tables_are_in_order_named_twice_and_hide_card_data(spec: Spec) -> None:
    numbers = [row.number for row in spec.rows]
    assert numbers == sorted(numbers)
    assert all(row.zh and row.en for row in spec.rows)
    hidden = {row.number for row in spec.rows if row.sensitive}
    assert {2, 14, 35, 36, 52, 54, 55} <= hidden
    assert spec.fields[2].shown is Shown.PAN
    assert not spec.fields[4].sensitive


def test_length_prefixes_are_packed_digits() -> None:
    assert [size.prefix_bytes for size in (Size.FIXED, Size.LL, Size.LLL)] == [0, 1, 2]


@pytest.mark.parametrize(
    ("size", "most", "encoding", "more", "words"),
    [
        (Size.FIXED, 8, Encoding.SIGNED, {}, "a sign and an even number of digits"),
        (Size.LL, 9, Encoding.SIGNED, {}, "a sign and an even number of digits"),
        (Size.LL, 256, Encoding.BINARY, {"prefix": Prefix.BINARY}, "does not fit LL"),
        (Size.FIXED, 3, Encoding.HEX, {"unit": Unit.DIGITS}, "whole bytes"),
        (Size.FIXED, 4, Encoding.GBK, {"digits": True}, "digits only is said of ASCII and EBCDIC, not of GBK"),
        (Size.FIXED, 4, Encoding.BCD_LEFT, {"filler": "1"}, "the filler is 0, or F"),
        (Size.FIXED, 4, Encoding.ASCII, {"filler": "F"}, "the filler is 0, or F"),
        (Size.LL, 4, Encoding.ASCII, {"pad": Pad.ZERO_LEFT}, "only a fixed field without a sign is padded"),
        (Size.FIXED, 9, Encoding.SIGNED, {"pad": Pad.ZERO_LEFT}, "only a fixed field without a sign is padded"),
        (Size.FIXED, 4, Encoding.BINARY, {"pad": Pad.SPACE_LEFT}, "only text is padded with spaces"),
        (Size.FIXED, 4, Encoding.ASCII, {"pad": Pad.SPACE_LEFT, "digits": True}, "only text is padded with spaces"),
    ],
)
def test_a_row_refuses_words_that_do_not_go_together(
    size: Size, most: int, encoding: Encoding, more: dict[str, Any], words: str
) -> None:
    with pytest.raises(ValueError, match=words):
        Field(2, "域", "field", size, most, encoding, **more)


def test_a_third_bitmap_needs_a_second_and_fields_above_128_a_third() -> None:
    high = Field(129, "域", "field", Size.FIXED, 4, Encoding.ASCII)
    with pytest.raises(ValueError, match="a third bitmap"):
        Spec("high", (high,), secondary=True)
    with pytest.raises(ValueError, match="secondary bitmap"):
        Spec("high", (), third=Third.BEHIND)
    with pytest.raises(ValueError, match="cp037, cp500"):
        Spec("page", (), ebcdic="cp1047")
    spec = Spec("high", (high,), secondary=True, third=Third.BEHIND)
    assert spec.bitmap([129]).hex() == "80" + "00" * 7 + "80" + "00" * 7 + "80" + "00" * 7


def test_length_prefixes_take_the_bytes_that_their_form_needs() -> None:
    sizes = (Size.FIXED, Size.L, Size.LL, Size.LLL, Size.LLLL)

    def widths(prefix: Prefix) -> list[int]:
        return [Field(2, "域", "field", size, 1, Encoding.ASCII, prefix=prefix).prefix_bytes for size in sizes]

    assert widths(Prefix.BCD) == widths(Prefix.BINARY) == [0, 1, 1, 2, 2]
    assert widths(Prefix.ASCII) == widths(Prefix.EBCDIC) == [0, 1, 2, 3, 4]


def test_every_ebcdic_page_and_gbk_are_read_back_as_they_were() -> None:
    for page in EBCDIC_PAGES:
        assert bytes(range(256)).decode(page).encode(page) == bytes(range(256))
    for first in range(0x81, 0xFF):
        for second in range(0x40, 0xFF):
            pair = bytes((first, second))
            try:
                text = pair.decode("gbk")
            except UnicodeDecodeError:
                continue
            assert text.encode("gbk") == pair


def test_original_data_is_written_and_read_without_leading_zeros() -> None:
    original = card_network.OriginalData("0200", "000123", "1122100200", "48800001", "2")
    assert original.text() == "0200" + "000123" + "1122100200" + "00048800001" + "00000000002"
    assert card_network.OriginalData.parse(original.text()) == original
    with pytest.raises(Malformed, match="42 digits"):
        card_network.OriginalData.parse("0200")


def test_a_channels_table_has_its_length_of_pin_blocks() -> None:
    assert card_network.spec_for(8) is card_network.SPEC
    long = card_network.spec_for(16)
    assert [row.number for row in long.rows if row != card_network.SPEC.fields[row.number]] == [52]
    assert long.fields[52].most == 16
