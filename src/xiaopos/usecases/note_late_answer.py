"""An answer that came after its deadline: nothing is posted, and a person is told when it was an approval.

What may live here: finding the payment and raising the discrepancy. What may not: changing the payment (its reversal does).
"""

from __future__ import annotations

from xiaopos.usecases.ports import House
from xiaopos.usecases.steps import note


async def note_late_answer(rrn: str, *, approved: bool, house: House) -> None:
    """Raise a discrepancy for a late approval; a late refusal changes nothing and says nothing new."""
    if not approved:
        return
    payment = await house.books.recall_rrn(None, rrn)
    if payment is not None:
        detail = f"approved after its deadline, while {payment.state.value}"
        await note(payment, "late_approval", detail, house, house.clock.now())
