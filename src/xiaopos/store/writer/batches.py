"""Closed batches and what their terminals uploaded of them: rows and back.

What may live here: columns and mapping. What may not: comparing them, statements of other tables.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from typing import Any

from xiaopos.kernel.ids import MerchantId, TerminalId
from xiaopos.store.payments.repo import as_instant
from xiaopos.store.writer.engines import Engine
from xiaopos.store.writer.statements import Insert, Row, Select, Statement
from xiaopos.usecases.ports import BatchClosing, BatchItem, BatchTotals, Change, TerminalTotals

CLOSING_COLUMNS = (
    "merchant_id", "terminal_id", "batch_number", "closed_at", "balanced", "next_batch", "debit_count", "debit_minor",
    "credit_count", "credit_minor", "theirs_debit_count", "theirs_debit_minor", "theirs_credit_count", "theirs_credit_minor",
)  # fmt: skip
ITEM_COLUMNS = ("merchant_id", "terminal_id", "batch_number", "stan", "told_at", "amount_minor", "card_masked")


def keep_batches(changes: Sequence[Change]) -> Generator[Statement, Any, None]:
    """Write the closings and the items of a commit."""
    closings = [_closing_row(change.closing) for change in changes if change.closing is not None]
    if closings:
        yield Insert("batch_closing", CLOSING_COLUMNS, closings)
    items = [
        (one.merchant_id, one.terminal_id, one.batch_number, one.stan, one.told_at, one.amount_minor, one.masked)
        for change in changes
        for one in change.items
    ]
    if items:
        yield Insert("batch_item", ITEM_COLUMNS, items, "DO NOTHING")


def _closing_row(closing: BatchClosing) -> Row:
    ours, theirs = closing.ours, closing.theirs
    told: Row = (None,) * 4
    if theirs is not None:
        told = (theirs.debit_count, theirs.debit_minor, theirs.credit_count, theirs.credit_minor)
    return (
        closing.merchant_id, closing.terminal_id, closing.batch_number, closing.closed_at, closing.balanced,
        closing.next_batch, ours.sales_count, ours.sales_minor, ours.refunds_count, ours.refunds_minor, *told,
    )  # fmt: skip


async def recall_closing(
    engine: Engine, merchant_id: MerchantId, terminal_id: TerminalId, batch_number: int
) -> BatchClosing | None:
    """See Books."""
    sql = (
        f"SELECT {', '.join(CLOSING_COLUMNS)} FROM batch_closing "
        "WHERE merchant_id = ? AND terminal_id = ? AND batch_number = ? ORDER BY closed_at DESC LIMIT 1"
    )
    rows = await engine.select(Select(sql, (merchant_id, terminal_id, batch_number)))
    if not rows:
        return None
    merchant, terminal, number, closed_at, balanced, next_batch, *counts = rows[0]
    sales_count, sales_minor, refunds_count, refunds_minor, *theirs = counts
    return BatchClosing(
        MerchantId(merchant),
        TerminalId(terminal),
        number,
        as_instant(closed_at),
        None if theirs[0] is None else TerminalTotals(*theirs),
        BatchTotals(sales_count, sales_minor, refunds_count, refunds_minor, unknown_count=0),
        bool(balanced),
        next_batch,
    )


async def recall_items(
    engine: Engine, merchant_id: MerchantId, terminal_id: TerminalId, batch_number: int
) -> list[BatchItem]:
    """See Books."""
    sql = (
        f"SELECT {', '.join(ITEM_COLUMNS)} FROM batch_item "
        "WHERE merchant_id = ? AND terminal_id = ? AND batch_number = ? ORDER BY told_at, stan"
    )
    return [
        BatchItem(MerchantId(merchant), TerminalId(terminal), number, stan, minor, masked, as_instant(told_at))
        for merchant, terminal, number, stan, told_at, minor, masked in await engine.select(
            Select(sql, (merchant_id, terminal_id, batch_number))
        )
    ]
