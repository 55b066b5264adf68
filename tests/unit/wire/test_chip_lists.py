"""Lists of a card: DOL, AFL, CVM list; and single values: dates, amounts, track 2."""

from __future__ import annotations

from datetime import date, time

import pytest

from xiaopos.kernel.money import CURRENCIES
from xiaopos.kernel.secret import Pan
from xiaopos.wire.emv import codes
from xiaopos.wire.emv.cvm import CvmList, CvmResults, CvmRule
from xiaopos.wire.emv.lists import (
    AflEntry,
    DolEntry,
    build_afl,
    build_dol,
    dol_data,
    parse_afl,
    parse_dol,
    split_dol,
)
from xiaopos.wire.emv.values import Track2, digits, read_amount, read_date, read_time, text
from xiaopos.wire.malformed import Malformed

CDOL1 = bytes.fromhex("9F02069F03069F1A0295055F2A029A039C019F37049F21039F4E14")


def test_a_list_of_wishes_is_read_and_written() -> None:
    entries = parse_dol(CDOL1)
    assert entries[0] == DolEntry("9F02", 6)
    assert [entry.tag for entry in entries][-2:] == ["9F21", "9F4E"]
    assert build_dol(entries) == CDOL1
    assert parse_dol(b"") == ()


def test_data_for_a_list_is_filled_and_cut_by_the_format_of_each_tag() -> None:
    def one(tag: str, length: int, value: str) -> str:
        return dol_data([DolEntry(tag, length)], {tag: bytes.fromhex(value)}).hex().upper()

    assert one("9F02", 4, "000000012345") == "00012345"
    assert one("9F02", 8, "000000012345") == "0000000000012345"
    assert one("9F02", 0, "000000012345") == ""
    assert one("5A", 10, "6225561620345170") == "6225561620345170FFFF"
    assert one("5A", 4, "6225561620345170") == "62255616"
    assert one("9F37", 2, "A1A2A3A4") == "A1A2"
    assert one("9F37", 6, "A1A2A3A4") == "A1A2A3A40000"
    assert one("50", 6, "50424F43") == "50424F430000"
    assert one("DF77", 3, "AA") == "AA0000"
    assert one("70", 3, "820219") == "000000"
    assert dol_data([DolEntry("9F03", 6), DolEntry("5A", 2)], {}) == bytes(8)


def test_data_of_a_list_is_cut_into_its_tags_again() -> None:
    entries = parse_dol(bytes.fromhex("9A039C01"))
    assert split_dol(entries, bytes.fromhex("26112300")) == [("9A", bytes.fromhex("261123")), ("9C", b"\x00")]
    with pytest.raises(Malformed) as caught:
        split_dol(entries, b"\x00", field=55)
    assert (caught.value.field, caught.value.offset) == (55, 1)


@pytest.mark.parametrize(("value", "offset"), [("9F", 0), ("9F02", 2), ("9F02069F", 3), ("9A03" * 127, 252)])
def test_a_list_that_does_not_end_is_malformed(value: str, offset: int) -> None:
    with pytest.raises(Malformed) as caught:
        parse_dol(bytes.fromhex(value))
    assert caught.value.offset == offset


def test_the_file_locator_is_read_and_written() -> None:
    value = bytes.fromhex("0801020110010300")
    assert parse_afl(value) == (AflEntry(1, 1, 2, 1), AflEntry(2, 1, 3, 0))
    assert build_afl(parse_afl(value)) == value


@pytest.mark.parametrize(
    ("value", "offset"),
    [
        ("", 0),
        ("080101", 3),
        ("0801010008", 5),
        ("00010100", 0),
        ("F8010100", 0),
        ("09010100", 0),
        ("08000100", 1),
        ("08020100", 1),
        ("08010102", 3),
        ("0801010010010203", 7),
        ("08010100" * 64, 256),
    ],
)
def test_a_file_locator_that_leads_nowhere_is_malformed(value: str, offset: int) -> None:
    with pytest.raises(Malformed) as caught:
        parse_afl(bytes.fromhex(value))
    assert (caught.value.offset, caught.value.subfield) == (offset, "94")


def test_what_no_list_can_hold_is_not_written() -> None:
    for entry in (DolEntry("9F8182", 1), DolEntry("9A", 256), DolEntry("9A", -1)):
        with pytest.raises(Malformed):
            build_dol([entry])
    for wrong in (AflEntry(32, 1, 1, 0), AflEntry(31, 1, 1, 0), AflEntry(1, 2, 1, 0), AflEntry(1, 1, 256, 0)):
        with pytest.raises(Malformed):
            build_afl([wrong])


