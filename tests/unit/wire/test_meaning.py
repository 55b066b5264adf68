"""What messages are called."""

from __future__ import annotations

import pytest

from xiaopos.wire.iso8583 import Message
from xiaopos.wire.iso8583.meaning import TRANSACTIONS, Afterwards, transaction_of


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
    assert {name for name in names if names.count(name) > 1} == {
        "code_sale",  # sent in two dialects
        "moto_completion",  # by request and by notice
        "moto_other",
        "instalment_other",
    }
    for row in TRANSACTIONS:
        private = f"{row.kind or '22'}000001{row.network or '000'}"
        for condition in ("77",) if row.conditions is None else row.conditions:
            fields: dict[int, str | bytes] = {60: private, 25: condition, 22: f"{row.entry or '05'}1"}
            fields[3] = row.processing or "310000"
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
