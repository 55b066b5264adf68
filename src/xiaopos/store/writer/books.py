"""The Books on a batch writer.

What may live here: gathering changes and recalls into batches, numbering claims, splitting a batch that one bad change
would spoil. What may not: SQL dialects (engines), the order of statements (batch), rules.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime

from xiaopos.fleet.downloads import DownloadKind, DownloadRow
from xiaopos.kernel.ids import MerchantId, PaymentId, TerminalId
from xiaopos.kernel.refusal import Reason, Refused
from xiaopos.ledger import EntryKind
from xiaopos.payments.payment import ON_ITS_OWN, TAKES_MONEY, Kind, Payment, keeps_batch_open
from xiaopos.payments.states import State
from xiaopos.store.payments.repo import payment_of
from xiaopos.store.writer import batches
from xiaopos.store.writer.batch import NOBODY, PAYMENT_SQL, Stale, record_batch
from xiaopos.store.writer.engines import Engine
from xiaopos.store.writer.gather import Gatherer, TooMuchWaits
from xiaopos.store.writer.notices import recall_scripts, recall_signature
from xiaopos.store.writer.numbers import RrnSeries, days_of
from xiaopos.store.writer.statements import Select
from xiaopos.store.writer.terminals import recall_downloads, recall_terminals
from xiaopos.usecases.notices import KeptSignature, ScriptNotice
from xiaopos.usecases.ports import (
    BatchClosing,
    BatchItem,
    BatchTotals,
    BooksLost,
    Change,
    Overtaken,
    Record,
    TerminalFacts,
)

MOST_IN_A_BATCH = 256
BATCHES_THAT_MAY_WAIT = 8

_OWN_ENTRY = {
    Kind.SALE: EntryKind.SALE,
    Kind.COMPLETION: EntryKind.SALE,
    Kind.TIP: EntryKind.SALE,
    Kind.VOID: EntryKind.VOID,
    Kind.REFUND: EntryKind.REFUND,
}


class BatchedBooks:
    """Books over an Engine. One instance per process and event loop.

    `listening` says which merchants want to be told of events: theirs are written in the same commit.
    """

    def __init__(
        self,
        engine: Engine,
        *,
        most: int = MOST_IN_A_BATCH,
        waiting_batches: int = BATCHES_THAT_MAY_WAIT,
        listening: Callable[[], frozenset[MerchantId]] = lambda: NOBODY,
    ) -> None:
        self._engine = engine
        self._rrns = RrnSeries(engine)
        self._changes: Gatherer[Change, Record] = Gatherer(self._record_all, most=most, bound=most * waiting_batches)
        self._recalls: Gatherer[tuple[TerminalId, date], TerminalFacts | None] = Gatherer(
            self._recall_all, most=most, bound=most * waiting_batches
        )
        self._most = most
        self._listening = listening

    @property
    def crowded(self) -> bool:
        """Whether so much waits that nothing more should be read from sockets for now."""
        return max(self._changes.waiting, self._recalls.waiting) > 2 * self._most

    async def record(self, change: Change) -> Record:
        """See Books. Only new work is turned away: what concludes work that was taken always finds room."""
        try:
            return await self._changes.ask(change, bounded=change.claim is not None or change.refusal is not None)
        except TooMuchWaits:
            return Refused(Reason.BUSY, "the writer's queue is full")

    async def _record_all(self, changes: list[Change]) -> list[Record | BaseException]:
        claims = [None if change.claim is None else await self._numbered(change.claim) for change in changes]
        try:
            return list(await self._engine.run(lambda: record_batch(changes, claims, self._listening())))
        except BooksLost:
            raise
        except Exception:  # noqa: BLE001 - one change spoiled the batch: each is tried alone, only the bad one fails
            return [await self._record_alone(change, claim) for change, claim in zip(changes, claims, strict=True)]

    async def _record_alone(self, change: Change, claim: Payment | None) -> Record | BaseException:
        try:
            return (await self._engine.run(lambda: record_batch([change], [claim], self._listening())))[0]
        except Stale:
            return Overtaken()
        except Exception as error:  # noqa: BLE001 - handed to the one who asked for this change
            return error

    async def _numbered(self, claim: Payment) -> Payment:
        return claim if claim.rrn else claim.changed(rrn=await self._rrns.next(claim.business_on))

    async def recall_terminal(self, terminal_id: TerminalId, on: date) -> TerminalFacts | None:
        """See Books."""
        try:
            return await self._recalls.ask((terminal_id, on))
        except TooMuchWaits:
            raise BooksLost("too many recalls wait") from None

    async def _recall_all(self, asked: list[tuple[TerminalId, date]]) -> list[TerminalFacts | BaseException | None]:
        facts: dict[tuple[TerminalId, date], TerminalFacts] = {}
        for day in {on for _, on in asked}:
            ids = sorted({terminal_id for terminal_id, on in asked if on == day})
            for row in await recall_terminals(self._engine, ids, day):
                facts[row.terminal_id, day] = row
        return [facts.get(key) for key in asked]

    async def _find(self, condition: str, *values: object) -> list[Payment]:
        return [payment_of(row) for row in await self._engine.select(Select(PAYMENT_SQL + condition, values))]

    async def recall_payment(self, merchant_id: MerchantId, payment_id: PaymentId) -> Payment | None:
        """See Books."""
        found = await self._find("merchant_id = ? AND payment_id = ?", merchant_id, payment_id)
        return found[0] if found else None

    async def recall_voucher(
        self, merchant_id: MerchantId, terminal_id: TerminalId, batch_number: int, stan: int
    ) -> Payment | None:
        """See Books."""
        found = await self._find(
            "merchant_id = ? AND terminal_id = ? AND batch_number = ? AND stan = ? ORDER BY received_at DESC LIMIT 1",
            merchant_id,
            terminal_id,
            batch_number,
            stan,
        )
        return found[0] if found else None

    async def recall_rrn(self, merchant_id: MerchantId | None, rrn: str) -> Payment | None:
        """See Books."""
        days = days_of(rrn)
        if not days:
            return None
        marks = ", ".join("?" * len(days))
        for payment in await self._find(f"business_on IN ({marks}) AND rrn = ?", *days, rrn):
            if merchant_id in (None, payment.merchant_id):
                return payment
        return None

    async def recall_preauth(self, merchant_id: MerchantId, approval_code: str, card_token: str) -> Payment | None:
        """See Books."""
        found = await self._find(
            "kind = 'preauth' AND merchant_id = ? AND approval_code = ? AND card_token = ? ORDER BY received_at DESC LIMIT 1",
            merchant_id,
            approval_code,
            card_token,
        )
        return found[0] if found else None

    async def number(self, on: date) -> str:
        """See Books."""
        return await self._rrns.next(on)

    async def recall_closing(
        self, merchant_id: MerchantId, terminal_id: TerminalId, batch_number: int
    ) -> BatchClosing | None:
        """See Books."""
        return await batches.recall_closing(self._engine, merchant_id, terminal_id, batch_number)

    async def recall_items(
        self, merchant_id: MerchantId, terminal_id: TerminalId, batch_number: int
    ) -> Sequence[BatchItem]:
        """See Books."""
        return await batches.recall_items(self._engine, merchant_id, terminal_id, batch_number)

    async def recall_batch_payments(
        self, merchant_id: MerchantId, terminal_id: TerminalId, batch_number: int, since: datetime
    ) -> Sequence[Payment]:
        """See Books."""
        return await self._find(
            "merchant_id = ? AND terminal_id = ? AND batch_number = ? AND received_at >= ? ORDER BY received_at",
            merchant_id,
            terminal_id,
            batch_number,
            since,
        )

    async def recall_downloads(self, kind: DownloadKind, profile: str, on: date) -> Sequence[DownloadRow]:
        """See Books."""
        return await recall_downloads(self._engine, kind, profile, on)

    async def recall_signature(self, merchant_id: MerchantId, payment_id: PaymentId) -> KeptSignature | None:
        """See Books."""
        return await recall_signature(self._engine, merchant_id, payment_id)

    async def recall_scripts(self, merchant_id: MerchantId, payment_id: PaymentId) -> Sequence[ScriptNotice]:
        """See Books."""
        return await recall_scripts(self._engine, merchant_id, payment_id)

    async def recall_open(self, *, claimed_by: str | None, before: datetime, limit: int) -> Sequence[Payment]:
        """See Books."""
        owner = "" if claimed_by is None else " AND claimed_by = ?"
        values: tuple[object, ...] = () if claimed_by is None else (claimed_by,)
        return await self._find(
            f"state = 'sent' AND received_at < ?{owner} ORDER BY received_at LIMIT {int(limit)}", before, *values
        )

    async def recall_batch(self, terminal: TerminalFacts) -> BatchTotals:
        """See Books."""
        rows = await self._engine.select(
            Select(
                "SELECT kind, state, COUNT(*), SUM(amount_minor) FROM payment "
                "WHERE merchant_id = ? AND terminal_id = ? AND batch_number = ? GROUP BY kind, state",
                (terminal.merchant_id, terminal.terminal_id, terminal.batch_number),
            )
        )
        count: dict[tuple[str, str], int] = {(row[0], row[1]): int(row[2]) for row in rows}
        total: dict[tuple[str, str], int] = {(row[0], row[1]): int(row[3]) for row in rows}
        approved = State.APPROVED.value
        takings = [(kind.value, approved) for kind in TAKES_MONEY]
        refund = (Kind.REFUND.value, approved)
        return BatchTotals(
            sum(count.get((kind.value, approved), 0) for kind in ON_ITS_OWN),
            sum(total.get(taking, 0) for taking in takings),
            count.get(refund, 0),
            total.get(refund, 0),
            sum(number for (kind, state), number in count.items() if keeps_batch_open(Kind(kind), State(state))),
        )

    async def is_posted(self, payment: Payment) -> bool:
        """See Books."""
        rows = await self._engine.select(
            Select(
                "SELECT DISTINCT entry_kind FROM ledger_leg WHERE merchant_id = ? AND payment_id = ?",
                (payment.merchant_id, payment.payment_id),
            )
        )
        kinds = {row[0] for row in rows}
        own = _OWN_ENTRY.get(payment.kind)
        return own is not None and own.value in kinds and EntryKind.REVERSAL.value not in kinds

    async def close(self) -> None:
        """Let go of the database. What waits must have been recorded before."""
        await self._engine.close()
