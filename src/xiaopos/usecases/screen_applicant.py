"""Screen somebody against every list that counts.

What may live here: that verb, the role of whoever keeps entries. What may not: storage, comparing (risk.screening), deciding.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from xiaopos.risk.screening.likeness import keys_of
from xiaopos.risk.screening.matching import Entry, ListedKind, Outcome, Screened, Screening, Terms, screen
from xiaopos.risk.screening.spelling import spell, spell_code

MOST_CANDIDATES = 500
"""How many entries that share a key are compared; those with the same number come first."""
_GRAVITY = list(Outcome)


@dataclass(frozen=True, slots=True)
class Subject:
    """Whoever is screened, in clear: names in any writing, identity or licence numbers."""

    kind: ListedKind
    names: tuple[str, ...]
    codes: tuple[str, ...] = ()
    birthday: date | None = None


class EntryBook(Protocol):
    """Whoever keeps the entries of lists."""

    def mark(self, code: str) -> str:
        """The keyed hash of a number, as entries have it."""
        ...

    def candidates(self, numbers: Collection[str], keys: Collection[str], most: int) -> Sequence[Entry]:
        """Entries of lists that count which have one of these numbers or share one of these keys."""
        ...

    def remember(self, about: str, found: Screening, at: datetime) -> None:
        """Write what was found about something, by its number."""
        ...

    def forget(self, about: str) -> None:
        """Delete what was found about something."""
        ...


def screen_applicant(
    about: str, subjects: Sequence[Subject], at: datetime, *, book: EntryBook, terms: Terms
) -> Screening:
    """What the lists say of everybody behind an application; the gravest counts. It is remembered."""
    whole = find_listed(subjects, book=book, terms=terms)
    book.remember(about, whole, at)
    return whole


def find_listed(subjects: Sequence[Subject], *, book: EntryBook, terms: Terms) -> Screening:
    """What the lists say of everybody behind an application; nothing is written."""
    found = [_screen(subject, book, terms) for subject in subjects]
    hits = tuple(sorted((hit for each in found for hit in each.hits), key=lambda hit: (-hit.score, hit.entry.entry_id)))
    gravest = max((each.outcome for each in found), key=_GRAVITY.index, default=_GRAVITY[0])
    return Screening(gravest, hits)


def _screen(subject: Subject, book: EntryBook, terms: Terms) -> Screening:
    company = subject.kind is ListedKind.COMPANY
    names = tuple(
        spelled for spelled in (spell(name, company=company) for name in subject.names) if spelled.says_something
    )
    numbers = frozenset(book.mark(code) for code in map(spell_code, subject.codes) if code)
    keys = frozenset(key for name in names for key in keys_of(name))
    candidates = book.candidates(numbers, keys, MOST_CANDIDATES)
    return screen(Screened(subject.kind, names, numbers, subject.birthday), candidates, terms)
