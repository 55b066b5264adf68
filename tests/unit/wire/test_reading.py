"""Reading a paste: how it is written, framed and specified, what is wrong with it, and the reasons given."""

from __future__ import annotations

import base64
import re

import pytest

from support.wire_samples import CARD_SALE, NETWORK_ECHO, vector
from xiaopos.wire.iso8583 import Codec, Malformed, Message, iso1987_ascii, iso1987_ebcdic, iso1993_binary, spec_file
from xiaopos.wire.iso8583.card_network import SPEC as CARD_NETWORK
from xiaopos.wire.iso8583.unionpay_terminal import LONG_PIN_SPEC
from xiaopos.wire.iso8583.unionpay_terminal import SPEC as TERMINAL
from xiaopos.wire.reading import SPECS, NotBytes, Reading, read_bytes, read_paste
from xiaopos.wire.reading.cards import card_places
from xiaopos.wire.reading.faults import hint, in_chinese, sentences
from xiaopos.wire.reading.pasting import MOST_BYTES, ways_of
from xiaopos.wire.reading.table import MOST_MESSAGES

REAL = bytes.fromhex(vector("unionpay_real_qr_sale_mac.json")["frame_hex"])
PAN = "6225561620345170"
CHINESE = re.compile(r"[\u3400-\u9fff]")


def framed(body: bytes, *, dial: bytes = b"") -> bytes:
    inner = bytes.fromhex("6000030000") + dial + bytes.fromhex("603200320000") + body
    return len(inner).to_bytes(2, "big") + inner


def said(reading: Reading) -> str:
    """Everything a reading says, in one text."""
    return repr(reading)


def labels(reading: Reading) -> list[str]:
    return [line.label for line in reading.messages[0].lines]


@pytest.mark.parametrize(
    "written",
    [
        REAL.hex(),
        REAL.hex().upper(),
        REAL.hex(" "),
        REAL.hex(":"),
        "\\x" + REAL.hex("-").replace("-", "\\x"),
        ", ".join(f"0x{byte:02X}" for byte in REAL),
        "[" + REAL.hex() + "]",
        "\n".join(REAL.hex()[at : at + 32] for at in range(0, len(REAL.hex()), 32)),
        base64.b64encode(REAL).decode(),
        "\n".join(f"{at:04x}  {REAL[at : at + 16].hex(' ')}  ..ab..12" for at in range(0, len(REAL), 16)),
        "\n".join(f"{at:08X}: {REAL[at : at + 16].hex(' ', 2)}" for at in range(0, len(REAL), 16)),
    ],
)
def test_a_frame_is_read_however_it_was_written(written: str) -> None:
    reading = read_paste(written)
    assert (reading.spec, reading.framing.en) == ("unionpay-terminal", "length, TPDU and header")
    assert reading.messages[0].fault is None
    assert reading.messages[0].transaction == ("扫码消费", "payment code sale")
    assert reading.size == len(REAL)


def test_every_byte_of_a_good_frame_is_in_one_field_of_the_table() -> None:
    lines = [line for line in read_paste(REAL.hex()).messages[0].lines if line.depth == 0]
    ends = [line.end for line in lines]
    assert [line.offset for line in lines] == [0, *ends[:-1]]
    assert ends[-1] == len(REAL)


def test_a_mac_is_asked_about_with_what_it_covers() -> None:
    asked = read_paste(REAL.hex()).messages[0].mac
    assert asked is not None
    assert (asked.terminal_id, asked.merchant_id) == ("00000001", "952718182217875")
    assert asked.covered + asked.mac == REAL[13:]
    assert repr(asked) == "MacQuestion('00000001', 108 bytes)"


