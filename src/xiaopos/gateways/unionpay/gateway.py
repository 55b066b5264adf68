"""The adapter that plays the Acquirer role against the card network.

What may live here: each verb of the role as: find the card number, build, ask, read. What may not: field numbers
(`messages`), the connection (`line`), codes (`codes`).
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Awaitable, Callable, Sequence

from xiaopos.gateways.unionpay import messages
from xiaopos.gateways.unionpay.codes import NOT_ABOUT_THE_FIRST
from xiaopos.gateways.unionpay.line import LineCounts, LineTerms, Lost, NetworkLine, NotSent
from xiaopos.gateways.unionpay.messages import LateAnswer
from xiaopos.gateways.unionpay.qr_messages import ShopFace
from xiaopos.gateways.unionpay.qr_wallet import UnionPayQrWallet
from xiaopos.gateways.unionpay.repeats import AskedBefore
from xiaopos.kernel.clock import Clock
from xiaopos.kernel.refusal import Reason
from xiaopos.kernel.secret import Pan
from xiaopos.keys import KeyFault, KeyRefused, PinFormat, Vault, WrappedKey
from xiaopos.payments.answers import Answer, Balances, Declined, OutcomeUnknown
from xiaopos.payments.payment import Kind, Payment
from xiaopos.payments.states import State
from xiaopos.usecases.notices import ScriptNotice
from xiaopos.usecases.ports import BalanceAsk, CardMeans
from xiaopos.wire.iso8583 import Message
from xiaopos.wire.iso8583.network_qr import FIELD as QR_FIELD


class UnionPayAcquirer:
    """The Acquirer role over one line. `start` before the first question, `stop` after the last.

    `pan_seal` is the house's key that opens `payment.card.sealed` (base64 of `vault.seal` of the digits; associated data:
    the payment's id). `on_late_answer(rrn, answer)` is told when an authorisation's answer comes after its deadline.
    `heard` is told of every request about a payment and of every answer to one: whether it is ours, and its bytes.
    """

    def __init__(
        self,
        terms: LineTerms,
        *,
        vault: Vault,
        pan_seal: WrappedKey,
        clock: Clock,
        jitter: Callable[[], float],
        on_late_answer: Callable[[str, LateAnswer], None] | None = None,
        heard: Callable[[bool, bytes], None] | None = None,
        name: str = "unionpay",
    ) -> None:
        self.name = name
        self._member = terms.member
        self._suite = terms.suite
        self._vault = vault
        self._pan_seal = pan_seal
        self._clock = clock
        self._on_late_answer = on_late_answer
        self._line = NetworkLine(terms, vault=vault, clock=clock, jitter=jitter, on_late=self._late, heard=heard)
        self._was_asked = AskedBefore()

    def route(self, card: Pan) -> Sequence[str]:  # noqa: ARG002 - alone it takes every card
        """See Acquirer."""
        return (self.name,)

    async def start(self) -> None:
        """Begin to keep the line up; returns at once."""
        await self._line.start()

    async def stop(self) -> None:
        """Close the line; what is under way becomes unknown."""
        await self._line.stop()

    def qr_wallet(
        self, face_of: Callable[[Payment], Awaitable[ShopFace]], takes_new: Callable[[], bool] = lambda: True
    ) -> UnionPayQrWallet:
        """The wallet whose payments travel on the same line: see it for the two roles."""
        return UnionPayQrWallet(self._line, self._member, clock=self._clock, face_of=face_of, takes_new=takes_new)

    @property
    def is_ready(self) -> bool:
        """Whether the line is up and signed on."""
        return self._line.is_ready

    async def until_ready(self, timeout_s: float) -> bool:
        """Wait until the line is signed on; False when it did not come up in time."""
        return await self._line.until_ready(timeout_s)

    @property
    def counts(self) -> LineCounts:
        """What the line has seen, for metrics."""
        return self._line.counts

    async def authorise(self, payment: Payment, card: CardMeans) -> Answer:
        """Ask the issuer for a sale or pre-authorisation. The vault moves the PIN from the terminal's key to the network's."""
        pin_block = await self._pin_for(card)
        if isinstance(pin_block, Declined):
            return pin_block
        return await self._ask(messages.authorisation(payment, card, self._member, pin_block), payment)

    async def complete(self, completion: Payment, preauth: Payment, card: CardMeans | None) -> Answer:
        """Take what was held; told again as an advice, it says so and is done once."""
        pin_block = await self._pin_for(card) if card else b""
        if isinstance(pin_block, Declined):
            return pin_block
        pan = card.pan if card else self._pan_of(completion, preauth)
        if pan is None:
            return Declined(Reason.KEY_FAULT, detail="the card number cannot be opened")
        repeat = completion.state is not State.SENT
        message = messages.completion(
            completion, preauth, pan, self._member, card=card, pin_block=pin_block, repeat=repeat
        )
        return _of_the_first(await self._ask(message, completion), repeat=repeat)

    async def advise(self, payment: Payment, card: CardMeans | None) -> Answer:
        """Tell of a sale that was settled offline; told again, it says so and is done once."""
        pan = card.pan if card else self._pan_of(payment, None)
        if pan is None:
            return OutcomeUnknown("the card number of the payment cannot be opened")
        repeat = payment.state is not State.SENT
        message = messages.offline_sale(payment, pan, self._member, card=card, repeat=repeat)
        return _of_the_first(await self._ask(message, payment), repeat=repeat)

    async def balance(self, ask: BalanceAsk) -> Balances | Declined | OutcomeUnknown:
        """Ask the issuer what the card holds."""
        pin_block = await self._pin_for(ask.card)
        if isinstance(pin_block, Declined):
            return pin_block
        answer = await self._line.ask(messages.balance(ask, self._member, pin_block))
        if not isinstance(answer, Message):
            return _unanswered(answer)
        return messages.read_balance(answer, ask.currency)

    async def void(self, void: Payment, original: Payment, card: CardMeans | None) -> Answer:
        """Ask to cancel what was approved."""
        pan = card.pan if card else self._pan_of(void, original)
        if pan is None:
            return Declined(Reason.KEY_FAULT, detail="the card number cannot be opened")
        return await self._ask(messages.void(void, original, pan, self._member), void)

    async def refund(self, refund: Payment, original: Payment, card: CardMeans | None) -> Answer:
        """Ask to pay back; asked again, it says so and is done once."""
        # Only the first ask is made in SENT. A later one that fails says nothing about the first.
        repeat = refund.state is not State.SENT
        return _of_the_first(await self._ask_refund(refund, original, card, repeat=repeat), repeat=repeat)

    async def _ask_refund(self, refund: Payment, original: Payment, card: CardMeans | None, *, repeat: bool) -> Answer:
        pan = card.pan if card else self._pan_of(refund, original)
        if pan is None:
            return Declined(Reason.KEY_FAULT, detail="the card number cannot be opened")
        return await self._ask(messages.refund(refund, original, pan, self._member, repeat=repeat), refund)

    async def reverse(self, payment: Payment, original: Payment | None) -> Answer:
        """Undo a request, from its durable row alone. A refund or advice is not reversed: it is told again."""
        if payment.kind is Kind.REFUND or payment.advice:
            return Declined(Reason.TRANSACTION_UNSUPPORTED, detail="this cannot be reversed; ask for it again")
        pan = self._pan_of(payment, original)
        if pan is None:
            return OutcomeUnknown("the card number of the payment cannot be opened")
        repeat = self._was_asked(payment.payment_id)
        answer = await self._line.ask(messages.reversal(payment, pan, self._member, repeat=repeat, original=original))
        if isinstance(answer, Message):
            return messages.read_reversal(answer)
        return _unanswered(answer)

    async def tell_script(self, notice: ScriptNotice, payment: Payment, original: Payment | None) -> Answer:
        """Pass on what came of a script. It carries the payment's own numbers: told again it is the same notice."""
        pan = self._pan_of(payment, original)
        if pan is None:
            return OutcomeUnknown("the card number of the payment cannot be opened")
        answer = await self._line.ask(messages.script_result(notice, payment, pan, self._member, original=original))
        if isinstance(answer, Message):
            return messages.read_notice(answer)
        return _unanswered(answer)

    async def _ask(self, message: Message, payment: Payment) -> Answer:
        answer = await self._line.ask(message)
        if not isinstance(answer, Message):
            return _unanswered(answer)
        return messages.read_answer(answer, payment)

    async def _pin_for(self, card: CardMeans) -> bytes | Declined:
        """The PIN block to send, empty for no PIN; or why the request cannot be sent. Ask with it at once: keys change."""
        await self._line.steady()
        try:
            pin_block = self._translate(card)
        except KeyRefused as refused:
            bad_block = refused.fault is KeyFault.BAD_BLOCK
            return Declined(Reason.PIN_FORMAT_WRONG if bad_block else Reason.KEY_FAULT, detail=str(refused))
        if pin_block is None:
            detail = "the line to the card network is down"
            return Declined(Reason.CHANNEL_UNAVAILABLE, detail=detail, never_left=True)
        return pin_block

    def _translate(self, card: CardMeans) -> bytes | None:
        """The PIN block under the network's key; empty for no PIN, None when there is no network key now."""
        if card.pin_block is None:
            return b""
        zpk = self._line.zpk
        if zpk is None:
            return None
        if card.pin_key is None:
            raise KeyRefused(KeyFault.WRONG_USAGE, "a PIN block came without the terminal's PIN key")
        try:
            form = PinFormat(card.pin_form)
        except ValueError:
            raise KeyRefused(KeyFault.BAD_BLOCK, "the PIN block's form is unknown") from None
        return self._vault.translate_pin(
            block=card.pin_block.value,
            from_key=card.pin_key,
            from_form=form,
            to_key=zpk,
            to_form=self._suite.pin_form,
            pan=card.pan,
        )

    def _pan_of(self, payment: Payment, original: Payment | None) -> Pan | None:
        """The card number that the books keep sealed, of the payment or else of the one it undoes."""
        for holder in (payment, original):
            if holder is None or holder.card is None:
                continue
            # A void or refund may carry its original's sealed number as it was sealed.
            for aad in dict.fromkeys((holder.payment_id, holder.original_id or holder.payment_id)):
                pan = self._open(holder.card.sealed, aad)
                if pan is not None:
                    return pan
        return None

    def _open(self, sealed: str, aad: str) -> Pan | None:
        try:
            raw = base64.b64decode(sealed, validate=True)
            return Pan(self._vault.open(key=self._pan_seal, sealed=raw, aad=aad.encode()).decode("ascii"))
        except (binascii.Error, KeyRefused, ValueError):
            return None

    def _late(self, answer: Message) -> None:
        # What is late about a QR payment says nothing new: it is asked about until it is known.
        if self._on_late_answer is not None and not answer.raw(QR_FIELD):
            self._on_late_answer(answer.text(37), messages.read_late(answer))


def _of_the_first(answer: Answer, *, repeat: bool) -> Answer:
    """An answer to a repeat, as far as it says what became of the first ask."""
    if repeat and isinstance(answer, Declined) and answer.response_code in ("", *NOT_ABOUT_THE_FIRST):
        return OutcomeUnknown(f"asked again and not answered: {answer.detail or answer.response_code}")
    return answer


def _unanswered(failure: NotSent | Lost) -> Declined | OutcomeUnknown:
    if isinstance(failure, NotSent):
        return Declined(Reason.CHANNEL_UNAVAILABLE, detail=failure.cause, never_left=True)
    return OutcomeUnknown(failure.cause)
