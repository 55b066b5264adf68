"""The adapter that plays the Wallet role against WeChat Pay (APIv3).

What may live here: each verb of the role as: build, ask, read. What may not: contents (`messages`), tables (`codes`), signatures
and keys (`asking`), the connection (`wallet_line`).

SYSTEM_ERROR, a code that is not known here, an answer that is not WeChat Pay's and no answer at all leave the outcome unknown, to
be asked for and then undone (先查询, 后撤销); USERPAYING is a customer who is still confirming.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from urllib.parse import urlsplit

from xiaopos.gateways.wallet_line import HttpAnswer, Lost, NotSent, WalletLine
from xiaopos.gateways.wechat_pay import messages
from xiaopos.gateways.wechat_pay.account import WeChatAccount
from xiaopos.gateways.wechat_pay.asking import Asker
from xiaopos.gateways.wechat_pay.bills import BILL_TERMS, BillKind, NoBill, NotFetched, unpacked
from xiaopos.gateways.wechat_pay.codes import (
    FIELD_FINDINGS,
    FINDINGS,
    NO_BILL,
    PAID_BEFORE,
    WAITING,
    TradeState,
    is_payer_code,
    word_of,
)
from xiaopos.gateways.wechat_pay.messages import Reader
from xiaopos.gateways.wechat_pay.notices import ACCEPTED, read_notice
from xiaopos.gateways.wechat_pay.signing import Distrusted, Said
from xiaopos.kernel.clock import Clock
from xiaopos.kernel.refusal import Reason
from xiaopos.kernel.secret import Secret
from xiaopos.keys import Vault
from xiaopos.payments.answers import Answer, Approved, Declined, OutcomeUnknown
from xiaopos.payments.payment import Kind, Method, Payment
from xiaopos.payments.states import State
from xiaopos.usecases.keep_wallet_contract import Finding, Incoming, Noticed, Probe, Unbelieved

REVERSE_AFTER = timedelta(seconds=15)
"""A payment is not undone sooner: WeChat Pay may still be taking it (付款码支付, 撤销)."""
REVERSE_WITHIN = timedelta(days=7)
"""Later it is paid back by a refund under its own number, which is done once, too."""
NEVER_ARRIVES_AFTER = timedelta(minutes=10)
"""An order that WeChat Pay does not know after so long will never exist: requests are refused five minutes after they were
signed, and five more are for the difference of two clocks."""

_NO_ORDER = "xiaopos-asks-"
_OVER = frozenset({TradeState.CLOSED.value, TradeState.REVOKED.value, TradeState.PAYERROR.value})
_PAID = frozenset({TradeState.SUCCESS.value, TradeState.REFUND.value})
Asked = Said | NotSent | Lost


class WeChatWallet:
    """The Wallet role at WeChat Pay. `start` before the first question, `stop` after the last.

    `make_nonce` gives 16 to 32 letters and digits that never come twice.
    """

    def __init__(
        self,
        account: WeChatAccount,
        *,
        vault: Vault,
        clock: Clock,
        make_nonce: Callable[[], str],
        name: str = "wechat",
    ) -> None:
        self.name = name
        self._account = account
        self._vault = vault
        self._clock = clock
        self._asker = Asker(account, vault=vault, clock=clock, make_nonce=make_nonce, name=name)

    async def start(self) -> None:
        """Open the session; connections are made when they are needed and kept."""
        await self._asker.start()

    async def stop(self) -> None:
        """Close the session; what is under way becomes unknown."""
        await self._asker.stop()

    # -- the Wallet role ---------------------------------------------------------------------------------------------

    async def pay(self, payment: Payment, payer_code: Secret) -> Answer:
        """Take a payment with the customer's code."""
        code = payer_code.value.decode("ascii", "replace")
        if not is_payer_code(code):
            return Declined(Reason.PAYER_CODE_UNKNOWN, detail="no payment code of this wallet")
        if not messages.currency_fits(payment):
            return Declined(Reason.CURRENCY_WRONG)
        content = messages.pay_content(self._account, payment, code)
        asked = await self._post("codepay", content, new_payment=True)
        if isinstance(asked, Said) and word_of(asked.code) in PAID_BEFORE:
            return await self.query(payment)
        return _read(self._ours(asked), messages.read_pay, payment)

    async def show_code(self, payment: Payment) -> Answer:
        """Ask for a code that the shop shows. An answer that is lost leaves an order that nobody can pay: a refusal."""
        if not messages.currency_fits(payment):
            return Declined(Reason.CURRENCY_WRONG)
        content = messages.native_content(self._account, payment, self._clock.now())
        asked = await self._post("native", content, new_payment=True)
        answer = _read(asked, lambda said, _: messages.read_native(said), payment)
        if isinstance(answer, OutcomeUnknown):
            return Declined(Reason.CHANNEL_UNAVAILABLE, detail=answer.cause)
        return answer

    async def query(self, payment: Payment) -> Answer:
        """What became of a payment or refund. A question that did not leave tells nothing about it."""
        if payment.kind is not Kind.SALE:
            return _told(_read(await self._ask_refund(payment), messages.read_refund_query, payment))
        asked = await self._ask_order(payment)
        if isinstance(asked, Said) and messages.was_paid_back_unheard(asked, payment):
            return await self._paid_back(payment, asked)
        return _told(_read(asked, messages.read_trade, payment))

    async def reverse(self, payment: Payment) -> Answer:
        """Undo: close an unpaid order or pay back a paid one. What was paid back cannot be reversed.

        A customer's code can be undone from 15 seconds after it was asked for to seven days; a code that was shown can only
        be closed. What is paid and cannot be undone any more is paid back by a refund under its own number.
        """
        if payment.kind is not Kind.SALE:
            return Declined(Reason.TRANSACTION_UNSUPPORTED, detail="a refund cannot be reversed; ask for it again")
        age = self._clock.now() - payment.received_at
        shown = payment.method is Method.SHOP_CODE
        if not shown and age < REVERSE_AFTER:
            return OutcomeUnknown(f"asked for too early: the wallet may still be taking it ({age.seconds} s)")
        if shown:
            asked = await self._end(payment, "close", messages.close_content(self._account))
            answer = _read(asked, lambda said, _: messages.read_close(said), payment)
        else:
            asked = await self._end(payment, "reverse", messages.reverse_content(self._account))
            answer = _read(asked, messages.read_reverse, payment)
        if isinstance(answer, Approved) or not isinstance(asked, Said):
            return answer
        return await self._undo_otherwise(payment, asked, age)

    async def refund(self, refund: Payment, original: Payment) -> Answer:
        """Pay back; the same refund is done once. Only the first ask is made in SENT.

        Any refusal of a repeated one is believed only after the wallet was asked for the refund itself.
        """
        if refund.amount.minor > original.amount.minor:
            return Declined(Reason.REFUND_TOO_MUCH, detail="more than was paid", never_left=True)
        content = messages.refund_content(self._account, refund, original)
        asked = await self._asker.ask("POST", messages.REFUNDS, content)
        answer = _read(asked, messages.read_refund, refund)
        first = refund.state is State.SENT
        if isinstance(asked, NotSent | Lost):
            return answer if first else OutcomeUnknown(f"asked again and not answered: {asked.cause}")
        if not isinstance(answer, Declined):
            return answer
        if not first and not await self._never_was(refund, asked):
            return OutcomeUnknown(f"not done, and not refused for good: {answer.detail}")
        return await self._said_why(answer, asked, original)

    async def _never_was(self, refund: Payment, refused: Said) -> bool:
        """Whether a refund that was refused again was never done, and never will be."""
        if refused.done:  # closed, which is its own last word
            return True
        known = await self._ask_refund(refund)
        return messages.is_about_the_refund(refused) and isinstance(known, Said) and messages.is_not_there(known)

    async def _said_why(self, refused: Declined, asked: Said, original: Payment) -> Answer:
        """A refusal with a better reason: the word for a wrong refund does not say what is wrong."""
        if asked.done or word_of(asked.code) != "INVALIDREQUEST":
            return refused
        order = await self._ask_order(original)
        if isinstance(order, Said) and order.done and messages.state_of(order) not in _PAID:
            return Declined(Reason.ORIGINAL_NOT_APPROVED, detail=f"{refused.detail}, {messages.state_of(order)}")
        return refused

    # -- undoing -----------------------------------------------------------------------------------------------------

    async def _end(self, payment: Payment, verb: str, content: dict[str, object]) -> Asked:
        return await self._post(f"out-trade-no/{payment.payment_id}/{verb}", content)

    async def _undo_otherwise(self, payment: Payment, refused: Said, age: timedelta) -> Answer:
        """What could not be undone in its own way, undone as its state asks for."""
        unknown = OutcomeUnknown(f"the wallet did not undo it: {refused.status} {refused.code}".rstrip())
        if word_of(refused.code) == WAITING or refused.status >= 500:
            return unknown
        order = await self._ask_order(payment)
        if not isinstance(order, Said):
            return unknown
        if messages.is_not_there(order):
            return Approved() if age > NEVER_ARRIVES_AFTER else unknown
        state = messages.state_of(order)
        if state in _OVER:
            return Approved()
        if state not in _PAID or not (payment.method is Method.SHOP_CODE or age > REVERSE_WITHIN):
            return unknown
        answer = await self.refund(payment, payment)
        return answer if isinstance(answer, Approved) else OutcomeUnknown(f"neither undone nor paid back: {answer}")

    async def _paid_back(self, payment: Payment, order: Said) -> Answer:
        """An order was paid, and money went back, before our books knew: whether it was our own undoing decides."""
        asked = await self._ask_refund(payment)
        if isinstance(asked, Said) and messages.is_not_there(asked):
            return messages.read_trade(order, payment)
        answer = _told(_read(asked, messages.read_refund_query, payment))
        return Declined(Reason.REVERSED_BEFORE, detail="REFUND") if isinstance(answer, Approved) else answer

    # -- under a merchant's contract ---------------------------------------------------------------------------------

    async def probe(self) -> Probe:
        """Ask for an order that there is not: whoever says so, signed, knows us and is known to us."""
        path = messages.query_path(self._account, f"{_NO_ORDER}{self._account.mchid}")
        answer = await self._asker.ask_and_judge("GET", path)
        if isinstance(answer, NotSent | Lost):
            return Probe(Finding.UNREACHABLE, answer.cause)
        if isinstance(answer, Said):
            return Probe(
                FINDINGS.get(word_of(answer.code), Finding.WORKS if answer.done else Finding.REFUSED), answer.code
            )
        # Who refuses our key or number may not sign; the hint is shown to a person and believed by nobody else.
        if answer.clock:
            return Probe(Finding.CLOCK, answer.cause)
        hint = FIELD_FINDINGS.get(answer.about) or FINDINGS.get(word_of(answer.said), Finding.THEIR_KEY)
        return Probe(Finding.THEIR_KEY if hint is Finding.WORKS else hint, answer.said or answer.cause)

    def read_notice(self, incoming: Incoming) -> Noticed | Unbelieved:
        """A notification about one of our orders. One that a new certificate has signed is believed when it comes again."""
        read = read_notice(incoming, self._account, self._asker.keys, vault=self._vault, now=self._clock.now())
        if isinstance(read, Distrusted):
            if read.stranger:
                self._asker.learn_soon(read.stranger)
            return Unbelieved(read.cause)
        return Noticed(read.payment_id, ACCEPTED, "application/json")

    # -- what WeChat Pay offers besides ------------------------------------------------------------------------------

    async def fetch_certificates(self) -> Distrusted | NotSent | Lost | None:
        """Fetch WeChat Pay's platform certificates, as is done by itself when they are needed; None when they are known now."""
        return await self._asker.fetch_certificates()

    async def close(self, payment: Payment) -> Answer:
        """Close an order that nobody has paid. Unlike undoing it never pays back: a paid order refuses."""
        asked = await self._end(payment, "close", messages.close_content(self._account))
        if isinstance(asked, Said) and word_of(asked.code) in PAID_BEFORE:
            return Declined(Reason.TRANSACTION_UNSUPPORTED, detail=f"{asked.status} {asked.code}")
        return _read(asked, lambda said, _: messages.read_close(said), payment)

    async def fetch_bill(self, kind: BillKind, day: date) -> bytes | NoBill | NotFetched:
        """The bill of a day as WeChat Pay makes it, unpacked: CSV (`bills.read_trades`, `bills.read_funds`).

        It is ready the next day after 10:00; the link to it lives for 30 seconds and is used at once. The bill itself is not
        signed: its hash, which comes with the link, is.
        """
        path = messages.bill_path(self._account, kind.value, bill_date=day.isoformat(), **kind.parts)
        asked = await self._asker.ask("GET", path)
        if not isinstance(asked, Said):
            return NotFetched(asked.cause)
        if word_of(asked.code) in NO_BILL:
            return NoBill()
        link, digest = asked.body.get("download_url"), asked.body.get("hash_value")
        if not asked.done or not isinstance(link, str) or not isinstance(digest, str):
            return NotFetched(f"the wallet gave no link: {asked.status} {asked.code}".rstrip())
        return await self._fetch(link, digest)

    async def _fetch(self, link: str, digest: str) -> bytes | NotFetched:
        parts, home = urlsplit(link), urlsplit(self._account.url)
        if (parts.scheme, parts.netloc) != (home.scheme, home.netloc):
            return NotFetched("the wallet's link leads elsewhere than to the wallet")
        path = f"{parts.path}?{parts.query}"
        line = WalletLine(f"{self.name}-bills", self._account.url, BILL_TERMS)
        await line.start()
        try:
            answer = await line.ask("GET", path, b"", self._asker.headers("GET", path, b""))
        finally:
            await line.stop()
        if not isinstance(answer, HttpAnswer):
            return NotFetched(answer.cause)
        if answer.status != 200:
            return NotFetched(f"the bill's link answered HTTP {answer.status}")
        return unpacked(answer.body, digest)

    # -- asking ------------------------------------------------------------------------------------------------------

    async def _post(self, rest: str, content: dict[str, object], *, new_payment: bool = False) -> Asked:
        path = messages.transactions(self._account, rest)
        return await self._asker.ask("POST", path, content, new_payment=new_payment)

    async def _ask_order(self, payment: Payment) -> Asked:
        return self._ours(await self._asker.ask("GET", messages.query_path(self._account, payment.payment_id)))

    async def _ask_refund(self, refund: Payment) -> Asked:
        return await self._asker.ask("GET", messages.refund_path(self._account, refund.payment_id))

    def _ours(self, asked: Asked) -> Asked:
        if isinstance(asked, Said) and asked.done and not messages.is_ours(asked.body, self._account):
            return Lost("the wallet's answer is about another merchant")
        return asked


def _read(asked: Asked, read: Reader, payment: Payment) -> Answer:
    if isinstance(asked, NotSent):
        return Declined(Reason.CHANNEL_UNAVAILABLE, detail=asked.cause, never_left=True)
    if isinstance(asked, Lost):
        return OutcomeUnknown(asked.cause)
    return read(asked, payment)


def _told(answer: Answer) -> Answer:
    """An answer about what happened before: that a question did not leave says nothing about it."""
    if isinstance(answer, Declined) and answer.never_left:
        return OutcomeUnknown(answer.detail)
    return answer