def test_the_methods_of_a_card_are_read_in_words() -> None:
    value = bytes.fromhex("000003E8000000005E034203060689FF1F03")
    read = CvmList.parse(value)
    assert (read.amount_x_minor, read.amount_y_minor) == (1000, 0)
    assert read.rules[0] == CvmRule(0x5E, 3)
    assert [rule.words()[1] for rule in read.rules] == [
        "if the terminal supports the method: signature (paper), else the next rule",
        "if the terminal supports the method: enciphered PIN verified online, else the next rule",
        "if in the application currency and under X: face, verified offline, else verification failed",
        "RFU FF: finger, verified online, else verification failed",
        "if the terminal supports the method: no CVM required, else verification failed",
    ]
    assert read.rules[0].words()[0] == "终端支持该方法: 签名(纸),失败则用下一条"
    assert CvmRule(0x3E, 0).words()[0].startswith("总是: 保留 3E")
    assert read.encode() == value


@pytest.mark.parametrize("size", [0, 7, 9, 254])
def test_a_list_of_methods_of_another_size_is_malformed(size: int) -> None:
    with pytest.raises(Malformed) as caught:
        CvmList.parse(bytes(size))
    assert (caught.value.offset, caught.value.subfield) == (size, "8E")


def test_what_was_done_to_verify_is_read_in_words() -> None:
    assert CvmResults.parse(bytes.fromhex("3F0001")).words() == ("未进行(总是): 失败", "not performed (always): failed")
    assert CvmResults.parse(bytes.fromhex("1F0302")).words()[1].endswith("successful")
    assert CvmResults.parse(bytes.fromhex("420300")).online_pin
    with pytest.raises(Malformed):
        CvmResults.parse(b"\x1f\x03")


def test_dates_times_and_amounts_are_read() -> None:
    assert read_date(bytes.fromhex("490101"), "5F25") == date(2049, 1, 1)
    assert read_date(bytes.fromhex("500101"), "5F25") == date(1950, 1, 1)
    assert read_time(bytes.fromhex("235959"), "9F21") == time(23, 59, 59)
    assert read_amount(bytes.fromhex("000000001250"), "9F02") == 1250
    assert read_amount(b"\xff" * 6, "9F02") == 0
    assert text("小林茶铺".encode("gb18030") + b"\x00\x80") == "小林茶铺·\ufffd"


@pytest.mark.parametrize("value", ["", "2611", "261323", "26112A", "00000000"])
def test_what_is_no_date_or_time_is_malformed(value: str) -> None:
    for reading in (read_date, read_time):
        if value == "261323" and reading is read_time:
            value = "266123"
        with pytest.raises(Malformed):
            reading(bytes.fromhex(value), "9A")


def test_what_is_no_amount_is_malformed() -> None:
    with pytest.raises(Malformed) as caught:
        read_amount(bytes.fromhex("00000000125A"), "9F02")
    assert caught.value.offset == 5
    with pytest.raises(Malformed):
        read_amount(b"\x00", "9F02")
    with pytest.raises(Malformed):
        digits(bytes.fromhex("12A4"), "5A")


def test_the_track_of_a_chip_is_read_and_prints_masked() -> None:
    value = bytes.fromhex("6225561620345170D2812201000000000F")
    track = Track2.parse(value)
    assert (track.pan, track.expiry, track.service_code, track.own) == (
        Pan("6225561620345170"),
        "2812",
        "201",
        "000000000",
    )
    assert track.encode() == value
    assert track.has_chip
    assert repr(track) == "Track2(622556******5170)"
    odd = bytes.fromhex("6225561620345170001D28121010")
    assert Track2.parse(odd).encode() == odd
    assert not Track2.parse(odd).has_chip


@pytest.mark.parametrize(
    ("value", "offset"),
    [
        ("", 0),
        ("6225561620345170", 0),
        ("62255616203D2812201F", 5),
        ("6225561620345170D28122", 8),
        ("6225561620345170D2812A01", 8),
        ("62" * 20, 19),
    ],
)
def test_what_is_no_track_is_malformed_and_shows_nothing(value: str, offset: int) -> None:
    with pytest.raises(Malformed) as caught:
        Track2.parse(bytes.fromhex(value + "0" * (len(value) % 2)))
    assert caught.value.offset == offset
    assert "6225" not in str(caught.value)


def test_countries_and_currencies_have_names() -> None:
    assert codes.country("0344") == ("中国香港", "Hong Kong, China")
    assert codes.country("999") is None
    assert codes.currency("999") is None
    for row in CURRENCIES.values():
        named = codes.currency(row.number)
        assert named is not None
        assert (named.letters, named.minor_digits) == (row.code, row.minor_digits)
    assert all(len(number) == 3 and len(row[0]) == 2 for number, row in codes.COUNTRIES.items())
    assert all(len(number) == 3 and len(row.letters) == 3 for number, row in codes.CURRENCIES.items())
