"""What must hold for every spec: bytes and messages are inverse; damage is Malformed with a place, and nothing else."""

from __future__ import annotations

import functools
import random

import pytest

from support.wire_random import SPECS, THIRD_AS_FIELD, THREE, damaged, random_message, sample_bodies
from support.work import calls
from xiaopos.wire.iso8583 import (
    Codec,
    Encoding,
    Field,
    Malformed,
    Message,
    Pad,
    Prefix,
    Size,
    Spec,
    Third,
    Unit,
    Version,
)
from xiaopos.wire.iso8583 import iso1987_ascii as ascii_1987
from xiaopos.wire.iso8583 import iso1987_ebcdic as ebcdic_1987
from xiaopos.wire.iso8583 import iso1993_binary as binary_1993

MUTATIONS = 100_000


def warm(spec: Spec, body: bytes) -> Codec:
    """A codec that has code for the shape of this message."""
    codec = Codec(spec)
    for _ in range(6):
        assert codec.encode(codec.decode(body)) == body
    return codec


@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec.name)
def test_messages_and_bytes_are_inverse(spec: Spec) -> None:
    chance = random.Random(spec.name)
    for _ in range(40):
        message = random_message(spec, chance)
        codec = Codec(spec)
        body = codec.encode(message)
        for _ in range(6):
            assert codec.decode(body) == message
            assert codec.encode(message) == body
        pieces = codec.pieces(body)
        assert [piece.start for piece in pieces] == [0, *(piece.end for piece in pieces[:-1])]
        assert pieces[-1].end == len(body)
        assert codec.salvage(body) == message


def test_every_truncation_of_every_sample_is_malformed() -> None:
    for spec, body in sample_bodies():
        codec = warm(spec, body)
        for length in range(len(body)):
            with pytest.raises(Malformed) as caught:
                codec.decode(body[:length])
            assert caught.value.field is not None
            assert caught.value.offset is not None
            assert 0 <= caught.value.offset <= length


def test_a_hundred_thousand_mutations_are_malformed_or_other_good_messages() -> None:
    bodies = sample_bodies()
    codecs = [(warm(spec, body), body) for spec, body in bodies]
    chance = random.Random(100_000)
    good = placed = 0
    for number in range(MUTATIONS):
        codec, body = codecs[number % len(codecs)]
        data = damaged(body, chance)
        try:
            message = codec.decode(data)
        except Malformed as raised:
            placed += raised.field is not None and 0 <= (raised.offset or 0) <= len(data)
        else:
            good += 1
            assert codec.encode(message) == data
    assert placed + good == MUTATIONS
    assert good > MUTATIONS // 50


@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec.name)
def test_the_work_is_bounded_whatever_comes(spec: Spec) -> None:
    bodies = [body for owner, body in sample_bodies() if owner is spec]
    typed = bodies[0][: spec.type_bytes]
    bits = spec.bitmap_text(b"\xff" * 8) * 3
    long = [body + bytes(65_535) for body in bodies]
    never = [
        bytes(65_535),
        b"0" * 65_535,
        b"\xff" * 65_535,
        *(typed + bits + each * 65_535 for each in (b"\0", b"0", b"9")),
    ]
    for data in [*bodies, *long, *never]:
        codec = Codec(spec)
        for read in (codec.decode, codec.salvage, codec.pieces):
            assert calls(functools.partial(read, data)) < 100 * (len(spec.fields) + 2)


def test_a_third_bitmap_lies_behind_the_second_or_as_field_65() -> None:
    message = Message("0200", {3: "310000", 70: "301", 192: "end"})
    body = Codec(THREE).encode(message)
    assert body[:28] == b"0200" + bytes.fromhex("a000000000000000" + "8400000000000000" + "0000000000000001")
    assert [piece.number for piece in Codec(THREE).pieces(body)] == [0, 1, 3, 70, 192]
    spec = Spec("third", THREE.rows, True, Third.FIELD_65, ascii_1987.SPEC.typed, version=Version.ISO1987)
    as_field = Codec(spec).encode(message)
    assert as_field[:26] == b"0200" + bytes.fromhex("a000000000000000" + "8400000000000000") + b"310000"
    assert as_field[26:34] == bytes.fromhex("0000000000000001")
    assert [piece.number for piece in Codec(spec).pieces(as_field)] == [0, 1, 3, 65, 70, 192]
    assert Codec(spec).decode(as_field) == message
    assert Codec(spec).salvage(as_field[:-1]) == Message("0200", {3: "310000", 70: "301"})


