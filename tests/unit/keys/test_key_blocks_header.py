"""A key block's header and optional blocks: read and written in both readings, each fault named by its place."""

from __future__ import annotations

import pytest

from xiaopos.keys import KeyFault
from xiaopos.keys.key_blocks_header import Header, read
from xiaopos.keys.key_blocks_optional import ExtendedLength, OptionalBlock
from xiaopos.keys.key_blocks_words import (
    ALGORITHMS,
    CONTEXTS,
    EXPORTABILITY,
    MODES,
    OPTIONAL,
    USAGES,
    BlockVersion,
    KeyBlockRefused,
    name_of,
)

TAIL = {"B": 16 + 48, "D": 32 + 96, "E": 32 + 36}


def framed(header: str, tail: int | None = None) -> str:
    """A block with that header, its length put right, and zeros for key and MAC."""
    text = header + "0" * (TAIL[header[0]] if tail is None else tail)
    return f"{text[0]}{len(text):04}{text[5:]}"


@pytest.mark.parametrize(
    ("header", "blocks"),
    [
        ("B0000P0TE00N0000", {}),
        ("B0000P0TE00N0100KS1800604B120F9292800000", {"KS": "00604B120F9292800000"}),
        ("B0000P0TE00N0200KS1200604B120F9292PB0600", {"KS": "00604B120F9292"}),
        ("B0000P0TE00N0400KS1800604B120F9292800000T104T20600PB0600", {"KS": "00604B120F9292800000", "T1": "", "T2": "00"}),
        ("D0000P0TE00N0200KS1800604B120F9292800000PB080000", {"KS": "00604B120F9292800000"}),
        ("E0000P0TE00N0200KS1200604B120F9292PB0E0000000000", {"KS": "00604B120F9292"}),
    ],
)  # fmt: skip
def test_headers_that_other_libraries_write_are_read_and_written_back(header: str, blocks: dict[str, str]) -> None:
    found = read(framed(header))
    assert {each.id: each.value for each in found.header.blocks} == blocks
    assert found.extended is None
    assert found.header.text(0) == header
    assert repr(found).startswith("SealedBlock(" + header[0])


BY_BYTES = "B0000P0TE00N0200KS0002010A" + "P" * 256 + "PB0600"
BY_DIGITS = "B0000P0TE00N0200KS0004010A" + "P" * 256 + "PB0600"
NEEDLESS = "B0000P0TE00N0200KS00011600604B120F9292PB0A000000"


@pytest.mark.parametrize(("header", "met"), [(BY_BYTES, ExtendedLength.BYTES), (BY_DIGITS, ExtendedLength.DIGITS)])
def test_extended_lengths_are_read_both_ways_and_it_is_said_which(header: str, met: ExtendedLength) -> None:
    found = read(framed(header))
    assert found.extended is met
    assert found.header.blocks == (OptionalBlock("KS", "P" * 256),)
    assert found.header.text(0, met) == header
    assert read(framed(header), met).header == found.header
    with pytest.raises(KeyBlockRefused):
        read(framed(header), next(each for each in ExtendedLength if each is not met))


def test_an_extended_length_that_was_not_needed_is_read_too() -> None:
    found = read(framed(NEEDLESS))
    assert found.header.blocks == (OptionalBlock("KS", "00604B120F9292"),)
    assert found.extended is ExtendedLength.BYTES


def test_a_block_that_reads_both_ways_is_refused_until_the_reading_is_said() -> None:
    # As digits: 10 hex, sixteen characters, value "10BBBBBB"; as bytes: 1010 hex, and all the rest belongs to it.
    header = "B0000P0TE00N0100KS00021010BBBBBB"
    value = "0" * (0x1010 - 16)
    text = framed(header + value, 64)
    assert len(read(text, ExtendedLength.DIGITS).header.blocks[0].value) == 8
    assert len(read(text, ExtendedLength.BYTES).header.blocks[0].value) == 0x1010 - 10
    with pytest.raises(KeyBlockRefused) as caught:
        read(text)
    assert "one way" in caught.value.expected


