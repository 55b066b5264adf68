"""Importing a list: all of it or nothing, with the line and the column of what is wrong."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime

import pytest

from xiaopos.risk.screening.matching import ListedKind
from xiaopos.usecases import import_screening_list as importing
from xiaopos.usecases.actors import Actor
from xiaopos.usecases.import_screening_list import (
    BadRow,
    ListFault,
    ListRow,
    ListVersion,
    NotImported,
    end_list,
    import_list,
    read_list,
)

AT = datetime(2026, 6, 1, tzinfo=UTC)
HE = Actor("he", "risk", "the association's list of May")
HEAD = "number,kind,name,aliases,id,birthday,reason\n"
GOOD = HEAD + "1,person,張偉,Zhang Wei|Chang Wei,310101 1990,1990-03-07,fraud\n\n2,company,某某有限公司,,,,\n"


class Book:
    """Lists in memory."""

    def __init__(self) -> None:
        self.kept: dict[str, tuple[ListVersion, list[ListRow]]] = {}

    def standing(self, name: str) -> ListVersion | None:
        return self.kept[name][0] if name in self.kept else None

    def replace(self, version: ListVersion, rows: Sequence[ListRow], actor: Actor) -> None:
        assert actor.reason
        self.kept[version.name] = (version, list(rows))

    def end(self, name: str, actor: Actor, at: datetime) -> bool:
        assert actor.reason
        return self.kept.pop(name, None) is not None


def imports(book: Book, content: bytes, name: str = "测试名单 A", actor: Actor = HE) -> ListVersion | NotImported:
    return import_list(name, content, actor, AT, book=book, make_id=lambda at: "1" * 32)


def test_a_list_ends_for_a_reason_and_once() -> None:
    book = Book()
    imports(book, GOOD.encode())
    assert end_list("测试名单 A", Actor("he", "risk", " "), AT, book=book) is ListFault.NO_REASON
    assert end_list("测试名单 A", HE, AT, book=book) is None
    assert end_list("测试名单 A", HE, AT, book=book) is ListFault.NAME


def test_a_list_is_imported_whole() -> None:
    book = Book()
    version = imports(book, b"\xef\xbb\xbf" + GOOD.encode())
    assert isinstance(version, ListVersion)
    assert (version.rows, version.by, version.at) == (2, "he", AT)
    zhang, company = book.kept["测试名单 A"][1]
    assert zhang == ListRow(
        "1", ListedKind.PERSON, ("張偉", "Zhang Wei", "Chang Wei"), "3101011990", date(1990, 3, 7), "fraud"
    )
    assert (company.kind, company.code, company.birthday) == (ListedKind.COMPANY, "", None)
    assert imports(book, b"\xef\xbb\xbf" + GOOD.encode()) == NotImported(ListFault.SAME)


@pytest.mark.parametrize(
    ("row", "line", "column"),
    [
        ("1,person,李", 2, "row"),
        (",person,李,,,,", 2, "number"),
        ("9,animal,李,,,,", 2, "kind"),
        ("9,person, ,,,,", 2, "name"),
        ("9,person,\u200b,,,,", 2, "name"),
        ("9,person,李,!!,,,", 2, "aliases"),
        ("9,person,李," + "|".join("李" for _ in range(20)) + ",,,", 2, "aliases"),
        ("9,person,李,,--,,", 2, "id"),
        (f"9,person,李,,{'1' * 41},,", 2, "id"),
        ("9,person,李,,,1990-02-30,", 2, "birthday"),
        (f"9,person,李,,,,{'x' * 201}", 2, "reason"),
        ("8,person,李,,,,\n8,person,王,,,,", 3, "number"),
        ('8,person,"李\n",,,,\n9,person,,,,,', 4, "name"),
    ],
)
def test_the_first_wrong_row_is_named_and_nothing_is_imported(row: str, line: int, column: str) -> None:
    book = Book()
    assert imports(book, (HEAD + row + "\n").encode()) == NotImported(ListFault.ROW, BadRow(line, column))
    assert book.kept == {}


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (b"\xff\xfe", ListFault.NOT_TEXT),
        (b"", ListFault.HEADING),
        (b"name,number\n", ListFault.HEADING),
        (HEAD.encode(), ListFault.EMPTY),
    ],
)
def test_what_is_no_list_is_refused(content: bytes, fault: ListFault) -> None:
    assert imports(Book(), content) == NotImported(fault)


def test_a_list_needs_a_name_and_a_reason_and_ends_somewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    assert imports(Book(), GOOD.encode(), name="<b>") == NotImported(ListFault.NAME)
    assert imports(Book(), GOOD.encode(), actor=Actor("he", "risk", " ")) == NotImported(ListFault.NO_REASON)
    monkeypatch.setattr(importing, "MOST_ROWS", 1)
    assert read_list(GOOD.encode()) == NotImported(ListFault.TOO_BIG)
    monkeypatch.setattr(importing, "BIGGEST", 10)
    assert imports(Book(), GOOD.encode()) == NotImported(ListFault.TOO_BIG)
    monkeypatch.setattr(importing, "MOST_ROWS", 9)
    bad = HEAD + "1,person," + "李" * 140_000 + ",,,,\n"
    assert read_list(bad.encode()) == NotImported(ListFault.ROW, BadRow(2, "row"))
