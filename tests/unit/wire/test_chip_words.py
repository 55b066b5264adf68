"""Chip data for people: the dictionary, rows with their meaning, and what is never shown."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.chip_samples import CHIP
from xiaopos.wire.emv import describe, unknown_tags
from xiaopos.wire.emv.describing import _NEVER_A_NUMBER, shown
from xiaopos.wire.emv.dictionary import SENSITIVE, TAGS, Format, Origin, Sight, Source, find
from xiaopos.wire.emv.issuer_data import (
    SOURCES,
    CryptogramInformation,
    IssuerAuthentication,
    IssuerFormat,
    parse_issuer_data,
)
from xiaopos.wire.emv.tlv import Tlv, build, template
from xiaopos.wire.malformed import Malformed

PAN = "6225561620345170"


def english(chip: str) -> list[str]:
    return [en for row in describe(bytes.fromhex(chip)) for _, en in row.meaning]


def test_the_dictionary_knows_name_format_size_source_place_and_sight() -> None:
    row = find("9F26")
    assert row is not None
    assert (row.zh, row.en, row.format, row.least, row.most) == ("应用密文", "application cryptogram", Format.B, 8, 8)
    assert (row.source, row.templates[:2], row.sight, row.origin) == (
        Source.CARD,
        ("77", "80"),
        Sight.OPEN,
        Origin.EMV,
    )
    assert (row.fits(8), row.fits(7)) == (True, False)
    assert find("DF7F") is None
    assert TAGS["9F50"].origin is Origin.UNCONFIRMED


def test_every_row_is_whole() -> None:
    for tag, row in TAGS.items():
        assert tag == row.tag
        assert row.zh
        assert row.en
        assert 0 <= row.least <= row.most
        assert set(row.templates) <= TAGS.keys()
        assert Tlv(tag, b"").encode()
        assert (row.format is Format.VAR) or not Tlv(tag, b"").constructed
    assert {"56", "57", "5A", "5F20", "9F0B", "9F1F", "9F20", "9F61", "9F6B", "86", "99"} <= SENSITIVE


def test_rows_say_where_each_object_lies_and_what_it_means() -> None:
    chip = bytes.fromhex("00700A82021980009F3602001A009C01209F02060000000012505F2A020156")
    rows = describe(chip, field=55)
    assert [(row.path, row.depth, row.offset, row.size, row.shown) for row in rows] == [
        ("70", 0, 1, 12, "<10>"),
        ("70.82", 1, 3, 4, "1980"),
        ("70.9F36", 1, 8, 5, "001A"),
        ("9C", 0, 14, 3, "20"),
        ("9F02", 0, 17, 9, "000000001250"),
        ("5F2A", 0, 26, 5, "0156"),
    ]
    assert rows[1].meaning[0] == ("支持持卡人验证", "cardholder verification is supported")
    assert [row.meaning for row in rows[2:]] == [
        (("26", "26"),),
        (("退货", "refund"),),
        (("12.50 人民币", "12.50 CNY"),),
        (("人民币 CNY", "Chinese yuan CNY"),),
    ]
    with pytest.raises(Malformed) as caught:
        describe(b"\x9f", field=55)
    assert caught.value.field == 55


def test_objects_that_were_read_are_described_like_their_bytes() -> None:
    chip = CHIP
    rows = describe(chip)
    assert [row.tag for row in rows] == ["9F26", "9F36", "9F02", "5F2A"]
    assert describe([Tlv("9F36", b"\x00\x1a")])[0].meaning == rows[1].meaning


@pytest.mark.parametrize(
    ("chip", "words"),
    [
        ("9F0206000000001250", ["1250 minor units"]),
        ("9F02060000000012505F2A020392", ["1250 JPY", "Japanese yen JPY"]),
        ("9F03060000000000055F2A020414", ["0.005 KWD", "Kuwaiti dinar KWD"]),
        ("5F2A020999", []),
        ("9F7B06000000100000" + "5F2A020156", ["100000 minor units", "Chinese yuan CNY"]),
        ("9F1B0400000064", ["100"]),
        ("8408A000000333010102", ["UnionPay credit"]),
        ("4F07A0000000041010", ["Mastercard"]),
        ("9F0605F000000001", []),
        ("9F1A020156", ["China"]),
        ("9F1A020999", []),
        ("9A03261123", ["2026-11-23"]),
        ("9F2103163000", ["16:30:00"]),
        ("8A025931", ["offline approved"]),
        ("8A025939", []),
        ("9F350122", ["merchant, attended, offline with online capability"]),
        ("5004504F4F4C", ["POOL"]),
        ("9F2701C8", ["RFU", "advice required"]),
        ("9F270142", ["TC: approved", "PIN try limit exceeded"]),
        ("9F270107", ["AAC: declined", "RFU"]),
        ("940408010100", ["file 1 records 1-1, 0 of them signed"]),
        ("9F3403420300", ["enciphered PIN verified online (if the terminal supports the method): unknown"]),
        ("910A11223344556677883030", ["method 1, response code 00"]),
        ("9108112233440000ABCD", ["method 2, status update 0000abcd"]),
        (
            "82011980"[:6],
            ["unexpected size: the standard says 2 bytes", "malformed: 82, offset 1: expected 2 bytes, found 1"],
        ),
        ("4F02A000", ["unexpected size: the standard says 5-16 bytes"]),
    ],
)
def test_values_are_said_in_words(chip: str, words: list[str]) -> None:
    assert english(chip) == words


def test_lists_are_said_entry_by_entry() -> None:
    assert english("8E0A00000064000000000203") == [
        "X 100, Y 0",
        "if the terminal supports the method: enciphered PIN verified online, else verification failed",
    ]
    assert english("9F38099F66049F0206DF7701") == [
        "9F66 4 bytes: terminal transaction qualifiers; Mastercard: PUNATC",
        "9F02 6 bytes: amount, authorised (numeric)",
        "DF77 1 bytes: unknown",
    ]


CARD_DATA = [
    ("5A", PAN, "622556******5170"),
    ("5A", PAN + "001F", "622556*********0001"),
    ("5A", "62255616", "<4>"),
    ("57", PAN + "D28122010000000000", "622556******5170"),
    ("57", "6225", "<2>"),
    ("9F6B", PAN + "D28122010000000000", "622556******5170"),
    ("9F6B", "000000050000", "<6>"),
    ("56", "42" * 30, "<30>"),
    ("5F20", "4C494E", "<3>"),
    ("9F1F", "3030", "<2>"),
    ("9F20", "1234", "<2>"),
    ("9F61", "313233", "<3>"),
    ("99", "1122334455667788", "<8>"),
    ("86", "8424000210" + "AB" * 16, "84240002 <17>"),
    ("86", "84240002", "<4>"),
    ("DF77", "00" + PAN, "<9>"),
    ("DF77", PAN.encode().hex(), "<16>"),
    ("DF77", b"6225 5616 2034 5170".hex(), "<19>"),
    ("DF77", "0000000000000000", "0000000000000000"),
    ("9F4E", PAN.encode().hex(), "<16>"),
    ("50", PAN.encode().hex(), "<16>"),
    ("83", "8000" + PAN, "<10>"),
    ("9F69", PAN, "<8>"),
    ("9F1E", b"12345678".hex(), b"12345678".hex()),
    ("DF77", b"163000".hex(), b"163000".hex()),
    ("DF77", b"\x00".join([b"6225561620345", b"170"]).hex(), "<17>"),
    ("9F16", b"898320154110001".hex(), b"898320154110001".hex()),
]


@pytest.mark.parametrize(("tag", "value", "expected"), CARD_DATA)
def test_card_and_personal_data_are_masked(tag: str, value: str, expected: str) -> None:
    (row,) = describe([Tlv(tag, bytes.fromhex(value))])
    assert row.shown == expected
    assert PAN not in repr(row)
    assert "6225561620345170" not in repr(row.meaning)


@given(
    st.sampled_from([*sorted(TAGS), "DF55", "C1", "9F8104"]).filter(lambda tag: not Tlv(tag, b"").constructed),
    st.integers(10**12, 10**19 - 1).map(str),
    st.booleans(),
    st.sampled_from(["", "F", "D2812201"]),
)
def test_no_card_number_is_shown_whatever_tag_it_comes_in(tag: str, number: str, ascii_form: bool, tail: str) -> None:
    row = find(tag)
    if row is not None and (row.most <= 6 or tag in _NEVER_A_NUMBER):
        return
    nibbles = number + tail
    value = number.encode() if ascii_form else bytes.fromhex(nibbles + "F" * (len(nibbles) % 2))
    rows = describe([template("70", [template("BF0C", [Tlv(tag, value)])])])
    assert number not in repr(rows)
    assert number.encode().hex() not in repr(rows).lower()


def test_unknown_tags_are_listed_by_their_path() -> None:
    objects = [template("70", [Tlv("DF77", b"\x01"), Tlv("82", b"\x00\x00")]), Tlv("C1", b"")]
    assert unknown_tags(objects) == ["70.DF77", "C1"]
    assert describe(build(objects))[1].zh == ""
    assert shown(objects[0]) == "<8>"


PBOC = "07000103A00000010839393939" + "39393939"


def test_issuer_data_is_taken_apart_by_its_layout() -> None:
    pboc = parse_issuer_data(bytes.fromhex(PBOC))
    assert (pboc.format, pboc.key_index, pboc.version, pboc.results.hex(), pboc.algorithm) == (
        IssuerFormat.PBOC,
        0,
        1,
        "a00000",
        1,
    )
    assert pboc.rest == b"99999999"
    assert [en for _, en in pboc.words()] == [
        "PBOC layout, cryptogram version 01, key index 00",
        "algorithm TDES",
        "ARQC in first GENERATE AC or GPO",
    ]
    vsdc = parse_issuer_data(bytes.fromhex("06010A03642038"))
    assert (vsdc.format, vsdc.version, vsdc.key_index, vsdc.rest) == (IssuerFormat.VSDC, 10, 1, b"")
    assert [en for _, en in vsdc.words()][1:] == [
        "TC in second GENERATE AC",
        "ARQC in first GENERATE AC or GPO",
        "offline PIN verification performed",
        "exceeded velocity checking counters",
        "issuer script processing failed on last transaction",
        "3 issuer script commands on last transaction",
    ]
    unknown = parse_issuer_data(bytes.fromhex("07010103A0000099"))
    assert unknown.words()[1] == ("算法 未知 99", "algorithm unknown 99")
    long = parse_issuer_data(bytes.fromhex("1F2201") + bytes(29))
    assert (long.format, long.version, long.key_index) == (IssuerFormat.VSDC_LONG, 0x22, 1)
    chip = parse_issuer_data(bytes.fromhex("0110A00003220000") + bytes(10))
    assert (chip.format, chip.version, chip.results.hex(), len(chip.rest)) == (
        IssuerFormat.MCHIP,
        0x10,
        "a00003220000",
        10,
    )
    core = parse_issuer_data(bytes.fromhex("0FA501") + bytes(13) + b"\x0f" + bytes(15))
    assert (core.format, core.version, core.key_index, len(core.rest)) == (IssuerFormat.CCD, 0xA5, 1, 23)
    assert SOURCES.keys() == set(IssuerFormat)


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("07010103A4A01001" + "0A01" + "0000001000" + "11223344", [
            "ARQC in first GENERATE AC or GPO",
            "offline PIN verification performed",
            "last online transaction not completed",
            "exceeded velocity checking counters",
            "1 issuer script commands on last transaction",
            "issuer's own data: electronic cash balance",
        ]),
        ("07010103A0000001" + "0177", ["ARQC in first GENERATE AC or GPO"]),
        ("1F2201" + "12A0100080" + "00" * 24, [
            "verified by mobile payment application: finger biometric",
            "ARQC in first GENERATE AC or GPO",
            "new card",
            "consumer device is not in debug mode",
        ]),
        ("1F2201" + "9900000000" + "00" * 24, [
            "verified by RFU: RFU",
            "AAC in second GENERATE AC",
            "AAC in first GENERATE AC or GPO",
        ]),
        ("1F2201" + "0080000000" + "00" * 24, ["AAC in first GENERATE AC or GPO"]),
        ("0110A50003220000" + "00" * 10, [
            "ARQC in first GENERATE AC or GPO",
            "offline PIN verification performed",
            "offline PIN verification successful",
            "offline PIN verification not performed",
            "domestic transaction",
            "3 PIN tries left",
        ]),
        ("0FA501" + "F038001100" + "00" * 8 + "0F" + "00" * 15, [
            "RFU",
            "RFU",
            "offline PIN verification performed",
            "unable to go online",
            "1 issuer script commands on last transaction",
            "3 PIN tries left",
        ]),
    ],
)  # fmt: skip
def test_what_the_card_tells_its_issuer_is_said_in_words(value: str, words: list[str]) -> None:
    said = parse_issuer_data(bytes.fromhex(value)).words()
    assert [en for _, en in said if not en.startswith("algorithm")][1:] == words
    assert all(zh for zh, _ in said)


@pytest.mark.parametrize(
    ("value", "offset"),
    [
        ("", 0),
        ("07010103A000", 0),
        ("07000103A0000001083939", 8),
        ("06010A0364203805", 7),
        ("00" * 33, 32),
        ("0F" + "00" * 31, 0),
        ("0F0000" + "00" * 13 + "0F" + "00" * 15, 0),
        ("0120" + "00" * 16, 0),
    ],
)
def test_another_layout_of_issuer_data_is_malformed(value: str, offset: int) -> None:
    with pytest.raises(Malformed) as caught:
        parse_issuer_data(bytes.fromhex(value))
    assert (caught.value.offset, caught.value.subfield) == (offset, "9F10")


def test_the_kind_of_cryptogram_is_told() -> None:
    assert [CryptogramInformation.parse(bytes([byte])).kind for byte in (0x00, 0x40, 0x80, 0xC0)] == [
        "AAC",
        "TC",
        "ARQC",
        "RFU",
    ]
    with pytest.raises(Malformed):
        CryptogramInformation.parse(b"\x80\x00")


def test_the_issuers_authentication_is_taken_apart() -> None:
    first = IssuerAuthentication.parse(bytes.fromhex("11223344556677883030"))
    assert (first.method, first.arpc.hex(), first.response_code) == (1, "1122334455667788", "00")
    second = IssuerAuthentication.parse(bytes.fromhex("1122334455667788AABB"))
    assert (second.method, second.status_update.hex(), second.own.hex()) == (2, "55667788", "aabb")
    assert repr(first) == "IssuerAuthentication(method 1)"
    for size in (7, 17):
        with pytest.raises(Malformed):
            IssuerAuthentication.parse(bytes(size))
