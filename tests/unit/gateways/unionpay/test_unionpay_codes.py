"""The network's answer codes: every one has exactly one meaning."""

from __future__ import annotations

import pytest

from xiaopos.gateways.unionpay.codes import (
    KEYS_DOUBTED,
    NOT_ABOUT_THE_FIRST,
    REASONS,
    SUCCESS,
    UNDONE,
    UNSURE,
    reason_of,
)
from xiaopos.kernel.refusal import REASONS as ROWS
from xiaopos.kernel.refusal import MoneyMoved, Reason
from xiaopos.terminal.texts import SIGN_IN_AGAIN

# 应答码 as terminals know them, successes included.
EVERY_CODE = [
    "00",
    "01",
    "03",
    "04",
    "05",
    "06",
    "10",
    "11",
    "12",
    "13",
    "14",
    "15",
    "21",
    "22",
    "25",
    "30",
    "34",
    "38",
    "40",
    "41",
    "43",
    "45",
    "51",
    "54",
    "55",
    "57",
    "58",
    "59",
    "61",
    "62",
    "64",
    "65",
    "68",
    "75",
    "90",
    "91",
    "92",
    "94",
    "96",
    "97",
    "98",
    "99",
    "A0",
    "A1",
    "A2",
    "A3",
    "A4",
    "A5",
    "A6",
    "A7",
]


@pytest.mark.parametrize("code", EVERY_CODE)
def test_every_code_is_a_success_or_has_a_reason_and_never_both(code: str) -> None:
    assert (code in SUCCESS) != (code in REASONS)


def test_no_code_is_invented() -> None:
    assert SUCCESS | set(REASONS) == set(EVERY_CODE)


@pytest.mark.parametrize("code", sorted(set(REASONS) - UNSURE))
def test_a_refusal_never_says_that_money_moved(code: str) -> None:
    assert ROWS[reason_of(code)].money_moved is MoneyMoved.NO


def test_codes_after_which_nobody_knows_say_so() -> None:
    assert {reason_of(code) for code in UNSURE} == {Reason.OUTCOME_UNKNOWN}


def test_a_code_that_nobody_knows_is_the_issuers_no() -> None:
    assert reason_of("ZZ") is Reason.ISSUER_DECLINED


def test_the_small_sets_are_made_of_known_codes() -> None:
    assert set(EVERY_CODE) >= KEYS_DOUBTED | NOT_ABOUT_THE_FIRST | UNDONE


def test_a_doubt_about_our_own_lines_keys_never_makes_a_terminal_sign_in_again() -> None:
    """A refund answered so was asked for again after each sign-in, for ever, and the terminal could sell nothing."""
    assert ROWS[reason_of("A0")].response_code not in SIGN_IN_AGAIN
