"""Close a terminal's batch (批结算): compare its totals with ours and open the next batch.

What may live here: the comparison and the change of batch. What may not: payouts, which follow the channels' files.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from xiaopos.kernel.ids import PaymentId, TerminalId
from xiaopos.kernel.refusal import Reason, Refused
from xiaopos.usecases.ports import (
    BatchClosing,
    BatchTotals,
    Change,
    Discrepancy,
    House,
    TerminalChange,
    TerminalFacts,
    TerminalTotals,
)
from xiaopos.usecases.steps import refuse_acceptor

LAST_BATCH = 999_999


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
        return await _told_again(terminal, batch_number, theirs, house)
    ours = await house.books.recall_batch(terminal)
    if ours.unknown_count:
        return Refused(Reason.BATCH_HAS_UNKNOWN, f"{ours.unknown_count} unknown")
    balanced = theirs is None or theirs == TerminalTotals(
        ours.sales_count, ours.sales_minor, ours.refunds_count, ours.refunds_minor
    )
    next_batch = terminal.batch_number % LAST_BATCH + 1
    closing = BatchClosing(
        terminal.merchant_id, terminal_id, terminal.batch_number, received_at, theirs, ours, balanced, next_batch
    )
    discrepancies: tuple[Discrepancy, ...] = ()
    if not balanced:
        detail = f"terminal {theirs}, host {ours}"
        discrepancies = (Discrepancy(terminal.merchant_id, name_of(closing), "batch_totals", detail, received_at),)
    change = TerminalChange(terminal_id, received_at, batch_number=next_batch)
    recorded = await house.books.record(Change(terminal=change, closing=closing, discrepancies=discrepancies))
    return recorded if isinstance(recorded, Refused) else BatchClosed(balanced, ours, next_batch)


def name_of(closing: BatchClosing) -> PaymentId:
    """Under which name a person is told of a batch."""
    return PaymentId(f"batch:{closing.terminal_id}:{closing.batch_number}")


async def _told_again(
    terminal: TerminalFacts, batch_number: int | None, theirs: TerminalTotals | None, house: House
) -> BatchClosed | Refused:
    """A terminal that never heard that its batch was closed hears it again; any other request closes nothing."""
    assert batch_number is not None
    closing = await house.books.recall_closing(terminal.merchant_id, terminal.terminal_id, batch_number)
    if closing is None or closing.theirs != theirs or closing.next_batch != terminal.batch_number:
        return Refused(Reason.BATCH_WRONG, f"batch {batch_number}, open is {terminal.batch_number}")
    return BatchClosed(closing.balanced, closing.ours, closing.next_batch)
