"""Where a payer's code travels in a message."""

from __future__ import annotations

import pytest

from support.wire_samples import CARD_SALE, real_body
from xiaopos.wire.iso8583 import Codec, Malformed, Message
from xiaopos.wire.iso8583.meaning import transaction_of
from xiaopos.wire.iso8583.payer_code import DIALECTS, PRIVATE, REGIONAL, UNIONPAY, PayerCodeDialect, find_payer_code
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


def test_the_private_dialect_sends_it_bare_and_names_the_wallet_beside_it() -> None:
    message = Message("0200", PRIVATE.fields(CODE, batch="000001", wallet="alipay"))
    assert message.fields == {3: "700000", 44: "003", 60: "60000001000", 62: CODE.encode()}
    assert find_payer_code(message) == (PRIVATE, CODE)
    assert PRIVATE.wallet(message) == "alipay"
    assert PRIVATE.wallet(Message("0200", {})) is None
    assert UNIONPAY.wallet(message) is None
    assert find_payer_code(Message("0200", {3: "700000", 60: "60000001000"})) is None
    with pytest.raises(Malformed, match="wallet of jd"):
        PRIVATE.fields(CODE, batch="000001", wallet="cash")
    with pytest.raises(Malformed, match="channel of 001"):
        PRIVATE.wallet(Message("0200", {44: "009"}))


@pytest.mark.parametrize("dialect", DIALECTS, ids=lambda dialect: dialect.key)
def test_every_dialects_sale_goes_through_the_codec_and_is_found(dialect: PayerCodeDialect) -> None:
    fields = dialect.fields(CODE, batch="000001", time="160036", date="200826", wallet="unionpay")
    codec = Codec(SPEC)
    again = codec.decode(codec.encode(Message("0200", {4: "000000001234", 11: "000123", **fields})))
    assert find_payer_code(again) == (dialect, CODE)
    named = transaction_of(again)
    assert named is not None
    assert named.name == ("wallet_scan" if dialect is PRIVATE else "code_sale")


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
    for dialect in DIALECTS:
        with pytest.raises(Malformed):
            dialect.value(code)