@pytest.mark.parametrize(
    ("raw", "framing", "spec"),
    [
        (REAL[2:], "TPDU and header without a length", "unionpay-terminal"),
        (REAL[7:], "a header without a TPDU", "unionpay-terminal"),
        (REAL[13:], "a bare message", "unionpay-terminal"),
        (framed(REAL[13:], dial=b"LRI" + bytes(30)), "length, TPDU, dial-up header and header", "unionpay-terminal"),
        (
            len(REAL[13:]).to_bytes(2, "big") + REAL[13:],
            "a length of two bytes",
            "unionpay-terminal",
        ),
    ],
)
def test_the_framing_is_found(raw: bytes, framing: str, spec: str) -> None:
    reading = read_paste(raw.hex())
    assert (reading.framing.en, reading.spec, reading.messages[0].fault) == (framing, spec, None)
    assert any(words[1].startswith(("a TPDU", "a header", "the message type")) for words in reading.reasons)


def test_a_long_pin_block_is_a_terminal_of_the_new_kind() -> None:
    body = Codec(LONG_PIN_SPEC).encode(Message("0200", {**CARD_SALE.fields, 52: bytes(range(16))}))
    reading = read_paste(body.hex())
    assert (reading.spec, reading.messages[0].fault) == ("unionpay-terminal-sm4", None)
    assert reading.messages[0].transaction == ("消费", "sale")


def test_several_frames_are_several_messages_up_to_a_limit() -> None:
    assert [message.fault for message in read_paste((REAL * 3).hex()).messages] == [None] * 3
    many = read_paste((REAL * (MOST_MESSAGES + 2)).hex())
    assert (len(many.messages), many.left_out) == (MOST_MESSAGES, 2)


@pytest.mark.parametrize("name", ["card-network", "iso1987-ascii", "iso1987-ebcdic", "iso1993-binary"])
def test_the_spec_is_found(name: str) -> None:
    specs = {
        "card-network": (CARD_NETWORK, NETWORK_ECHO),
        "iso1987-ascii": (iso1987_ascii.SPEC, Message("0200", {3: "000000", 4: "000000001234", 11: "000123"})),
        "iso1987-ebcdic": (iso1987_ebcdic.SPEC, Message("0200", {3: "000000", 4: "000000001234", 11: "000123"})),
        "iso1993-binary": (iso1993_binary.SPEC, Message("1200", {3: "000000", 4: "000000001234", 11: "000123"})),
    }
    spec, message = specs[name]
    body = Codec(spec).encode(message)
    reading = read_bytes(body)
    assert (reading.spec, reading.messages[0].fault) == (name, None)
    assert (f"{name} reads it to its last byte") in [words[1] for words in reading.reasons]
    assert read_bytes(f"{len(body):04d}".encode() + body).framing.en == "a length of four ASCII digits"


def test_a_message_in_characters_is_read_as_it_was_pasted() -> None:
    body = Codec(iso1987_ascii.SPEC).encode(Message("0800", {7: "0314120000", 11: "000123", 70: "301"}))
    reading = read_paste(body.decode("ascii") if body.isascii() else body.hex())
    assert (reading.spec, reading.messages[0].fault) == ("iso1987-ascii", None)


def test_a_chosen_spec_is_taken_as_it_is() -> None:
    reading = read_paste(REAL[13:].hex(), {"iso1987-binary": SPECS["iso1987-binary"]})
    assert reading.spec == "iso1987-binary"
    assert reading.messages[0].fault is not None
    assert reading.messages[0].transaction is None
    assert ("规范是指定的", "the spec was chosen by hand") in reading.reasons


def test_a_frame_cut_short_is_read_as_far_as_it_goes() -> None:
    message = read_paste(REAL[:60].hex())
    assert message.framing.en == "a wrong length, TPDU and header"
    assert any("but 58 bytes follow" in words[1] for words in message.reasons)
    fault = message.messages[0].fault
    assert fault is not None
    assert fault.words == (
        "42 域 受卡方标识码，偏移 46：应为15 字节，实为14 字节",
        "field 42 merchant id, offset 46: expected 15 bytes, found 14 bytes",
    )
    assert fault.hint[1].startswith("the message ends too early")
    assert labels(message)[-1] == "41"
    assert message.messages[0].mac is None


