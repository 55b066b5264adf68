"""Where a payer's code travels in a message."""

from __future__ import annotations

import pytest

from support.wire_samples import CARD_SALE, real_body
from xiaopos.wire.iso8583 import Codec, Malformed, Message
from xiaopos.wire.iso8583.payer_code import REGIONAL, UNIONPAY, find_payer_code
from xiaopos.wire.iso8583.unionpay_terminal import SPEC

CODE = "284412345678901234"


def test_the_real_message_carries_its_code_in_field_62() -> None:
    message = Codec(SPEC).decode(real_body())
    assert find_payer_code(message) == (REGIONAL, CODE)
    assert REGIONAL.value(CODE, time="160036", date="200826") == message.raw(62)


def test_field_59_carries_it_behind_a3() -> None:
    value = UNIONPAY.value(CODE)
    assert value == b"A3018" + CODE.encode()
    message = Message("0200", {22: "032", 59: b"A2004P310" + value})
    assert find_payer_code(message) == (UNIONPAY, CODE)
    assert UNIONPAY.code(b"A2004P310") is None


def test_a_message_without_a_code_has_none() -> None:
    assert find_payer_code(CARD_SALE) is None
    assert find_payer_code(Message("0200", {22: "032"})) is None
    assert find_payer_code(Message("0200", {22: "032", 62: bytes.fromhex("5C023031")})) is None


@pytest.mark.parametrize("value", [b"A", b"A3", b"A30x8", b"A3005123", b"A3003a b"])
def test_nonsense_in_field_59_is_malformed(value: bytes) -> None:
    with pytest.raises(Malformed) as caught:
        find_payer_code(Message("0200", {22: "032", 59: value}))
    assert caught.value.field == 59


@pytest.mark.parametrize("value", ["5F", "5F0103", "5F01033132FF"])
def test_nonsense_in_field_62_is_malformed(value: str) -> None:
    with pytest.raises(Malformed) as caught:
        find_payer_code(Message("0200", {22: "030", 62: bytes.fromhex(value)}))
    assert caught.value.field == 62


@pytest.mark.parametrize("code", ["", "1" * 128, "12 34", "１２"])
def test_what_is_no_code_cannot_be_sent(code: str) -> None:
    for dialect in (UNIONPAY, REGIONAL):
        with pytest.raises(Malformed):
            dialect.value(code)
