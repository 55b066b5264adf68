"""What pages read of terminals' notices about a payment: whether it was signed for, what came of the issuer's scripts.

What may live here: queries, each returning frozen values. What may not: opening what is sealed.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from xiaopos.store.fleet.models import ScriptNoticeRow, ScriptPassedOnRow, SignatureRow


@dataclass(frozen=True, slots=True)
class ScriptLine:
    """What a terminal told of an issuer's script on a card: `result` is tag DF31 in hex.

    `passed_on_at` is when the card network had it, None while it has not; `response_code` what it answered.
    """

    told_at: datetime
    terminal_id: str
    result: str
    passed_on_at: datetime | None
    response_code: str


def signed_at(merchant_id: str, payment_id: str) -> datetime | None:
    """When the signature of a payment came; None without one."""
    rows = SignatureRow.objects.filter(merchant_id=merchant_id, payment_id=payment_id)
    return rows.values_list("told_at", flat=True).first()


def scripts_of(merchant_id: str, payment_id: str) -> tuple[ScriptLine, ...]:
    """The results of scripts that were told for a payment, the first first."""
    passed = ScriptPassedOnRow.objects.filter(merchant_id=merchant_id, payment_id=payment_id)
    answers = {(one.batch_number, one.stan): (one.passed_on_at, one.response_code) for one in passed}
    rows = ScriptNoticeRow.objects.filter(merchant_id=merchant_id, payment_id=payment_id).order_by("told_at", "stan")
    return tuple(
        ScriptLine(row.told_at, row.terminal_id, row.result, *answers.get((row.batch_number, row.stan), (None, "")))
        for row in rows
    )
