"""What a TraitBook promises, on both databases: who shares what, counted and named in bounds; what was found is read again."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from support.office import office_at
from xiaopos.risk.rings.findings import Finding
from xiaopos.risk.rings.traits import Applicant, Trait, TraitKind, Weights
from xiaopos.simulator.applicants import Population
from xiaopos.store.rings.book import TraitRows
from xiaopos.store.rings.models import MarkRow, PicturePartRow, TraitRow
from xiaopos.usecases.look_for_rings import look_for_ring

AT = datetime(2026, 6, 1, tzinfo=UTC)
K = TraitKind
PICTURE, NEAR, OTHER, FLAT = "0f0f0f0f0f0f0f0f", "0f0f0f0f0f0f0f0e", "f0f0f0f0f0f0f0f0", "0" * 16
NOTHING = Finding("", 0, False, (), 1, ())


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.slow)])
def book(request: pytest.FixtureRequest, tmp_path: Path, django_db_blocker: Any) -> Iterator[TraitRows]:
    database = tmp_path / "rings.sqlite3" if request.param == "sqlite" else request.getfixturevalue("postgres_dsn")
    with django_db_blocker.unblock(), office_at(database, "store_rings"):
        yield TraitRows()


def applicant(number: int, **traits: str) -> Applicant:
    marks = frozenset(Trait(TraitKind(kind), mark) for kind, mark in traits.items())
    return Applicant(f"{number:032x}", AT + timedelta(minutes=number), marks)


def keeps(book: TraitRows, *applicants: Applicant) -> None:
    for each in applicants:
        book.keep(each, NOTHING)


def test_who_has_a_trait_is_counted_and_the_newest_are_named(book: TraitRows) -> None:
    phone, address, nobody = Trait(K.PHONE, "p"), Trait(K.ADDRESS, "s"), Trait(K.PHONE, "nobody")
    keeps(book, *(applicant(number, phone="p", address="s", promoter="x") for number in range(1, 6)))
    held = book.holders([phone, address, nobody, Trait(K.PROMOTER, "x")], 3, {K.ADDRESS: 4})
    assert set(held) == {phone, address}, "what nobody has, and what only explains, leads to nobody"
    assert (held[phone].count, held[phone].application_ids) == (5, tuple(f"{number:032x}" for number in (5, 4, 3)))
    assert (held[address].count, held[address].application_ids) == (5, ())
    few = book.holders([phone], 5, {})[phone]
    assert sorted(few.application_ids) == [f"{number:032x}" for number in range(1, 6)]


def test_pictures_are_found_by_likeness(book: TraitRows) -> None:
    keeps(book, applicant(1, picture=PICTURE), applicant(2, picture=OTHER), applicant(3, picture=FLAT))
    held = book.holders([Trait(K.PICTURE, NEAR), Trait(K.PICTURE, FLAT)], 40, {})
    assert {trait.mark: holders.application_ids for trait, holders in held.items()} == {NEAR: (f"{1:032x}",)}
    assert book.holders([Trait(K.PICTURE, "00ff00ff00ff00ff")], 40, {}) == {}


def test_applications_are_read_with_all_they_have(book: TraitRows) -> None:
    one = applicant(1, phone="p", picture=PICTURE, promoter="x", resident_id="i")
    keeps(book, one)
    assert list(book.applicants([one.application_id, "unknown"])) == [one]
    assert list(book.applicants([])) == []


def test_an_application_that_comes_in_anew_has_only_its_newest_traits(book: TraitRows) -> None:
    keeps(book, applicant(1, phone="p", picture=PICTURE), applicant(2, phone="p"))
    keeps(book, applicant(1, phone="q"))
    assert book.holders([Trait(K.PHONE, "p")], 40, {})[Trait(K.PHONE, "p")].count == 1
    assert book.holders([Trait(K.PICTURE, PICTURE)], 40, {}) == {}
    assert dict(MarkRow.objects.values_list("mark", "holders")) == {"p": 1, "q": 1}
    keeps(book, applicant(2))
    assert book.holders([Trait(K.PHONE, "p")], 40, {}) == {}


def test_many_are_laid_in_at_once_as_if_one_by_one(book: TraitRows) -> None:
    drawn = [each.applicant for each in Population(5, 60).draw()]
    book.lay_in(drawn[:30])
    book.lay_in(drawn[30:])
    laid = {model: sorted(model.objects.values_list()) for model in (TraitRow, MarkRow, PicturePartRow)}
    for model in laid:
        model.objects.all().delete()
    keeps(book, *drawn)
    assert {model: sorted(model.objects.values_list()) for model in laid} == laid


def test_a_ring_is_found_kept_and_read_again_in_few_queries(book: TraitRows) -> None:
    people = [applicant(number, account="a", resident_id=f"i{number}", picture=PICTURE) for number in range(1, 5)]
    found = [look_for_ring(each, book=book, weights=Weights()) for each in people]
    assert [finding.is_ring for finding in found] == [False, False, True, True]
    assert book.finding(people[-1].application_id) == found[-1]
    assert book.finding("unknown") is None
    drawn = [each.applicant for each in Population(6, 200).draw()]
    book.lay_in(drawn[:-20])
    for each in drawn[-20:]:
        with CaptureQueriesContext(connection) as asked:
            look_for_ring(each, book=book, weights=Weights())
        assert len(asked) <= 45


def test_what_is_forgotten_is_nowhere(book: TraitRows) -> None:
    keeps(book, applicant(1, phone="p", picture=PICTURE), applicant(2, phone="p"))
    book.forget(f"{1:032x}")
    assert not book.applicants([f"{1:032x}"])
    assert book.finding(f"{1:032x}") is None
    assert (PicturePartRow.objects.count(), TraitRow.objects.count()) == (0, 1)
    (held,) = book.holders([Trait(K.PHONE, "p")], 5, {}).values()
    assert (held.count, held.application_ids) == (1, (f"{2:032x}",))