@pytest.mark.parametrize(
    ("third", "bits", "field", "offset", "words"),
    [
        (Third.BEHIND, "8000000000000000" + "8000000000000000" + "00" * 8, 1, 20, "a field above 128, as bit 65 announces"),
        (Third.BEHIND, "8000000000000000" + "8000000000000000" + "00" * 7, 1, 27, "24 bytes of bitmap"),
        (Third.BEHIND, "8000000000000000" + "00" * 8, 1, 12, "a field above 64, as bit 1 announces"),
        (Third.FIELD_65, "8000000000000000" + "8000000000000000" + "00" * 8, 65, 20, "a field above 128"),
        (Third.FIELD_65, "8000000000000000" + "8000000000000000" + "01" + "00" * 7, 65, 20, "bit 136"),
        (Third.FIELD_65, "8000000000000000" + "8000000000000000" + "00" * 7, 1, 27, "8 bytes of bitmap"),
    ],
)  # fmt: skip
def test_faults_in_a_third_bitmap_have_their_place(
    third: Third, bits: str, field: int, offset: int, words: str
) -> None:
    rows = tuple(row for row in THREE.rows if row.number != 136)
    spec = Spec("third", rows, True, third, ascii_1987.SPEC.typed)
    with pytest.raises(Malformed) as caught:
        Codec(spec).decode(b"0200" + bytes.fromhex(bits))
    assert (caught.value.field, caught.value.offset) == (field, offset)
    assert words in str(caught.value)


def test_generated_code_leaves_messages_with_a_third_bitmap_to_the_walk() -> None:
    for spec in (THREE, THIRD_AS_FIELD):
        codec, message = Codec(spec), Message("0200", {150: "x"})
        for _ in range(9):
            assert codec.decode(codec.encode(message)) == message
        assert not codec._readers.ready
        assert not codec._writers.ready


def test_a_message_type_of_another_edition_is_refused() -> None:
    assert [Version.of(mti) for mti in ("0200", "1200", "2200", "8200", "")] == [*Version, None, None]
    message = Message("1200", {11: "000001"})
    body = Codec(binary_1993.SPEC).encode(message)
    with pytest.raises(Malformed, match="begins with 0, found 1"):
        Codec(ascii_1987.SPEC).decode(b"1200" + bytes(8))
    old = Codec(ascii_1987.SPEC)
    for write in (old.encode, old._writer((11,))):
        with pytest.raises(Malformed, match="begins with 0, found 1"):
            write(message)
    assert Codec(binary_1993.SPEC).decode(body) == message


@pytest.mark.parametrize(
    ("body", "field", "offset", "found"),
    [
        ("02x0" + "00" * 8, 0, 2, "byte 78"),
        ("0200", 1, 4, "0 bytes"),
    ],
)
def test_a_message_type_in_text_has_digits(body: str, field: int, offset: int, found: str) -> None:
    with pytest.raises(Malformed) as caught:
        Codec(ascii_1987.SPEC).decode(body.encode())
    assert (caught.value.field, caught.value.offset, caught.value.found) == (field, offset, found)


def one(size: Size, most: int, encoding: Encoding, **more: object) -> Spec:
    return Spec("one field", (Field(2, "域", "field", size, most, encoding, **more),))  # type: ignore[arg-type]  # test table


@pytest.mark.parametrize(
    ("spec", "raw", "offset", "expected", "found"),
    [
        (one(Size.LL, 9, Encoding.ASCII, prefix=Prefix.ASCII), b"0x", 10, "a length in ASCII digits", "3078"),
        (one(Size.LL, 9, Encoding.ASCII, prefix=Prefix.EBCDIC), b"00", 10, "a length in EBCDIC digits", "3030"),
        (one(Size.LLL, 9, Encoding.ASCII, prefix=Prefix.BINARY), b"\x01\x00", 10, "a length of at most 9", "256"),
        (one(Size.L, 9, Encoding.ASCII), b"\x10", 10, "a length of at most 9", "10"),
        (one(Size.FIXED, 2, Encoding.ASCII, digits=True), b"1a", 11, "a digit", "byte 61"),
        (one(Size.FIXED, 2, Encoding.EBCDIC, digits=True), b"\xf1\x40", 11, "a digit", "byte 40"),
        (one(Size.FIXED, 2, Encoding.EBCDIC), b"\xf1\x00", 11, "printable EBCDIC", "byte 00"),
        (one(Size.FIXED, 2, Encoding.HEX), b"AFAf", 13, "a hexadecimal capital", "byte 66"),
        (one(Size.FIXED, 1, Encoding.EBCDIC_HEX), b"AF", 10, "a hexadecimal capital", "byte 41"),
        (one(Size.LL, 9, Encoding.HEX, unit=Unit.DIGITS), b"\x01A", 11, "an even number of hexadecimal digits", "1"),
        (one(Size.FIXED, 9, Encoding.SIGNED), b"E\0\0\0\0", 10, "C or D", "byte 45"),
        (one(Size.FIXED, 9, Encoding.SIGNED), b"C\0\0\x0a\0", 13, "a digit", "nibble A"),
        (one(Size.FIXED, 3, Encoding.BCD_LEFT, filler="F"), b"\x12\x30", 11, "a filler nibble F", "nibble 0"),
        (one(Size.FIXED, 3, Encoding.BCD_LEFT, filler="F"), b"\x1f\x3f", 10, "a digit", "nibble F"),
        (one(Size.FIXED, 3, Encoding.BCD_RIGHT, filler="F"), b"\xf1\xf3", 11, "a digit", "nibble F"),
    ],
)  # fmt: skip
def test_each_new_encoding_names_what_it_cannot_read(
    spec: Spec, raw: bytes, offset: int, expected: str, found: str
) -> None:
    data = bytes.fromhex("02004000000000000000") + raw
    complaints = []
    for read in (Codec(spec).decode, Codec(spec)._reader(data[2:10])):
        with pytest.raises(Malformed) as caught:
            read(data)
        complaints.append((caught.value.field, caught.value.offset, caught.value.expected, caught.value.found))
    assert complaints == [(2, offset, expected, found)] * 2


