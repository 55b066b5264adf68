"""What is due of whom: the most particular rule counts, then the newest, then the soonest."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xiaopos.merchants.applications.fields import Field, Grade, Kind
from xiaopos.merchants.applications.requirements import (
    NOT_ASKED,
    Case,
    Due,
    Need,
    Rule,
    Words,
    applies,
    asked,
    due_now,
    requirements,
)

DAY = date(2026, 6, 1)
WHY = Words("因为", "Because")
DOOR = Rule(Field.DOOR_PICTURE, Need.NOW, WHY, date(2026, 1, 1))
STALL = Case(Kind.MICRO, "5812", "310115")


def due(*rules: Rule, case: Case = STALL, on: date = DAY) -> Due:
    return requirements(rules, case, on)[Field.DOOR_PICTURE]


def test_what_has_no_rule_is_never_asked_for() -> None:
    assert due() == Due(Field.DOOR_PICTURE, Need.NEVER, NOT_ASKED)
    found = requirements([DOOR], STALL, DAY)
    assert due_now(found) == asked(found) == (Field.DOOR_PICTURE,)
    assert set(found) == set(Field)


@pytest.mark.parametrize(
    ("rule", "holds"),
    [
        (DOOR, True),
        (replace(DOOR, valid_from=DAY), True),
        (replace(DOOR, valid_from=DAY + timedelta(days=1)), False),
        (replace(DOOR, valid_until=DAY), True),
        (replace(DOOR, valid_until=DAY - timedelta(days=1)), False),
        (replace(DOOR, kinds=frozenset({Kind.MICRO})), True),
        (replace(DOOR, kinds=frozenset({Kind.SOLE, Kind.COMPANY})), False),
        (replace(DOOR, categories=("58",)), True),
        (replace(DOOR, categories=("59", "5811")), False),
        (replace(DOOR, regions=("31",)), True),
        (replace(DOOR, regions=("3101", "320506")), True),
        (replace(DOOR, regions=("32",)), False),
        (replace(DOOR, grades=frozenset({Grade.LOW})), True),
        (replace(DOOR, grades=frozenset({Grade.HIGH})), False),
    ],
)
def test_for_whom_a_rule_holds(rule: Rule, holds: bool) -> None:
    assert applies(rule, STALL, DAY) is holds
    assert due(rule).need is (Need.NOW if holds else Need.NEVER)


def test_the_more_particular_rule_counts_whatever_it_asks() -> None:
    for_micro = replace(DOOR, need=Need.LATER, within=timedelta(days=30), kinds=frozenset({Kind.MICRO}))
    here = replace(for_micro, need=Need.NEVER, within=timedelta(), regions=("31",))
    assert due(DOOR, for_micro) == Due(Field.DOOR_PICTURE, Need.LATER, WHY, timedelta(days=30), for_micro)
    assert due(here, for_micro, DOOR).need is Need.NEVER
    assert due(here, for_micro, DOOR, case=replace(STALL, region="320506")).need is Need.LATER
    assert due(here, for_micro, DOOR, case=replace(STALL, kind=Kind.SOLE)).need is Need.NOW


def test_of_equals_the_newest_counts_and_of_those_the_soonest() -> None:
    newer = replace(DOOR, need=Need.NEVER, valid_from=date(2026, 5, 1))
    assert due(DOOR, newer).need is Need.NEVER
    assert due(DOOR, newer, on=date(2026, 4, 30)).need is Need.NOW
    later = replace(DOOR, need=Need.LATER, within=timedelta(days=30))
    sooner = replace(later, within=timedelta(days=10))
    assert due(later, DOOR).need is Need.NOW
    assert due(later, sooner).within == timedelta(days=10)


RULES = st.builds(
    Rule,
    field=st.just(Field.DOOR_PICTURE),
    need=st.sampled_from(Need),
    why=st.just(WHY),
    valid_from=st.dates(date(2026, 1, 1), date(2026, 7, 1)),
    kinds=st.frozensets(st.sampled_from(Kind)),
    categories=st.sampled_from([(), ("58",), ("59",)]),
    grades=st.frozensets(st.sampled_from(Grade)),
    within=st.sampled_from([timedelta(), timedelta(days=30)]),
)


@given(st.lists(RULES, max_size=4), st.sampled_from(Kind), st.sampled_from(Grade))
def test_the_order_of_the_rules_changes_nothing(rules: list[Rule], kind: Kind, grade: Grade) -> None:
    case = replace(STALL, kind=kind, grade=grade)
    found = {(one.need, one.within) for order in permutations(rules) for one in [due(*order, case=case)]}
    assert len(found) == 1
    chosen = due(*rules, case=case).rule
    holding = [rule for rule in rules if applies(rule, case, DAY)]
    assert (chosen is None) == (not holding)
    assert chosen is None or chosen.particular == max(rule.particular for rule in holding)
