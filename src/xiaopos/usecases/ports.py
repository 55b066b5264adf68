"""The roles that the use cases need played: Books, Jobs, Acquirer, Wallet, and what passes between.

What may live here: Protocols and the values they take and return. What may not: any adapter, any rule.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from typing import Protocol

from msgspec import Struct

from xiaopos.fleet.asks import TerminalAsk
from xiaopos.fleet.downloads import DownloadKind, DownloadRow
from xiaopos.kernel.clock import Clock, business_day
from xiaopos.kernel.ids import MerchantId, PaymentId, ShopId, TerminalId
from xiaopos.kernel.money import Money
from xiaopos.kernel.refusal import Refused
from xiaopos.kernel.secret import Pan, Secret
from xiaopos.keys import Vault, WrappedKey
from xiaopos.ledger import Entry
from xiaopos.merchants.wallet_contracts import TRIAL_MARK
from xiaopos.payments.answers import Answer, Balances, Declined, OutcomeUnknown
from xiaopos.payments.decisions import Limits
from xiaopos.payments.payment import Payment
from xiaopos.settlement.prices import PricePlan
from xiaopos.usecases.keep_wallet_contract import ContractDesk
from xiaopos.usecases.notices import KeptSignature, Notice, ScriptNotice


@dataclass(frozen=True, slots=True)
class TerminalFacts:
    """What a payment needs to know of the terminal and its merchant, as the registry holds it now.

    The keys are None until the terminal has been given them. `zone` names the time zone of the merchant's business day,
    `cut_over_hour` the local hour at which the next one begins. `asked` is the most urgent of what is asked of the terminal.
    `bound` is False for a terminal that was packed here and whose six-way binding does not stand (fleet.bindings).
    """

    terminal_id: TerminalId
    merchant_id: MerchantId
    shop_id: ShopId
    terminal_active: bool
    merchant_active: bool
    profile: str
    batch_number: int
    signed_in: bool
    tmk: WrappedKey | None
    tpk: WrappedKey | None
    tak: WrappedKey | None
    tdk: WrappedKey | None
    limits: Limits
    plan: PricePlan
    zone: str
    cut_over_hour: int
    merchant_name: str
    asked: TerminalAsk | None = None
    bound: bool = True


class Posting(Struct, frozen=True, gc=False):
    """An entry to post for a payment."""

    payment: Payment
    entry: Entry


class JobAsk(Struct, frozen=True, gc=False):
    """Something the machine must do by itself for a payment, not before `due_at`. One job of a kind per payment."""

    kind: str
    merchant_id: MerchantId
    payment_id: PaymentId
    due_at: datetime


class JobDone(Struct, frozen=True, gc=False):
    """A job that this change finishes."""

    kind: str
    merchant_id: MerchantId
    payment_id: PaymentId
    at: datetime


@dataclass(frozen=True, slots=True)
class LeasedJob:
    """A job that this worker holds until `lease_until`; afterwards another may take it. `attempts` counts this one."""

    kind: str
    merchant_id: MerchantId
    payment_id: PaymentId
    attempts: int
    lease_until: datetime


@dataclass(frozen=True, slots=True)
class Discrepancy:
    """Something that our books and another's may hold differently, for a person to look at (reconciliation item)."""

    merchant_id: MerchantId
    payment_id: PaymentId
    kind: str
    detail: str
    found_at: datetime


@dataclass(frozen=True, slots=True)
class RefusalNote:
    """A request that was refused before it became a payment, as the merchant's list shows it."""

    refusal_id: str
    merchant_id: MerchantId
    shop_id: ShopId
    terminal_id: TerminalId
    business_on: date
    at: datetime
    kind: str
    amount: Money
    cashier: str
    refused: Refused


