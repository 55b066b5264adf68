"""A pretend twin of Books and Jobs, in memory, that keeps the promises of the real store.

Everything that was recorded can be looked at: payments, their time lines, the ledger's legs, jobs, discrepancies,
refusals. The contract suites in tests/contracts hold this twin and the real store to the same words.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

from xiaopos.fleet.asks import TerminalAsk
from xiaopos.fleet.downloads import DownloadKind, DownloadRow
from xiaopos.kernel.ids import MerchantId, PaymentId, TerminalId
from xiaopos.kernel.refusal import Reason, Refused
from xiaopos.ledger import Account, AccountSum, EntryKind, Leg, Side, TrialBalance, trial_balance
from xiaopos.payments.payment import ON_ITS_OWN, TAKES_MONEY, Kind, Payment, keeps_batch_open
from xiaopos.payments.states import State
from xiaopos.usecases.notices import KeptSignature, Notice, ScriptNotice, ScriptPassedOn, TerminalStatus
from xiaopos.usecases.ports import (
    BatchClosing,
    BatchItem,
    BatchTotals,
    BooksLost,
    Change,
    Discrepancy,
    JobAsk,
    Known,
    LeasedJob,
    Overtaken,
    Posting,
    Record,
    Recorded,
    RefusalNote,
    TerminalChange,
    TerminalFacts,
)

OWN_ENTRY = {
    Kind.SALE: EntryKind.SALE,
    Kind.COMPLETION: EntryKind.SALE,
    Kind.TIP: EntryKind.SALE,
    Kind.VOID: EntryKind.VOID,
    Kind.REFUND: EntryKind.REFUND,
}

Key = tuple[str, str]


def _notice_key(notice: Notice) -> tuple[object, ...]:
    if isinstance(notice, TerminalStatus):
        return (notice.terminal_id, notice.told_at)
    own = () if isinstance(notice, KeptSignature) else (notice.batch_number, notice.stan)
    return (type(notice), notice.merchant_id, notice.payment_id, *own)


@dataclass(slots=True)
class KeptJob:
    """A job as the queue keeps it."""

    ask: JobAsk
    due_at: datetime
    attempts: int = 0
    lease_until: datetime | None = None
    last_error: str = ""
    done: bool = False


@dataclass
class MemoryBooks:
    """Books and Jobs in one. `lost` makes every call raise BooksLost; `busy` refuses what should be recorded."""

    terminals: dict[str, TerminalFacts] = field(default_factory=dict)
    payments: dict[Key, Payment] = field(default_factory=dict)
    moves: list[Payment] = field(default_factory=list)
    entries: dict[tuple[str, str, EntryKind], tuple[Leg, ...]] = field(default_factory=dict)
    jobs: dict[tuple[str, str, str], KeptJob] = field(default_factory=dict)
    discrepancies: list[Discrepancy] = field(default_factory=list)
    closings: list[BatchClosing] = field(default_factory=list)
    items: list[BatchItem] = field(default_factory=list)
    refusals: list[RefusalNote] = field(default_factory=list)
    last_number: dict[date, int] = field(default_factory=dict)
    downloads: list[DownloadRow] = field(default_factory=list)
    asks: dict[tuple[str, TerminalAsk], datetime] = field(default_factory=dict)
    notices: list[Notice] = field(default_factory=list)
    lost: bool = False
    busy: bool = False

    def add(self, terminals: Iterable[TerminalFacts]) -> None:
        """Register terminals."""
        self.terminals.update({terminal.terminal_id: terminal for terminal in terminals})

    def _reached(self) -> None:
        if self.lost:
            raise BooksLost("the pretend database is away")

    async def recall_terminal(self, terminal_id: TerminalId, on: date) -> TerminalFacts | None:
        """See Books. The twin knows one set of terms, valid on every day."""
        self._reached()
        facts = self.terminals.get(terminal_id)
        open_asks = [ask for terminal, ask in self.asks if terminal == terminal_id]
        return facts and replace(facts, asked=min(open_asks, key=lambda ask: ask.urgency, default=None))

    async def recall_downloads(self, kind: DownloadKind, profile: str, on: date) -> Sequence[DownloadRow]:
        """See Books."""
        self._reached()
        return [
            row for row in self.downloads if row.kind is kind and row.profile in ("", profile) and row.valid_from <= on
        ]

    async def recall_payment(self, merchant_id: MerchantId, payment_id: PaymentId) -> Payment | None:
        """See Books."""
        self._reached()
        return self.payments.get((merchant_id, payment_id))

    async def recall_voucher(
        self, merchant_id: MerchantId, terminal_id: TerminalId, batch_number: int, stan: int
    ) -> Payment | None:
        """See Books."""
        self._reached()
        wanted = (merchant_id, terminal_id, batch_number, stan)
        found = [
            one
            for one in self.payments.values()
            if (one.merchant_id, one.terminal_id, one.batch_number, one.stan) == wanted
        ]
        return max(found, key=lambda one: one.received_at, default=None)

    async def recall_rrn(self, merchant_id: MerchantId | None, rrn: str) -> Payment | None:
        """See Books."""
        self._reached()
        found = [one for one in self.payments.values() if merchant_id in (None, one.merchant_id) and one.rrn == rrn]
        return max(found, key=lambda one: one.received_at, default=None)

    async def recall_preauth(self, merchant_id: MerchantId, approval_code: str, card_token: str) -> Payment | None:
        """See Books."""
        self._reached()
        found = [
            one
            for one in self.payments.values()
            if one.kind is Kind.PREAUTH
            and (one.merchant_id, one.approval_code) == (merchant_id, approval_code)
            and one.card is not None
            and one.card.token == card_token
        ]
        return max(found, key=lambda one: one.received_at, default=None)

    async def number(self, on: date) -> str:
        """See Books."""
        self._reached()
        return self._next_rrn(on)

    async def recall_batch(self, terminal: TerminalFacts) -> BatchTotals:
        """See Books."""
        self._reached()
        batch = [
            one
            for one in self.payments.values()
            if (one.merchant_id, one.terminal_id, one.batch_number)
            == (terminal.merchant_id, terminal.terminal_id, terminal.batch_number)
        ]
        sales = [one.amount.minor for one in batch if one.kind in TAKES_MONEY and one.state is State.APPROVED]
        counted = sum(one.kind in ON_ITS_OWN and one.state is State.APPROVED for one in batch)
        refunds = [one.amount.minor for one in batch if (one.kind, one.state) == (Kind.REFUND, State.APPROVED)]
        unknown = sum(keeps_batch_open(one.kind, one.state) for one in batch)
        return BatchTotals(counted, sum(sales), len(refunds), sum(refunds), unknown)

    async def recall_closing(
        self, merchant_id: MerchantId, terminal_id: TerminalId, batch_number: int
    ) -> BatchClosing | None:
        """See Books."""
        self._reached()
        wanted = (merchant_id, terminal_id, batch_number)
        found = [one for one in self.closings if (one.merchant_id, one.terminal_id, one.batch_number) == wanted]
        return max(found, key=lambda one: one.closed_at, default=None)

    async def recall_items(
        self, merchant_id: MerchantId, terminal_id: TerminalId, batch_number: int
    ) -> Sequence[BatchItem]:
        """See Books."""
        self._reached()
        wanted = (merchant_id, terminal_id, batch_number)
        return [one for one in self.items if (one.merchant_id, one.terminal_id, one.batch_number) == wanted]

    async def recall_batch_payments(
        self, merchant_id: MerchantId, terminal_id: TerminalId, batch_number: int, since: datetime
    ) -> Sequence[Payment]:
        """See Books."""
        self._reached()
        wanted = (merchant_id, terminal_id, batch_number)
        return [
            one
            for one in self.payments.values()
            if (one.merchant_id, one.terminal_id, one.batch_number) == wanted and one.received_at >= since
        ]

    async def recall_signature(self, merchant_id: MerchantId, payment_id: PaymentId) -> KeptSignature | None:
        """See Books."""
        self._reached()
        kept = [one for one in self.notices if isinstance(one, KeptSignature)]
        return next((one for one in kept if (one.merchant_id, one.payment_id) == (merchant_id, payment_id)), None)

    async def recall_scripts(self, merchant_id: MerchantId, payment_id: PaymentId) -> Sequence[ScriptNotice]:
        """See Books."""
        self._reached()
        passed = {_notice_key(one)[1:] for one in self.notices if isinstance(one, ScriptPassedOn)}
        told = [one for one in self.notices if isinstance(one, ScriptNotice) and _notice_key(one)[1:] not in passed]
        mine = [one for one in told if (one.merchant_id, one.payment_id) == (merchant_id, payment_id)]
        return sorted(mine, key=lambda one: (one.told_at, one.stan))

    async def recall_open(self, *, claimed_by: str | None, before: datetime, limit: int) -> Sequence[Payment]:
        """See Books."""
        self._reached()
        found = [
            one
            for one in self.payments.values()
            if one.state is State.SENT and one.received_at < before and claimed_by in (None, one.claimed_by)
        ]
        return sorted(found, key=lambda one: one.received_at)[:limit]

    async def is_posted(self, payment: Payment) -> bool:
        """See Books."""
        self._reached()
        key = (payment.merchant_id, payment.payment_id)
        if payment.kind not in OWN_ENTRY:
            return False
        return (*key, OWN_ENTRY[payment.kind]) in self.entries and (*key, EntryKind.REVERSAL) not in self.entries

    async def record(self, change: Change) -> Record:
        """See Books. Nothing is written before everything was checked: whole or not at all."""
        self._reached()
        if self.busy:
            return Refused(Reason.BUSY, "the writer's queue is full")
        claim = change.claim
        if claim is not None:
            known = self._in_the_way(claim)
            if known is not None:
                return Known(known)
            claim = claim if claim.rrn else claim.changed(rrn=self._next_rrn(claim.business_on))
        for move in change.moves:
            before = self.payments.get((move.merchant_id, move.payment_id))
            if before is None or before.version != move.version - 1:
                return Overtaken()
        for posting in change.postings:
            assert self._entry_key(posting) not in self.entries, "a payment has at most one entry of each kind"
        self._write(change, claim)
        return Recorded(claim)

    def _in_the_way(self, claim: Payment) -> Payment | None:
        known = self.payments.get((claim.merchant_id, claim.payment_id))
        if known is not None or claim.stan is None:
            return known
        voucher = (claim.merchant_id, claim.business_on, claim.terminal_id, claim.batch_number, claim.stan)
        for one in self.payments.values():
            if (one.merchant_id, one.business_on, one.terminal_id, one.batch_number, one.stan) == voucher:
                return one
        return None

    def _next_rrn(self, day: date) -> str:
        self.last_number[day] = number = self.last_number.get(day, 0) + 1
        return f"{day.year % 10}{day.timetuple().tm_yday:03d}{number:08d}"

    @staticmethod
    def _entry_key(posting: Posting) -> tuple[str, str, EntryKind]:
        return (posting.payment.merchant_id, posting.payment.payment_id, posting.entry.kind)

    def _write(self, change: Change, claim: Payment | None) -> None:
        for payment in (*((claim,) if claim else ()), *change.moves):
            assert payment.refunded.minor >= 0, "a payment cannot be refunded less than nothing"
            assert payment.refunding.minor >= 0, "a reservation cannot be less than nothing"
            assert payment.refundable.minor >= 0, "refunds fit into their payment"
            self.payments[payment.merchant_id, payment.payment_id] = payment
            self.moves.append(payment)
        for posting in change.postings:
            self.entries[self._entry_key(posting)] = posting.entry.legs
        for job in change.jobs:
            self.jobs[job.merchant_id, job.payment_id, job.kind] = KeptJob(job, job.due_at)
        for done in change.done:
            kept = self.jobs.get((done.merchant_id, done.payment_id, done.kind))
            if kept is not None:
                kept.done = True
        if change.refusal is not None:
            self.refusals.append(change.refusal)
        seen = {(item.merchant_id, item.payment_id, item.kind) for item in self.discrepancies}
        self.discrepancies += [
            item for item in change.discrepancies if (item.merchant_id, item.payment_id, item.kind) not in seen
        ]
        if change.closing is not None:
            self.closings.append(change.closing)
        held = {(one.merchant_id, one.terminal_id, one.batch_number, one.stan, one.told_at) for one in self.items}
        self.items += [
            one
            for one in change.items
            if (one.merchant_id, one.terminal_id, one.batch_number, one.stan, one.told_at) not in held
        ]
        told = {_notice_key(notice) for notice in self.notices}
        self.notices += [notice for notice in change.notices if _notice_key(notice) not in told]
        if change.terminal is not None:
            self._change_terminal(change.terminal)

    def _change_terminal(self, change: TerminalChange) -> None:
        facts = self.terminals[change.terminal_id]
        if change.complied is not None:
            asked_at = self.asks.get((change.terminal_id, change.complied))
            if asked_at is not None and asked_at <= change.at:
                del self.asks[change.terminal_id, change.complied]
        self.terminals[change.terminal_id] = replace(
            facts,
            tpk=change.tpk or facts.tpk,
            tak=change.tak or facts.tak,
            tdk=change.tdk or facts.tdk,
            signed_in=facts.signed_in if change.signed_in is None else change.signed_in,
            batch_number=change.batch_number or facts.batch_number,
        )

    async def lease(self, *, owner: str, now: datetime, limit: int, seconds: int) -> Sequence[LeasedJob]:
        """See Jobs."""
        self._reached()
        due = [
            job
            for job in self.jobs.values()
            if not job.done and job.due_at <= now and (job.lease_until is None or job.lease_until < now)
        ]
        leased = []
        for job in sorted(due, key=lambda job: job.due_at)[:limit]:
            job.attempts += 1
            job.lease_until = now + timedelta(seconds=seconds)
            ask = job.ask
            leased.append(LeasedJob(ask.kind, ask.merchant_id, ask.payment_id, job.attempts, job.lease_until))
        return leased

    async def put_back(self, job: LeasedJob, *, due_at: datetime, error: str, failed: bool = True) -> None:
        """See Jobs. Does nothing when the lease has passed to another meanwhile."""
        self._reached()
        kept = self._held(job)
        if kept is not None:
            kept.due_at, kept.lease_until, kept.last_error = due_at, None, error
            kept.attempts -= not failed

    async def finish(self, job: LeasedJob) -> None:
        """See Jobs."""
        self._reached()
        kept = self._held(job)
        if kept is not None:
            kept.done = True

    def _held(self, job: LeasedJob) -> KeptJob | None:
        kept = self.jobs.get((job.merchant_id, job.payment_id, job.kind))
        return kept if kept is not None and not kept.done and kept.lease_until == job.lease_until else None

    @property
    def waiting_jobs(self) -> list[KeptJob]:
        """What the machine still has to do."""
        return [job for job in self.jobs.values() if not job.done]

    def trial_balance(self) -> TrialBalance:
        """The ledger's sums per account."""
        sums: dict[tuple[Account, str], list[int]] = {}
        for legs in self.entries.values():
            for leg in legs:
                row = sums.setdefault((leg.account, leg.amount.currency), [0, 0])
                row[leg.side is Side.CREDIT] += leg.amount.minor
        return trial_balance(
            AccountSum(account, currency, debited, credited)
            for (account, currency), (debited, credited) in sums.items()
        )

    def balance(self, code: str) -> int:
        """The balance of one account on its own side, in minor units; zero for one that was never posted to."""
        return sum(row.balance_minor for row in self.trial_balance().sums if row.account.code == code)
