"""What stands inside the fields of a terminal's message: every layout reads a real value and writes it again."""

from __future__ import annotations

import doctest

import pytest

from support.wire_samples import vector
from xiaopos.wire.iso8583 import Malformed, response_codes, terminal_codes
from xiaopos.wire.iso8583.meaning import TRANSACTIONS
from xiaopos.wire.iso8583.response_codes import REVERSAL_REASONS, SUCCESS_CODES, succeeded
from xiaopos.wire.iso8583.spec import Shown
from xiaopos.wire.iso8583.subfields import Part, Repeated, every, first, plain_bytes, read_parts, unlisted, write_parts
from xiaopos.wire.iso8583.terminal_parts import ALWAYS, BY_TRANSACTION, parts_of
from xiaopos.wire.iso8583.unionpay_terminal import SPEC

CAPK = "9F0605A0000003339F220102"
DETAIL = "00" + "000123" + "00006225561620345170" + "000000001234"


@pytest.mark.parametrize(
    ("number", "transaction", "answer", "value", "parts"),
    [
        (3, "sale", False, "000000", {"3": "000000"}),
        (22, "sale", False, "051", {"22.1": "05", "22.2": "1"}),
        (25, "pre_auth", False, "06", {"25": "06"}),
        (39, "sale", True, "A2", {"39": "A2"}),
        (39, "reversal", False, "98", {"39": "98"}),
        (44, "sale", True, "招商银行   48880001   ", {"44.1": "招商银行   ", "44.2": "48880001   "}),
        (44, "wallet_scan", False, "002", {"44": "002"}),
        (48, "settlement", True, "000000001234001000000000000000" + "1" + "0" * 31, {"48.1.2": "001", "48.1.5": "1"}),
        (48, "batch_upload", False, "02" + DETAIL * 2, {"48.1": "00", "48.2": "000123", "48.4": "000000001234"}),
        (48, "batch_upload_end", False, "0017", {"48": "0017"}),
        (48, "tip", False, "000000000500", {"48": "000000000500"}),
        (49, "sale", False, "156", {"49": "156"}),
        (53, "sale", False, "2610000000000000", {"53.1": "2", "53.2": "6", "53.3": "1"}),
        (54, "balance", True, "0210156C000000123456", {"54.3": "156", "54.4": "C", "54.5": "000000123456"}),
        (59, "code_sale", False, b"A2004P310A3018284412345678901234", {"A2": b"P310", "A3": "284412345678901234"}),
        (60, "sign_in", False, "00000001003", {"60.1": "00", "60.2": "000001", "60.3": "003"}),
        (60, "sale", False, "22000001000500048", {"60.4": "5", "60.7": "048"}),
        (60, "code_sale", False, "2600000100060000000", {"60.1": "26", "60.4": "6", "60.8": "00"}),
        (61, "void", False, "000001000123", {"61.1": "000001", "61.2": "000123"}),
        (61, "refund", False, "0000010001231122", {"61.3": "1122"}),
        (61, "completion", False, "00000100012311220100004880001", {"61.4": "01", "61.5": "00004880001"}),
        (62, "sign_in", False, b"Sequence No12312500000001", {"62.3": "3125", "62.4": "00000001"}),
        (62, "sign_in_des", True, bytes(24), {"MAK check": bytes(4)}),
        (62, "sign_in_track", True, bytes(60), {"TDK": bytes(16)}),
        (62, "parameters", True, "126022" + "小林茶铺".ljust(36) + "26", {"12": "60", "22": "小林茶铺".ljust(36)}),
        (62, "public_keys_query", False, b"100", {"62.1": "1", "62.2": "00"}),
        (62, "public_keys_query", True, b"1" + bytes.fromhex(CAPK) * 2, {"62.1": "1", "9F22": b"\x02"}),
        (62, "public_keys", False, bytes.fromhex(CAPK), {"9F06": bytes.fromhex("A000000333")}),
        (62, "chip_parameters", True, b"1" + bytes.fromhex("9F0607A0000003330101DF010100"), {"62.1": "1"}),
        (62, "wallet_scan", False, b"284412345678901234", {"62": "284412345678901234"}),
        (63, "sign_in", False, "01 ", {"63.1": "01 "}),
        (63, "sale", False, "CUP", {"63.1": "CUP"}),
        (63, "sale", True, "CUP" + "招商银行".ljust(16) + " " * 40, {"63.2.1": "招商银行".ljust(16)}),
    ],
)
def test_a_field_is_read_and_written_again(
    number: int, transaction: str, answer: bool, value: str | bytes, parts: dict[str, str | bytes]
) -> None:
    if (number, transaction) == (62, "parameters"):
        value = plain_bytes(value) + b"\xf0\x00\x00\x00"
    layout = parts_of(number, transaction, answer=answer)
    assert layout is not None
    found = read_parts(layout, value, field=number)
    assert {tag: first(found, tag) for tag in parts} == parts
    assert write_parts(layout, found, field=number) == plain_bytes(value)
    assert not unlisted(found)


