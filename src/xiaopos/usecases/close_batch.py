"""Close a terminal's batch (批结算): compare its totals with ours and open the next batch.

What may live here: the comparison and the change of batch. What may not: payouts, which follow the channels' files.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from xiaopos.kernel.ids import PaymentId, TerminalId
from xiaopos.kernel.refusal import Reason, Refused
from xiaopos.usecases.ports import BatchTotals, Change, Discrepancy, House, TerminalChange
from xiaopos.usecases.steps import refuse_acceptor

LAST_BATCH = 999_999


@dataclass(frozen=True, slots=True)
class TerminalTotals:
    """What the terminal counted, in minor units. Debit: sales that stand; credit: refunds."""

    debit_count: int
    debit_minor: int
    credit_count: int
    credit_minor: int


@dataclass(frozen=True, slots=True)
class BatchClosed:
    """The batch is closed. `balanced` says whether the terminal's totals are ours; `next_batch` is open now."""

    balanced: bool
    ours: BatchTotals
    next_batch: int


async def close_batch(
    terminal_id: TerminalId,
    merchant_id: str,
    theirs: TerminalTotals | None,
    received_at: datetime,
    house: House,
    *,
    batch_number: int | None = None,
) -> BatchClosed | Refused:
    """Close the open batch. Refused while a payment of it is not known. `theirs` is None when the device counts nothing.

    `batch_number` is the batch that the device means, when it says so: a repeated request must not close the next one.

    Totals that differ close the batch all the same, and a person is told: money follows the channels' files.
    """
    terminal = await house.books.recall_terminal(terminal_id, house.day(received_at))
    if terminal is None:
        return Refused(Reason.TERMINAL_UNKNOWN, terminal_id)
    refused = refuse_acceptor(terminal, merchant_id)
    if refused is not None:
        return refused
    if batch_number not in (None, terminal.batch_number):
        return Refused(Reason.BATCH_WRONG, f"batch {batch_number}, open is {terminal.batch_number}")
    ours = await house.books.recall_batch(terminal)
    if ours.unknown_count:
        return Refused(Reason.BATCH_HAS_UNKNOWN, f"{ours.unknown_count} unknown")
    balanced = theirs is None or theirs == TerminalTotals(
        ours.sales_count, ours.sales_minor, ours.refunds_count, ours.refunds_minor
    )
    discrepancies: tuple[Discrepancy, ...] = ()
    if not balanced:
        name = PaymentId(f"batch:{terminal_id}:{terminal.batch_number}")
        detail = f"terminal {theirs}, host {ours}"
        discrepancies = (Discrepancy(terminal.merchant_id, name, "batch_totals", detail, received_at),)
    next_batch = terminal.batch_number % LAST_BATCH + 1
    recorded = await house.books.record(
        Change(terminal=TerminalChange(terminal_id, received_at, batch_number=next_batch), discrepancies=discrepancies)
    )
    return recorded if isinstance(recorded, Refused) else BatchClosed(balanced, ours, next_batch)
