"""Import a list of people and companies that applicants are screened against: all of it, or nothing.

What may live here: that verb, what a row must be, the role of whoever keeps lists. What may not: storage, comparing names.

A list is a CSV file with a heading: number, kind (person or company), name, aliases (| between), id, birthday (as 1990-03-07),
reason.
A new version of a list takes the place of the one before at once; the one before stays, for what was found with it.
"""

from __future__ import annotations

import csv
import hashlib
import io
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum
from typing import Any, Protocol

from xiaopos.risk.screening.matching import ListedKind
from xiaopos.risk.screening.spelling import LONGEST, spell, spell_code
from xiaopos.usecases.actors import Actor

COLUMNS = ("number", "kind", "name", "aliases", "id", "birthday", "reason")
MOST_ROWS = 200_000
BIGGEST = 12_000_000
MOST_ALIASES = 20
LONGEST_REASON = 200
_NAME = re.compile(r"[\w .()（）·-]{1,60}")


class ListFault(Enum):
    """Why nothing was imported."""

    NAME = "name"
    """The list's own name."""
    NO_REASON = "no_reason"
    TOO_BIG = "too_big"
    NOT_TEXT = "not_text"
    """The file is no text in UTF-8."""
    HEADING = "heading"
    EMPTY = "empty"
    SAME = "same"
    """This very file stands already."""
    ROW = "row"


@dataclass(frozen=True, slots=True)
class BadRow:
    """What is wrong with a row: its line in the file, and the column."""

    line: int
    column: str


@dataclass(frozen=True, slots=True)
class NotImported:
    """Why nothing was imported, and where when it is a row."""

    fault: ListFault
    row: BadRow | None = None


@dataclass(frozen=True, slots=True)
class ListRow:
    """An entry as a list has it. `code` is an identity or licence number in clear; the book keeps a keyed hash of it."""

    number: str
    kind: ListedKind
    names: tuple[str, ...]
    code: str
    birthday: date | None
    reason: str


@dataclass(frozen=True, slots=True)
class ListVersion:
    """One import of a list."""

    list_id: str
    name: str
    digest: str
    rows: int
    by: str
    at: datetime


class ListBook(Protocol):
    """Whoever keeps lists. A change writes its line in the audit trail, both or neither."""

    def standing(self, name: str) -> ListVersion | None:
        """The version of a list that counts now."""
        ...

    def replace(self, version: ListVersion, rows: Sequence[ListRow], actor: Actor) -> None:
        """Write a version; the one before counts no more."""
        ...

    def end(self, name: str, actor: Actor, at: datetime) -> bool:
        """Write that a list counts no more; False for one that does not."""
        ...


def import_list(
    name: str, content: bytes, actor: Actor, at: datetime, *, book: ListBook, make_id: Callable[[datetime], str]
) -> ListVersion | NotImported:
    """Import a list's newest version."""
    if _NAME.fullmatch(name) is None:
        return NotImported(ListFault.NAME)
    if not actor.gives_a_reason:
        return NotImported(ListFault.NO_REASON)
    if len(content) > BIGGEST:
        return NotImported(ListFault.TOO_BIG)
    digest = hashlib.sha256(content).hexdigest()
    standing = book.standing(name)
    if standing is not None and standing.digest == digest:
        return NotImported(ListFault.SAME)
    rows = read_list(content)
    if isinstance(rows, NotImported):
        return rows
    version = ListVersion(make_id(at), name, digest, len(rows), actor.username, at)
    book.replace(version, rows, actor)
    return version


def end_list(name: str, actor: Actor, at: datetime, *, book: ListBook) -> ListFault | None:
    """End a list: its entries stay to be read, and nobody is compared with them any more."""
    if not actor.gives_a_reason:
        return ListFault.NO_REASON
    return None if book.end(name, actor, at) else ListFault.NAME


def read_list(content: bytes) -> list[ListRow] | NotImported:
    """The rows of a file, or the first thing that is wrong with it."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return NotImported(ListFault.NOT_TEXT)
    reader = csv.reader(io.StringIO(text, newline=""))
    try:
        heading = next(reader, [])
        if tuple(column.strip().lower() for column in heading) != COLUMNS:
            return NotImported(ListFault.HEADING)
        return _rows(reader)
    except csv.Error:
        return NotImported(ListFault.ROW, BadRow(reader.line_num, "row"))


def _rows(reader: Any) -> list[ListRow] | NotImported:
    rows: list[ListRow] = []
    numbers: set[str] = set()
    for cells in reader:
        if not any(cell.strip() for cell in cells):
            continue
        if len(rows) >= MOST_ROWS:
            return NotImported(ListFault.TOO_BIG)
        row = _row(cells)
        if isinstance(row, ListRow) and row.number in numbers:
            row = "number"
        if isinstance(row, str):
            return NotImported(ListFault.ROW, BadRow(reader.line_num, row))
        numbers.add(row.number)
        rows.append(row)
    return rows or NotImported(ListFault.EMPTY)


def _row(cells: Sequence[str]) -> ListRow | str:
    """A row, or the column that is wrong."""
    if len(cells) != len(COLUMNS):
        return "row"
    number, kind_text, name, aliases, code, birthday_text, reason = (cell.strip() for cell in cells)
    kind = next((each for each in ListedKind if each.value == kind_text.lower()), None)
    if not 0 < len(number) <= 40:
        return "number"
    if kind is None:
        return "kind"
    names = (name, *(alias.strip() for alias in aliases.split("|") if alias.strip()))
    company = kind is ListedKind.COMPANY
    said = [0 < len(each) <= LONGEST and spell(each, company=company).says_something for each in names]
    if not said[0]:
        return "name"
    if not all(said) or len(names) > MOST_ALIASES:
        return "aliases"
    if len(code) > 40 or (code and not spell_code(code)):
        return "id"
    if len(reason) > LONGEST_REASON:
        return "reason"
    try:
        birthday = date.fromisoformat(birthday_text) if birthday_text else None
    except ValueError:
        return "birthday"
    return ListRow(number, kind, names, spell_code(code), birthday, reason)
