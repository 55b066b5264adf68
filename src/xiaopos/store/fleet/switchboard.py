"""Switching terminals in the database, with its line in the audit trail.

What may live here: the Switchboard on Django. What may not: the rule (usecases.switch_terminal).
"""

from __future__ import annotations

from django.db import transaction

from xiaopos.kernel.ids import TerminalId
from xiaopos.store.audit.trail import AuditEntry, append
from xiaopos.store.fleet.models import Terminal
from xiaopos.usecases.switch_terminal import TerminalSwitch


class TerminalRows:
    """See Switchboard."""

    def is_active(self, terminal_id: TerminalId) -> bool | None:
        """See Switchboard."""
        return Terminal.objects.filter(terminal_id=terminal_id).values_list("active", flat=True).first()

    def switch(self, wanted: TerminalSwitch) -> bool:
        """See Switchboard."""
        with transaction.atomic():
            standing = Terminal.objects.filter(terminal_id=wanted.terminal_id, active=not wanted.active)
            merchant_id = standing.values_list("merchant_id", flat=True).first()
            if merchant_id is None or not standing.update(active=wanted.active):
                return False
            append(
                AuditEntry(
                    actor=wanted.actor.username,
                    role=wanted.actor.role,
                    action="switch_terminal",
                    merchant_id=merchant_id,
                    object_kind="terminal",
                    object_id=wanted.terminal_id,
                    reason=wanted.actor.reason.strip(),
                    detail={"active": wanted.active},
                ),
                at=wanted.at,
            )
        return True
