"""What terminals download, in the database, with its lines in the audit trail; and what pages read of it.

What may live here: the DownloadBook on Django, the query. What may not: the rules (usecases.enter_download), giving rows to
terminals (store.writer reads the approved ones).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from xiaopos.fleet.downloads import DownloadKind, DownloadRow
from xiaopos.store.audit.trail import AuditEntry, append
from xiaopos.store.fleet.models import TerminalDownload
from xiaopos.usecases.enter_download import DownloadEntry, WaitingDownload


@dataclass(frozen=True, slots=True)
class DownloadLine:
    """A row with who entered and who approved it; `approver` is empty while it waits."""

    row: DownloadRow
    author: str
    approver: str


def download_lines(kind: DownloadKind, *, since: date | None = None, most: int = 500) -> tuple[DownloadLine, ...]:
    """The rows of a list by key, profile and day, what waits included. One query."""
    rows = TerminalDownload.objects.filter(kind=kind.value).order_by("row_key", "profile", "-valid_from")
    if since is not None:
        rows = rows.filter(valid_from__gte=since)
    return tuple(DownloadLine(_row(one), one.author, one.approver) for one in rows[:most])


def _row(one: TerminalDownload) -> DownloadRow:
    return DownloadRow(DownloadKind(one.kind), one.row_key, one.profile, one.valid_from, one.content)


class DownloadRows:
    """See DownloadBook."""

    def waiting(self, row: DownloadRow) -> WaitingDownload | None:
        """See DownloadBook."""
        found = _same(row).filter(approver="").first()
        return WaitingDownload(_row(found), found.author) if found else None

    def enter(self, entry: DownloadEntry) -> bool:
        """See DownloadBook."""
        row = entry.row
        try:
            with transaction.atomic():
                TerminalDownload.objects.create(
                    kind=row.kind.value,
                    profile=row.profile,
                    row_key=row.key,
                    valid_from=row.valid_from,
                    content=row.content,
                    author=entry.actor.username,
                    approver="",
                )
                _audit("enter_download", entry)
        except IntegrityError:
            return False
        return True

    def approve(self, entry: DownloadEntry) -> bool:
        """See DownloadBook."""
        with transaction.atomic():
            waiting = _same(entry.row).filter(approver="", content=entry.row.content)
            if not waiting.update(approver=entry.actor.username):
                return False
            _audit("approve_download", entry)
        return True

    def drop(self, entry: DownloadEntry) -> bool:
        """See DownloadBook."""
        with transaction.atomic():
            dropped, _ = _same(entry.row).filter(approver="").delete()
            if not dropped:
                return False
            _audit("drop_download", entry)
        return True


def _same(row: DownloadRow) -> QuerySet[TerminalDownload]:
    return TerminalDownload.objects.filter(
        kind=row.kind.value, profile=row.profile, row_key=row.key, valid_from=row.valid_from
    )


def _audit(action: str, entry: DownloadEntry) -> None:
    row = entry.row
    append(
        AuditEntry(
            actor=entry.actor.username,
            role=entry.actor.role,
            action=action,
            object_kind="download",
            object_id=f"{row.kind.value}:{row.key}",
            reason=entry.actor.reason.strip(),
            detail={"profile": row.profile, "valid_from": row.valid_from.isoformat(), "content": row.content},
        ),
        at=entry.at,
    )
