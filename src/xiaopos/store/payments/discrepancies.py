"""Closing discrepancies in the database, with a line in the audit trail.

What may live here: the DiscrepancyBook on Django. What may not: the rule (usecases.close_discrepancy), finding them.
"""

from __future__ import annotations

from django.db import transaction

from xiaopos.store.audit.trail import AuditEntry, append
from xiaopos.store.payments.models import DiscrepancyRow
from xiaopos.usecases.close_discrepancy import DiscrepancyClosing


class DiscrepancyRows:
    """See DiscrepancyBook."""

    def close(self, closing: DiscrepancyClosing) -> bool:
        """See DiscrepancyBook."""
        with transaction.atomic():
            closed = DiscrepancyRow.objects.filter(
                merchant_id=closing.merchant_id,
                payment_id=closing.payment_id,
                kind=closing.kind,
                closed_at__isnull=True,
            ).update(closed_at=closing.at, closed_by=closing.actor.username)
            if not closed:
                return False
            append(
                AuditEntry(
                    actor=closing.actor.username,
                    role=closing.actor.role,
                    action="close_discrepancy",
                    merchant_id=closing.merchant_id,
                    object_kind="discrepancy",
                    object_id=closing.payment_id,
                    reason=closing.actor.reason.strip(),
                    detail={"kind": closing.kind},
                ),
                at=closing.at,
            )
        return True
