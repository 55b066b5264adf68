"""What pages read of terminals' notices about a payment: whether it was signed for, what came of the issuer's scripts.

What may live here: queries, each returning frozen values. What may not: opening what is sealed.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from xiaopos.store.fleet.models import ScriptNoticeRow, SignatureRow


@dataclass(frozen=True, slots=True)
class ScriptLine:
    """What a terminal told of an issuer's script on a card: `result` is tag DF31 in hex."""

    told_at: datetime
    terminal_id: str
    result: str


def signed_at(merchant_id: str, payment_id: str) -> datetime | None:
    """When the signature of a payment came; None without one."""
    rows = SignatureRow.objects.filter(merchant_id=merchant_id, payment_id=payment_id)
    return rows.values_list("told_at", flat=True).first()


def scripts_of(merchant_id: str, payment_id: str) -> tuple[ScriptLine, ...]:
    """The results of scripts that were told for a payment, the first first."""
    rows = ScriptNoticeRow.objects.filter(merchant_id=merchant_id, payment_id=payment_id).order_by("told_at", "stan")
    return tuple(ScriptLine(*values) for values in rows.values_list("told_at", "terminal_id", "result"))
