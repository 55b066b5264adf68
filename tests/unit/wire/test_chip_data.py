"""BER-TLV: read and written byte for byte, every fault with its place, bounded work."""

from __future__ import annotations

import pytest

from xiaopos.wire.emv.tlv import Tlv, build, every, every_value, first, firsts, parse, salvage, template
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


def test_long_lengths_and_lengths_longer_than_needed_come_back() -> None:
    for data in ("9F108180" + "AA" * 128, "9F10820100" + "BB" * 256, "9F3681020001", "9F368200020001"):
        raw = bytes.fromhex(data)
        assert build(parse(raw)) == raw
    assert Tlv("82", bytes(128)).encode()[:3].hex() == "828180"
    assert Tlv("82", bytes(65536)).encode()[:5].hex() == "8283010000"


@pytest.mark.parametrize(
    ("hexed", "tags"),
    [
        ("00009F3602000100820219800000", ["9F36", "82"]),
        ("9F36020001FFFF00", ["9F36"]),
        ("FF0104820219809A03260101", ["FF01", "82", "9A"]),
        ("FF81040482021980FF", ["FF8104", "82"]),
        ("7006820219800000", ["70", "82"]),
        ("70020000", ["70"]),
        ("7003FF00FF9A03260101", ["70", "9A"]),
    ],
)
def test_filler_before_between_and_after_objects_is_no_object_and_comes_back(hexed: str, tags: list[str]) -> None:
    data = bytes.fromhex(hexed)
    objects = parse(data)
    assert [item.tag for item in every(objects)] == tags
    assert build(objects) == data
    assert template("70", objects).encode() == Tlv("70", data).encode()


def test_an_ff_before_an_object_is_filler_where_the_caller_says_so() -> None:
    data = bytes.fromhex("FF00FF9F36020001FF82021980")
    objects = parse(data, ff_is_filler=True)
    assert [item.tag for item in objects] == ["9F36", "82"]
    assert build(objects) == data
    with pytest.raises(Malformed):
        parse(data)


def test_nothing_but_filler_holds_no_object() -> None:
    assert parse(b"\x00\xff\x00") == ()


def test_a_tag_that_comes_twice_is_kept_twice() -> None:
    objects = parse(bytes.fromhex("9F1801019F1801020500"))
    assert every_value(objects, "9F18") == [b"\x01", b"\x02"]
    assert firsts(objects) == {item.tag: first(objects, item.tag) for item in every(objects)}
    assert repr(objects[0]) == "Tlv(9F18, 1 bytes)"
    assert (objects[0].constructed, parse(bytes.fromhex("7000"))[0].constructed) == (False, True)
    assert [item.head_size for item in parse(bytes.fromhex("9F1801019F36820001AA"))] == [3, 5]


@pytest.mark.parametrize(
    ("hexed", "offset", "path"),
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
        ("700382021980", 4, "70.82"),
        ("70087006700482031980", 8, "70.70.70.82"),
        ("9A0326010170029F81", 7, "70"),
    ],
)
def test_faults_are_named_with_their_place(hexed: str, offset: int, path: str | None) -> None:
    with pytest.raises(Malformed) as caught:
        parse(bytes.fromhex(hexed), field=55)
    assert (caught.value.field, caught.value.offset, caught.value.subfield) == (55, offset, path)
    objects, fault = salvage(bytes.fromhex(hexed), field=55)
    assert str(fault) == str(caught.value)
    assert [item.tag for item in objects] == (["9A"] if hexed.startswith("9A") else [])


def test_templates_nest_to_a_limit() -> None:
    deep = Tlv("82", b"\x19\x80")
    for _ in range(7):
        deep = template("70", [deep])
    assert parse(deep.encode()) == (deep,)
    with pytest.raises(Malformed, match="8 levels") as caught:
        parse(template("70", [deep]).encode())
    assert caught.value.subfield == ".".join(["70"] * 8)


def test_size_and_number_of_objects_are_bounded() -> None:
    assert len(parse(b"\x82\x00" * 1000)) == 1000
    with pytest.raises(Malformed, match="1000 objects") as caught:
        parse(b"\x82\x00" * 1001)
    assert caught.value.offset == 2000
    with pytest.raises(Malformed, match="at most 65535 bytes"):
        parse(bytes(65536))
    assert parse(bytes(65535)) == ()


@pytest.mark.parametrize("tag", ["", "8", "9f36", "zz", "9F", "8282", "9F8182", "9F8182838401", "9F 36"])
def test_what_is_no_tag_cannot_be_written(tag: str) -> None:
    with pytest.raises(Malformed) as caught:
        Tlv(tag, b"\x01").encode()
    assert caught.value.offset is None


def test_what_has_no_length_cannot_be_written() -> None:
    with pytest.raises(Malformed, match="3 further bytes"):
        Tlv("82", bytes(2**24)).encode()
    with pytest.raises(Malformed, match="primitive"):
        template("9F36", [])
