"""Every transaction that terminals send, and every kind of message to the network: named, whole, described to its last part."""

from __future__ import annotations

import pytest

from support.wire_samples import (
    NETWORK_ANSWER,
    NETWORK_ECHO,
    NETWORK_REVERSAL,
    NETWORK_SALE,
    SAMPLES,
    real_body,
)
from support.wire_terminal_samples import ANSWERS, PAN, REQUESTS, TRACK, code_sale
from xiaopos.wire.iso8583 import Codec, Message, card_network, unionpay_terminal
from xiaopos.wire.iso8583.describing import describe, unknown_parts
from xiaopos.wire.iso8583.meaning import TRANSACTIONS, transaction_of
from xiaopos.wire.iso8583.payer_code import DIALECTS, REGIONAL, PayerCodeDialect, find_payer_code
from xiaopos.wire.iso8583.requirements import requirements_of


def test_every_transaction_has_a_sample() -> None:
    assert set(map(transaction_of, REQUESTS)) == set(TRANSACTIONS)


@pytest.mark.parametrize("message", [*REQUESTS, *ANSWERS], ids=lambda each: f"{each.mti} {each.text(60)}")
def test_each_has_its_fields_and_every_part_is_known(message: Message) -> None:
    assert requirements_of(message) == []
    rows = describe(unionpay_terminal.SPEC, message)
    assert [(row.field, row.part, row.fault) for row in rows if row.fault or row.unknown] == []
    assert unknown_parts(unionpay_terminal.SPEC, message) == {}
    assert rows[0].shown != message.mti, "the transaction has a name"
    text = repr(rows)
    assert PAN not in text
    assert TRACK[:24] not in text


@pytest.mark.parametrize("dialect", DIALECTS, ids=lambda each: each.name)
def test_a_code_is_found_in_each_dialects_message(dialect: PayerCodeDialect) -> None:
    codec = Codec(unionpay_terminal.SPEC)
    message = codec.decode(codec.encode(code_sale(dialect)))
    assert find_payer_code(message) == (dialect, "990000000000000001")


def test_the_published_frame_has_the_fields_of_its_dialects_sample() -> None:
    published = Codec(unionpay_terminal.SPEC).decode(real_body())
    assert published.fields.keys() == code_sale(REGIONAL).fields.keys()


@pytest.mark.parametrize(
    "message", [NETWORK_SALE, NETWORK_ANSWER, NETWORK_REVERSAL, NETWORK_ECHO], ids=lambda each: each.mti
)
def test_a_message_to_the_network_is_described_to_its_parts(message: Message) -> None:
    rows = describe(card_network.SPEC, message)
    assert [(row.field, row.part, row.fault) for row in rows if row.fault or row.unknown] == []
    assert PAN not in repr(rows)
    shown = {(row.field, row.part): (row.shown, row.meaning) for row in rows}
    every: dict[str, dict[tuple[int, str], object]] = {
        "0200": {(22, "22.1"): ("05", (("插卡", "chip, contact"),)), (53, "53.2"): ("6", (("3DES", "triple DES"),))},
        "0210": {(39, ""): ("00", (("交易成功", "approved"),)), (60, "60.1"): ("C", (("贷记卡", "credit"),))},
        "0420": {(90, "90.2"): ("000123", ()), (90, "90.4"): ("00048800001", ())},
        "0820": {(70, ""): ("301", (("回响测试", "echo test"),))},
    }
    expected = every[message.mti]
    assert {key: shown[key] for key in expected} == expected


def test_every_sample_comes_back_as_it_was() -> None:
    for spec, message in SAMPLES:
        codec = Codec(spec)
        assert codec.decode(codec.encode(message)) == message
