"""BER-TLV, the names of tags, and the profiles of field 55."""

from __future__ import annotations

import pytest

from support.wire_samples import CARD_SALE
from xiaopos.wire.emv.tags import CHIP_PROFILES, SENSITIVE, TAGS, describe
from xiaopos.wire.emv.tlv import Tlv, build, every, first, parse, template
from xiaopos.wire.malformed import Malformed


def test_objects_are_read_in_their_order_with_what_they_hold() -> None:
    data = bytes.fromhex("6F1A8407A0000003330101A50F500A50424F432044454249548701019F36020001DF81FF0101AA")
    objects = parse(data)
    assert [item.tag for item in objects] == ["6F", "9F36", "DF81FF01"]
    assert [item.tag for item in every(objects)] == ["6F", "84", "A5", "50", "87", "9F36", "DF81FF01"]
    assert first(objects, "50") == b"PBOC DEBIT"
    assert first(objects, "57") is None
    assert build(objects) == data
    assert template("6F", objects[0].children) == objects[0]
    with pytest.raises(ValueError, match="not a constructed"):
        template("9F36", [])


def test_long_lengths_and_lengths_longer_than_needed_come_back() -> None:
    for data in ("9F108180" + "AA" * 128, "9F10820100" + "BB" * 256, "9F3681020001", "9F368200020001"):
        raw = bytes.fromhex(data)
        assert build(parse(raw)) == raw
    assert Tlv("82", bytes(128)).encode()[:3].hex() == "828180"
    assert Tlv("82", bytes(65536)).encode()[:5].hex() == "8283010000"


def test_filler_between_objects_is_dropped() -> None:
    assert build(parse(bytes.fromhex("00009F3602000100820219800000"))) == bytes.fromhex("9F3602000182021980")


@pytest.mark.parametrize(
    ("hexed", "offset", "tag"),
    [
        ("9F", 0, None),
        ("9F81", 0, None),
        ("9F8181818101", 0, None),
        ("82", 1, "82"),
        ("9F26", 2, "9F26"),
        ("8280", 1, "82"),
        ("828400000001", 1, "82"),
        ("828201", 1, "82"),
        ("820319", 2, "82"),
        ("700382021980", 4, "82"),
        ("70087006700482031980", 8, "82"),
    ],
)
def test_faults_are_named_with_their_place(hexed: str, offset: int, tag: str | None) -> None:
    with pytest.raises(Malformed) as caught:
        parse(bytes.fromhex(hexed), field=55)
    assert (caught.value.field, caught.value.offset, caught.value.subfield) == (55, offset, tag)


def test_templates_nest_to_a_limit() -> None:
    deep = Tlv("82", b"\x19\x80")
    for _ in range(7):
        deep = template("70", [deep])
    assert parse(deep.encode()) == (deep,)
    with pytest.raises(Malformed, match="8 levels"):
        parse(template("70", [deep]).encode())


def test_a_description_shows_no_card_data() -> None:
    card = [
        Tlv("57", bytes.fromhex("6225561620345170D28120")),
        template("70", [Tlv("5A", bytes.fromhex("6225561620345170")), Tlv("9F36", b"\x00\x01")]),
        Tlv("DF55", b"\x01"),
    ]
    rows = describe(card)
    assert [(row.depth, row.tag, row.shown) for row in rows] == [
        (0, "57", "<11>"),
        (0, "70", "<15>"),
        (1, "5A", "<8>"),
        (1, "9F36", "0001"),
        (0, "DF55", "01"),
    ]
    assert rows[3].en == "application transaction counter"
    assert rows[4].zh == ""
    assert "6225" not in repr(rows) + repr(card)
    assert {"57", "5A"} <= SENSITIVE


def test_every_tag_that_a_profile_lists_has_a_name() -> None:
    for profile in CHIP_PROFILES.values():
        assert profile.must | profile.conditional | profile.optional <= TAGS.keys()
    assert all(zh and en for zh, en in TAGS.values())


def test_a_profile_says_what_is_missing_and_what_it_does_not_list() -> None:
    profile = CHIP_PROFILES["request"]
    objects = parse(CARD_SALE.raw(55))
    assert "9F37" in profile.missing(objects)
    assert "9F26" not in profile.missing(objects)
    assert profile.unlisted([*objects, Tlv("C0", b"")]) == ["C0"]
    assert CHIP_PROFILES["answer"].missing([]) == []
