"""Terms: entered by one, approved by another, from a day to come; nothing else."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime

import pytest

from xiaopos.merchants.terms import HIGHEST_LIMIT_MINOR, Terms
from xiaopos.usecases.actors import Actor
from xiaopos.usecases.change_terms import (
    TermsEntry,
    TermsFault,
    WaitingTerms,
    approve_terms,
    drop_terms,
    enter_terms,
)

TODAY, TOMORROW = date(2026, 6, 1), date(2026, 6, 2)
QIAN, GAO = Actor("qian", "finance", "agreed in writing"), Actor("gao", "administrator", "seen the letter")
TERMS = Terms("898110058120001", TOMORROW, "street", 500_000, 115, 30, 0)
AT = datetime(2026, 6, 1, 4, tzinfo=UTC)
F = TermsFault


@dataclass
class Book:
    """Terms in memory: what waits, and what was approved by whom."""

    waits: dict[tuple[str, date], WaitingTerms] = field(default_factory=dict)
    approved: dict[tuple[str, date], str] = field(default_factory=dict)
    gone: bool = False

    def has_merchant(self, merchant_id: str) -> bool:
        return merchant_id == TERMS.merchant_id

    def has_plan(self, plan_id: str) -> bool:
        return plan_id in ("street", "books")

    def waiting(self, merchant_id: str, valid_from: date) -> WaitingTerms | None:
        return self.waits.get((merchant_id, valid_from))

    def enter(self, entry: TermsEntry) -> bool:
        key = (entry.terms.merchant_id, entry.terms.valid_from)
        if key in self.waits or key in self.approved:
            return False
        self.waits[key] = WaitingTerms(entry.terms, entry.actor.username)
        return True

    def approve(self, entry: TermsEntry) -> bool:
        key = (entry.terms.merchant_id, entry.terms.valid_from)
        self.approved[key] = entry.actor.username
        return self.waits.pop(key, None) is not None

    def drop(self, entry: TermsEntry) -> bool:
        return not self.gone and self.waits.pop((entry.terms.merchant_id, entry.terms.valid_from), None) is not None


def entry(actor: Actor = QIAN, **parts: object) -> TermsEntry:
    return TermsEntry(replace(TERMS, **parts), actor, AT)  # type: ignore[arg-type]  # parts by name


@pytest.mark.parametrize(
    ("asked", "fault"),
    [
        (entry(), None),
        (entry(payment_limit_minor=HIGHEST_LIMIT_MINOR, completion_percent=200, preauth_days=90, tip_percent=50), None),
        (entry(payment_limit_minor=1, completion_percent=100, preauth_days=1), None),
        (entry(replace(QIAN, reason=" ")), F.NO_REASON),
        (entry(merchant_id="0"), F.MERCHANT_UNKNOWN),
        (entry(plan_id="none"), F.PLAN_UNKNOWN),
        (entry(payment_limit_minor=0), F.LIMIT),
        (entry(payment_limit_minor=HIGHEST_LIMIT_MINOR + 1), F.LIMIT),
        (entry(completion_percent=99), F.COMPLETION),
        (entry(completion_percent=201), F.COMPLETION),
        (entry(preauth_days=0), F.PREAUTH_DAYS),
        (entry(preauth_days=91), F.PREAUTH_DAYS),
        (entry(tip_percent=-1), F.TIP),
        (entry(tip_percent=51), F.TIP),
        (entry(valid_from=TODAY), F.TOO_SOON),
        (entry(valid_from=date(2025, 1, 1)), F.TOO_SOON),
        (entry(payment_limit_minor=0, valid_from=TODAY), F.LIMIT),
    ],
)
def test_what_can_be_entered(asked: TermsEntry, fault: TermsFault | None) -> None:
    book = Book()
    assert enter_terms(asked, TODAY, book) is fault
    assert bool(book.waits) is (fault is None)
    assert not book.approved


def test_a_day_has_one_set_of_terms() -> None:
    book = Book()
    assert enter_terms(entry(), TODAY, book) is None
    assert enter_terms(entry(tip_percent=10), TODAY, book) is F.DAY_TAKEN
    assert approve_terms(entry(GAO), TODAY, book) is None
    assert enter_terms(entry(tip_percent=10), TODAY, book) is F.DAY_TAKEN


def test_another_person_approves_what_they_saw_before_its_day() -> None:
    book = Book()
    assert approve_terms(entry(GAO), TODAY, book) is F.NOT_WAITING
    enter_terms(entry(), TODAY, book)
    assert approve_terms(entry(replace(GAO, reason="")), TODAY, book) is F.NO_REASON
    assert approve_terms(entry(QIAN), TODAY, book) is F.OWN_ENTRY
    assert approve_terms(entry(GAO, tip_percent=10), TODAY, book) is F.OTHERWISE
    assert approve_terms(entry(GAO), TOMORROW, book) is F.TOO_SOON
    assert not book.approved
    assert approve_terms(entry(GAO), TODAY, book) is None
    assert list(book.approved.values()) == ["gao"]


@pytest.mark.parametrize("who", [QIAN, GAO])
def test_either_takes_waiting_terms_away(who: Actor) -> None:
    book = Book()
    enter_terms(entry(), TODAY, book)
    assert drop_terms(entry(replace(who, reason="")), book) is F.NO_REASON
    book.gone = True
    assert drop_terms(entry(who), book) is F.NOT_WAITING, "somebody was first"
    book.gone = False
    assert drop_terms(entry(who), book) is None
    assert drop_terms(entry(who), book) is F.NOT_WAITING
