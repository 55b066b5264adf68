"""The adapter that plays the Wallet role against the sandbox wallet over HTTP.

What may live here: each verb of the role as: build, sign, ask, verify, read. What may not: bodies (`messages`), tables (`codes`),
the connection (`wallet_line`).

Whether a request left decides what a failure means: a connection that was never made is a refusal, everything after the
first byte is an unknown outcome, to be asked for and then reversed (先查询, 后撤销).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from xiaopos.gateways.sandbox_wallet import messages
from xiaopos.gateways.sandbox_wallet.codes import ABOUT_THE_REFUND
from xiaopos.gateways.sandbox_wallet.messages import Body, Reader
from xiaopos.gateways.sandbox_wallet.signing import (
    MERCHANT_HEADER,
    NONCE_HEADER,
    SIGNATURE_HEADER,
    TIMESTAMP_HEADER,
    Signed,
    fits,
    sign,
)
from xiaopos.gateways.wallet_line import USUAL_TERMS, HttpAnswer, Lost, NotSent, WalletLine, WalletTerms
from xiaopos.kernel.clock import Clock
from xiaopos.kernel.refusal import Reason
from xiaopos.kernel.secret import Secret
from xiaopos.keys import Vault, WrappedKey
from xiaopos.payments.answers import Answer, Declined, OutcomeUnknown
from xiaopos.payments.payment import Kind, Payment
from xiaopos.payments.states import State

NEW_PAYMENTS = frozenset({"pay", "precreate"})


@dataclass(frozen=True, slots=True)
class WalletAccount:
    """Where the wallet is and who we are to it. `signing_key` is an HMAC key (usage ZAK) that both sides hold."""

    url: str
    merchant_no: str
    signing_key: WrappedKey
    terms: WalletTerms = USUAL_TERMS


class SandboxWallet:
    """The Wallet role over HTTP and JSON. `start` before the first question, `stop` after the last.

    `make_nonce` returns a fresh random text for each request.
    """

    def __init__(
        self,
        account: WalletAccount,
        *,
        vault: Vault,
        clock: Clock,
        make_nonce: Callable[[], str],
        name: str = "sandbox",
    ) -> None:
        self.name = name
        self._account = account
        self._vault = vault
        self._clock = clock
        self._make_nonce = make_nonce
        self._line = WalletLine(name, account.url, account.terms)

    async def start(self) -> None:
        """Open the session; connections are made when they are needed and kept."""
        await self._line.start()

    async def stop(self) -> None:
        """Close the session; what is under way becomes unknown."""
        await self._line.stop()

    async def pay(self, payment: Payment, payer_code: Secret) -> Answer:
        """Take a payment with the customer's code."""
        return await self._ask("pay", messages.pay_body(payment, payer_code), messages.read_pay, payment)

    async def show_code(self, payment: Payment) -> Answer:
        """Ask for a code that the shop shows. An answer that is lost leaves an order that nobody can pay: a refusal."""
        answer = await self._ask("precreate", messages.order_body(payment), messages.read_precreate, payment)
        if isinstance(answer, OutcomeUnknown):
            return Declined(Reason.CHANNEL_UNAVAILABLE, detail=answer.cause)
        return answer

    async def query(self, payment: Payment) -> Answer:
        """What became of a payment or refund. A question that did not leave tells nothing about it."""
        if payment.kind is Kind.SALE:
            answer = await self._ask("query", messages.trade_body(payment), messages.read_trade, payment)
        else:
            body = messages.refund_query_body(payment)
            answer = await self._ask("refund-query", body, messages.read_refund_query, payment)
        if isinstance(answer, Declined) and answer.reason is Reason.CHANNEL_UNAVAILABLE:
            return OutcomeUnknown(answer.detail)
        return answer

    async def reverse(self, payment: Payment) -> Answer:
        """Close an unpaid order or pay back a paid one. What was paid back cannot be reversed."""
        if payment.kind is not Kind.SALE:
            return Declined(Reason.TRANSACTION_UNSUPPORTED, detail="a refund cannot be reversed; ask for it again")
        return await self._ask("reverse", messages.trade_body(payment), messages.read_reverse, payment)

    async def refund(self, refund: Payment, original: Payment) -> Answer:
        """Pay back; the same refund is done once. Only the first ask is made in SENT: a later one that fails says nothing."""
        answer = await self._ask("refund", messages.refund_body(refund, original), messages.read_refund, refund)
        if refund.state is not State.SENT and isinstance(answer, Declined) and answer.detail not in ABOUT_THE_REFUND:
            return OutcomeUnknown(f"asked again and not answered: {answer.detail}")
        return answer

    async def _ask(self, verb: str, body: Body, read: Reader, payment: Payment) -> Answer:
        answer = await self._post(f"/wallet/v1/{verb}", messages.dump(body), new_payment=verb in NEW_PAYMENTS)
        if isinstance(answer, NotSent):
            return Declined(Reason.CHANNEL_UNAVAILABLE, detail=answer.cause)
        if isinstance(answer, Lost):
            return OutcomeUnknown(answer.cause)
        return read(answer, payment)

    async def _post(self, path: str, body: bytes, *, new_payment: bool) -> Body | NotSent | Lost:
        timestamp = str(int(self._clock.now().timestamp()))
        nonce = self._make_nonce()
        headers = {
            "Content-Type": "application/json; charset=utf-8",
            MERCHANT_HEADER: self._account.merchant_no,
            TIMESTAMP_HEADER: timestamp,
            NONCE_HEADER: nonce,
            SIGNATURE_HEADER: self._signature(Signed("request", path, timestamp, nonce, body)),
        }
        answer = await self._line.ask("POST", path, body, headers, new_payment=new_payment)
        if not isinstance(answer, HttpAnswer):
            return answer
        signed = Signed("answer", path, answer.headers.get(TIMESTAMP_HEADER, ""), nonce, answer.body)
        if not fits(self._vault, self._account.signing_key, signed, answer.headers.get(SIGNATURE_HEADER, "")):
            return Lost(f"the wallet's answer (HTTP {answer.status}) has no valid signature")
        return messages.load(answer.body) or Lost("the wallet's answer cannot be read")

    def _signature(self, signed: Signed) -> str:
        return sign(self._vault, self._account.signing_key, signed)
