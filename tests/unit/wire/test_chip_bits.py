"""Bit strings of chip cards in words."""

from __future__ import annotations

import pytest

from xiaopos.wire.emv.bits import AIP, CTQ, TABLES, TSI, TTQ, TVR, Mark
from xiaopos.wire.malformed import Malformed


def test_bits_are_named_from_the_highest_of_the_first_byte_on() -> None:
    marks = TVR.read(bytes.fromhex("8000048800"))
    assert [(mark.byte, mark.bit) for mark in marks] == [(1, 8), (3, 3), (4, 8), (4, 4)]
    assert [mark.en for mark in marks][1:] == [
        "online CVM captured (online PIN entered)",
        "transaction exceeds floor limit",
        "merchant forced transaction online",
    ]
    assert marks[0] == Mark(1, 8, "未进行脱机数据认证", "offline data authentication was not performed")
    assert TVR.read(bytes(5)) == []


def test_a_reserved_bit_is_named_by_its_place() -> None:
    (mark,) = TSI.read(b"\x00\x10")
    assert (mark.en, mark.zh, mark.reserved) == ("RFU byte 2 bit 5", "保留位 第2字节第5位", True)
    assert not TSI.read(b"\x80\x00")[0].reserved


def test_one_bit_is_asked_for() -> None:
    assert TTQ.has(bytes.fromhex("26000000"), 1, 3)
    assert not TTQ.has(bytes.fromhex("26000000"), 2, 8)
    assert CTQ.has(b"\x80\x00", 1, 8)
    with pytest.raises(AssertionError, match="2 bytes"):
        CTQ.has(b"\x80\x00", 3, 8)
    with pytest.raises(AssertionError, match="8 bits"):
        CTQ.has(b"\x80\x00", 1, 9)


@pytest.mark.parametrize(("value", "offset"), [(b"", 0), (b"\x00", 1), (b"\x00\x00\x00", 2)])
def test_another_size_is_malformed(value: bytes, offset: int) -> None:
    with pytest.raises(Malformed) as caught:
        AIP.read(value)
    assert (caught.value.offset, caught.value.subfield) == (offset, "82")


def test_every_table_keeps_within_its_size_and_speaks_both_languages() -> None:
    for tag, table in TABLES.items():
        assert table.name == tag
        assert all(1 <= place // 10 <= table.size and 1 <= place % 10 <= 8 for place in table.bits)
        assert all(zh and en for zh, en in table.bits.values())
    assert TABLES["9F0D"].read(b"\x80\x00\x00\x00\x00") == TVR.read(b"\x80\x00\x00\x00\x00")
