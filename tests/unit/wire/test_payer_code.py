"""Where a payer's code travels, and to which wallet it belongs."""

from __future__ import annotations

from datetime import date

import pytest

from support.wire_samples import CARD_SALE, real_body
from xiaopos.wire.iso8583 import Codec, Malformed, Message
from xiaopos.wire.iso8583.payer_code import REGIONAL, UNIONPAY, find_payer_code
from xiaopos.wire.iso8583.unionpay_terminal import SPEC
from xiaopos.wire.qr.payment_codes import DEFAULT_RULES, CodeRule, mask_code, route

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


@pytest.mark.parametrize(
    ("code", "wallet"),
    [
        ("10" + "0" * 16, "wechat"),
        ("15" + "9" * 16, "wechat"),
        ("16" + "9" * 16, None),
        ("10" + "0" * 15, None),
        (CODE, "alipay"),
        ("30" + "0" * 22, "alipay"),
        ("30" + "0" * 23, None),
        ("fp" + "a1B" * 11, "alipay"),
        ("fp" + "a1B" * 10, None),
        ("62" + "0" * 17, "unionpay"),
        ("99" + "0" * 16, "sandbox"),
        ("99" + "0" * 15 + "x", None),
        ("99" + "0" * 15 + "０", None),
        ("99" + "0" * 15 + "-", None),
        ("", None),
    ],
)
def test_a_code_belongs_to_the_wallet_of_its_prefix_and_length(code: str, wallet: str | None) -> None:
    assert route(code, DEFAULT_RULES) == wallet


def test_the_longest_prefix_wins_then_the_narrowest_length() -> None:
    rules = (
        CodeRule("25", "30", 16, 24, "wide"),
        CodeRule("28", "28", 18, 18, "narrow"),
        CodeRule("2844", "2844", 16, 24, "long"),
    )
    assert route("28" + "1" * 16, rules) == "narrow"
    assert route(CODE, rules) == "long"
    assert route("28" + "1" * 17, rules) == "wide"


def test_a_rule_counts_between_its_dates() -> None:
    old = CodeRule("28", "28", 18, 18, "old", valid_until=date(2026, 1, 1))
    new = CodeRule("28", "28", 18, 18, "new", valid_from=date(2026, 1, 1))
    assert route(CODE, (old, new), date(2025, 12, 31)) == "old"
    assert route(CODE, (old, new), date(2026, 1, 1)) == "new"
    assert route(CODE, (old,), date(2026, 1, 1)) is None


@pytest.mark.parametrize(
    ("first", "last", "shortest", "longest"),
    [("", "", 1, 2), ("1", "20", 3, 4), ("30", "25", 3, 4), ("10", "15", 4, 3), ("10", "15", 1, 3)],
)
def test_a_rule_that_fits_nothing_is_refused(first: str, last: str, shortest: int, longest: int) -> None:
    with pytest.raises(ValueError, match="range"):
        CodeRule(first, last, shortest, longest, "nobody")


def test_a_code_in_a_log_shows_its_ends_only() -> None:
    assert mask_code(CODE) == "28************1234"
    assert mask_code("28441234567") == "***********"
