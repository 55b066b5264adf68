"""Hits: a number is certain, a name alone never is, birthdays speak for and against."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from xiaopos.risk.screening.matching import Entry, HitReason, ListedKind, Outcome, Screened, Terms, screen
from xiaopos.risk.screening.spelling import spell

TERMS = Terms()
BORN, OTHER = date(1990, 3, 7), date(1991, 4, 8)
ZHANG = Entry(
    "e1", "测试名单", ListedKind.PERSON, "张伟", (spell("張偉"), spell("Zhang Wei")), frozenset({"m1"}), BORN, "fraud"
)
R = HitReason


def person(*names: str, numbers: tuple[str, ...] = (), birthday: date | None = None) -> Screened:
    return Screened(ListedKind.PERSON, tuple(map(spell, names)), frozenset(numbers), birthday)


@pytest.mark.parametrize(
    ("somebody", "outcome", "reasons"),
    [
        (person("李娜", numbers=("m1",)), Outcome.CERTAIN, (R.NUMBER,)),
        (person("张伟"), Outcome.POSSIBLE, (R.SAME_NAME,)),
        (person("张伟", birthday=BORN), Outcome.CERTAIN, (R.SAME_NAME, R.SAME_BIRTHDAY)),
        (person("章玮"), Outcome.POSSIBLE, (R.NEAR_NAME,)),
        (person("章玮", birthday=BORN), Outcome.POSSIBLE, (R.NEAR_NAME, R.SAME_BIRTHDAY)),
        (person("张伟", birthday=OTHER), Outcome.CLEAR, ()),
        (person("张伟", numbers=("m2",)), Outcome.CLEAR, ()),
        (
            person("张伟", numbers=("m2",), birthday=BORN),
            Outcome.POSSIBLE,
            (R.SAME_NAME, R.OTHER_NUMBER, R.SAME_BIRTHDAY),
        ),
        (person("李娜", "张伟"), Outcome.POSSIBLE, (R.SAME_NAME,)),
        (person("李娜"), Outcome.CLEAR, ()),
        (person(), Outcome.CLEAR, ()),
    ],
)
def test_what_counts(somebody: Screened, outcome: Outcome, reasons: tuple[HitReason, ...]) -> None:
    found = screen(somebody, [ZHANG], TERMS)
    assert found.outcome is outcome
    assert tuple(reason for hit in found.hits for reason in hit.reasons) == reasons


def test_a_company_is_no_person_and_the_strongest_hit_comes_first() -> None:
    assert screen(replace(person("张伟"), kind=ListedKind.COMPANY), [ZHANG], TERMS).outcome is Outcome.CLEAR
    near = replace(ZHANG, entry_id="e0", names=(spell("章玮"),), numbers=frozenset(), birthday=None)
    found = screen(person("张伟"), [near, ZHANG, replace(ZHANG, entry_id="e2")], TERMS)
    assert [hit.entry.entry_id for hit in found.hits] == ["e1", "e2", "e0"]


def test_an_operator_may_set_other_terms() -> None:
    assert screen(person("章玮"), [ZHANG], replace(TERMS, possible=820)).outcome is Outcome.CLEAR
    assert screen(person("张伟"), [ZHANG], replace(TERMS, name_alone=960)).outcome is Outcome.CERTAIN