def test_a_second_frame_cut_short_leaves_the_first_whole() -> None:
    reading = read_paste((REAL + REAL[:40]).hex())
    assert [message.fault is None for message in reading.messages] == [True, False]


def test_a_length_that_is_too_small_is_told() -> None:
    reading = read_paste((b"\x00\x20" + REAL[2:]).hex())
    assert reading.framing.en == "a wrong length, TPDU and header"
    assert reading.messages[0].fault is None


def test_what_is_no_message_is_said_to_be_none() -> None:
    reading = read_paste("hello")
    assert (
        "没有一种读法像报文，以下最接近",
        "nothing here looks like a message; this comes closest",
    ) in reading.reasons
    assert reading.messages[0].fault is not None


def test_what_else_it_could_be_is_told_with_why_not() -> None:
    others = read_paste(REAL.hex()).others
    assert len(others) == 3
    assert all(CHINESE.search(zh) and not CHINESE.search(en) for zh, en in others)


def test_two_specs_that_fit_are_both_named() -> None:
    body = Codec(TERMINAL).encode(Message("0800", {11: "000123", 41: "00000001", 42: "952718182217875"}))
    assert any("reads it too" in words[1] for words in read_paste(body.hex()).others)


@pytest.mark.parametrize("text", ["", "  \n ", "0" * (6 * MOST_BYTES + 1), "报文"])
def test_what_is_no_bytes_is_refused_in_both_languages(text: str) -> None:
    with pytest.raises(NotBytes) as refused:
        read_paste(text)
    assert CHINESE.search(refused.value.zh)
    assert str(refused.value) == refused.value.en


def test_a_paste_of_too_many_bytes_is_refused() -> None:
    with pytest.raises(NotBytes, match="at most 65536 bytes"):
        read_paste("00" * (MOST_BYTES + 1))


@pytest.mark.parametrize(("data", "words"), [(b"", "empty"), (bytes(6 * MOST_BYTES + 1), "too long")])
def test_a_file_that_cannot_be_one_is_refused(data: bytes, words: str) -> None:
    with pytest.raises(NotBytes, match=words):
        read_bytes(data)


def test_a_file_holds_bytes_or_what_could_be_pasted() -> None:
    for data in (REAL, REAL.hex().encode(), REAL.hex(" ").encode() + b"\n"):
        assert read_bytes(data).messages[0].transaction == ("扫码消费", "payment code sale")
    assert read_bytes(b" \n").messages[0].fault is not None


def test_a_dump_whose_offsets_do_not_count_is_no_dump() -> None:
    assert [way.en for way in ways_of("0000: 08 20\n0009: 00 00")] == [
        "hexadecimal",
        "the message itself, as ASCII text",
    ]


def test_text_that_only_looks_like_base64_is_no_base64() -> None:
    assert [way.en for way in ways_of("abcdefghijklmno=")] == ["base64", "the message itself, as ASCII text"]
    assert [way.en for way in ways_of("abcdefghijklmno=="[1:])] == ["base64", "the message itself, as ASCII text"]
    assert [way.en for way in ways_of("zzzz zzzz zzzz z===")] == ["the message itself, as ASCII text"]


def test_a_card_sale_shows_no_card() -> None:
    told = said(read_paste(framed(Codec(TERMINAL).encode(CARD_SALE)).hex()))
    assert "622556******5170" in told
    assert PAN not in told.replace(" ", "")


@pytest.mark.parametrize("wrong", [bytes.fromhex("08"), bytes.fromhex("17"), bytes.fromhex("99")])
def test_a_card_number_with_a_wrong_length_is_not_shown_either(wrong: bytes) -> None:
    body = Codec(TERMINAL).encode(CARD_SALE)
    broken = body[:10] + wrong + body[11:]
    reading = read_paste(broken.hex())
    assert reading.messages[0].fault is not None
    raw = "".join(line.raw for line in reading.messages[0].lines)
    assert "20345170" not in raw.replace(" ", "")
    assert "20345170" not in "".join(line.shown for line in reading.messages[0].lines)


