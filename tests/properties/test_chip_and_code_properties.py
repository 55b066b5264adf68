"""What must hold of lists, bit strings, tracks and payers' codes: inverse both ways, damage is Malformed only, bounded work."""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyemv import tlv as pyemv_tlv

from support.chip_readers import READERS
from support.chip_samples import published
from support.work import calls
from xiaopos.kernel.secret import Pan
from xiaopos.wire.emv import bits, cvm, lists, tlv
from xiaopos.wire.emv import values as single
from xiaopos.wire.emv.describing import describe
from xiaopos.wire.emv.dictionary import TAGS
from xiaopos.wire.emv.field55 import CHIP_PROFILES
from xiaopos.wire.malformed import Malformed
from xiaopos.wire.qr import consumer_presented, merchant_presented
from xiaopos.wire.qr.merchant_presented import DataObject, Lengths

TAG = st.sampled_from([*sorted(TAGS), "C1", "DF55", "DF8101", "9F8102"])
ENTRIES = st.lists(st.builds(lists.DolEntry, TAG, st.integers(0, 255)), max_size=20)


@given(ENTRIES)
def test_a_list_of_wishes_is_written_and_read_the_same(entries: list[lists.DolEntry]) -> None:
    assert list(lists.parse_dol(lists.build_dol(entries))) == entries


@given(ENTRIES, st.dictionaries(TAG, st.binary(max_size=40)))
def test_data_for_a_list_is_as_long_as_the_list_says(entries: list[lists.DolEntry], held: dict[str, bytes]) -> None:
    data = lists.dol_data(entries, held)
    assert [(tag, len(value)) for tag, value in lists.split_dol(entries, data)] == [
        (entry.tag, entry.length) for entry in entries
    ]


@given(st.lists(st.tuples(st.integers(1, 30), st.integers(1, 255), st.integers(0, 9)), min_size=1, max_size=63))
def test_a_file_locator_is_written_and_read_the_same(rows: list[tuple[int, int, int]]) -> None:
    entries = tuple(lists.AflEntry(sfi, first, min(first + more, 255), 0) for sfi, first, more in rows)
    assert lists.parse_afl(lists.build_afl(entries)) == entries


@given(st.binary(min_size=8, max_size=252).filter(lambda value: len(value) % 2 == 0))
def test_a_list_of_methods_is_read_and_written_the_same(value: bytes) -> None:
    read = cvm.CvmList.parse(value)
    assert read.encode() == value
    assert all(zh and en for zh, en in (rule.words() for rule in read.rules))


@given(
    st.integers(10**11, 10**19 - 1).map(str),
    st.from_regex("[0-9]{4}", fullmatch=True),
    st.from_regex("[0-9]{3}", fullmatch=True),
    st.text("0123456789", max_size=11),
)
def test_a_track_is_written_and_read_the_same(number: str, expiry: str, service: str, own: str) -> None:
    track = single.Track2(Pan(number), expiry, service, own)
    assert single.Track2.parse(track.encode()) == track
    assert number not in repr(track)


@given(st.sampled_from(sorted(bits.TABLES)), st.binary(min_size=5, max_size=5))
def test_every_set_bit_has_words(tag: str, value: bytes) -> None:
    table = bits.TABLES[tag]
    marks = table.read(value[: table.size])
    assert len(marks) == int.from_bytes(value[: table.size], "big").bit_count()
    assert all(mark.zh and mark.en for mark in marks)


@given(st.lists(st.builds(tlv.Tlv, TAG, st.binary(max_size=64)), max_size=12))
def test_whatever_values_hold_they_are_described(objects: list[tlv.Tlv]) -> None:
    rows = describe(objects)
    assert [row.tag for row in rows] == [item.tag for item in objects]
    raw = tlv.build(objects)
    for row, item in zip(rows, objects, strict=True):
        assert raw[row.offset : row.offset + row.size] == item.encode()
    for profile in CHIP_PROFILES.values():
        assert all(finding.zh and finding.en for finding in profile.check(objects))


@given(st.binary(max_size=200))
def test_what_can_be_salvaged_is_a_beginning(data: bytes) -> None:
    objects, fault = tlv.salvage(data)
    assert data.startswith(tlv.build(objects))
    if fault is None:
        assert tlv.parse(data) == objects


@given(
    st.lists(st.builds(tlv.Tlv, st.sampled_from(["50", "57", "5F34", "C1"]), st.binary(max_size=20)), max_size=4),
    st.lists(st.builds(tlv.Tlv, st.sampled_from(["9F26", "9F36", "9F10"]), st.binary(max_size=20)), max_size=4),
)
def test_a_card_apps_code_is_written_and_read_the_same(data: list[tlv.Tlv], hidden: list[tlv.Tlv]) -> None:
    name = tlv.Tlv("4F", bytes.fromhex("A000000333010101"))
    code = consumer_presented.build_code([consumer_presented.Application((name, *data), tuple(hidden))], common=data)
    again = consumer_presented.parse_code(code.text())
    assert again == code
    assert again.text() == code.text()
    assert list(again.chip_data()) == hidden