@pytest.mark.parametrize(
    ("text", "position"),
    [
        ("", 0),
        ("X0016P0TE00N0000", 0),
        ("B0040P0TE00N0000", 1),
        ("BX016P0TE00N0000", 1),
        ("B0005", 5),
        ("B0015P0TE00N000", 15),
        (framed("B0000p0TE00N0000"), 5),
        (framed("B0000P0-E00N0000"), 7),
        (framed("B0000P0T 00N0000"), 8),
        (framed("B0000P0TE0 N0000"), 9),
        (framed("B0000P0TE00n0000"), 11),
        (framed("B0000P0TE00N0X00"), 12),
        (framed("B0000P0TE00N00-0"), 14),
        (framed("B0000P0TE00N0001"), 15),
        (framed("B0000P0TE00N0100", 0), 16),
        (framed("B0000P0TE00N0100k", 64), 16),
        (framed("B0000P0TE00N0100KS", 0), 18),
        (framed("B0000P0TE00N0100KS1", 0), 18),
        (framed("B0000P0TE00N0100KS1y", 64), 18),
        (framed("B0000P0TE00N0100KS02", 64), 18),
        (framed("B0000P0TE00N0100KSFF0000", 64), 18),
        (framed("B0000P0TE00N0100KS00", 0), 20),
        (framed("B0000P0TE00N0100KS0000", 64), 22),
        (framed("B0000P0TE00N0100KS0001", 0), 22),
        (framed("B0000P0TE00N0100KS00040003", 64), 18),
        (framed("B0000P0TE00N0100KS05A"), 21),
        (framed("B0000P0TE00N0200KS04KS04"), 20),
        (framed("B0000P0TE00N0200PB04KS04"), 16),
        (framed("B0000P0TE00N0000", 16 + 8), 16),
        (framed("B0000P0TE00N0000", 16 + 47), 16),
        (framed("B0000P0TE00N0000", 16), 16),
        (framed("E0000P0TE00N0000", 32 + 4), 16),
        (framed("D0000P0TE00N0000", 32 + 16), 16),
        (framed("B0000P0TE00N0000000x", 60), 19),
        (framed("B0000P0TE00N0000000\x7f", 60), 19),
        (framed("B0000P0TE00N0000000銀", 60), 19),
    ],
)
def test_each_fault_is_named_by_its_place(text: str, position: int) -> None:
    with pytest.raises(KeyBlockRefused) as caught:
        read(text)
    assert (caught.value.position, caught.value.fault) == (position, KeyFault.BAD_BLOCK)
    assert f"at character {position}: expected " in str(caught.value)


def _long(name: str, size: int) -> OptionalBlock:
    return OptionalBlock(name, "v" * size)


@pytest.mark.parametrize(
    ("blocks", "position"),
    [
        ((_long("L1", 70000),), 16),
        ((_long("L1", 9990),), 1),
        ((_long("L1", 4), _long("L1", 4)), 16),
        ((_long("PB", 4),), 16),
        (tuple(_long(f"{place:02}", 0) for place in range(100)), 12),
        (tuple(_long(f"{place:02}", 0) for place in range(99)), 12),
    ],
)
def test_what_a_header_cannot_hold_is_not_written(blocks: tuple[OptionalBlock, ...], position: int) -> None:
    header = Header(BlockVersion.B, "P0", "T", "E", blocks=blocks)
    with pytest.raises(KeyBlockRefused) as caught:
        header.text(header.length() + 64)
    assert caught.value.position == position


def test_ninety_nine_blocks_are_written_when_they_need_no_padding() -> None:
    blocks = tuple(_long(f"{place:02}", 0 if place else 4) for place in range(99))
    assert read(framed(Header(BlockVersion.B, "P0", "T", "E", blocks=blocks).text(0))).header.blocks == blocks


def test_codes_of_the_wrong_form_make_no_header() -> None:
    for wrong in (
        {"usage": "P"},
        {"algorithm": ""},
        {"mode": "EE"},
        {"key_version": "0"},
        {"exportability": "_"},
        {"context": "x"},
    ):
        with pytest.raises(KeyBlockRefused):
            Header(**{"version": BlockVersion.B, "usage": "P0", "algorithm": "T", "mode": "E"} | wrong)  # type: ignore[arg-type]  # wrong on purpose
    for block in (("k1", ""), ("K", ""), ("K1", "é"), ("K1", "\n")):
        with pytest.raises(KeyBlockRefused):
            OptionalBlock(*block)


def test_blocks_are_found_and_replaced_and_components_known() -> None:
    header = Header(BlockVersion.B, "P0", "T", "E", key_version="c2", blocks=(OptionalBlock("LB", "old"),))
    assert header.component == "2"
    assert header.block("KS") is None
    renewed = header.with_block(OptionalBlock("LB", "new"))
    assert renewed.block("LB") == OptionalBlock("LB", "new")
    assert len(renewed.blocks) == 1
    assert Header(BlockVersion.B, "P0", "T", "E").component is None


def test_codes_have_names() -> None:
    for table in (USAGES, ALGORITHMS, MODES, EXPORTABILITY, CONTEXTS, OPTIONAL):
        assert all(name_of(table, code) == name for code, name in table.items())
    assert name_of(USAGES, "10") == "proprietary"
    assert name_of(USAGES, "Q7") == "not in X9.143:2021"
