"""The codec against known bytes, and every complaint it can make."""

from __future__ import annotations

import pytest

from support.wire_samples import CARD_SALE, EVERYTHING, NETWORK_REVERSAL, SALE_ANSWER, real_body, vector
from xiaopos.wire.iso8583 import (
    Codec,
    Encoding,
    Field,
    Malformed,
    Message,
    Size,
    Spec,
    codec,
    generating,
    unionpay_terminal,
)
from xiaopos.wire.iso8583.card_network import SPEC as NETWORK
from xiaopos.wire.iso8583.unionpay_terminal import SPEC


def field(size: Size, most: int, encoding: Encoding, number: int = 2) -> Spec:
    return Spec("one field", (Field(number, "域", "field", size, most, encoding),))


def test_the_real_qr_sale_reads_as_its_vector_says_and_is_written_byte_for_byte() -> None:
    said = vector("unionpay_real_qr_sale_mac.json")["parsed"]
    codec = Codec(SPEC)
    for _ in range(6):
        message = codec.decode(real_body())
        assert codec.encode(message) == real_body()
    assert message.mti == said["mti"]
    assert {str(n): message.fields[n] for n in (3, 4, 11, 25, 41, 42, 49)} == {
        n: said[n] for n in ("3", "4", "11", "25", "41", "42", "49")
    }
    assert message.text(22) == "030"
    assert message.text(60) == "2600000100060000000"
    assert (len(message.raw(62)), message.raw(64)) == (43, b"B3A092AE")


def test_odd_fields_are_filled_on_the_side_the_table_says() -> None:
    codec = Codec(SPEC)
    data = codec.encode(Message("0200", {2: "123", 22: "021", 23: "001", 35: "12=34"}))
    assert data[10:].hex() == "031230021000010512d340"
    assert codec.decode(data).fields == {2: "123", 22: "021", 23: "001", 35: "12=34"}


def test_an_encrypted_track_keeps_every_nibble() -> None:
    codec = Codec(SPEC)
    data = codec.encode(Message("0200", {35: "0123ABCEF=9"}))
    assert data[10:].hex() == "110123abcefd90"
    assert codec.decode(data).text(35) == "0123ABCEF=9"


def test_a_secondary_bitmap_appears_only_with_a_field_above_64() -> None:
    codec = Codec(NETWORK)
    assert codec.encode(Message("0800", {11: "000001"}))[2:10].hex() == "0020000000000000"
    data = codec.encode(Message("0800", {11: "000001", 70: "301"}))
    assert data[2:18].hex() == "80200000000000000400000000000000"
    assert codec.decode(data) == Message("0800", {11: "000001", 70: "301"})
    assert Codec(NETWORK).decode(Codec(NETWORK).encode(NETWORK_REVERSAL)) == NETWORK_REVERSAL


@pytest.mark.parametrize(
    ("hexed", "field", "offset", "words"),
    [
        ("", 0, 0, "expected 2 bytes of message type, found 0 bytes"),
        ("0a00", 0, 0, "found nibble A"),
        ("020f", 0, 1, "found nibble F"),
        ("0200003c", 1, 4, "expected 8 bytes of bitmap, found 2 bytes"),
        ("02008000000000000000", 1, 2, "bit 1"),
        ("02000000000000200000", 1, 7, "expected fields of UnionPay POS terminal, found bit 43"),
        ("020020000000000000000000", 3, 10, "expected 3 bytes, found 2 bytes"),
        ("0200200000000000000000a000", 3, 11, "found nibble A"),
        ("02004000000000000000", 2, 10, "expected 1 bytes of length, found 0 bytes"),
        ("020040000000000000001a", 2, 10, "expected a length in BCD, found 1A"),
        ("0200400000000000000020", 2, 10, "expected a length of at most 19, found 20"),
        ("02004000000000000000031234", 2, 12, "expected a filler nibble 0, found nibble 4"),
        ("020000000200000000001001", 23, 10, "expected a filler nibble 0, found nibble 1"),
        ("0200000000000010000007d0", 44, 11, "expected 7 bytes, found 1 bytes"),
        ("0200200000000000000000000000", 3, 13, "expected the end of the message, found 1 more bytes"),
        ("0200000000000000000000", 1, 10, "expected the end of the message"),
    ],
)
def test_each_fault_is_named_with_its_place(hexed: str, field: int, offset: int, words: str) -> None:
    with pytest.raises(Malformed) as caught:
        Codec(SPEC).decode(bytes.fromhex(hexed))
    assert (caught.value.field, caught.value.offset) == (field, offset)
    assert words in str(caught.value)


