"""Whether an applicant is somebody on a list: numbers first, then names, with birthdays for and against.

What may live here: entries, applicants, the outcome and its reasons. What may not: storage, importing (usecases), deciding.

A name alone never makes anybody certain: many people have it. A number does, and a name with its birthday.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import Enum

from xiaopos.risk.screening.likeness import alike
from xiaopos.risk.screening.spelling import Spelled


class ListedKind(Enum):
    """What an entry is."""

    PERSON = "person"
    COMPANY = "company"


class HitReason(Enum):
    """Why an entry was hit."""

    NUMBER = "number"
    """The same identity or licence number, by keyed hash."""
    SAME_NAME = "same_name"
    NEAR_NAME = "near_name"
    SAME_BIRTHDAY = "same_birthday"
    OTHER_BIRTHDAY = "other_birthday"
    OTHER_NUMBER = "other_number"
    """Both have a number, and it is another one."""


class Outcome(Enum):
    """What was found."""

    CLEAR = "clear"
    POSSIBLE = "possible"
    """Somebody has to look."""
    CERTAIN = "certain"


@dataclass(frozen=True, slots=True)
class Entry:
    """Somebody on a list. `numbers` are keyed hashes; `names` all names in their comparable forms."""

    entry_id: str
    list_name: str
    kind: ListedKind
    shown: str
    names: tuple[Spelled, ...]
    numbers: frozenset[str]
    birthday: date | None
    why: str


@dataclass(frozen=True, slots=True)
class Screened:
    """Whoever is screened: an applicant, an owner, a company."""

    kind: ListedKind
    names: tuple[Spelled, ...]
    numbers: frozenset[str]
    birthday: date | None = None


@dataclass(frozen=True, slots=True)
class Hit:
    """An entry that was hit: how much, of 1000, and why."""

    entry: Entry
    score: int
    reasons: tuple[HitReason, ...]


@dataclass(frozen=True, slots=True)
class Terms:
    """From which score on a hit is possible, or certain; what counts for and against. An operator may adjust them."""

    possible: int = 700
    certain: int = 950
    name_alone: int = 880
    """What a name without anything else reaches at most."""
    same_birthday: int = 120
    other_birthday: int = 350
    other_number: int = 300


@dataclass(frozen=True, slots=True)
class Screening:
    """What was found of one applicant, the strongest hit first."""

    outcome: Outcome
    hits: tuple[Hit, ...] = ()


def screen(screened: Screened, entries: Iterable[Entry], terms: Terms) -> Screening:
    """What these entries say of somebody."""
    found = [_hit(screened, entry, terms) for entry in entries if entry.kind is screened.kind]
    hits = tuple(sorted((hit for hit in found if hit.score >= terms.possible), key=_strongest_first))
    if not hits:
        return Screening(Outcome.CLEAR)
    return Screening(Outcome.CERTAIN if hits[0].score >= terms.certain else Outcome.POSSIBLE, hits)


def _strongest_first(hit: Hit) -> tuple[int, str]:
    return -hit.score, hit.entry.entry_id


def _hit(screened: Screened, entry: Entry, terms: Terms) -> Hit:
    if screened.numbers & entry.numbers:
        return Hit(entry, 1000, (HitReason.NUMBER,))
    likeness = max((alike(mine, theirs) for mine in screened.names for theirs in entry.names), default=0)
    score = likeness * terms.name_alone // 1000
    reasons = [HitReason.SAME_NAME if likeness == 1000 else HitReason.NEAR_NAME]
    if screened.numbers and entry.numbers:
        score -= terms.other_number
        reasons.append(HitReason.OTHER_NUMBER)
    if screened.birthday is not None and entry.birthday is not None:
        same = screened.birthday == entry.birthday
        score += terms.same_birthday if same else -terms.other_birthday
        reasons.append(HitReason.SAME_BIRTHDAY if same else HitReason.OTHER_BIRTHDAY)
    return Hit(entry, max(0, min(1000, score)), tuple(reasons))
