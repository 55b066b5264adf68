"""The payment: one attempt to move money between a customer and a merchant.

What may live here: the value itself, its parts, what it was asked to do. What may not: decisions and postings.
"""

from __future__ import annotations

from datetime import date, datetime
from enum import Enum

from msgspec import Struct, structs

from xiaopos.kernel.ids import MerchantId, PaymentId, ShopId, TerminalId
from xiaopos.kernel.money import Money
from xiaopos.kernel.refusal import Reason
from xiaopos.payments.states import PAYMENT, Event, State


class Kind(Enum):
    """What a payment does. What undoes or adds to another follows it: a void (of a sale, a pre-authorisation or a
    completion), a refund, a completion, a tip."""

    SALE = "sale"
    VOID = "void"
    REFUND = "refund"
    PREAUTH = "preauth"
    """预授权: money is held on the card; none moves, and nothing is posted."""
    COMPLETION = "completion"
    """预授权完成: takes what a pre-authorisation held."""
    TIP = "tip"
    """小费: taken from the card of a sale of the open batch; the sale itself stays as it is."""


TAKES_MONEY: frozenset[Kind] = frozenset({Kind.SALE, Kind.COMPLETION, Kind.TIP})
"""The kinds that bring money to the merchant: what a batch counts as debit, what can be refunded."""

ON_ITS_OWN: frozenset[Kind] = TAKES_MONEY - {Kind.TIP}
"""The kinds that are a record of their own in a terminal's batch: a tip is added to the amount of its sale's record."""


class Method(Enum):
    """How the customer pays: a card, a payment code that the shop scans, a code that the shop shows."""

    CARD = "card"
    PAYER_CODE = "payer_code"
    SHOP_CODE = "shop_code"


class CardKind(Enum):
    """What the card is to the price plan; a wallet counts as its own kind."""

    DEBIT = "debit"
    CREDIT = "credit"
    WALLET = "wallet"
    UNKNOWN = "unknown"


class CardFacts(Struct, frozen=True, gc=False):
    """What may be kept of a card after authorisation.

    `token` is the keyed hash by which the card is found again, `sealed` the number encrypted for a later reversal;
    `chip` holds what a receipt prints of a chip transaction (AID, TVR, TSI, ATC, cryptogram, label), as tag -> hex or text.
    """

    masked: str
    token: str
    sealed: str
    entry_mode: str
    sequence: str = ""
    chip: tuple[tuple[str, str], ...] = ()


class Payment(Struct, frozen=True, gc=False):
    """A payment as the books hold it. `version` counts its moves; every change names the version that it saw.

    `rrn` is given by the books when the payment is claimed. `refunding` and `refunded` are what is being and has been
    paid back of it. `claimed_by` names the process that asks the channel, so that its restart finds what it left.
    An `advice` tells of what was settled before it was sent (an offline sale, a completion by notice): it is never
    reversed, but told again until the channel has taken it. `issuer_data` is what the issuer tells the card's chip: it is
    handed through to the terminal with the answer and kept nowhere.
    """

    merchant_id: MerchantId
    payment_id: PaymentId
    business_on: date
    kind: Kind
    method: Method
    channel: str
    amount: Money
    fee: Money
    refunding: Money
    refunded: Money
    content_hash: str
    received_at: datetime
    shop_id: ShopId
    terminal_id: TerminalId
    batch_number: int
    stan: int | None = None
    cashier: str = ""
    state: State = State.SENT
    version: int = 1
    terminal_time: datetime | None = None
    decided_at: datetime | None = None
    original_id: PaymentId | None = None
    rrn: str = ""
    approval_code: str = ""
    response_code: str = ""
    reason: Reason | None = None
    card_kind: CardKind = CardKind.UNKNOWN
    card: CardFacts | None = None
    issuer: str = ""
    payer: str = ""
    channel_ref: str = ""
    shown_code: str = ""
    claimed_by: str = ""
    advice: bool = False
    issuer_data: bytes = b""

    @property
    def refundable(self) -> Money:
        """What can still be paid back."""
        return self.amount - self.refunded - self.refunding

    def changed(self, **changes: object) -> Payment:
        """The payment with some fields changed."""
        return structs.replace(self, **changes)

    def moved(self, event: Event, at: datetime, **changes: object) -> Payment:
        """The payment after an event, and what else it changes. Raises IllegalMove when its state does not allow it."""
        state = PAYMENT.move(self.state, event)
        return self.changed(state=state, version=self.version + 1, decided_at=at, **changes)

    def touched(self, at: datetime, **changes: object) -> Payment:
        """The payment after a change that is no move (an amount reserved for a refund)."""
        return self.changed(version=self.version + 1, decided_at=at, **changes)


_UNKNOWN = frozenset({State.SENT, State.PAYING, State.UNKNOWN, State.VOIDING, State.COMPLETING})
_BEING_UNDONE = frozenset({State.REVERSING, State.UNRESOLVED})


def keeps_batch_open(kind: Kind, state: State) -> bool:
    """Whether nobody can say what a batch with such a payment holds.

    What is being taken back counts for neither side already, but a void: until it is undone, the terminal counts what it had
    voided and the books do not.
    """
    return state in _UNKNOWN or (kind is Kind.VOID and state in _BEING_UNDONE)