@pytest.mark.parametrize(
    ("spec", "raw", "offset", "found"),
    [
        (field(Size.FIXED, 3, Encoding.BCD_RIGHT), "1001", 10, "nibble 1"),
        (field(Size.FIXED, 3, Encoding.BCD_LEFT), "1001", 11, "nibble 1"),
        (field(Size.FIXED, 3, Encoding.ASCII), "410a41", 11, "byte 0A"),
        (field(Size.FIXED, 3, Encoding.ASCII), "41e941", 11, "byte E9"),
        (field(Size.FIXED, 3, Encoding.GBK), "d0a100", 12, "byte 00"),
        (field(Size.FIXED, 3, Encoding.GBK), "41ff41", 11, "byte FF"),
        (field(Size.FIXED, 3, Encoding.TRACK), "12d4", 11, "nibble 4"),
        (field(Size.LLL, 3, Encoding.BINARY), "000a", 10, "000A"),
        (field(Size.LLL, 3, Encoding.BINARY), "00", 10, "1 bytes"),
    ],
)
def test_each_encoding_names_what_it_cannot_read(spec: Spec, raw: str, offset: int, found: str) -> None:
    with pytest.raises(Malformed) as caught:
        Codec(spec).decode(bytes.fromhex("02004000000000000000" + raw))
    assert (caught.value.field, caught.value.offset, caught.value.found) == (2, offset, found)


def test_bit_1_without_a_field_above_64_is_refused() -> None:
    for bitmap in ("80" + "00" * 15, "8020" + "00" * 14):
        with pytest.raises(Malformed) as caught:
            Codec(NETWORK).decode(bytes.fromhex("0800" + bitmap + "000001"))
        assert (caught.value.field, caught.value.offset) == (1, 10)


@pytest.mark.parametrize(
    ("spec", "value", "expected"),
    [
        (field(Size.FIXED, 3, Encoding.BCD_RIGHT), "1234", "a length of 3"),
        (field(Size.FIXED, 3, Encoding.BCD_RIGHT), "1 3", "digits"),
        (field(Size.FIXED, 3, Encoding.BCD_RIGHT), "1²3", "digits"),
        (field(Size.FIXED, 3, Encoding.BCD_RIGHT), "1a3", "digits"),
        (field(Size.FIXED, 3, Encoding.BCD_RIGHT), b"123", "str"),
        (field(Size.LL, 3, Encoding.BCD_RIGHT), "1234", "a length of at most 3"),
        (field(Size.LL, 3, Encoding.BCD_RIGHT), "1 3", "digits"),
        (field(Size.LL, 4, Encoding.BCD_LEFT), "1a", "digits"),
        (field(Size.LL, 4, Encoding.BCD_LEFT), 12, "str"),
        (field(Size.LL, 4, Encoding.TRACK), "1D", "0-9 A-C E F ="),
        (field(Size.FIXED, 2, Encoding.TRACK), "1=2", "a length of 2"),
        (field(Size.FIXED, 3, Encoding.ASCII), "a茶c", "printable ASCII"),
        (field(Size.FIXED, 3, Encoding.ASCII), "a\nc", "printable ASCII"),
        (field(Size.FIXED, 3, Encoding.ASCII), b"abc", "str"),
        (field(Size.LL, 3, Encoding.ASCII), "a\x7fc", "printable ASCII"),
        (field(Size.LL, 3, Encoding.GBK), "茶铺", "a length of at most 3"),
        (field(Size.LL, 3, Encoding.GBK), "😀", "GBK text"),
        (field(Size.LL, 3, Encoding.GBK), "\n", "GBK text"),
        (field(Size.FIXED, 4, Encoding.GBK), "茶", "a length of 4"),
        (field(Size.FIXED, 3, Encoding.BINARY), "abc", "bytes"),
        (field(Size.LLL, 3, Encoding.BINARY), bytes(4), "a length of at most 3"),
        (field(Size.LLL, 3, Encoding.BINARY), bytearray(3), "bytes"),
        (EVERYTHING, "123", "an even number of symbols"),
    ],
)
def test_a_value_the_table_cannot_hold_is_refused_by_table_and_generated_code(
    spec: Spec, value: str | bytes, expected: str
) -> None:
    number = 2
    if spec is EVERYTHING:
        number = next(n for n, row in spec.fields.items() if row.symbols_per_count == 2 and row.encoding.packed)
    message = Message("0200", {number: value})
    complaints = []
    generated = Codec(spec)._writer((number,))
    for write in (Codec(spec).encode, generated):
        with pytest.raises(Malformed) as caught:
            write(message)
        complaints.append((caught.value.field, caught.value.offset, caught.value.expected))
    assert complaints == [(number, None, expected)] * 2