@dataclass(frozen=True, slots=True)
class TerminalChange:
    """What a message changes of a terminal; None leaves a value as it is.

    `complied` is what the terminal has done of what was asked of it, if that was before `at`.
    """

    terminal_id: TerminalId
    at: datetime
    tpk: WrappedKey | None = None
    tak: WrappedKey | None = None
    tdk: WrappedKey | None = None
    signed_in: bool | None = None
    batch_number: int | None = None
    complied: TerminalAsk | None = None


@dataclass(frozen=True, slots=True)
class TerminalTotals:
    """What a terminal counted of its batch, in minor units. Debit: what took money and stands; credit: refunds."""

    debit_count: int
    debit_minor: int
    credit_count: int
    credit_minor: int


@dataclass(frozen=True, slots=True)
class BatchTotals:
    """What a terminal's batch holds, in minor units: what took money and stands, and refunds (批结算)."""

    sales_count: int
    sales_minor: int
    refunds_count: int
    refunds_minor: int
    unknown_count: int


@dataclass(frozen=True, slots=True)
class BatchClosing:
    """One closing of a batch: what the terminal counted (None when it counts nothing), what we did, and the verdict."""

    merchant_id: MerchantId
    terminal_id: TerminalId
    batch_number: int
    closed_at: datetime
    theirs: TerminalTotals | None
    ours: BatchTotals
    balanced: bool
    next_batch: int


@dataclass(frozen=True, slots=True)
class BatchItem:
    """One detail of a batch as its terminal uploaded it (批上送), known by its voucher number. `masked` is the card."""

    merchant_id: MerchantId
    terminal_id: TerminalId
    batch_number: int
    stan: int
    amount_minor: int
    masked: str
    told_at: datetime


class Change(Struct, frozen=True, gc=False):
    """What one use case wants recorded in one commit, whole or not at all.

    `claim` is a new payment; the books give it its RRN. Each payment in `moves` replaces its previous version: when the
    books hold another version, nothing of the change is recorded.
    """

    claim: Payment | None = None
    moves: tuple[Payment, ...] = ()
    postings: tuple[Posting, ...] = ()
    jobs: tuple[JobAsk, ...] = ()
    done: tuple[JobDone, ...] = ()
    discrepancies: tuple[Discrepancy, ...] = ()
    refusal: RefusalNote | None = None
    terminal: TerminalChange | None = None
    closing: BatchClosing | None = None
    items: tuple[BatchItem, ...] = ()
    notices: tuple[Notice, ...] = ()


class Recorded(Struct, frozen=True, gc=False):
    """The change is durable. `claim` is the claimed payment with its RRN."""

    claim: Payment | None = None


class Known(Struct, frozen=True, gc=False):
    """Nothing was recorded: a payment with the claim's id or voucher number (terminal, batch, STAN) exists already."""

    payment: Payment


class Overtaken(Struct, frozen=True, gc=False):
    """Nothing was recorded: a payment that the change moves has moved meanwhile."""


Record = Recorded | Known | Overtaken | Refused