@given(
    st.sampled_from(Lengths),
    st.text("茶铺AB", min_size=1, max_size=20),
    st.dictionaries(st.sampled_from(["01", "02", "33", "99"]), st.text("京A*", min_size=1, max_size=9), max_size=3),
)
def test_a_shop_code_comes_back_whatever_its_lengths_count(lengths: Lengths, name: str, inner: dict[str, str]) -> None:
    own = [DataObject("00", "cn.example"), *[DataObject(tag, text) for tag, text in inner.items()]]
    objects = (
        DataObject("00", "01"),
        merchant_presented.template("26", own, lengths),
        DataObject("59", name),
        DataObject("65", "保留"),
        merchant_presented.template("62", [merchant_presented.template("50", own[:2], lengths)], lengths),
    )
    code = merchant_presented.ShopCode(objects, lengths)
    again = merchant_presented.parse(code.text(), lengths=lengths)
    assert again == code
    assert again.text() == code.text()
    assert {row.path for row in again.check()} >= {"52", "53", "58", "60"}
    for path, offset, item in again.walk():
        assert code.text()[offset : offset + 2] == path[-1]
        assert code.text()[offset + 4 :].startswith(item.value)


def _mutants(data: bytes, count: int) -> Iterator[bytes]:
    chance = random.Random(55)
    for _ in range(count):
        place = chance.randrange(len(data))
        put = bytes(
            chance.choice((0, 0x1F, 0x7F, 0x80, 0x81, 0x84, 0xFF, chance.randrange(256)))
            for _ in range(chance.randrange(3))
        )
        yield data[:place] + put + data[place + chance.randrange(3) :]
    for end in range(len(data)):
        yield data[:end]


@pytest.mark.parametrize("name", READERS)
def test_damage_is_malformed_only(name: str) -> None:
    reading, sound = READERS[name]
    reading(sound)
    for mutant in _mutants(sound, 1500):
        offset: int | None = None
        try:
            reading(mutant)
        except Malformed as fault:
            offset = fault.offset
        assert offset is None or 0 <= offset <= len(mutant)


def test_damaged_shop_codes_are_malformed_only_in_either_count() -> None:
    body = published("emvco_qr.json")["payload"][:-4].encode()
    for mutant in _mutants(body[:-4], 1500):
        text = mutant.decode("utf-8", "surrogateescape") + "6304"
        for lengths in Lengths:
            try:
                code = merchant_presented.parse(text + merchant_presented.crc(text), lengths=lengths)
            except Malformed:
                continue
            assert code.text() == text + merchant_presented.crc(text)
            assert merchant_presented.describe(code)
            assert code.check() is not None


WORST = {
    "empty objects": b"\x82\x00" * 32767,
    "templates in templates": b"\x70\x83\x00\xff\xf0" * 13107,
    "empty templates": b"\x70\x00" * 32767,
    "filler": b"\x00" * 65535,
    "FF": b"\xff" * 65535,
    "filler between": b"\x82\x00\x00\x00" * 16383,
    "tags without end": b"\x9f" + b"\xff" * 65534,
    "too much": b"\x82\x00" * 10**6,
}


@pytest.mark.parametrize("name", WORST)
def test_the_work_is_bounded_whatever_comes(name: str) -> None:
    assert calls(lambda: tlv.parse(WORST[name])) < 25 * tlv.OBJECT_LIMIT
    assert calls(lambda: tlv.parse(WORST[name], ff_is_filler=True)) < 25 * tlv.OBJECT_LIMIT


def _flat(objects: tuple[tlv.Tlv, ...]) -> dict[str, bytes]:
    return {item.tag: item.value for item in tlv.every(objects) if not item.constructed}


@given(
    st.dictionaries(TAG.filter(lambda tag: not tlv.Tlv(tag, b"").constructed), st.binary(max_size=300), max_size=8),
    st.booleans(),
)
def test_pyemv_reads_and_writes_the_same_chip_data(held: dict[str, bytes], within: bool) -> None:
    objects: tuple[tlv.Tlv, ...] = tuple(tlv.Tlv(tag, value) for tag, value in held.items())
    if within:
        objects = (tlv.template("70", objects),)
    data = tlv.build(objects)
    assert pyemv_tlv.encode({"70": held} if within else held) == data
    assert pyemv_tlv.decode(data, flatten=True) == held == _flat(tlv.parse(data))
