"""Check characters of merchants, people and cards against known numbers."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from xiaopos.kernel.secret import luhn_ok
from xiaopos.merchants.identifiers import is_resident_id, is_social_credit_code

KNOWN = json.loads((Path(__file__).parents[2] / "vectors" / "identifiers.json").read_text(encoding="utf-8"))
CHECKS = {"uscc": is_social_credit_code, "idcard": is_resident_id, "luhn": luhn_ok}
CASES = [
    (kind, number, said == "valid")
    for kind in CHECKS
    for said in ("valid", "invalid")
    for number in KNOWN[f"{kind}_{said}"]
]


@pytest.mark.parametrize(("kind", "number", "valid"), CASES)
def test_known_numbers(kind: str, number: str, valid: bool) -> None:
    assert CHECKS[kind](number) is valid


@pytest.mark.parametrize("number", KNOWN["uscc_valid"] + KNOWN["idcard_valid"])
def test_one_wrong_character_is_noticed(number: str) -> None:
    check = CHECKS["uscc"] if number in KNOWN["uscc_valid"] else CHECKS["idcard"]
    for place, mark in enumerate(number):
        other = "7" if mark != "7" else "3"
        assert not check(number[:place] + other + number[place + 1 :])


@pytest.mark.parametrize("text", ["", "9144030070846113", "91440300708461136T ", "９１４４０３００７０８４６１１３６T"])
def test_what_has_another_form_is_none(text: str) -> None:
    assert not is_social_credit_code(text)
    assert not is_resident_id(text)
