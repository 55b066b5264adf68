"""Frames, headers and what a MAC covers."""

from __future__ import annotations

import pytest

from support.wire_samples import CARD_SALE, NETWORK_REVERSAL, real_body, vector
from xiaopos.wire.iso8583 import Codec, Malformed, card_network, unionpay_terminal
from xiaopos.wire.iso8583.framing import (
    PROCESSING_REQUESTS,
    FrameReader,
    FrameTooLong,
    Header,
    TerminalFrame,
    encode_frame,
    mac_input,
)

FRAME = bytes.fromhex(vector("unionpay_real_qr_sale_mac.json")["frame_hex"])


def test_the_real_frame_falls_into_its_parts() -> None:
    said = vector("unionpay_real_qr_sale_mac.json")["parsed"]
    (raw,) = FrameReader(1024).feed(FRAME)
    frame = TerminalFrame.parse(raw)
    assert (frame.tpdu.hex(), frame.header.hex(), frame.body) == (said["tpdu"], said["header"], real_body())
    assert frame.encode() == FRAME


def test_an_answer_goes_back_where_the_request_came_from_with_a_wish() -> None:
    frame = TerminalFrame.parse(bytes.fromhex("6000030102603210320072") + real_body())
    answer = frame.answering(b"answer body", request="3")
    assert answer.tpdu.hex() == "6001020003"
    assert Header.parse(answer.header) == Header("60", "32", "1", "3", "320072")
    assert "3" in PROCESSING_REQUESTS
    assert frame.answering().header == frame.header
    odd = TerminalFrame(frame.tpdu, b"\xff" * 6, frame.body)
    assert odd.answering().header == b"\xff" * 6


def test_a_dial_header_is_recognised_only_when_told() -> None:
    raw = FRAME[2:7] + bytes(33) + FRAME[7:]
    frame = TerminalFrame.parse(raw, dial_header=True)
    assert (frame.body, len(frame.dial_header)) == (real_body(), 33)
    assert frame.encode() == encode_frame(raw)
    assert frame.answering(b"x").dial_header == b""
    assert TerminalFrame.parse(raw).body != real_body()


@pytest.mark.parametrize(
    ("raw", "dial", "part"),
    [
        (b"\x60" + bytes(19), False, "frame"),
        (bytes(30), False, "TPDU"),
        (b"\x60" + bytes(50), True, "frame"),
    ],
)
def test_a_frame_without_its_parts_is_malformed(raw: bytes, dial: bool, part: str) -> None:
    with pytest.raises(Malformed) as caught:
        TerminalFrame.parse(raw, dial_header=dial)
    assert (caught.value.field, caught.value.subfield) == (None, part)


def test_a_header_is_twelve_digits() -> None:
    for raw in (b"\x60" * 5, b"\xfa" * 6):
        with pytest.raises(Malformed, match="header"):
            Header.parse(raw)
    for bad in (Header("6", "32", "1", "0", "320072"), Header("60", "32", "1", "x", "320072")):
        with pytest.raises(ValueError, match="12 digits"):
            bad.encode()


def test_half_frames_wait_and_too_long_ones_end_the_stream() -> None:
    reader = FrameReader(100)
    assert reader.feed(b"\x00") == []
    assert reader.feed(b"\x03ab") == []
    assert reader.pending == 4
    assert reader.feed(b"c\x00\x00\x00\x01") == [b"abc", b""]
    assert reader.pending == 2
    with pytest.raises(FrameTooLong, match="101 bytes was announced, the limit is 100") as caught:
        reader.feed(b"z\x00\x65")
    assert caught.value.frames == [b"z"]
    assert (caught.value.length, caught.value.limit) == (101, 100)


def test_a_frame_longer_than_its_length_can_say_is_refused() -> None:
    assert encode_frame(bytes(65535))[:2] == b"\xff\xff"
    with pytest.raises(ValueError, match="65535"):
        encode_frame(bytes(65536))


def test_a_mac_covers_the_message_from_its_type_to_the_mac() -> None:
    body = real_body()
    assert mac_input(body) == body[:-8]
    assert mac_input(body)[:2].hex() == "0200"
    worked = bytes.fromhex(vector("unionpay_ecb_mac_worked.json")["mab_hex"])
    assert mac_input(worked + bytes(8)) == worked
    network = Codec(card_network.SPEC).encode(NETWORK_REVERSAL)
    assert mac_input(network, field=128) == network[:-8]


def test_a_message_without_a_mac_covers_nothing() -> None:
    bare = type(CARD_SALE)("0200", {n: v for n, v in CARD_SALE.fields.items() if n != 64})
    body = Codec(unionpay_terminal.SPEC).encode(bare)
    with pytest.raises(Malformed, match="bit 64 not set"):
        mac_input(body)
    with pytest.raises(Malformed, match="8 bytes of MAC"):
        mac_input(real_body()[:17])
    sixteen = bytes.fromhex("0420" + "00" * 15 + "01") + bytes(8)
    with pytest.raises(Malformed, match="bit 128 not set"):
        mac_input(sixteen, field=128)
