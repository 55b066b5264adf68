"""Enter what terminals download: one person enters a row, another approves it, and from its day on terminals are given it.

What may live here: the rules and the role they need played. What may not: what makes a row fit (fleet.downloads), storage,
who has the permission (roles).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from xiaopos.fleet.downloads import DownloadRow, fault_of
from xiaopos.kernel.refusal import Reason, Refused
from xiaopos.usecases.actors import Actor


@dataclass(frozen=True, slots=True)
class DownloadEntry:
    """A row and who enters, approves or drops it; the same key, profile and day name the same row."""

    row: DownloadRow
    actor: Actor
    at: datetime


@dataclass(frozen=True, slots=True)
class WaitingDownload:
    """A row that waits for a second person, and who entered it."""

    row: DownloadRow
    author: str


class DownloadBook(Protocol):
    """The rows of what terminals download. Each change writes its line in the audit trail, both or neither."""

    def waiting(self, row: DownloadRow) -> WaitingDownload | None:
        """The row of the same key, profile and day that waits for approval."""
        ...

    def enter(self, entry: DownloadEntry) -> bool:
        """Keep a row, not yet approved; False when there is one of the same key, profile and day."""
        ...

    def approve(self, entry: DownloadEntry) -> bool:
        """Approve the waiting row as it stands in the entry; False when it does not wait so any more."""
        ...

    def drop(self, entry: DownloadEntry) -> bool:
        """Take the waiting row away; False when none waits any more."""
        ...


def enter_download(entry: DownloadEntry, today: date, book: DownloadBook) -> Refused | None:
    """Enter a row; no terminal is given it before another person approves. What was given on past days is never changed.

    Precedence of refusals: no reason, unfit, a past day, entered before.
    """
    if not entry.actor.gives_a_reason:
        return Refused(Reason.NOTE_MISSING)
    fault = fault_of(entry.row)
    if fault:
        return Refused(Reason.REQUEST_WRONG, fault)
    if entry.row.valid_from < today:
        return Refused(Reason.REQUEST_WRONG, f"valid from {entry.row.valid_from}, which is past")
    return None if book.enter(entry) else Refused(Reason.REPEAT_DIFFERS, "a row of this key, profile and day is there")


def approve_download(entry: DownloadEntry, book: DownloadBook) -> Refused | None:
    """Approve a row that another person entered. What is approved is the row as the approver saw it."""
    found = _waiting(entry, book)
    if isinstance(found, Refused):
        return found
    if found.author == entry.actor.username:
        return Refused(Reason.NOT_ALLOWED, "whoever entered a row does not approve it")
    approved = found.row == entry.row and book.approve(entry)
    return None if approved else Refused(Reason.REPEAT_DIFFERS, "the row is another than the one that was approved")


def drop_download(entry: DownloadEntry, book: DownloadBook) -> Refused | None:
    """Take a waiting row away: whoever entered it, or whoever would have approved it."""
    found = _waiting(entry, book)
    if isinstance(found, Refused):
        return found
    book.drop(entry)
    return None


def _waiting(entry: DownloadEntry, book: DownloadBook) -> WaitingDownload | Refused:
    if not entry.actor.gives_a_reason:
        return Refused(Reason.NOTE_MISSING)
    return book.waiting(entry.row) or Refused(Reason.ORIGINAL_UNKNOWN, "no such row waits for approval")