def test_the_real_messages_are_read() -> None:
    keys = bytes.fromhex(vector("unionpay_signin_field62_keys.json")["field62_hex"])
    layout = parts_of(62, "sign_in", answer=True)
    assert layout is not None
    found = read_parts(layout, keys, field=62, at=64)
    assert [(item.tag, item.start, item.end) for item in found] == [
        ("PIK", 64, 80),
        ("PIK check", 80, 84),
        ("MAK", 84, 100),
        ("MAK check", 100, 104),
    ]
    assert first(found, "PIK check") == bytes.fromhex("8D0A74B8")
    assert all(item.part is not None and item.part.shown is Shown.HIDDEN for item in found[::2])


@pytest.mark.parametrize(
    ("number", "transaction", "answer", "value"),
    [
        (62, "sign_in", True, bytes(41)),
        (62, "parameters", True, b"99abc"),
        (48, "settlement", False, "0" * 61),
        (48, "batch_upload", False, "02" + DETAIL),
        (60, "sale", False, "220000010005000"),
        (61, "void", False, "0000010001231"),
    ],
)
def test_a_value_of_another_shape_is_refused(number: int, transaction: str, answer: bool, value: str | bytes) -> None:
    layout = parts_of(number, transaction, answer=answer)
    assert layout is not None
    with pytest.raises(Malformed) as caught:
        read_parts(layout, value, field=number)
    assert caught.value.field == number


def test_the_tables_speak_of_fields_and_transactions_that_exist() -> None:
    names = {row.name for row in TRANSACTIONS}
    assert {name for _, name, _ in BY_TRANSACTION} <= names
    assert set(ALWAYS) | {number for number, _, _ in BY_TRANSACTION} <= set(SPEC.fields)
    assert parts_of(11, "sale") is None
    assert parts_of(62, "sale") is None


def test_the_types_and_codes_of_every_transaction_have_a_meaning() -> None:
    for row in TRANSACTIONS:
        assert row.kind in ("", *terminal_codes.TRANSACTION_TYPES)
        assert row.network in ("", *terminal_codes.NETWORK_CODES)
        assert row.processing in ("", *terminal_codes.PROCESSING_CODES)
        assert (row.conditions or set()) <= {"", *terminal_codes.CONDITIONS}


def test_what_is_secret_is_marked_in_every_table() -> None:
    tags = ("PIK", "MAK", "TDK", "A3", "5F01", "54.5", "57", "5A", "5F20", "9F20", "9F1F")
    layouts = [*ALWAYS.values(), *BY_TRANSACTION.values()]
    met = set()
    for tag, row in {(row.tag, row) for layout in layouts for row in _rows(layout)}:
        if tag in tags:
            assert row.shown is Shown.HIDDEN, tag
            met.add(tag)
    assert met == set(tags)


def _rows(layout: object) -> list[Part]:
    rows: list[Part] = []
    for inner in getattr(layout, "layouts", ()):
        rows += _rows(inner[1])
    for row in (*getattr(layout, "parts", ()), *([layout.item] if isinstance(layout, Repeated) else [])):
        rows += [row, *_rows(row.layout)]
    return rows


def test_answer_codes() -> None:
    assert frozenset({"00", "10", "11", "A2", "A4", "A5", "A6"}) == SUCCESS_CODES
    assert all(row.zh and row.en and len(row.code) == 2 for row in response_codes.RESPONSE_CODES.values())
    assert not succeeded("ZZ")
    assert set(REVERSAL_REASONS) >= {"06", "98", "A0"}
    assert doctest.testmod(response_codes).failed == 0


def test_found_parts_hide_their_values_from_logs() -> None:
    layout = parts_of(59, "code_sale")
    assert layout is not None
    found = read_parts(layout, b"A3018284412345678901234")
    assert "2844" not in repr(found)
    assert len(list(every(found))) == 1