class Books(Protocol):
    """The records, behind one writer that commits what waits together. Every method may raise BooksLost.

    `record` returns only after its commit; `Refused(BUSY)` for a new claim when too much waits already.
    """

    async def recall_terminal(self, terminal_id: TerminalId, on: date) -> TerminalFacts | None:
        """The terminal with its merchant's terms valid on the day, or None for an unknown number."""
        ...

    async def recall_payment(self, merchant_id: MerchantId, payment_id: PaymentId) -> Payment | None:
        """One payment by its id."""
        ...

    async def recall_voucher(
        self, merchant_id: MerchantId, terminal_id: TerminalId, batch_number: int, stan: int
    ) -> Payment | None:
        """The newest payment with a terminal's voucher number (凭证号)."""
        ...

    async def recall_rrn(self, merchant_id: MerchantId | None, rrn: str) -> Payment | None:
        """One payment by its retrieval reference number; None for the merchant looks among all merchants."""
        ...

    async def recall_preauth(self, merchant_id: MerchantId, approval_code: str, card_token: str) -> Payment | None:
        """A merchant's newest approved pre-authorisation by its code and card: what another terminal or day can name."""
        ...

    async def number(self, on: date) -> str:
        """A new retrieval reference number, for a question to a channel that is no payment."""
        ...

    async def recall_batch(self, terminal: TerminalFacts) -> BatchTotals:
        """What the terminal's open batch holds."""
        ...

    async def recall_closing(
        self, merchant_id: MerchantId, terminal_id: TerminalId, batch_number: int
    ) -> BatchClosing | None:
        """The newest closing of a batch with this number."""
        ...

    async def recall_items(
        self, merchant_id: MerchantId, terminal_id: TerminalId, batch_number: int
    ) -> Sequence[BatchItem]:
        """What the terminal uploaded of a batch."""
        ...

    async def recall_batch_payments(
        self, merchant_id: MerchantId, terminal_id: TerminalId, batch_number: int, since: datetime
    ) -> Sequence[Payment]:
        """The payments of a batch that were received since an instant: batch numbers come round again."""
        ...

    async def recall_downloads(self, kind: DownloadKind, profile: str, on: date) -> Sequence[DownloadRow]:
        """Every approved row of a list that is valid by a day, for terminals of a profile or for all."""
        ...

    async def recall_signature(self, merchant_id: MerchantId, payment_id: PaymentId) -> KeptSignature | None:
        """The signature that is kept for a payment."""
        ...

    async def recall_scripts(self, merchant_id: MerchantId, payment_id: PaymentId) -> Sequence[ScriptNotice]:
        """What was told of scripts for a payment and not passed on to its network yet, the first first."""
        ...

    async def recall_open(self, *, claimed_by: str | None, before: datetime, limit: int) -> Sequence[Payment]:
        """Payments still in SENT that were claimed by a process (None: by any) before an instant, oldest first."""
        ...

    async def is_posted(self, payment: Payment) -> bool:
        """Whether the payment's own entry stands in the ledger without a reversal of it."""
        ...

    async def record(self, change: Change) -> Record:
        """Make a change durable, or say why not."""
        ...


class BooksLost(Exception):
    """The database could not be reached or broke off: whether a change was recorded is not known."""


class Jobs(Protocol):
    """The durable queue of what the machine does by itself."""

    async def lease(self, *, owner: str, now: datetime, limit: int, seconds: int) -> Sequence[LeasedJob]:
        """Take due jobs that nobody holds, oldest first."""
        ...

    async def put_back(self, job: LeasedJob, *, due_at: datetime, error: str, failed: bool = True) -> None:
        """Give a job back, to be tried again at an instant; `error` is what the operator reads.

        One that has not `failed` but was only too early is not counted among the attempts.
        """
        ...

    async def finish(self, job: LeasedJob) -> None:
        """A job that has nothing left to do."""
        ...


class CardMeans(Struct, frozen=True, gc=False):
    """A card as it was read for one payment. Lives only until the answer; nothing of it but CardFacts is kept.

    `pin_block` is encrypted under the terminal's PIN key. `icc` is field 55 as the terminal sent it.
    """

    pan: Pan
    entry_mode: str
    expiry: str = ""
    sequence: str = ""
    track2: Secret | None = None
    pin_block: Secret | None = None
    pin_key: WrappedKey | None = None
    pin_form: str = ""
    icc: bytes = b""


@dataclass(frozen=True, slots=True)
class BalanceAsk:
    """A balance enquiry (余额查询): who asks, when, under which number, for which card and currency."""

    merchant_id: MerchantId
    terminal_id: TerminalId
    rrn: str
    received_at: datetime
    currency: str
    card: CardMeans


