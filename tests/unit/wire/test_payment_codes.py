"""To which wallet a payer's code belongs; the table: read, dated, and refused where two rows would tie."""

from __future__ import annotations

from datetime import date

import pytest

from support.chip_samples import published
from xiaopos.wire.qr.payment_codes import DEFAULT_RULES, CodeRule, mask_code, read_rules, route, shipped_rules

CODE = "284412345678901234"


def row(**changes: object) -> str:
    keys: dict[str, object] = {"wallet": "a", "first": "28", "last": "28", "shortest": 18, "longest": 18}
    keys |= {"source": "a page", "confirmed": True} | changes
    spelled = {True: "true", False: "false"}

    def write(value: object) -> str:
        if isinstance(value, bool):
            return spelled[value]
        return f'"{value}"' if isinstance(value, str) else str(value)

    return (
        "[[rule]]\n" + "\n".join(f"{key} = {write(value)}" for key, value in keys.items() if value is not None) + "\n"
    )


def test_the_shipped_rows_say_where_they_were_read() -> None:
    assert all(rule.source for rule in shipped_rules(unconfirmed=True))
    assert all(rule.confirmed for rule in DEFAULT_RULES)
    assert {rule.wallet for rule in DEFAULT_RULES} == {"wechat", "alipay", "unionpay", "sandbox"}
    assert {rule.wallet for rule in shipped_rules(unconfirmed=True) if not rule.confirmed} == {"unionpay", "ecny", "jd"}


def test_a_card_apps_code_is_routed_only_where_its_row_is_wanted() -> None:
    text = published("emvco_cpm.json")["codes"][1]["text"]
    assert "+" in text
    assert route(text, DEFAULT_RULES) is None
    assert route(text, shipped_rules(unconfirmed=True)) == "unionpay"


def test_rows_are_read_with_their_days_and_alphabet() -> None:
    rules = read_rules(
        row(valid_until=date(2026, 1, 1))
        + row(wallet="b", valid_from=date(2026, 1, 1))
        + row(wallet="c", first="fp", last="fp", alphabet="alphanumeric")
        + row(wallet="d", first="hQ", last="hQ", alphabet="base64", confirmed=False)
    )
    assert [(rule.wallet, rule.digits_only, rule.base64) for rule in rules] == [
        ("a", True, False),
        ("b", True, False),
        ("c", False, False),
    ]
    code = "28" + "1" * 16
    assert route(code, rules, date(2025, 12, 31)) == "a"
    assert route(code, rules, date(2026, 1, 1)) == "b"
    assert read_rules("") == ()


@pytest.mark.parametrize(
    ("other", "ties"),
    [
        ({}, True),
        ({"first": "27", "last": "29"}, True),
        ({"first": "29", "last": "30"}, False),
        ({"first": "20", "last": "27"}, False),
        ({"first": "284", "last": "284"}, False),
        ({"shortest": 17}, False),
        ({"shortest": 19, "longest": 19}, False),
        ({"shortest": 17, "longest": 17}, False),
        ({"valid_from": date(2026, 6, 1)}, False),
        ({"valid_from": date(2026, 5, 31)}, True),
        ({"valid_until": date(2026, 1, 1)}, False),
        ({"valid_until": date(2026, 1, 2)}, True),
    ],
)
def test_two_rows_that_would_tie_are_refused(other: dict[str, object], ties: bool) -> None:
    table = row(valid_from=date(2026, 1, 1), valid_until=date(2026, 6, 1)) + row(**({"wallet": "b"} | other))
    if ties:
        with pytest.raises(ValueError, match=r"rows 1 and 2 \(a, b\) tie"):
            read_rules(table)
    else:
        assert len(read_rules(table)) == 2


@pytest.mark.parametrize(
    ("table", "words"),
    [
        ("[[rule]", "."),
        ("rule = 5", "tables"),
        ("rule = [5]", "row 1: is no table"),
        (row(colour="red"), "row 1: unknown key 'colour'"),
        (row(source=None), "row 1: source is missing"),
        (row() + row(first="29", last="29", confirmed="yes"), "row 2: confirmed is no bool"),
        (row(shortest=True), "row 1: shortest is no int"),
        (row(valid_from="2026-01-01"), "row 1: valid_from is no date"),
        (row(alphabet="runes"), "row 1: alphabet is none of"),
        (row(last="27"), "row 1: prefixes"),
        (row(valid_from=date(2026, 1, 1), valid_until=date(2026, 1, 1)), "row 1: days"),
    ],
)
def test_a_table_that_makes_no_sense_is_refused_by_its_row(table: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        read_rules(table)


def test_a_rule_without_days_always_counts() -> None:
    assert CodeRule("28", "28", 18, 18, "a").in_force(date(1999, 1, 1))


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
