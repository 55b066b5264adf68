"""The rules of advice on the database: entered by one, approved by another, from a day to come, and the house's before."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import IntegrityError, transaction

from xiaopos.fleet.advice_rules import HOUSE_RULES, AdviceRules, Point, Rule
from xiaopos.store.advice.book import AdviceRows, all_rules
from xiaopos.store.advice.models import AdviceRulesRow
from xiaopos.store.audit.models import AuditRow
from xiaopos.usecases.actors import Actor
from xiaopos.usecases.adjust_advice import (
    AdviceFault,
    RulesEntry,
    approve_rules,
    drop_rules,
    enter_rules,
    rules_on,
)

pytestmark = pytest.mark.django_db

TODAY, TOMORROW = date(2026, 6, 1), date(2026, 6, 2)
AT = datetime(2026, 6, 1, 4, tzinfo=UTC)
SUN, GAO = Actor("sun", "support", "merchants ask for sound"), Actor("gao", "administrator", "seen")
LOUD = AdviceRules(TOMORROW, {**HOUSE_RULES.rules, Point.LOUD: Rule(60)}, 5_000_000, 200)
BOOK = AdviceRows()
F = AdviceFault


def entry(actor: Actor = SUN, rules: AdviceRules = LOUD) -> RulesEntry:
    return RulesEntry(rules, actor, AT)


@pytest.mark.parametrize(
    ("asked", "fault"),
    [
        (entry(replace(SUN, reason=" ")), F.NO_REASON),
        (entry(rules=replace(LOUD, rules={})), F.POINTS),
        (entry(rules=replace(LOUD, rules={**LOUD.rules, Point.LOUD: Rule(101)})), F.WEIGHT),
        (entry(rules=replace(LOUD, rules={**LOUD.rules, Point.CHEAP: Rule(1, must=True)})), F.MUST),
        (entry(rules=replace(LOUD, busy_from_minor=0)), F.BUSY),
        (entry(rules=replace(LOUD, certificate_days=9999)), F.CERTIFICATE_DAYS),
        (entry(rules=replace(LOUD, valid_from=TODAY)), F.TOO_SOON),
    ],
)
def test_what_is_not_entered(asked: RulesEntry, fault: AdviceFault) -> None:
    assert enter_rules(asked, TODAY, BOOK) is fault
    assert not AdviceRulesRow.objects.exists()
    assert not AuditRow.objects.exists()


def test_rules_stand_from_their_day_once_another_person_has_approved_what_they_saw() -> None:
    assert enter_rules(entry(), TODAY, BOOK) is None
    assert enter_rules(entry(), TODAY, BOOK) is F.DAY_TAKEN
    assert rules_on(TOMORROW, BOOK) == HOUSE_RULES
    assert approve_rules(entry(), TODAY, BOOK) is F.OWN_ENTRY
    assert approve_rules(entry(replace(GAO, reason="")), TODAY, BOOK) is F.NO_REASON
    assert approve_rules(entry(GAO), TOMORROW, BOOK) is F.TOO_SOON
    assert approve_rules(entry(GAO, replace(LOUD, certificate_days=100)), TODAY, BOOK) is F.OTHERWISE
    assert approve_rules(entry(GAO), TODAY, BOOK) is None
    assert approve_rules(entry(GAO), TODAY, BOOK) is F.NOT_WAITING
    assert rules_on(TODAY, BOOK) == HOUSE_RULES
    assert rules_on(TOMORROW, BOOK) == rules_on(TOMORROW + timedelta(days=400), BOOK) == LOUD
    assert [(kept.author, kept.approver) for kept in all_rules()] == [("sun", "gao")]
    assert list(AuditRow.objects.order_by("seq").values_list("action", flat=True)) == [
        "enter_advice_rules", "approve_advice_rules",
    ]  # fmt: skip


def test_waiting_rules_are_taken_away_by_either_and_approved_ones_are_not() -> None:
    enter_rules(entry(), TODAY, BOOK)
    assert drop_rules(entry(replace(GAO, reason=" ")), BOOK) is F.NO_REASON
    assert drop_rules(entry(GAO), BOOK) is None
    assert drop_rules(entry(GAO), BOOK) is F.NOT_WAITING
    assert not BOOK.drop(entry())
    assert not BOOK.approve(entry())
    enter_rules(entry(), TODAY, BOOK)
    approve_rules(entry(GAO), TODAY, BOOK)
    assert drop_rules(entry(), BOOK) is F.NOT_WAITING


def test_the_database_too_wants_two_people() -> None:
    enter_rules(entry(), TODAY, BOOK)
    with pytest.raises(IntegrityError), transaction.atomic():
        AdviceRulesRow.objects.update(approver="sun")
    assert BOOK.waiting(TOMORROW) is not None