@pytest.mark.parametrize("mti", ["", "02000", "02a0", "０200", 200])
def test_a_message_type_is_four_digits(mti: str) -> None:
    codec = Codec(SPEC)
    for write in (codec.encode, codec._writer((11,))):
        with pytest.raises(Malformed, match="another message type"):
            write(Message(mti, {11: "000001"}))


def test_a_field_the_table_lacks_cannot_be_written() -> None:
    with pytest.raises(Malformed, match="field 43: expected a field of UnionPay POS terminal"):
        Codec(SPEC).encode(Message("0200", {43: "x"}))


def test_what_precedes_a_fault_can_be_salvaged_for_an_answer() -> None:
    codec = Codec(SPEC)
    body = codec.encode(CARD_SALE)
    half = codec.salvage(body[:-30])
    assert (half.mti, half.text(11), half.text(41), half.text(42)) == ("0200", "000123", "00000001", "952718182217875")
    assert 64 not in half.fields
    assert codec.salvage(body) == CARD_SALE
    assert codec.salvage(body[:5]) == Message("0200", {})
    with pytest.raises(Malformed):
        codec.salvage(b"\xff")


def test_pieces_cover_the_message_without_gaps() -> None:
    body = Codec(SPEC).encode(SALE_ANSWER)
    pieces = Codec(SPEC).pieces(body)
    assert [piece.number for piece in pieces] == [0, 1, *sorted(SALE_ANSWER.fields)]
    assert [piece.start for piece in pieces] == [0, *(piece.end for piece in pieces[:-1])]
    assert pieces[-1].end == len(body)
    assert SALE_ANSWER.text(2) not in repr(pieces)


def test_code_is_generated_for_shapes_that_return_and_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(codec, "SHAPES_KEPT", 3)
    ours = Codec(SPEC)
    message = Message("0800", {11: "000001"})
    for _ in range(codec.EARNED_AFTER):
        assert not ours._writers.ready
        ours.decode(ours.encode(message))
    assert len(ours._writers.ready) == len(ours._readers.ready) == 1
    digits = [row.number for row in SPEC.rows if row.size is Size.FIXED and row.encoding is Encoding.BCD_RIGHT]
    for number in digits:
        other = Message("0800", {number: "0" * SPEC.fields[number].most})
        for _ in range(codec.EARNED_AFTER + 1):
            assert ours.decode(ours.encode(other)) == other
    assert len(ours._writers.ready) == len(ours._readers.ready) == 3
    for number in digits:
        ours.decode(ours.encode(Message("0800", {number: "0" * SPEC.fields[number].most, 11: "000001"})))
    assert len(ours._readers._met) <= 3


def test_nothing_secret_prints() -> None:
    shown = repr(CARD_SALE) + repr(SALE_ANSWER) + repr(NETWORK_REVERSAL)
    for secret in ("6225561620345170", "28121010", "2812", "9f26", "9F26", "\\x11", "0A1B2C3D", "123456)"):
        assert secret not in shown
    assert "622556******5170" in shown
    assert "41: '00000001'" in shown
    assert "<" in repr(Message("0200", {2: "123"}))


def test_a_field_is_asked_for_as_what_it_is() -> None:
    message = Message("0200", {4: "000000000001", 64: b"12345678"})
    assert (message.text(4), message.text(5), message.raw(64), message.raw(62)) == (
        "000000000001",
        "",
        b"12345678",
        b"",
    )
    with pytest.raises(AssertionError):
        message.raw(4)
    with pytest.raises(AssertionError):
        message.text(64)


def test_a_fault_without_a_place_still_says_what_is_wrong() -> None:
    assert str(Malformed(None, None, "a", "b")) == "input: expected a, found b"
    assert str(Malformed(55, 3, "a", "b", "9F26")) == "field 55, 9F26, offset 3: expected a, found b"
    assert unionpay_terminal.SPEC.name == "UnionPay POS terminal"


def test_cuts_are_kept_for_a_bounded_number_of_lengths(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(generating, "CUTS_KEPT", 5)
    ours = Codec(SPEC)
    for length in [*range(1, 20), *range(1, 20)]:
        message = Message("0200", {2: "1" * length, 63: "x" * length})
        for _ in range(codec.EARNED_AFTER + 1):
            assert ours.decode(ours.encode(message)) == message
    (reader,) = ours._readers.ready.values()
    assert len(reader.__globals__["CUTS"]) <= 5
