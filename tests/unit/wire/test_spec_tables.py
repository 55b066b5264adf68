"""A spec's table refuses rows that cannot be meant; the shipped tables say what the interface says."""

from __future__ import annotations

import pytest

from xiaopos.wire.iso8583 import Encoding, Field, Shown, Size, Spec, Unit, card_network, unionpay_terminal


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


@pytest.mark.parametrize("spec", [unionpay_terminal.SPEC, card_network.SPEC], ids=lambda spec: spec.name)
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
