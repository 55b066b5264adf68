"""Compare a closed batch item by item (批上送): the terminal uploads what it holds after its totals differed.

What may live here: taking the items and comparing them. What may not: changing a payment; what differs is shown to a
person, for the upload carries no MAC and proves nothing.
"""

from __future__ import annotations

from datetime import UTC, datetime

from xiaopos.kernel.ids import PaymentId, TerminalId
from xiaopos.kernel.refusal import Reason, Refused
from xiaopos.payments.payment import ON_ITS_OWN, Kind, Payment
from xiaopos.payments.states import State
from xiaopos.usecases.close_batch import name_of
from xiaopos.usecases.ports import BatchClosing, BatchItem, Change, Discrepancy, House, TerminalFacts
from xiaopos.usecases.steps import refuse_acceptor

MOST_ITEMS = 3000
"""What a terminal can hold of one batch; more is no upload of one."""

_EVER = datetime(1970, 1, 1, tzinfo=UTC)
_COUNTED = ON_ITS_OWN | {Kind.REFUND}


async def take_batch_items(
    terminal_id: TerminalId,
    merchant_id: str,
    batch_number: int,
    items: tuple[tuple[int, int, str], ...],
    at: datetime,
    house: House,
) -> int | Refused:
    """Keep uploaded items, each `(stan, amount in minor units, masked card)`; how many the batch holds now.

    An item that is told again is kept once. Refused for a batch that this terminal has not closed.
    """
    found = await _closing(terminal_id, merchant_id, batch_number, at, house)
    if isinstance(found, Refused):
        return found
    closing, _ = found
    kept = await house.books.recall_items(closing.merchant_id, terminal_id, batch_number)
    known = {item.stan for item in kept if item.told_at >= closing.closed_at}
    fresh = {stan: (minor, masked) for stan, minor, masked in items if stan not in known}
    if len(known) + len(fresh) > MOST_ITEMS:
        return Refused(Reason.BUSY, f"more than {MOST_ITEMS} items")
    if fresh:
        change = Change(
            items=tuple(
                BatchItem(closing.merchant_id, terminal_id, batch_number, stan, minor, masked, at)
                for stan, (minor, masked) in fresh.items()
            )
        )
        recorded = await house.books.record(change)
        if isinstance(recorded, Refused):
            return recorded
    return len(known) + len(fresh)


async def end_batch_upload(
    terminal_id: TerminalId, merchant_id: str, batch_number: int, told: int, at: datetime, house: House
) -> int | Refused:
    """The upload is over, with `told` items by the terminal's count: compare. How many differences a person is shown.

    A batch whose totals agreed is not compared: the terminal sends this end for every batch.
    """
    found = await _closing(terminal_id, merchant_id, batch_number, at, house)
    if isinstance(found, Refused):
        return found
    closing, since = found
    if closing.balanced:
        return 0
    items = await house.books.recall_items(closing.merchant_id, terminal_id, batch_number)
    items = [item for item in items if item.told_at >= closing.closed_at]
    payments = await house.books.recall_batch_payments(closing.merchant_id, terminal_id, batch_number, since)
    differences = _differences(closing, items, [one for one in payments if one.received_at <= closing.closed_at], at)
    if len(items) != told:
        detail = f"the terminal counts {told} items and uploaded {len(items)}"
        differences.append(Discrepancy(closing.merchant_id, name_of(closing), "batch_upload_short", detail, at))
    recorded = await house.books.record(Change(discrepancies=tuple(differences)))
    return recorded if isinstance(recorded, Refused) else len(differences)


async def _closing(
    terminal_id: TerminalId, merchant_id: str, batch_number: int, at: datetime, house: House
) -> tuple[BatchClosing, datetime] | Refused:
    """The closing that an upload belongs to, and since when its batch had been open."""
    terminal: TerminalFacts | None = await house.books.recall_terminal(terminal_id, house.day(at))
    if terminal is None:
        return Refused(Reason.TERMINAL_UNKNOWN, terminal_id)
    refused = refuse_acceptor(terminal, merchant_id)
    if refused is not None:
        return refused
    closing = await house.books.recall_closing(terminal.merchant_id, terminal_id, batch_number)
    if closing is None:
        return Refused(Reason.BATCH_WRONG, f"batch {batch_number} was never closed")
    before = await house.books.recall_closing(terminal.merchant_id, terminal_id, _number_before(batch_number))
    started = before.closed_at if before is not None and before.closed_at < closing.closed_at else _EVER
    return closing, started


def _number_before(batch_number: int) -> int:
    return batch_number - 1 or 999_999


def _differences(
    closing: BatchClosing, items: list[BatchItem], payments: list[Payment], at: datetime
) -> list[Discrepancy]:
    ours = {one.stan: one for one in payments if one.stan is not None and one.kind is not Kind.TIP}
    tips: dict[str | None, int] = {}
    for tip in payments:
        if tip.kind is Kind.TIP and tip.state is State.APPROVED:
            tips[tip.original_id] = tips.get(tip.original_id, 0) + tip.amount.minor
    theirs = {item.stan: item for item in items}
    found = []
    for stan, item in sorted(theirs.items()):
        payment = ours.get(stan)
        if payment is None:
            name = PaymentId(f"{name_of(closing)}:{stan}"[:32])
            found.append(_shown(closing, name, "batch_item_unknown", f"{item.amount_minor} of {item.masked}", at))
        elif not _stands(payment):
            found.append(_shown(closing, payment.payment_id, "batch_item_stands", f"ours {payment.state.value}", at))
        elif (held := payment.amount.minor + tips.get(payment.payment_id, 0)) != item.amount_minor:
            detail = f"terminal {item.amount_minor}, host {held}"
            found.append(_shown(closing, payment.payment_id, "batch_item_amount", detail, at))
    for stan, payment in sorted(ours.items()):
        if _stands(payment) and stan not in theirs:
            found.append(_shown(closing, payment.payment_id, "batch_item_missing", f"voucher {stan}", at))
    return found


def _stands(payment: Payment) -> bool:
    return payment.kind in _COUNTED and payment.state is State.APPROVED


def _shown(closing: BatchClosing, name: PaymentId, kind: str, detail: str, at: datetime) -> Discrepancy:
    return Discrepancy(closing.merchant_id, name, kind, detail, at)
