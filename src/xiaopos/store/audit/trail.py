"""Writing the audit trail, and checking that nobody has changed it.

What may live here: appending a row after the newest one, verifying the chain. What may not: updates; there are none.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from django.db import connection, transaction

from xiaopos.kernel.chain import GENESIS, Json, Linked, first_break, link
from xiaopos.store.audit.models import AuditRow

_LOCK = 0x78_69_61_6F  # the advisory lock of this table on PostgreSQL


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """Who did what to which thing, and why. `action` is a verb's name; `detail` never holds anything sensitive."""

    actor: str
    role: str
    action: str
    merchant_id: str = ""
    object_kind: str = ""
    object_id: str = ""
    reason: str = ""
    detail: Mapping[str, Json] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Verified:
    """What a check of the chain found: how many rows there are, and the first that does not fit."""

    rows: int
    broken_seq: int | None


def append(entry: AuditEntry, *, at: datetime) -> int:
    """Write one row after the newest; returns its number. Writers wait for each other."""
    with transaction.atomic():
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
        newest = AuditRow.objects.order_by("-seq").values_list("seq", "hash").first()
        before, previous = newest or (0, GENESIS)
        row = AuditRow(
            seq=before + 1,
            at=at.astimezone(UTC),
            actor=entry.actor,
            role=entry.role,
            merchant_id=entry.merchant_id,
            action=entry.action,
            object_kind=entry.object_kind,
            object_id=entry.object_id,
            reason=entry.reason,
            detail=dict(entry.detail),
            previous=previous,
        )
        row.hash = link(previous, _record(row))
        row.save(force_insert=True)
        return before + 1


def verify() -> Verified:
    """Walk the whole chain, a part at a time."""
    seen = 0

    def walk() -> Iterator[Linked]:
        nonlocal seen
        for row in AuditRow.objects.order_by("seq").iterator(chunk_size=500):
            seen += 1
            yield Linked(row.seq, _record(row), row.previous, row.hash)

    broken = first_break(walk())
    return Verified(AuditRow.objects.count() if broken else seen, broken)


def _record(row: AuditRow) -> dict[str, Json]:
    return {
        "seq": row.seq,
        "at": row.at.astimezone(UTC).isoformat(timespec="microseconds"),
        "actor": row.actor,
        "role": row.role,
        "merchant_id": row.merchant_id,
        "action": row.action,
        "object_kind": row.object_kind,
        "object_id": row.object_id,
        "reason": row.reason,
        "detail": row.detail,
    }
