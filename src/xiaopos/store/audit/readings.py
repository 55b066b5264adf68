"""The audit trail's line for a message that somebody had decoded: who, of which terminal; never the message.

What may live here: that line. What may not: decoding (wire.reading).
"""

from __future__ import annotations

from datetime import datetime

from xiaopos.store.audit.trail import AuditEntry, append
from xiaopos.usecases.actors import Actor


def note_reading(actor: Actor, *, terminal_id: str, spec: str, size: int, at: datetime) -> None:
    """Write that `actor` had `size` bytes decoded, which name this terminal (empty when they name none that is known)."""
    append(
        AuditEntry(
            actor=actor.username,
            role=actor.role,
            action="read_message",
            object_kind="terminal" if terminal_id else "",
            object_id=terminal_id,
            reason=actor.reason.strip(),
            detail={"spec": spec, "bytes": size},
        ),
        at=at,
    )
