"""Counting tries, so that restarts and several processes count together.

What may live here: reading and writing the table of attempts. What may not: limits and the rule (merchants.tries).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, transaction

from xiaopos.merchants.tries import Limit, Tries, counted, taken_back
from xiaopos.store.people.models import AttemptRow

PERSON, ADDRESS, APPROVAL = "person", "address", "approval"


@dataclass(frozen=True, slots=True)
class Subject:
    """Who is counted: a kind, a name within it, and the limit that holds for it."""

    kind: str
    name: str
    limit: Limit


def begin(subjects: Sequence[Subject], now: datetime) -> datetime | None:
    """Count one try against every subject. Returns until when one of them is locked, and then counts nothing."""
    with transaction.atomic():
        rows = [_row_of(subject, now) for subject in subjects]
        locked = [row.locked_until for row in rows if row.locked_until is not None and now < row.locked_until]
        if locked:
            return max(locked)
        for subject, row in zip(subjects, rows, strict=True):
            _write(row, counted(_tries_of(row), subject.limit, now))
    return None


def take_back(subjects: Sequence[Subject]) -> None:
    """The try was right: it does not count."""
    with transaction.atomic():
        for subject in subjects:
            row = AttemptRow.objects.select_for_update().filter(kind=subject.kind, subject=subject.name).first()
            if row is not None:
                _write(row, taken_back(_tries_of(row)))


def forget(subject: Subject) -> None:
    """Start over: the person has signed in."""
    AttemptRow.objects.filter(kind=subject.kind, subject=subject.name).delete()


def locked_until(subject: Subject, now: datetime) -> datetime | None:
    """Until when the subject is locked, if it is."""
    row = AttemptRow.objects.filter(kind=subject.kind, subject=subject.name, locked_until__gt=now).first()
    return row.locked_until if row else None


def drop_old(before: datetime) -> int:
    """Remove rows that no longer say anything; returns how many."""
    return AttemptRow.objects.filter(first_at__lt=before).delete()[0]


def _row_of(subject: Subject, now: datetime) -> AttemptRow:
    held = AttemptRow.objects.select_for_update()
    row = held.filter(kind=subject.kind, subject=subject.name).first()
    if row is not None:
        return row
    try:
        with transaction.atomic():
            AttemptRow.objects.create(kind=subject.kind, subject=subject.name, failures=0, first_at=now)
    except IntegrityError:
        pass  # another process was first; its row is as good
    return held.get(kind=subject.kind, subject=subject.name)


def _tries_of(row: AttemptRow) -> Tries:
    return Tries(row.failures, row.first_at, row.locked_until)


def _write(row: AttemptRow, tries: Tries) -> None:
    row.failures, row.first_at, row.locked_until = tries.count, tries.first_at, tries.locked_until
    row.save()
