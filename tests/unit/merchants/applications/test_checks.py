"""What is said at once about every field, and which of it stops an application."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

import xiaopos
from xiaopos.merchants.applications.checks import (
    WARNS,
    Facts,
    Finding,
    Wrong,
    check_all,
    check_field,
    check_start,
)
from xiaopos.merchants.applications.fields import FIELDS, LONG_TERM, Field, Kind, fields_of, masked, tidied
from xiaopos.merchants.applications.rule_file import read_rule_book
from xiaopos.merchants.applications.scoring import HIGHEST, Risk, score_of, together

RULES = read_rule_book((Path(xiaopos.__file__).parent / "application_rules.toml").read_text(encoding="utf8"))
DAY = date(2026, 6, 1)
STALL = Facts(Kind.MICRO, "5812", "310115", DAY, RULES, RULES)
SHOP = replace(STALL, kind=Kind.SOLE)
RESIDENT = "11010519491231002X"


def wrong(field: Field, text: str, facts: Facts = STALL) -> list[Wrong]:
    found = check_field(field, text, facts)
    assert all(finding.field is field and finding.stops == (finding.wrong not in WARNS) for finding in found)
    return [finding.wrong for finding in found]


@pytest.mark.parametrize(
    ("field", "text", "told"),
    [
        (Field.SHOP_NAME, "小林茶铺", []),
        (Field.SHOP_NAME, "", []),
        (Field.SHOP_NAME, "12 34", [Wrong.NO_NAME]),
        (Field.SHOP_NAME, "茶" * 41, [Wrong.TOO_LONG]),
        (Field.SHOP_NAME, "茶\x07", [Wrong.UNREADABLE]),
        (Field.SHOP_ADDRESS, "上海市浦东新区柳巷 8 号", []),
        (Field.SHOP_ADDRESS, "苏州市柳巷 8 号", [Wrong.ADDRESS_ELSEWHERE]),
        (Field.MONTHLY, "under_10k", []),
        (Field.MONTHLY, "a lot", [Wrong.CHOICE]),
        (Field.PERSON_NAME, "林晓", []),
        (Field.RESIDENT_ID, RESIDENT, []),
        (Field.RESIDENT_ID, "1101051949123100", [Wrong.RESIDENT_FORM]),
        (Field.RESIDENT_ID, "11010519491331002X", [Wrong.RESIDENT_DATE]),
        (Field.RESIDENT_ID, "110105203012310025", [Wrong.RESIDENT_DATE]),
        (Field.RESIDENT_ID, "110105194912310021", [Wrong.RESIDENT_CHECK]),
        (Field.RESIDENT_ID, "110105201201010031", [Wrong.TOO_YOUNG]),
        (Field.ID_UNTIL, LONG_TERM, []),
        (Field.ID_UNTIL, "2036-06-01", []),
        (Field.ID_UNTIL, "2026-05-31", [Wrong.DATE_PAST]),
        (Field.ID_UNTIL, "2026-06-01", [Wrong.DATE_SOON]),
        (Field.ID_UNTIL, "2026-02-30", [Wrong.DATE_FORM]),
        (Field.PHONE, "13800001234", []),
        (Field.PHONE, "12800001234", [Wrong.PHONE_FORM]),
        (Field.PHONE, "01012345678", [Wrong.PHONE_FORM]),
        (Field.CARD_NUMBER, "6222021234567890128", []),
        (Field.CARD_NUMBER, "6222021234567890123", [Wrong.CARD_CHECK]),
        (Field.CARD_NUMBER, "622202123456789012", [Wrong.CARD_UNKNOWN]),
        (Field.CARD_NUMBER, "622202123456789013", [Wrong.CARD_CHECK, Wrong.CARD_UNKNOWN]),
        (Field.CARD_NUMBER, "6225561620345170", [Wrong.CARD_CREDIT]),
        (Field.CARD_NUMBER, "62220212", [Wrong.CARD_FORM]),
        (Field.ACCOUNT_NUMBER, "1001234567", []),
        (Field.ACCOUNT_NUMBER, "12-34", [Wrong.ACCOUNT_FORM]),
        (Field.ACCOUNT_BANK, "工商银行", []),
        (Field.LICENCE_CODE, "914403", [Wrong.LICENCE_FORM]),
        (Field.LICENCE_CODE, "914403001922038217", [Wrong.LICENCE_CHECK]),
        (Field.LICENCE_CODE, "91440300708461136T", []),
        (Field.DOOR_PICTURE, "anything", []),
    ],
)
def test_what_is_said_of_a_field(field: Field, text: str, told: list[Wrong]) -> None:
    assert wrong(field, text) == told


def test_a_companys_licence_is_no_street_shops() -> None:
    assert wrong(Field.LICENCE_CODE, "91440300708461136T", SHOP) == [Wrong.LICENCE_KIND]
    assert wrong(Field.LICENCE_CODE, "91440300708461136T", replace(STALL, kind=Kind.COMPANY)) == []


@pytest.mark.parametrize(
    ("category", "region", "told"),
    [
        ("5812", "310115", []),
        ("7995", "310115", [Wrong.CATEGORY_CLOSED]),
        ("0000", "310115", [Wrong.CATEGORY_UNKNOWN]),
        ("5812", "999999", [Wrong.REGION_UNKNOWN]),
        ("0000", "999999", [Wrong.CATEGORY_UNKNOWN, Wrong.REGION_UNKNOWN]),
    ],
)
def test_what_is_said_of_the_beginning(category: str, region: str, told: list[Wrong]) -> None:
    found = check_start(replace(STALL, category=category, region=region))
    assert [finding.wrong for finding in found] == told
    assert all(finding.field is None and finding.stops for finding in found)
    assert wrong(Field.SHOP_ADDRESS, "演示市", replace(STALL, region="999999")) == []


def test_everything_at_once_in_the_order_of_the_fields() -> None:
    values = {
        Field.SHOP_NAME: "小林茶铺",
        Field.PHONE: "1",
        Field.LICENCE_NAME: "小林茶铺",
        Field.ACCOUNT_NAME: "陈记面馆",
        Field.ID_FRONT: "there",
    }
    found = check_all(values, {Field.SHOP_NAME, Field.PERSON_NAME, Field.ID_FRONT, Field.ID_BACK}, STALL)
    assert found == [
        Finding(Field.PERSON_NAME, Wrong.MISSING),
        Finding(Field.PHONE, Wrong.PHONE_FORM),
        Finding(Field.ID_BACK, Wrong.MISSING),
        Finding(Field.ACCOUNT_NAME, Wrong.NAMES_DIFFER),
    ]


def test_what_is_found_makes_the_score() -> None:
    nothing = score_of("5812", [], RULES)
    assert nothing == Risk(0)
    assert score_of("0000", [], RULES) == Risk(0)
    found = [Finding(Field.PHONE, Wrong.USED_ELSEWHERE), Finding(None, Wrong.CATEGORY_CLOSED)]
    assert score_of("5944", found, RULES) == Risk(700, ("category 5944", "used_elsewhere phone"))
    everywhere = [Finding(field, Wrong.USED_ELSEWHERE) for field in (*Field, None)]
    assert score_of("5812", everywhere, RULES).score == HIGHEST
    assert together([Risk(10, ("a", "b")), Risk(30, ("b", "c"))]) == Risk(30, ("a", "b", "c"))
    assert together([]) == Risk(0)


@pytest.mark.parametrize(
    ("field", "text", "shown"),
    [
        (Field.SHOP_NAME, "小林茶铺", "小林茶铺"),
        (Field.PERSON_NAME, "林晓", "林*"),
        (Field.PERSON_NAME, "", ""),
        (Field.PHONE, "13800001234", "138****1234"),
        (Field.PHONE, "138", "***"),
        (Field.CARD_NUMBER, "6222021234567890128", "***************0128"),
        (Field.CARD_NUMBER, "62220212", "********"),
        (Field.OWNERS, "林晓", "**"),
    ],
)
def test_how_much_of_a_field_is_shown(field: Field, text: str, shown: str) -> None:
    assert masked(field, text) == shown


def test_fields_know_their_place() -> None:
    assert set(FIELDS) == set(Field)
    assert {field for facts in FIELDS.values() for field in fields_of(facts.step)} == set(Field)
    assert tidied(Field.SHOP_NAME, "  小林  茶铺 ") == "小林 茶铺"