class Acquirer(Protocol):
    """A card network to which authorisations go. No method raises: what went wrong is an OutcomeUnknown or a Declined.

    A request that certainly never left is Declined(CHANNEL_UNAVAILABLE); one that may have left is OutcomeUnknown.
    """

    name: str

    def route(self, card: Pan) -> Sequence[str]:
        """The channels that could take this card now, the best first; none when nobody can."""
        ...

    async def authorise(self, payment: Payment, card: CardMeans) -> Answer:
        """Ask the issuer for a sale or pre-authorisation. Called once, after the payment is durable in SENT."""
        ...

    async def complete(self, completion: Payment, preauth: Payment, card: CardMeans | None) -> Answer:
        """Take what was held. As a request it is asked once; as an advice it may be told again and is done once."""
        ...

    async def advise(self, payment: Payment, card: CardMeans | None) -> Answer:
        """Tell of a sale that the terminal settled offline; may be told again and is done once."""
        ...

    async def balance(self, ask: BalanceAsk) -> Balances | Declined | OutcomeUnknown:
        """Ask the issuer what the card holds. Moves nothing."""
        ...

    async def void(self, void: Payment, original: Payment, card: CardMeans | None) -> Answer:
        """Ask to cancel what was approved: a sale or completion before settlement, a pre-authorisation."""
        ...

    async def refund(self, refund: Payment, original: Payment, card: CardMeans | None) -> Answer:
        """Ask to pay back; the same refund may be asked again and is done once."""
        ...

    async def reverse(self, payment: Payment, original: Payment | None) -> Answer:
        """Undo a request whose outcome is unknown or unwanted; may be repeated; Approved also when nothing was there."""
        ...

    async def tell_script(self, notice: ScriptNotice, payment: Payment, original: Payment | None) -> Answer:
        """Pass on what came of the script that a payment's answer brought; may be told again. Moves nothing."""
        ...


class Wallet(Protocol):
    """A QR wallet. The same promises as Acquirer."""

    name: str

    async def pay(self, payment: Payment, payer_code: Secret) -> Answer:
        """Take a payment with the code that the customer shows."""
        ...

    async def show_code(self, payment: Payment) -> Answer:
        """Ask for a code that the shop shows: PayerAsked with `shown_code`, or Declined."""
        ...

    async def query(self, payment: Payment) -> Answer:
        """What became of a payment or refund. OutcomeUnknown while nobody can tell."""
        ...

    async def reverse(self, payment: Payment) -> Answer:
        """Close an unpaid order or pay back a paid one, whichever it is; may be repeated."""
        ...

    async def refund(self, refund: Payment, original: Payment) -> Answer:
        """Pay back; the same refund may be asked again and is done once."""
        ...


@dataclass(frozen=True, slots=True)
class HouseKeys:
    """The keys of the house itself: one seals card numbers at rest, one makes the token that finds them again."""

    pan_seal: WrappedKey
    pan_token: WrappedKey


@dataclass(frozen=True, slots=True)
class House:
    """Everything a use case may ask, built once by the composition root. `process` names the running process.

    `make_id` makes a new 128-bit id for an instant. `route_payer_code` names the wallet of a customer's code. `contracts` is
    None where no wallet knows merchants' own contracts.
    """

    process: str
    books: Books
    acquirer: Acquirer
    wallets: Mapping[str, Wallet]
    vault: Vault
    keys: HouseKeys
    clock: Clock
    make_id: Callable[[datetime], str]
    route_payer_code: Callable[[str], str | None]
    zone: tzinfo
    contracts: ContractDesk | None = None

    def takes(self, wallet: str, merchant_id: str) -> bool:
        """Whether a wallet takes new payments of this merchant."""
        return wallet in self.wallets and (self.contracts is None or self.contracts.takes(wallet, merchant_id))

    def offered(self, merchant_id: str) -> Sequence[str]:
        """The wallets that this merchant's customers can pay with, the first first. Not those of test payments."""
        return [name for name in self.wallets if not name.endswith(TRIAL_MARK) and self.takes(name, merchant_id)]

    def day(self, instant: datetime) -> date:
        """The calendar day of an instant in the house's own zone: from it terms agreed with merchants are valid."""
        return business_day(instant, self.zone)
