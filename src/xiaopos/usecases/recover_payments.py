"""Recover payments that a stopped process left between asking and hearing: their outcome is unknown, so find it out.

What may live here: the sweep. What may not: what unknown leads to (payments decides).
"""

from __future__ import annotations

from datetime import datetime

from xiaopos.payments.answers import OutcomeUnknown
from xiaopos.payments.conclusions import conclude
from xiaopos.usecases.ports import House, Recorded
from xiaopos.usecases.steps import change_of

AT_ONCE = 500


async def recover_payments(house: House, *, claimed_by: str | None, before: datetime) -> int:
    """Give every payment still in SENT from before an instant to the machine; returns how many.

    `claimed_by` names the process whose payments these were (it recovers its own before it serves); None sweeps those of
    all processes, for which `before` must lie further back than any channel's deadline.
    """
    recovered = 0
    while True:
        left = await house.books.recall_open(claimed_by=claimed_by, before=before, limit=AT_ONCE)
        moved = 0
        for payment in left:
            now = house.clock.now()
            conclusion = conclude(payment, OutcomeUnknown("the process stopped"), fee=payment.fee, at=now)
            recorded = await house.books.record(change_of(conclusion, now))
            moved += isinstance(recorded, Recorded)
        recovered += moved
        if len(left) < AT_ONCE or not moved:
            return recovered
