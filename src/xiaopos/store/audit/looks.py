"""The audit trail's line for a signature that somebody looked at: who, whose payment, why; never the signature.

What may live here: the LookTrail on the audit trail. What may not: opening signatures (usecases.keep_signature).
"""

from __future__ import annotations

from xiaopos.store.audit.trail import AuditEntry, append
from xiaopos.usecases.keep_signature import SignatureLook


class LookRows:
    """See LookTrail."""

    def note(self, look: SignatureLook) -> None:
        """See LookTrail."""
        append(
            AuditEntry(
                actor=look.actor.username,
                role=look.actor.role,
                action="show_signature",
                merchant_id=look.merchant_id,
                object_kind="payment",
                object_id=look.payment_id,
                reason=look.actor.reason.strip(),
            ),
            at=look.at,
        )
