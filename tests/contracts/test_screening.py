"""What the books of screening promise, on both databases: the newest version counts, numbers are hashed, near names found."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import count
from typing import Any

import pytest
from django.db import connection

from support.office import office_at
from xiaopos.kernel.secret import Secret
from xiaopos.risk.screening.matching import HitReason, ListedKind, Outcome, Terms
from xiaopos.store.audit.models import AuditRow
from xiaopos.store.screening.book import ScreeningRows
from xiaopos.usecases.actors import Actor
from xiaopos.usecases.import_screening_list import ListVersion, NotImported, import_list
from xiaopos.usecases.screen_applicant import Subject, screen_applicant

AT = datetime(2026, 6, 1, tzinfo=UTC)
HE = Actor("he", "risk", "the newest list")
HEAD = "number,kind,name,aliases,id,birthday,reason\n"
LIST = (
    HEAD
    + "1,person,張偉,,31010119900307123X,1990-03-07,fraud\n2,company,某某商贸有限公司,,91110000MA0000001L,,refused before\n"
)
NUMBERS = count(1)


def new_id(at: datetime) -> str:
    assert at.tzinfo is not None
    return f"{next(NUMBERS):032x}"


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.slow)])
def book(request: pytest.FixtureRequest, tmp_path: Any, django_db_blocker: Any) -> Iterator[ScreeningRows]:
    database = tmp_path / "s.sqlite3" if request.param == "sqlite" else request.getfixturevalue("postgres_dsn")
    with django_db_blocker.unblock(), office_at(database, "store_screening", "store_audit"):
        yield ScreeningRows(Secret(b"k" * 32), new_id)


def imports(book: ScreeningRows, text: str, name: str = "名单", at: datetime = AT) -> ListVersion | NotImported:
    return import_list(name, text.encode(), HE, at, book=book, make_id=new_id)


def screens(
    book: ScreeningRows, *names: str, codes: tuple[str, ...] = (), **more: Any
) -> tuple[Outcome, list[tuple[HitReason, ...]]]:
    subject = Subject(more.pop("kind", ListedKind.PERSON), names, codes, **more)
    found = screen_applicant("a1", [subject], AT, book=book, terms=Terms())
    return found.outcome, [hit.reasons for hit in found.hits]


def test_what_is_forgotten_is_nowhere(book: ScreeningRows) -> None:
    imports(book, LIST)
    screens(book, "张伟")
    assert book.found("a1") is not None
    book.forget("a1")
    book.forget("never")
    assert book.found("a1") is None


def test_people_and_companies_are_found_by_number_and_by_name(book: ScreeningRows) -> None:
    imports(book, LIST)
    assert screens(book, "李娜", codes=("310101 19900307 123x",)) == (Outcome.CERTAIN, [(HitReason.NUMBER,)])
    assert screens(book, "Zhang Wei") == (Outcome.POSSIBLE, [(HitReason.NEAR_NAME,)])
    assert screens(book, "张伟", birthday=date(1990, 3, 7))[0] is Outcome.CERTAIN
    assert screens(book, "某某商贸有限责任公司", kind=ListedKind.COMPANY)[0] is Outcome.POSSIBLE
    assert screens(book, "李娜") == (Outcome.CLEAR, [])
    assert screens(book, "", codes=("",)) == (Outcome.CLEAR, [])


def test_numbers_are_kept_as_keyed_hashes_alone(book: ScreeningRows) -> None:
    imports(book, LIST)
    with connection.cursor() as cursor:
        cursor.execute("SELECT number_mark, names FROM screening_entry")
        told = repr(cursor.fetchall())
    assert "19900307" not in told
    assert book.mark("1") != ScreeningRows(Secret(b"o" * 32), new_id).mark("1")


def test_a_new_version_counts_at_once_and_the_one_before_no_more(book: ScreeningRows) -> None:
    imports(book, LIST)
    other = HEAD + "7,person,李娜,,,,\n"
    assert isinstance(imports(book, other, at=AT + timedelta(days=1)), ListVersion)
    assert screens(book, "张伟")[0] is Outcome.CLEAR
    assert screens(book, "李娜")[0] is Outcome.POSSIBLE
    imports(book, LIST, name="另一个", at=AT + timedelta(days=2))
    assert screens(book, "张伟")[0] is Outcome.POSSIBLE, "each list has its own newest version"
    versions = [(version.name, ended) for version, ended in book.lists()]
    assert versions == [("另一个", None), ("名单", None), ("名单", AT + timedelta(days=1))]
    assert AuditRow.objects.filter(action="screening_list_imported").count() == 3


def test_what_was_found_is_read_again_and_the_gravest_counts(book: ScreeningRows) -> None:
    imports(book, LIST)
    assert book.found("a2") is None
    company = Subject(ListedKind.COMPANY, ("别的公司",), ("91110000MA0000001L",))
    owner = Subject(ListedKind.PERSON, ("张伟",))
    found = screen_applicant("a2", [owner, company], AT, book=book, terms=Terms())
    assert (found.outcome, [hit.score for hit in found.hits]) == (Outcome.CERTAIN, [1000, 880])
    kept = book.found("a2")
    assert kept is not None
    assert (kept.at, kept.outcome) == (AT, "certain")
    assert [(hit.list_name, hit.shown, hit.score, hit.reasons, hit.why) for hit in kept.hits] == [
        ("名单", "某某商贸有限公司", 1000, ("number",), "refused before"),
        ("名单", "張偉", 880, ("same_name",), "fraud"),
    ]
    screen_applicant("a2", [], AT, book=book, terms=Terms())
    again = book.found("a2")
    assert again is not None
    assert (again.outcome, again.hits) == ("clear", ())
