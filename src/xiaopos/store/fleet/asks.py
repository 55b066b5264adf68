"""What is asked of terminals, in the database, with its lines in the audit trail; and what pages read of it.

What may live here: the AskBook on Django, the query. What may not: the rules (usecases.ask_terminal), telling terminals (hosts).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, transaction

from xiaopos.fleet.asks import TerminalAsk
from xiaopos.kernel.ids import TerminalId
from xiaopos.store.audit.trail import AuditEntry, append
from xiaopos.store.fleet.models import Terminal, TerminalAskRow
from xiaopos.usecases.ask_terminal import AskedTerminal, TerminalAsking


@dataclass(frozen=True, slots=True)
class AskLine:
    """One thing that was asked of a terminal. `ended` is empty while it is open, else `complied` or `withdrawn`."""

    ask: TerminalAsk
    asked_at: datetime
    asked_by: str
    reason: str
    done_at: datetime | None
    ended: str


def asks_of(terminal_id: str, *, most: int = 20) -> tuple[AskLine, ...]:
    """What was asked of a terminal, what is open first, then the newest. One query."""
    rows = TerminalAskRow.objects.filter(terminal_id=terminal_id).order_by("ended", "-asked_at")[:most]
    return tuple(
        AskLine(TerminalAsk(row.ask), row.asked_at, row.asked_by, row.reason, row.done_at, row.ended) for row in rows
    )


class AskRows:
    """See AskBook."""

    def find(self, terminal_id: TerminalId) -> AskedTerminal | None:
        """See AskBook."""
        profile = Terminal.objects.filter(terminal_id=terminal_id).values_list("profile", flat=True).first()
        if profile is None:
            return None
        waiting = TerminalAskRow.objects.filter(terminal_id=terminal_id, done_at=None).values_list("ask", flat=True)
        return AskedTerminal(profile, frozenset(TerminalAsk(ask) for ask in waiting))

    def ask(self, wanted: TerminalAsking) -> bool:
        """See AskBook."""
        try:
            with transaction.atomic():
                TerminalAskRow.objects.create(
                    terminal_id=wanted.terminal_id,
                    ask=wanted.ask.value,
                    asked_at=wanted.at,
                    asked_by=wanted.actor.username,
                    reason=wanted.actor.reason.strip(),
                    urgency=wanted.ask.urgency,
                )
                _audit("ask_terminal", wanted)
        except IntegrityError:  # somebody else asked for it meanwhile
            return False
        return True

    def withdraw(self, wanted: TerminalAsking) -> bool:
        """See AskBook."""
        with transaction.atomic():
            waiting = TerminalAskRow.objects.filter(terminal_id=wanted.terminal_id, ask=wanted.ask.value, done_at=None)
            if not waiting.update(done_at=wanted.at, ended="withdrawn"):
                return False
            _audit("withdraw_ask", wanted)
        return True


def _audit(action: str, wanted: TerminalAsking) -> None:
    merchant_id = Terminal.objects.filter(terminal_id=wanted.terminal_id).values_list("merchant_id", flat=True).first()
    append(
        AuditEntry(
            actor=wanted.actor.username,
            role=wanted.actor.role,
            action=action,
            merchant_id=merchant_id or "",
            object_kind="terminal",
            object_id=wanted.terminal_id,
            reason=wanted.actor.reason.strip(),
            detail={"ask": wanted.ask.value},
        ),
        at=wanted.at,
    )
