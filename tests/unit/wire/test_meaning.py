"""What messages are called, and what of them people may see."""

from __future__ import annotations

import pytest

from support.wire_samples import CARD_SALE, NETWORK_REVERSAL, SALE_ANSWER, SETTLEMENT, real_body
from xiaopos.wire.iso8583 import Codec, Message, card_network
from xiaopos.wire.iso8583.meaning import TRANSACTIONS, Afterwards, describe, transaction_of
from xiaopos.wire.iso8583.unionpay_terminal import SPEC


@pytest.mark.parametrize(
    ("mti", "fields", "name"),
    [
        ("0800", {60: "00000001003"}, "sign_in"),
        ("0810", {60: "00000001004"}, "sign_in_track"),
        ("0820", {60: "00000001002"}, "sign_off"),
        ("0820", {60: "00000001301"}, "echo"),
        ("0830", {60: "07000001301"}, "signature"),
        ("0200", {3: "000000", 22: "051", 25: "00", 60: "22000001000"}, "sale"),
        ("0210", {3: "000000", 25: "00", 60: "22000001000500"}, "sale"),
        ("0200", {3: "000000", 22: "032", 25: "00", 60: "22000001000"}, "code_sale"),
        ("0200", {3: "200000", 22: "032", 25: "00", 60: "23000001000"}, "code_void"),
        ("0200", {3: "000000", 25: "64", 60: "22000001000"}, "instalment_sale"),
        ("0200", {3: "200000", 25: "00", 60: "23000001000"}, "void"),
        ("0220", {3: "200000", 25: "00", 60: "25000001000"}, "refund"),
        ("0230", {3: "200000", 25: "08", 60: "25000001000"}, "moto_refund"),
        ("0100", {3: "030000", 25: "06", 60: "10000001000"}, "pre_auth"),
        ("0200", {3: "000000", 25: "06", 60: "20000001000"}, "completion"),
        ("0400", {3: "000000", 25: "00", 60: "22000001000"}, "reversal"),
        ("0410", {3: "200000", 60: "23000001000"}, "reversal"),
        ("0510", {60: "00000001201"}, "settlement"),
        ("0320", {60: "00000001202"}, "batch_upload_end"),
        ("0620", {60: "00000001951"}, "script_notice"),
    ],
)
def test_a_message_is_called_by_its_type_and_fields(mti: str, fields: dict[int, str | bytes], name: str) -> None:
    found = transaction_of(Message(mti, fields))
    assert found is not None
    assert found.name == name


@pytest.mark.parametrize("mti", ["0200", "0990", "", "02"])
def test_a_message_the_table_lacks_has_no_name(mti: str) -> None:
    assert transaction_of(Message(mti, {3: "999999"})) is None


def test_rows_have_names_and_no_row_hides_another() -> None:
    names = [row.name for row in TRANSACTIONS]
    assert {name for name in names if names.count(name) > 1} == {"code_sale"}, "one name, sent in two dialects"
    for row in TRANSACTIONS:
        private = f"{row.kind or '22'}000001{row.network or '000'}"
        fields: dict[int, str | bytes] = {60: private, 25: row.condition or "00", 22: f"{row.entry or '05'}1"}
        if row.processing:
            fields[3] = row.processing
        assert transaction_of(Message(row.mti, fields)) is row
        assert row.zh
        assert row.en


def test_what_follows_silence_is_in_the_table() -> None:
    rows = {row.name: row for row in TRANSACTIONS}
    assert rows["sale"].afterwards is Afterwards.REVERSE
    assert rows["refund"].afterwards is Afterwards.NOTHING
    assert rows["reversal"].afterwards is Afterwards.RESEND
    assert rows["code_sale"].afterwards is Afterwards.QUERY
    assert {name for name, row in rows.items() if row.mac} >= {"sale", "void", "refund", "reversal"}
    assert not rows["sign_in"].mac
    assert not rows["settlement"].mac


def test_a_description_names_every_field_and_shows_nothing_secret() -> None:
    rows = describe(SPEC, CARD_SALE)
    assert rows[0].shown == "0200 消费 / sale"
    assert [row.field for row in rows] == [0, *sorted(CARD_SALE.fields)]
    shown = {row.field: row.shown for row in rows}
    assert (shown[2], shown[4], shown[35], shown[52]) == ("622556******5170", "000000001234", "<34>", "<8>")
    real = describe(SPEC, Codec(SPEC).decode(real_body()))
    text = repr([rows, real, describe(SPEC, SALE_ANSWER), describe(card_network.SPEC, NETWORK_REVERSAL)])
    for secret in ("6225561620345170", "6225561620345170001", "28121010", "284412345678901234", "B3A092AE", "123456C"):
        assert secret not in text
    assert "小林茶铺" in text
    assert real[0].shown == "0200 扫码消费 / payment code sale"


def test_a_description_bears_fields_that_the_table_lacks_and_odd_values() -> None:
    rows = describe(SPEC, Message("0999", {2: "12", 4: b"x", 99: "secret"}))
    assert [row.shown for row in rows] == ["0999", "<2>", "<1>", "<6>"]
    assert rows[3].zh == "未知域"
    assert describe(SPEC, SETTLEMENT)[0].shown == "0500 批结算 / batch settlement"