def test_a_card_number_in_the_bitmaps_place_is_not_shown() -> None:
    body = Codec(TERMINAL).encode(CARD_SALE)
    reading = read_paste((body[:2] + b"\xe8" + body[3:]).hex(), {"card-network": CARD_NETWORK})
    assert "**" in [line.raw for line in reading.messages[0].lines if line.label == "BITMAP"]


@pytest.mark.parametrize(
    ("hexadecimal", "places"),
    [
        ("166225561620345170", [(1, 9)]),
        ("086225561620345170", [(1, 9)]),
        ("0a62255616203451700000", []),
        ("5a086225561620345171", [(2, 10)]),
        ("6225561620345170d2812101", [(0, 12)]),
        ("6225561620345171d2812101", []),
        (b"x6225561620345170x".hex(), [(1, 17)]),
        (b"166225561620345170".hex(), [(2, 18)]),
        (b"0016622556162034517000".hex(), [(4, 20)]),
        (b"6225561620345170=2812".hex(), [(0, 21)]),
        ("6225561620345170".encode("cp500").hex(), [(0, 16)]),
        (b"6225561620345171".hex(), []),
    ],
)
def test_card_numbers_are_found_in_any_writing(hexadecimal: str, places: list[tuple[int, int]]) -> None:
    assert card_places(bytes.fromhex(hexadecimal)) == places


def test_a_fault_in_the_frame_itself_has_no_field() -> None:
    fault = Malformed(None, 3, "nothing", "another")
    assert sentences(fault, TERMINAL, None) == (
        "报文外壳：应为什么也没有，实为别的",
        "the frame: expected nothing, found another",
    )
    assert hint(Malformed(7, 3, "nothing", "another")) == ("", "")


def test_words_without_a_phrase_stay_as_they_are() -> None:
    assert in_chinese("something rare") == "something rare"


def test_a_fault_behind_a_good_card_number_hides_nothing_more() -> None:
    body = Codec(TERMINAL).encode(CARD_SALE)
    reading = read_paste(body[:40].hex())
    assert reading.messages[0].fault is not None
    assert [line.shown for line in reading.messages[0].lines if line.label == "3"] == ["000000"]


def test_values_in_other_alphabets_have_their_place() -> None:
    text = Message("0210", {11: "000123", 39: "05", 44: "余额不足", 63: "CUP拒绝"})
    lines = {line.label: line for line in read_paste(Codec(TERMINAL).encode(text).hex()).messages[0].lines}
    assert lines["44"].shown == "余额不足"
    assert lines["44"].raw.replace(" ", "") == "08" + "余额不足".encode("gbk").hex().upper()


def test_parts_that_do_not_begin_at_a_byte_still_have_their_bytes() -> None:
    lines = {line.label: line for line in read_paste(REAL.hex()).messages[0].lines}
    assert (lines["60/60.4"].offset, lines["60/60.4"].end, lines["60/60.4"].raw) == (71, 72, "06")


@pytest.mark.parametrize(("encoding", "pages"), [("hex", "ascii"), ("ebcdic hex", "cp500")])
def test_bytes_written_as_text_have_their_place(encoding: str, pages: str) -> None:
    said = (
        '[field.52]\nsize = "LL"\nmost = 16\nprefix = "ascii"\nzh = "密文"\nen = "cipher"\nshown = "hidden"\nencoding = "'
        + encoding
        + '"\n'
    )
    spec = spec_file.loads('name = "a terminal in text"\n' + said)
    body = bytes.fromhex("0200 0000000000001000") + b"02" + "0A1B".encode(pages)
    lines = read_bytes(body, {"text": spec}).messages[0].lines
    assert [(line.label, line.offset, line.end) for line in lines] == [("MTI", 0, 2), ("BITMAP", 2, 10), ("52", 10, 16)]
