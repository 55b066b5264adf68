"""Describing a message never shows a card number, track, PIN, key, payment code or MAC, wherever in the message it travels."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from xiaopos.wire.emv.dictionary import SENSITIVE
from xiaopos.wire.emv.tlv import Tlv, build
from xiaopos.wire.iso8583 import Message, card_network
from xiaopos.wire.iso8583.describing import describe, unknown_parts
from xiaopos.wire.iso8583.unionpay_terminal import SPEC

TEXT = {35, 36, 48, 54}
BINARY = {52, 57, 58, 59, 62, 64}
TYPES = ("0100", "0110", "0200", "0210", "0220", "0320", "0330", "0400", "0500", "0620", "0800", "0810", "0820", "0830")
NETWORKS = ("000", "001", "003", "004", "201", "202", "360", "370", "372", "382", "951", "999")
KINDS = ("00", "01", "07", "10", "22", "23", "25", "26", "34", "60")

digits = st.text("123456789", min_size=16, max_size=19)
hidden_bytes = st.binary(min_size=8, max_size=24)


def _leaks(secret: str, message: Message) -> bool:
    shown = (
        repr(describe(SPEC, message)) + repr(describe(card_network.SPEC, message)) + repr(unknown_parts(SPEC, message))
    )
    return secret in re.sub("[ -]", "", shown) or secret.lower() in shown.lower()


def _around(mti: str, kind: str, network: str, entry: str) -> dict[int, str | bytes]:
    return {3: "000000", 22: entry, 25: "00", 60: f"{kind}000001{network}"}


frames = st.builds(
    lambda mti, kind, network, entry: Message(mti, _around(mti, kind, network, entry)),
    st.sampled_from(TYPES),
    st.sampled_from(KINDS),
    st.sampled_from(NETWORKS),
    st.sampled_from(("021", "032", "051")),
)


@settings(max_examples=150, deadline=None)
@given(message=frames, number=st.sampled_from([2, 14, *sorted(TEXT)]), secret=digits)
def test_no_card_number_or_track_is_shown(message: Message, number: int, secret: str) -> None:
    message.fields[number] = secret if number == 2 else f"{secret}=28121010000"
    assert not _leaks(secret, message)


@settings(max_examples=150, deadline=None)
@given(message=frames, number=st.sampled_from(sorted(BINARY)), secret=hidden_bytes, as_text=st.booleans())
def test_no_key_pin_or_payment_code_is_shown(message: Message, number: int, secret: bytes, as_text: bool) -> None:
    spelled = secret.hex().upper()
    message.fields[number] = spelled.encode() if as_text else secret
    assert not _leaks(spelled, message)


@settings(max_examples=100, deadline=None)
@given(message=frames, code=digits, layout=st.sampled_from(("A3", "other A", "5F01", "bare", "A2", "unknown BER")))
def test_no_payment_code_is_shown_in_any_dialect(message: Message, code: str, layout: str) -> None:
    raw = code.encode()
    values: dict[str, tuple[int, bytes]] = {
        "A3": (59, b"A3%03d" % len(raw) + raw),
        "other A": (59, b"Q9%03d" % len(raw) + raw),
        "A2": (59, b"A2%03d" % len(raw) + raw),
        "5F01": (62, build([Tlv("5F01", raw), Tlv("5C", b"01")])),
        "unknown BER": (62, build([Tlv("DF77", raw)])),
        "bare": (62, raw),
    }
    number, value = values[layout]
    message.fields[number] = value
    assert not _leaks(code, message)


@settings(max_examples=150, deadline=None)
@given(message=frames, tag=st.sampled_from(sorted(SENSITIVE - {"86"})), secret=digits, number=st.sampled_from((55, 62)))
def test_no_sensitive_chip_tag_is_shown(message: Message, tag: str, secret: str, number: int) -> None:
    even = secret + "F" * (len(secret) % 2)
    for value in (bytes.fromhex(even), secret.encode()):
        message.fields[number] = build([Tlv("9F36", b"\0\x1a"), Tlv(tag, value)])
        assert not _leaks(secret, message)


@settings(max_examples=60, deadline=None)
@given(keys=st.binary(min_size=60, max_size=60), size=st.sampled_from((24, 40, 60)))
def test_no_working_key_is_shown(keys: bytes, size: int) -> None:
    message = Message("0810", {60: "00000001004", 62: keys[:size]})
    shown = repr(describe(SPEC, message))
    slots = [keys[:8], keys[12:20]] if size == 24 else [keys[:16], keys[20:36], keys[40:56]][: 2 + (size == 60)]
    assert not any(slot.hex().upper() in shown for slot in slots)


@pytest.mark.parametrize("number", [44, 63])
def test_no_card_number_in_free_text_is_shown(number: int) -> None:
    for text in ("6225561620345170", "card 6225 5616 2034 5170", "6225-5616-2034-5170"):
        assert not _leaks("6225561620345170", Message("0210", {number: text, 60: "22000001000"}))
