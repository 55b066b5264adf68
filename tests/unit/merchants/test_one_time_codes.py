"""One-time codes: the vectors of RFC 6238 appendix B, skew, and codes that are spent."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from xiaopos.merchants.totp import code_at, matching_step, step_at

SECRET = b"12345678901234567890"
RFC_6238 = [
    (59, "94287082"),
    (1_111_111_109, "07081804"),
    (1_111_111_111, "14050471"),
    (1_234_567_890, "89005924"),
    (2_000_000_000, "69279037"),
    (20_000_000_000, "65353130"),
]


@pytest.mark.parametrize(("seconds", "code"), RFC_6238)
def test_the_rfcs_own_codes(seconds, code):
    step = step_at(datetime.fromtimestamp(seconds, UTC))
    assert code_at(SECRET, step, digits=8) == code


@pytest.mark.parametrize(("offset", "found"), [(-2, None), (-1, 99), (0, 100), (1, 101), (2, None)])
def test_one_step_of_skew_is_forgiven(offset, found):
    assert matching_step(SECRET, code_at(SECRET, 100 + offset), now_step=100, last_step=0) == found


def test_a_spent_code_and_those_before_it_are_worth_nothing():
    assert matching_step(SECRET, code_at(SECRET, 100), now_step=100, last_step=100) is None
    assert matching_step(SECRET, code_at(SECRET, 99), now_step=100, last_step=100) is None
    assert matching_step(SECRET, code_at(SECRET, 101), now_step=100, last_step=100) == 101


@pytest.mark.parametrize("code", ["", "12345", "abcdef", "一二三四五六"])
def test_anything_else_matches_nothing(code):
    assert matching_step(SECRET, code, now_step=100, last_step=0) is None
