"""Pretend twins of Acquirer and Wallet: they keep the customers' money and answer by a mood that a test sets.

A channel remembers what it did by payment id, does each thing once, and undoes it on request. What it holds can be
compared with our books.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import Enum

from xiaopos.kernel.money import Money
from xiaopos.kernel.refusal import Reason
from xiaopos.kernel.secret import Pan, Secret
from xiaopos.payments.answers import Answer, Approved, Balances, Declined, OutcomeUnknown, PayerAsked
from xiaopos.payments.payment import CardKind, Kind, Payment
from xiaopos.usecases.notices import ScriptNotice
from xiaopos.usecases.ports import BalanceAsk, CardMeans


class Mood(Enum):
    """How a channel treats the next request."""

    APPROVE = "approve"
    APPROVE_HALF = "approve_half"
    DECLINE = "decline"
    LOSE_REQUEST = "lose_request"
    LOSE_ANSWER = "lose_answer"
    ASK_PAYER = "ask_payer"


@dataclass
class PretendChannel:
    """What both twins share. `moods` are used up one a request; then `mood` holds.

    `moved` holds what each payment moved in minor units: positive from the customer to the shop. `orders` are wallet
    payments whose customer has not decided yet. `while_asked` is called while a request is under way.
    """

    name: str
    mood: Mood = Mood.APPROVE
    moods: deque[Mood] = field(default_factory=deque)
    moved: dict[str, int] = field(default_factory=dict)
    gone: set[str] = field(default_factory=set)
    orders: dict[str, int] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    while_asked: Callable[[], None] | None = None
    issuer_data: bytes = b""
    """What the issuer tells the chip of every card."""

    @property
    def takings(self) -> int:
        """What the customers paid over this channel and did not get back, in minor units."""
        return sum(self.moved.values())

    def _next_mood(self) -> Mood:
        return self.moods.popleft() if self.moods else self.mood

    def _do(self, what: str, payment: Payment, minor: int) -> Answer:
        self.asked.append(f"{what} {payment.payment_id}")
        if self.while_asked is not None:
            self.while_asked()
        mood = self._next_mood()
        if payment.payment_id in self.moved:
            return OutcomeUnknown("cut off") if mood is Mood.LOSE_REQUEST else self._approved(payment)
        if payment.payment_id in self.gone:
            return Declined(Reason.PAYER_REFUSED, "05")
        if mood is Mood.LOSE_REQUEST:
            return OutcomeUnknown("no answer")
        if mood is Mood.DECLINE:
            return Declined(Reason.BALANCE_TOO_LOW, "51", icc=self.issuer_data)
        if mood is Mood.ASK_PAYER and what == "pay":
            self.orders[payment.payment_id] = minor
            return PayerAsked(f"order-{payment.payment_id[-4:]}")
        halved = mood is Mood.APPROVE_HALF
        self.moved[payment.payment_id] = minor // 2 if halved else minor
        if mood is Mood.LOSE_ANSWER:
            return OutcomeUnknown("the answer was lost")
        return self._approved(payment)

    def _approved(self, payment: Payment) -> Approved:
        minor = abs(self.moved[payment.payment_id])
        partly = None if minor == payment.amount.minor else Money(minor, payment.amount.currency)
        code = "10" if partly else "00"
        return Approved("A00001", f"ref-{payment.payment_id[-4:]}", code, partly, icc=self.issuer_data)

    def _undo(self, payment: Payment) -> Answer:
        """Undo what a payment moved, or see to it that it never moves anything."""
        self.asked.append(f"reverse {payment.payment_id}")
        if self.while_asked is not None:
            self.while_asked()
        mood = self._next_mood()
        if mood is Mood.LOSE_REQUEST:
            return OutcomeUnknown("no answer")
        self.moved.pop(payment.payment_id, None)
        self.orders.pop(payment.payment_id, None)
        self.gone.add(payment.payment_id)
        return OutcomeUnknown("the answer was lost") if mood is Mood.LOSE_ANSWER else Approved()


@dataclass
class PretendAcquirer(PretendChannel):
    """A card network with one issuer."""

    name: str = "unionpay"
    held: dict[str, int] = field(default_factory=dict)
    balances: int = 100_00
    cards: list[CardMeans] = field(default_factory=list)
    """The cards that authorisations were asked with."""

    def route(self, card: Pan) -> Sequence[str]:
        """See Acquirer."""
        return (self.name,)

    async def authorise(self, payment: Payment, card: CardMeans) -> Answer:
        """See Acquirer. A pre-authorisation moves nothing; what it holds can be seen in `held`."""
        assert card.pan.digits
        self.cards.append(card)
        if payment.kind is Kind.PREAUTH:
            answer = self._do("hold", payment, 0)
            if payment.payment_id in self.moved:
                self.held[payment.payment_id] = payment.amount.minor
            return answer if not isinstance(answer, Approved) else Approved("A00001", answer.channel_ref)
        return self._do("authorise", payment, payment.amount.minor)

    async def complete(self, completion: Payment, preauth: Payment, card: CardMeans | None) -> Answer:
        """See Acquirer."""
        assert preauth.payment_id in self.moved, "a completion names a pre-authorisation that the network knows"
        answer = self._do("complete", completion, completion.amount.minor)
        if completion.payment_id in self.moved:
            self.held.pop(preauth.payment_id, None)
        return answer

    async def advise(self, payment: Payment, card: CardMeans | None) -> Answer:
        """See Acquirer."""
        assert payment.advice
        return self._do("advise", payment, payment.amount.minor)

    async def balance(self, ask: BalanceAsk) -> Balances | Declined | OutcomeUnknown:
        """See Acquirer."""
        self.asked.append(f"balance {ask.rrn}")
        mood = self._next_mood()
        if mood is Mood.DECLINE:
            return Declined(Reason.PIN_WRONG, "55")
        if mood in (Mood.LOSE_REQUEST, Mood.LOSE_ANSWER):
            return OutcomeUnknown("no answer")
        return Balances(Money(self.balances, ask.currency), icc=self.issuer_data)

    async def void(self, void: Payment, original: Payment, card: CardMeans | None) -> Answer:
        """See Acquirer."""
        assert original.payment_id in self.moved, "a void names what the network knows"
        if original.kind is Kind.PREAUTH:
            answer = self._do("let go", void, 0)
            if void.payment_id in self.moved:
                self.held.pop(original.payment_id, None)
            return Approved("A00001", answer.channel_ref) if isinstance(answer, Approved) else answer
        return self._do("void", void, -void.amount.minor)

    async def refund(self, refund: Payment, original: Payment, card: CardMeans | None) -> Answer:
        """See Acquirer."""
        assert original.payment_id in self.moved, "a refund names a sale that the network knows"
        return self._do("refund", refund, -refund.amount.minor)

    async def reverse(self, payment: Payment, original: Payment | None) -> Answer:
        """See Acquirer."""
        assert payment.kind is not Kind.REFUND
        assert not payment.advice
        self.held.pop(payment.payment_id, None)
        return self._undo(payment)

    async def tell_script(self, notice: ScriptNotice, payment: Payment, original: Payment | None) -> Answer:
        """See Acquirer."""
        self.asked.append(f"script {notice.stan} of {payment.rrn}")
        mood = self._next_mood()
        if mood in (Mood.LOSE_REQUEST, Mood.LOSE_ANSWER):
            return OutcomeUnknown("no answer")
        if mood is Mood.DECLINE:
            return Declined(Reason.ORIGINAL_UNKNOWN, "25")
        return Approved(response_code="00")


@dataclass
class PretendWallet(PretendChannel):
    """A QR wallet. Customers confirm with `payer_confirms`, or give up with `payer_refuses`."""

    name: str = "sandbox"

    async def pay(self, payment: Payment, payer_code: Secret) -> Answer:
        """See Wallet."""
        assert payer_code.value
        return self._wallets(self._do("pay", payment, payment.amount.minor))

    async def show_code(self, payment: Payment) -> Answer:
        """See Wallet."""
        self.asked.append(f"show {payment.payment_id}")
        mood = self._next_mood()
        if mood is Mood.DECLINE:
            return Declined(Reason.CHANNEL_DECLINED, "05")
        if mood is Mood.LOSE_REQUEST:
            return OutcomeUnknown("no answer")
        self.orders[payment.payment_id] = payment.amount.minor
        if mood is Mood.LOSE_ANSWER:
            return OutcomeUnknown("the answer was lost")
        return PayerAsked(f"order-{payment.payment_id[-4:]}", f"pay/{payment.payment_id[-4:]}")

    async def query(self, payment: Payment) -> Answer:
        """See Wallet."""
        self.asked.append(f"query {payment.payment_id}")
        if self._next_mood() in (Mood.LOSE_REQUEST, Mood.LOSE_ANSWER):
            return OutcomeUnknown("no answer")
        if payment.payment_id in self.moved:
            return self._wallets(self._approved(payment))
        if payment.payment_id in self.orders:
            return PayerAsked()
        if payment.payment_id in self.gone:
            return Declined(Reason.PAYER_REFUSED, "05")
        return OutcomeUnknown("no such order")

    async def reverse(self, payment: Payment) -> Answer:
        """See Wallet."""
        assert payment.kind is Kind.SALE
        return self._undo(payment)

    async def refund(self, refund: Payment, original: Payment) -> Answer:
        """See Wallet."""
        assert original.payment_id in self.moved, "a refund names a payment that the wallet knows"
        return self._do("refund", refund, -refund.amount.minor)

    def payer_confirms(self, payment_id: str) -> None:
        """The customer says yes on the phone."""
        self.moved[payment_id] = self.orders.pop(payment_id)

    def payer_refuses(self, payment_id: str) -> None:
        """The customer says no on the phone."""
        del self.orders[payment_id]
        self.gone.add(payment_id)

    @staticmethod
    def _wallets(answer: Answer) -> Answer:
        if isinstance(answer, Approved):
            return Approved(
                answer.approval_code,
                answer.channel_ref,
                answer.response_code,
                answer.amount,
                payer="m***i",
                card_kind=CardKind.WALLET,
            )
        return answer
