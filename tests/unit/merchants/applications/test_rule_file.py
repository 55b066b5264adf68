"""The operator's rule book: ours can be read and serves every kind; nonsense is refused in one sentence."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest

import xiaopos
from xiaopos.merchants.applications.fields import FIELDS, Field, Grade, Input, Kind
from xiaopos.merchants.applications.requirements import Case, Need, asked, due_now, requirements
from xiaopos.merchants.applications.rule_file import WrongRules, read_rule_book
from xiaopos.merchants.applications.rulebook import Purpose, Record

TEXT = (Path(xiaopos.__file__).parent / "application_rules.toml").read_text(encoding="utf8")
RULES = read_rule_book(TEXT)
DAY = date(2026, 6, 1)


def test_a_person_without_a_licence_types_little() -> None:
    dues = requirements(RULES.rules, Case(Kind.MICRO, "5812", "310115"), DAY)
    typed = [field for field in due_now(dues) if FIELDS[field].input in (Input.TEXT, Input.DATE)]
    assert len(typed) <= 12
    assert Field.LICENCE_CODE not in asked(dues)
    assert dues[Field.DOOR_PICTURE].need is Need.LATER


@pytest.mark.parametrize("kind", Kind)
def test_every_kind_says_who_takes_the_money_and_where_it_goes(kind: Kind) -> None:
    dues = requirements(RULES.rules, Case(kind, "5812", "310115"), DAY)
    account = Field.ACCOUNT_NUMBER if kind is Kind.COMPANY else Field.CARD_NUMBER
    assert {Field.PERSON_NAME, Field.RESIDENT_ID, Field.PHONE, account} <= set(due_now(dues))
    assert all(due.why.zh and due.why.en for due in dues.values())
    assert RULES.limits[kind].payment_minor > 0


def test_precious_things_are_looked_at_more_closely() -> None:
    dues = requirements(RULES.rules, Case(Kind.SOLE, "5944", "310115", Grade.HIGH), DAY)
    assert {Field.DOOR_PICTURE, Field.INSIDE_PICTURE} <= set(due_now(dues))
    assert dues[Field.LEASE].need is Need.LATER


def test_our_book_finds_what_it_holds() -> None:
    assert [bool(RULES.category(code)) for code in ("5812", "0000")] == [True, False]
    assert [bool(RULES.region(code)) for code in ("310115", "000000")] == [True, False]
    assert RULES.names_of("000000") == ()
    card = RULES.card("6222021234567890128")
    assert card is not None
    assert card.bank.en == "ICBC"
    assert RULES.card("62220212345678901") is None
    assert (set(RULES.retention), set(RULES.consents)) == (set(Record), set(Purpose))
    review = RULES.review
    assert [review.grade(score) for score in (0, 200, 400)] == [Grade.LOW, Grade.MIDDLE, Grade.HIGH]
    assert [review.calls(*one) for one in ((Kind.MICRO, 0), (Kind.SOLE, 200), (Kind.SOLE, 199))] == [True, True, False]


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('edition = "demo-2026-1"', "edition = ", "no TOML"),
        ('edition = "demo-2026-1"', "", "edition is missing"),
        ('edition = "demo-2026-1"', 'edition = "x"\nstrange = 1', "strange is not known here"),
        ("[limits.sole]", "[limits.other]", "[limits.sole] is missing"),
        ("[points]", "[poins]", "poins is not known"),
        ("used_elsewhere = 300", "used_elsewhere = 3000", "a score is 0 to 1000, not 3000"),
        ("used_elsewhere = 300", "used = 300", "'used' is none of"),
        ('code = "5812"', 'code = "581"', "[[category]] number 1: code is four digits"),
        ('code = "5812"', 'code = "5812"\nnumber = 1', "[[category]] number 1: number is not known here"),
        ('code = "5812"', 'code = "5812"\npoints = -1', "a score is 0 to 1000"),
        ('code = "5812"', 'code = "5812"\nopen = 1', "open is true or false"),
        ('code = "5812"', 'code = "5812"\nopen = false', "says why"),
        ('code = "310115"', 'code = "31"', "[[region]] number 1: code is six digits"),
        ('said_as = ["浦东", "上海市"]', "said_as = 1", "said_as is a list of texts"),
        ('prefix = "622202"', 'prefix = "62x"', "[[card]] number 1: prefix is digits"),
        ("digits = 19", "digits = -1", "digits is a number from 0"),
        ('field = "shop_name"', 'field = "shoe"', "[[rule]] number 1: 'shoe' is not a valid Field"),
        ('field = "shop_name"', 'field = "shop_name"\nwithin_days = 3', 'within_days stands with need = "later"'),
        ('field = "shop_name"', 'field = "shop_name"\nvalid_until = "x"', "valid_until is a day"),
        ('need = "now"\nwhy_zh = "顾客', 'why_zh = "顾客', "[[rule]] number 1: need is missing"),
        ('why_zh = "顾客的付款记录和小票上显示这个名字"', 'why_zh = " "', "why_zh is a text"),
        ("middle_from = 200", "middle_from = 500", "middle_from is at most high_from"),
        ('plan = "street"', "plan = 3", "[limits.micro]: plan is a text"),
        ("[review]", "[[review]]", "[review] is missing, or no table"),
        ("[[card]]", "[card]", None),
    ],
)
def test_nonsense_is_refused_in_one_sentence(old: str, new: str, told: str | None) -> None:
    assert old in TEXT
    with pytest.raises(WrongRules, match=re.escape(told) if told else "card|TOML"):
        read_rule_book(TEXT.replace(old, new, 1))


def test_a_table_with_one_bracket_is_refused() -> None:
    without = TEXT.replace("[[card]]", "[[cards]]")
    with pytest.raises(WrongRules, match="cards is not known here"):
        read_rule_book(without)
    with pytest.raises(WrongRules, match=re.escape("[[card]] is written with two brackets")):
        read_rule_book("card = 1\n" + without.replace("[[cards]]", "[[rule]]"))


def test_a_rule_may_end() -> None:
    ended = read_rule_book(TEXT.replace('field = "shop_name"', 'field = "shop_name"\nvalid_until = 2026-05-31', 1))
    assert requirements(ended.rules, Case(Kind.MICRO, "5812", "310115"), DAY)[Field.SHOP_NAME].need is Need.NEVER
