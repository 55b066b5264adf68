"""Keep what became of reporting a terminal's binding to the clearing organisation: sent, accepted, rejected.

What may live here: that verb and the role it needs played. What may not: the clearing organisation's form (a gateway's), storage.
"""

from __future__ import annotations

from datetime import datetime
from enum import Enum
from typing import Protocol

from xiaopos.fleet.bindings import REPORT_LIFE, ReportEvent, ReportState
from xiaopos.usecases.actors import Actor

LONGEST_REFERENCE = 60


class ReportFault(Enum):
    """Why nothing was kept."""

    NO_REASON = "no_reason"
    TERMINAL_UNKNOWN = "terminal_unknown"
    REFERENCE = "reference"
    NOT_NOW = "not_now"


class ReportBook(Protocol):
    """Whoever keeps bindings, as far as their reports go."""

    def report_of(self, terminal_id: str) -> str | None:
        """A ReportState by its value; None for a terminal that was not packed here."""
        ...

    def report(
        self, terminal_id: str, before: ReportState, after: ReportState, reference: str, actor: Actor, at: datetime
    ) -> bool:
        """Write a report's state, the binding's history and the audit trail, all or nothing; False when somebody was first."""
        ...


def note_report(
    terminal_id: str, event: ReportEvent, reference: str, actor: Actor, at: datetime, book: ReportBook
) -> ReportState | ReportFault:
    """Write what became of a report. `reference` is the clearing organisation's, or of what was sent."""
    assert event is not ReportEvent.CHANGE, "a binding's own changes say that they are to be reported"
    value, reference = book.report_of(terminal_id), reference.strip()
    if value is None:
        return ReportFault.TERMINAL_UNKNOWN
    if not actor.gives_a_reason:
        return ReportFault.NO_REASON
    if not 0 < len(reference) <= LONGEST_REFERENCE or not reference.isprintable():
        return ReportFault.REFERENCE
    before = ReportState(value)
    if not REPORT_LIFE.allows(before, event):
        return ReportFault.NOT_NOW
    after = REPORT_LIFE.move(before, event)
    return after if book.report(terminal_id, before, after, reference, actor, at) else ReportFault.NOT_NOW