@pytest.mark.parametrize(
    ("spec", "value", "expected"),
    [
        (one(Size.FIXED, 2, Encoding.ASCII, digits=True), "1a", "digits"),
        (one(Size.LL, 2, Encoding.EBCDIC, digits=True), "1a", "digits"),
        (one(Size.FIXED, 2, Encoding.EBCDIC), "茶1", "printable EBCDIC"),
        (one(Size.FIXED, 2, Encoding.EBCDIC), "1\x85", "printable EBCDIC"),
        (one(Size.FIXED, 9, Encoding.SIGNED), "X00000000", "C or D, and digits"),
        (one(Size.FIXED, 9, Encoding.SIGNED), "C0000000x", "C or D, and digits"),
        (one(Size.FIXED, 9, Encoding.SIGNED), "C0", "a length of 9"),
        (one(Size.FIXED, 9, Encoding.SIGNED), "", "a length of 9"),
        (one(Size.FIXED, 2, Encoding.HEX), "AB", "bytes"),
        (one(Size.FIXED, 2, Encoding.HEX), b"\xab", "a length of 2"),
        (one(Size.LL, 3, Encoding.HEX, unit=Unit.DIGITS), b"\xab\xcd", "a length of at most 3"),
        (one(Size.FIXED, 4, Encoding.ASCII, pad=Pad.SPACE_RIGHT), "abcde", "a length of 4"),
        (one(Size.FIXED, 4, Encoding.BINARY, pad=Pad.ZERO_LEFT), b"abcde", "a length of 4"),
        (one(Size.LL, 4, Encoding.BCD_LEFT), b"", "str"),
    ],
)  # fmt: skip
def test_each_new_encoding_refuses_what_it_cannot_hold(spec: Spec, value: str | bytes, expected: str) -> None:
    message = Message("0200", {2: value})
    complaints = []
    for write in (Codec(spec).encode, Codec(spec)._writer((2,))):
        with pytest.raises(Malformed) as caught:
            write(message)
        complaints.append((caught.value.field, caught.value.offset, caught.value.expected))
    assert complaints == [(2, None, expected)] * 2


@pytest.mark.parametrize(
    ("spec", "short", "long"),
    [
        (one(Size.FIXED, 4, Encoding.BCD_RIGHT, pad=Pad.ZERO_LEFT), "12", "0012"),
        (one(Size.FIXED, 4, Encoding.TRACK, pad=Pad.ZERO_RIGHT), "12", "1200"),
        (one(Size.FIXED, 4, Encoding.ASCII, pad=Pad.SPACE_RIGHT), "12", "12  "),
        (one(Size.FIXED, 4, Encoding.EBCDIC, pad=Pad.SPACE_LEFT), "12", "  12"),
        (one(Size.FIXED, 4, Encoding.GBK, pad=Pad.SPACE_RIGHT), "茶", "茶  "),
        (one(Size.FIXED, 4, Encoding.BINARY, pad=Pad.ZERO_RIGHT), b"\1", b"\1\0\0\0"),
        (one(Size.FIXED, 4, Encoding.HEX, pad=Pad.ZERO_LEFT), b"\1", b"\0\0\0\1"),
        (one(Size.FIXED, 4, Encoding.HEX, pad=Pad.ZERO_LEFT, unit=Unit.DIGITS), b"\1", b"\0\1"),
    ],
)  # fmt: skip
def test_a_row_that_pads_makes_short_values_long_and_keeps_them_so(
    spec: Spec, short: str | bytes, long: str | bytes
) -> None:
    codec = Codec(spec)
    for _ in range(6):
        body = codec.encode(Message("0200", {2: short}))
        assert codec.decode(body).fields == {2: long}
        assert codec.encode(Message("0200", {2: long})) == body


def test_ebcdic_is_in_the_code_page_that_the_spec_says() -> None:
    message = Message("0200", {41: "[TEA!]01"})
    body = Codec(ebcdic_1987.SPEC).encode(message)
    assert body[12:].hex() == "4ae3c5c14f5af0f1"
    assert body[:4] == "0200".encode("cp500")
    assert Codec(ebcdic_1987.SPEC).decode(body) == message
