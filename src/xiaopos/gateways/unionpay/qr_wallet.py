"""The adapter that plays the Wallet role for UnionPay QR (云闪付) over the card network's line.

What may live here: each verb of the role as: build, ask, read. What may not: fields (`qr_messages`), the connection (`line`):
an acquirer owns it and keeps it up.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from xiaopos.gateways.unionpay import qr_messages
from xiaopos.gateways.unionpay.codes import NOT_ABOUT_THE_FIRST
from xiaopos.gateways.unionpay.line import Lost, NetworkLine, NotSent
from xiaopos.gateways.unionpay.messages import Membership
from xiaopos.gateways.unionpay.qr_messages import ShopFace
from xiaopos.gateways.unionpay.repeats import AskedBefore
from xiaopos.kernel.clock import Clock
from xiaopos.kernel.refusal import Reason
from xiaopos.kernel.secret import Secret
from xiaopos.payments.answers import Answer, Declined, OutcomeUnknown, PayerAsked
from xiaopos.payments.payment import Kind, Payment
from xiaopos.payments.states import State
from xiaopos.usecases.ports import Books, BooksLost
from xiaopos.wire.iso8583 import Malformed, Message
from xiaopos.wire.iso8583.network_qr import SHIPPED, QrProfile

STAN_MOST = 999_999
QUERY_STAN_FROM = 900_000


def faces_by_books(books: Books, city: str) -> Callable[[Payment], Awaitable[ShopFace]]:
    """Shops as the registry calls them; by the merchant's number while the books are out of reach."""

    async def face_of(payment: Payment) -> ShopFace:
        try:
            terminal = await books.recall_terminal(payment.terminal_id, payment.business_on)
        except BooksLost:
            terminal = None
        return ShopFace(terminal.merchant_name if terminal else payment.merchant_id, city)

    return face_of


class UnionPayQrWallet:
    """The Wallet role over a line that somebody else starts and stops.

    `face_of` tells how a payment's shop is called in the code that it shows. `profile` is what an acquirer's specification says.
    `takes_new` says whether new payments may be sent: what there is already is finished all the same.
    """

    def __init__(
        self,
        line: NetworkLine,
        member: Membership,
        *,
        clock: Clock,
        face_of: Callable[[Payment], Awaitable[ShopFace]],
        takes_new: Callable[[], bool] = lambda: True,
        profile: QrProfile = SHIPPED,
        name: str = "unionpay",
    ) -> None:
        self.name = name
        self._line = line
        self._member = member
        self._clock = clock
        self._face_of = face_of
        self._takes_new = takes_new
        self._profile = profile
        self._was_asked = AskedBefore()
        self._stan = 0
        self._is_open = False

    async def start(self) -> None:
        """Before the first question. The line is its owner's."""
        self._is_open = True

    async def stop(self) -> None:
        """After the last question."""
        self._is_open = False

    async def pay(self, payment: Payment, payer_code: Secret) -> Answer:
        """Take a payment with the customer's code."""
        try:
            message = qr_messages.pay(payment, payer_code, self._member, self._profile)
        except Malformed:
            return Declined(Reason.PAYER_CODE_UNKNOWN, detail="no payment code has this form", never_left=True)
        answer = await self._ask_new(message)
        return answer if not isinstance(answer, Message) else qr_messages.read_order(answer, payment, self._profile)

    async def show_code(self, payment: Payment) -> Answer:
        """Tell the network of the order and make the code for it. When its answer is lost nobody is shown the code: a refusal."""
        try:
            code = qr_messages.shop_code(payment, self._member, await self._face_of(payment))
        except Malformed as wrong:
            return Declined(Reason.FORMAT_WRONG, detail=f"the code cannot be written: {wrong}", never_left=True)
        asked = await self._ask_new(qr_messages.show(payment, self._member, self._profile))
        answer = qr_messages.read_order(asked, payment, self._profile) if isinstance(asked, Message) else asked
        if isinstance(answer, PayerAsked):
            return PayerAsked(channel_ref=answer.channel_ref, shown_code=code)
        if isinstance(answer, OutcomeUnknown):
            return Declined(Reason.CHANNEL_UNAVAILABLE, detail=answer.cause)
        return answer

    async def query(self, payment: Payment) -> Answer:
        """What became of a payment or refund. A question that did not leave tells nothing about it."""
        self._stan = self._stan % (STAN_MOST - QUERY_STAN_FROM) + 1
        at = self._clock.now().strftime("%m%d%H%M%S")
        stan = QUERY_STAN_FROM + self._stan
        answer = await self._ask(qr_messages.query(payment, self._member, self._profile, at=at, stan=stan))
        if isinstance(answer, Declined):
            return OutcomeUnknown(answer.detail)
        if isinstance(answer, OutcomeUnknown):
            return answer
        return qr_messages.read_query(answer, payment, self._profile)

    async def reverse(self, payment: Payment) -> Answer:
        """Close an unpaid order or pay back a paid one, from its durable row alone. What was paid back cannot be reversed."""
        if payment.kind is not Kind.SALE:
            return Declined(Reason.TRANSACTION_UNSUPPORTED, detail="a refund cannot be reversed; ask for it again")
        repeat = self._was_asked(payment.payment_id)
        answer = await self._ask(qr_messages.reversal(payment, self._member, self._profile, repeat=repeat))
        return answer if not isinstance(answer, Message) else qr_messages.read_reversal(answer, payment)

    async def refund(self, refund: Payment, original: Payment) -> Answer:
        """Pay back; asked again it says so and is done once. A later ask that fails says nothing about the first."""
        repeat = refund.state is not State.SENT
        asked = await self._ask(qr_messages.refund(refund, original, self._member, repeat=repeat))
        answer = qr_messages.read_refund(asked, refund, self._profile) if isinstance(asked, Message) else asked
        if repeat and isinstance(answer, Declined) and answer.response_code in ("", *NOT_ABOUT_THE_FIRST):
            return OutcomeUnknown(f"asked again and not answered: {answer.detail or answer.response_code}")
        return answer

    async def _ask_new(self, message: Message) -> Message | Declined | OutcomeUnknown:
        if not self._takes_new():
            detail = "the card network takes no new payments now"
            return Declined(Reason.CHANNEL_UNAVAILABLE, detail=detail, never_left=True)
        return await self._ask(message)

    async def _ask(self, message: Message) -> Message | Declined | OutcomeUnknown:
        answer = await self._line.ask(message) if self._is_open else NotSent("the wallet is closed")
        if isinstance(answer, NotSent):
            return Declined(Reason.CHANNEL_UNAVAILABLE, detail=answer.cause, never_left=True)
        if isinstance(answer, Lost):
            return OutcomeUnknown(answer.cause)
        return answer
