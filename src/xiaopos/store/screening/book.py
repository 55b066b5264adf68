"""Lists and their entries in the database: a version takes another's place in one transaction; candidates by keys.

What may live here: the ListBook and the EntryBook on Django. What may not: comparing names, numbers in clear.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from xiaopos.kernel.secret import Secret
from xiaopos.risk.screening.likeness import keys_of
from xiaopos.risk.screening.matching import Entry, ListedKind, Screening
from xiaopos.risk.screening.spelling import spell
from xiaopos.store.audit.trail import AuditEntry, append
from xiaopos.store.screening.models import EntryRow, FoundRow, KeyRow, ListRow
from xiaopos.usecases.actors import Actor
from xiaopos.usecases.import_screening_list import ListRow as Row
from xiaopos.usecases.import_screening_list import ListVersion

AT_ONCE = 2_000


@dataclass(frozen=True, slots=True)
class FoundHit:
    """A hit as a page shows it."""

    list_name: str
    number: str
    shown: str
    score: int
    reasons: tuple[str, ...]
    why: str


@dataclass(frozen=True, slots=True)
class Found:
    """What was found about something."""

    at: datetime
    outcome: str
    hits: tuple[FoundHit, ...]


class ScreeningRows:
    """See ListBook and EntryBook. `key` makes the marks of numbers, `new_id` numbers what has none of its own."""

    def __init__(self, key: Secret, new_id: Callable[[datetime], str]) -> None:
        self._key, self._new_id = key, new_id

    def mark(self, code: str) -> str:
        """See EntryBook."""
        return hmac.new(self._key.value, code.encode(), hashlib.sha256).hexdigest()[:32]

    # -- lists -------------------------------------------------------------------------------------------------------

    def standing(self, name: str) -> ListVersion | None:
        """See ListBook."""
        row = ListRow.objects.filter(name=name, ended_at=None).first()
        return None if row is None else _version(row)

    def replace(self, version: ListVersion, rows: Sequence[Row], actor: Actor) -> None:
        """See ListBook."""
        with transaction.atomic():
            ListRow.objects.filter(name=version.name, ended_at=None).update(ended_at=version.at)
            held = ListRow.objects.create(
                list_id=version.list_id,
                name=version.name,
                digest=version.digest,
                rows=version.rows,
                imported_by=version.by,
                imported_at=version.at,
            )
            for begin in range(0, len(rows), AT_ONCE):
                self._add(held, rows[begin : begin + AT_ONCE], version.at)
            told: dict[str, str | int] = {"name": version.name, "digest": version.digest, "rows": version.rows}
            _append("screening_list_imported", version.list_id, actor, version.at, **told)

    def end(self, name: str, actor: Actor, at: datetime) -> bool:
        """See ListBook."""
        with transaction.atomic():
            row = ListRow.objects.filter(name=name, ended_at=None).first()
            if row is None or not ListRow.objects.filter(list_id=row.list_id, ended_at=None).update(ended_at=at):
                return False
            _append("screening_list_ended", row.list_id, actor, at, name=name)
        return True

    def note_look(self, actor: Actor, at: datetime) -> None:
        """Write that somebody was looked up by hand. Who that was stays unwritten."""
        _append("screening_looked_up", "", actor, at)

    def _add(self, held: ListRow, rows: Sequence[Row], at: datetime) -> None:
        entries, keys = [], []
        for row in rows:
            entry_id = self._new_id(at)
            entries.append(
                EntryRow(
                    entry_id=entry_id,
                    list=held,
                    number=row.number,
                    kind=row.kind.value,
                    names=list(row.names),
                    number_mark=self.mark(row.code) if row.code else "",
                    birthday=row.birthday,
                    reason=row.reason,
                )
            )
            company = row.kind is ListedKind.COMPANY
            own = {key for name in row.names for key in keys_of(spell(name, company=company))}
            keys += [KeyRow(key=key, entry_id=entry_id) for key in own]
        EntryRow.objects.bulk_create(entries)
        KeyRow.objects.bulk_create(keys, batch_size=AT_ONCE)

    # -- entries -----------------------------------------------------------------------------------------------------

    def candidates(self, numbers: Collection[str], keys: Collection[str], most: int) -> Sequence[Entry]:
        """See EntryBook."""
        counting = EntryRow.objects.filter(list__ended_at=None).select_related("list")
        found = {row.entry_id: row for row in counting.filter(number_mark__in=numbers)[:most]} if numbers else {}
        if keys:
            named = KeyRow.objects.filter(key__in=keys).values("entry_id")
            found |= {row.entry_id: row for row in counting.filter(entry_id__in=named)[:most]}
        return [_entry(row) for row in found.values()]

    def remember(self, about: str, found: Screening, at: datetime) -> None:
        """See EntryBook."""
        hits = [
            {
                "list_name": hit.entry.list_name,
                "number": hit.entry.entry_id,
                "shown": hit.entry.shown,
                "score": hit.score,
                "reasons": [reason.value for reason in hit.reasons],
                "why": hit.entry.why,
            }
            for hit in found.hits
        ]
        written = {"at": at, "outcome": found.outcome.value, "hits": hits}
        FoundRow.objects.update_or_create(about=about, defaults=written)

    def forget(self, about: str) -> None:
        """See EntryBook."""
        FoundRow.objects.filter(about=about).delete()

    # -- pages -------------------------------------------------------------------------------------------------------

    def lists(self) -> list[tuple[ListVersion, datetime | None]]:
        """Every version of every list and when it ended, the newest first."""
        return [(_version(row), row.ended_at) for row in ListRow.objects.order_by("-imported_at", "-list_id")[:200]]

    def found(self, about: str) -> Found | None:
        """What was found about something."""
        row = FoundRow.objects.filter(about=about).first()
        if row is None:
            return None
        hits = tuple(FoundHit(**{**hit, "reasons": tuple(hit["reasons"])}) for hit in row.hits)
        return Found(row.at, row.outcome, hits)


def _append(action: str, list_id: str, actor: Actor, at: datetime, **detail: str | int) -> None:
    entry = AuditEntry(
        actor=actor.username,
        role=actor.role,
        action=action,
        object_kind="screening_list",
        object_id=list_id,
        reason=actor.reason.strip(),
        detail=detail,
    )
    append(entry, at=at)


def _version(row: ListRow) -> ListVersion:
    return ListVersion(row.list_id, row.name, row.digest, row.rows, row.imported_by, row.imported_at)


def _entry(row: Any) -> Entry:
    company = row.kind == ListedKind.COMPANY.value
    return Entry(
        row.entry_id,
        row.list.name,
        ListedKind(row.kind),
        row.names[0],
        tuple(spell(name, company=company) for name in row.names),
        frozenset({row.number_mark} if row.number_mark else ()),
        row.birthday,
        row.reason,
    )
