"""Close a discrepancy (差异) that a person has looked at: who, what they found, and a line in the audit trail.

What may live here: the rule and the role it needs played. What may not: storage, moving money (a closed discrepancy
moves none; what must be mended is mended by its own verb first).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from xiaopos.kernel.ids import MerchantId, PaymentId
from xiaopos.kernel.refusal import Reason, Refused
from xiaopos.usecases.actors import Actor


@dataclass(frozen=True, slots=True)
class DiscrepancyClosing:
    """Which discrepancy is closed by whom; the actor's reason says what was found."""

    merchant_id: MerchantId
    payment_id: PaymentId
    kind: str
    actor: Actor
    at: datetime


class DiscrepancyBook(Protocol):
    """The list of discrepancies, as far as closing needs it."""

    def close(self, closing: DiscrepancyClosing) -> bool:
        """Close it and write the audit trail, both or neither; False when there is none open of that name."""
        ...


def close_discrepancy(closing: DiscrepancyClosing, book: DiscrepancyBook) -> Refused | None:
    """Close it; None when it is closed now, by whomever."""
    if not closing.actor.gives_a_reason:
        return Refused(Reason.NOTE_MISSING)
    book.close(closing)
    return None
