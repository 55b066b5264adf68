"""Somebody reports a badge as false, or what its bearer did; somebody else decides.

What may live here: those verbs, when a badge is suspended at once, the role of whoever keeps reports. What may not: storage,
words (web).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from typing import Protocol

from xiaopos.usecases.actors import Actor

LONGEST = 500
AT_ONCE, WITHIN = 3, timedelta(hours=24)
"""So many networks reporting one badge within so long suspend it without waiting for anybody: fewer could be one rival."""


class ReportKind(Enum):
    """What is reported."""

    NOT_THIS_PERSON = "not_this_person"
    ASKED_FOR_MONEY = "asked_for_money"
    ASKED_FOR_CARD = "asked_for_card"
    """For the bank card, its number, a password or a code."""
    FALSE_BADGE = "false_badge"
    OTHER = "other"


class ReportState(Enum):
    """What became of a report."""

    OPEN = "open"
    UPHELD = "upheld"
    DISMISSED = "dismissed"


class ReportFault(Enum):
    """Why nothing was changed."""

    TOO_LONG = "too_long"
    REPORT_UNKNOWN = "report_unknown"
    NO_REASON = "no_reason"
    NOT_NOW = "not_now"


@dataclass(frozen=True, slots=True)
class Report:
    """A report. `badge_id` is empty for what is no badge of ours; `network` a keyed hash of where it came from."""

    report_id: str
    badge_id: str
    kind: ReportKind
    said: str
    region: str
    network: str
    at: datetime


class ReportBook(Protocol):
    """Whoever keeps reports. Each change writes its line in the audit trail, all or nothing."""

    def open(self, report: Report) -> None:
        """Write a report as a case that waits for somebody."""
        ...

    def networks(self, badge_id: str, since: datetime) -> int:
        """From how many networks a badge was reported since then, dismissed reports left out."""
        ...

    def suspend(self, badge_id: str, at: datetime, why: str) -> bool:
        """Suspend a badge on the house's own account; False when there is nothing to suspend."""
        ...

    def decide(self, report_id: str, state: ReportState, actor: Actor, at: datetime) -> bool | None:
        """Write a decision; False when it was decided before, None when there is no such report."""
        ...


def report_badge(report: Report, *, book: ReportBook) -> bool | ReportFault:
    """Open a case. Whether the badge was suspended at once."""
    if len(report.said) > LONGEST:
        return ReportFault.TOO_LONG
    book.open(report)
    if not report.badge_id or book.networks(report.badge_id, report.at - WITHIN) < AT_ONCE:
        return False
    return book.suspend(report.badge_id, report.at, f"reported from {AT_ONCE} places")


def decide_report(
    report_id: str, state: ReportState, actor: Actor, at: datetime, *, book: ReportBook
) -> ReportFault | None:
    """Find a report right or wrong, for a reason. Once."""
    assert state is not ReportState.OPEN, "a decision decides"
    if not actor.reason.strip():
        return ReportFault.NO_REASON
    written = book.decide(report_id, state, actor, at)
    if written is None:
        return ReportFault.REPORT_UNKNOWN
    return None if written else ReportFault.NOT_NOW
