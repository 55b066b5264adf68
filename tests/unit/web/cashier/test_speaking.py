"""Amounts as the counter reads them out."""

from __future__ import annotations

import random

import pytest
from django.utils import translation

from xiaopos.kernel.money import Money
from xiaopos.payments.payment import Kind
from xiaopos.web.pages.cashier.speaking import spoken_amount, spoken_result, tone_of

_VALUES = {word: value for value, word in enumerate("零一二三四五六七八九")} | {"两": 2}
_STEPS = {"十": 10, "百": 100, "千": 1000}


def heard(text: str) -> int:
    """The minor units that somebody hears: an ear of its own, not the mouth turned round."""
    yuan, mark, rest = text.partition("元")
    if not mark:
        yuan, rest = "", text
    minor = heard_whole(yuan) * 100
    for word, worth in (("角", 10), ("分", 1)):
        if word in rest:
            minor += _VALUES[rest[rest.index(word) - 1]] * worth
    return minor


def heard_whole(text: str) -> int:
    for word, worth in (("亿", 10**8), ("万", 10**4)):
        if word in text:
            high, low = text.rsplit(word, 1)
            return heard_whole(high) * worth + heard_whole(low)
    total, digit = 0, 0
    for at, letter in enumerate(text):
        if letter in _STEPS:
            total += (digit if at and text[at - 1] in _VALUES else 1) * _STEPS[letter]
            digit = 0
        else:
            digit = _VALUES[letter]
    return total + digit


@pytest.mark.parametrize(
    ("minor", "said"),
    [
        (0, "零元"),
        (1, "一分"),
        (50, "五角"),
        (55, "五角五分"),
        (2_00, "两元"),
        (10_00, "十元"),
        (12_50, "十二元五角"),
        (20_05, "二十元零五分"),
        (110_00, "一百一十元"),
        (1_005_10, "一千零五元一角"),
        (2_002_00, "两千零二元"),
        (20_000_00, "两万元"),
        (10_010_00, "一万零一十元"),
        (100_000_00, "十万元"),
        (1_000_500_00, "一百万零五百元"),
        (99_999_999_99, "九千九百九十九万九千九百九十九元九角九分"),
        (100_000_001_00, "一亿零一元"),
    ],
)
def test_amounts_are_read_as_people_read_them(minor: int, said: str) -> None:
    assert spoken_amount(Money(minor)) == said


def test_what_is_heard_is_what_was_paid() -> None:
    chance = random.Random(20260314)
    for minor in [*range(200), *(chance.randrange(10 ** chance.randint(1, 11)) for _ in range(2_000))]:
        assert heard(spoken_amount(Money(minor))) == minor, spoken_amount(Money(minor))


@pytest.mark.parametrize(
    ("minor", "said"),
    [
        (0, "zero yuan"),
        (1, "one fen"),
        (50, "fifty fen"),
        (12_50, "twelve yuan and fifty fen"),
        (21_00, "twenty-one yuan"),
        (110_05, "one hundred and ten yuan and five fen"),
        (1_005_00, "one thousand and five yuan"),
        (1_200_00, "one thousand two hundred yuan"),
        (1_000_000_19, "one million yuan and nineteen fen"),
        (
            99_999_999_99,
            "ninety-nine million nine hundred and ninety-nine thousand nine hundred and ninety-nine yuan and "
            "ninety-nine fen",
        ),
    ],
)
def test_amounts_in_english(minor: int, said: str) -> None:
    with translation.override("en"):
        assert spoken_amount(Money(minor)) == said


def test_other_currencies_are_read_as_they_are_written() -> None:
    assert spoken_amount(Money(12_50, "USD")) == "US$12.50"
    with translation.override("en"):
        assert spoken_amount(Money(12_50, "USD")) == "US$12.50"
        assert spoken_result("approved", Money(12_50)) == "Payment received, twelve yuan and fifty fen"
        assert spoken_result("approved", Money(50), Kind.REFUND, late=True) == (
            "The earlier one: Refunded to the customer, fifty fen"
        )


def test_what_is_given_back_has_its_own_words_and_tone() -> None:
    assert spoken_result("approved", Money(5_00), Kind.REFUND) == "已退款给顾客，五元"
    assert spoken_result("approved", Money(5_00), Kind.VOID) == "已撤销并退还顾客，五元"
    assert spoken_result("declined", Money(5_00), Kind.REFUND) == "退款没有成功，五元"
    assert spoken_result("declined", Money(5_00), Kind.VOID) == "撤销没有成功，五元"
    assert spoken_result("approved", Money(5_00), Kind.PREAUTH) == ""
    assert [tone_of("approved", kind) for kind in (Kind.SALE, Kind.REFUND, Kind.VOID, Kind.PREAUTH)] == [
        "received",
        "given_back",
        "given_back",
        "",
    ]
    assert (tone_of("declined", Kind.SALE), tone_of("unknown", Kind.SALE)) == ("failed", "")


def test_what_comes_late_is_marked() -> None:
    assert spoken_result("approved", Money(5_00), late=True) == "刚才那笔：收款成功，五元"
    assert spoken_result("unknown", Money(5_00), late=True) == ""


def test_failures_are_said_too_and_the_unknown_never() -> None:
    assert spoken_result("approved", Money(12_50)) == "收款成功，十二元五角"
    assert spoken_result("declined", Money(12_50)) == "收款没有成功，十二元五角"
    assert spoken_result("reversed", Money(12_50)) == "收款没有成功，十二元五角"
    for outcome in ("waiting", "unknown", "refused"):
        assert spoken_result(outcome, Money(12_50)) == ""
