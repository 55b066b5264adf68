"""The adapter that plays the Wallet role against Alipay's open platform.

What may live here: each verb of the role as: build, sign, ask, verify, read. What may not: contents (`messages`), tables
(`codes`), texts under signatures (`signing`), the connection (`wallet_line`).

20000, SYSTEM_ERROR, an answer without a valid signature and no answer at all leave the outcome unknown, to be asked for and then
cancelled (先查询, 后撤销); 10003 is a customer who is still confirming.
"""

from __future__ import annotations

import base64
from datetime import date, timedelta, timezone
from urllib.parse import parse_qsl, urlencode, urlsplit

from xiaopos.gateways.alipay import messages
from xiaopos.gateways.alipay.account import AlipayAccount
from xiaopos.gateways.alipay.bills import BILL_TERMS, BillKind, NoBill, NotFetched
from xiaopos.gateways.alipay.codes import FINDINGS, NO_BILL, PAID_BEFORE, TOO_LATE_TO_CANCEL, Code, scene_of
from xiaopos.gateways.alipay.messages import Reader
from xiaopos.gateways.alipay.notices import ACCEPTED, read_notice
from xiaopos.gateways.alipay.signing import CHARSETS, Body, Distrusted, open_answer, signed_text
from xiaopos.gateways.wallet_line import HttpAnswer, Lost, NotSent, WalletLine
from xiaopos.kernel.clock import Clock
from xiaopos.kernel.refusal import Reason
from xiaopos.kernel.secret import Secret
from xiaopos.keys import Vault
from xiaopos.payments.answers import Answer, Approved, Declined, OutcomeUnknown
from xiaopos.payments.payment import Kind, Payment
from xiaopos.payments.states import State
from xiaopos.usecases.keep_wallet_contract import Finding, Incoming, Noticed, Probe, Unbelieved

GATEWAY_PATH = "/gateway.do"
BEIJING = timezone(timedelta(hours=8))
"""Alipay's timestamps have no zone; they are Chinese time."""
_HEADERS = {"Content-Type": "application/x-www-form-urlencoded; charset=utf-8"}
_MOST_PARTS = 100
_NO_ORDER = "xiaopos-asks-"
_NEW_PAYMENTS = frozenset({"alipay.trade.pay", "alipay.trade.precreate"})
Asked = Body | NotSent | Lost


class AlipayWallet:
    """The Wallet role at Alipay. `start` before the first question, `stop` after the last."""

    def __init__(self, account: AlipayAccount, *, vault: Vault, clock: Clock, name: str = "alipay") -> None:
        self.name = name
        self._account = account
        self._vault = vault
        self._clock = clock
        self._line = WalletLine(name, account.url, account.terms)

    async def start(self) -> None:
        """Open the session; connections are made when they are needed and kept."""
        await self._line.start()

    async def stop(self) -> None:
        """Close the session; what is under way becomes unknown."""
        await self._line.stop()

    # -- the Wallet role ---------------------------------------------------------------------------------------------

    async def pay(self, payment: Payment, payer_code: Secret) -> Answer:
        """Take a payment with the customer's code, or with what a camera made of the customer's face."""
        code = payer_code.value.decode("ascii", "replace")
        scene = scene_of(code)
        if scene is None:
            return Declined(Reason.PAYER_CODE_UNKNOWN, detail="no payment code of this wallet")
        if not messages.currency_fits(payment):
            return Declined(Reason.CURRENCY_WRONG)
        order = self._order(payment, self._account.payer_code_lives)
        asked = await self._ask("alipay.trade.pay", messages.pay_content(order, code, scene))
        if isinstance(asked, dict) and messages.sub_code_of(asked) == PAID_BEFORE:
            return await self.query(payment)
        return _read(asked, messages.read_pay, payment)

    async def show_code(self, payment: Payment) -> Answer:
        """Ask for a code that the shop shows. An answer that is lost leaves an order that nobody can pay: a refusal."""
        if not messages.currency_fits(payment):
            return Declined(Reason.CURRENCY_WRONG)
        content = messages.precreate_content(self._order(payment, self._account.shop_code_lives))
        answer = _read(await self._ask("alipay.trade.precreate", content), messages.read_precreate, payment)
        if isinstance(answer, OutcomeUnknown):
            return Declined(Reason.CHANNEL_UNAVAILABLE, detail=answer.cause)
        return answer

    async def query(self, payment: Payment) -> Answer:
        """What became of a payment or refund. A question that did not leave tells nothing about it."""
        if payment.kind is not Kind.SALE:
            return _told(_read(await self._ask_refund(payment), messages.read_refund_query, payment))
        asked = await self._ask("alipay.trade.query", messages.trade_content(payment))
        return _told(_read(asked, messages.read_trade, payment))

    async def reverse(self, payment: Payment) -> Answer:
        """Cancel: close an unpaid order or pay back a paid one. What was paid back cannot be reversed.

        A payment that is too old to be cancelled is paid back by a refund under its own number, which is done once, too.
        """
        if payment.kind is not Kind.SALE:
            return Declined(Reason.TRANSACTION_UNSUPPORTED, detail="a refund cannot be reversed; ask for it again")
        asked = await self._ask("alipay.trade.cancel", messages.trade_content(payment))
        if isinstance(asked, dict) and messages.sub_code_of(asked) in TOO_LATE_TO_CANCEL:
            answer = await self.refund(payment, payment)
            return (
                answer if isinstance(answer, Approved) else OutcomeUnknown(f"neither cancelled nor paid back: {answer}")
            )
        return _read(asked, messages.read_cancel, payment)

    async def refund(self, refund: Payment, original: Payment) -> Answer:
        """Pay back; the same refund is done once. Only the first ask is made in SENT.

        A refund that does not say that it moved money, and any refusal of a repeated one, is believed only after the wallet
        was asked for the refund itself.
        """
        asked = await self._ask("alipay.trade.refund", messages.refund_content(refund, original))
        answer = _read(asked, messages.read_refund, refund)
        first = refund.state is State.SENT
        if isinstance(asked, NotSent | Lost):
            return answer if first else OutcomeUnknown(f"asked again and not answered: {asked.cause}")
        if isinstance(answer, Approved) or (isinstance(answer, Declined) and first) or messages.nobody_knows(asked):
            return answer
        done = await self._ask_refund(refund)
        known = _read(done, messages.read_refund_query, refund)
        if isinstance(known, Approved):
            return known
        believed = messages.is_about_the_refund(asked) and isinstance(done, dict) and messages.is_not_done(done)
        return answer if believed else OutcomeUnknown(f"not done, and not refused for good: {answer}")

    async def _ask_refund(self, refund: Payment) -> Asked:
        return await self._ask("alipay.trade.fastpay.refund.query", messages.refund_query_content(refund))

    # -- under a merchant's contract ---------------------------------------------------------------------------------

    async def probe(self) -> Probe:
        """Ask for an order that there is not: whoever says so, signed, knows us and is known to us."""
        method = "alipay.trade.query"
        answer = await self._send(method, {"out_trade_no": f"{_NO_ORDER}{self._account.app_id}"})
        if not isinstance(answer, HttpAnswer):
            return Probe(Finding.UNREACHABLE, answer.cause)
        opened = open_answer(answer.body, method, self._account.wallet_keys)
        if isinstance(opened, Distrusted):
            # Who refuses our key or number may not sign; the hint is shown to a person and believed by nobody else.
            hint = FINDINGS.get(opened.said, Finding.THEIR_KEY)
            return Probe(Finding.THEIR_KEY if hint is Finding.WORKS else hint, opened.said or opened.cause)
        said = messages.sub_code_of(opened)
        worked = Finding.WORKS if messages.code_of(opened) == Code.SUCCESS.value else Finding.REFUSED
        return Probe(FINDINGS.get(said, worked), said)

    def read_notice(self, incoming: Incoming) -> Noticed | Unbelieved:
        """A notification about one of our orders, as a form in whichever character set it names."""
        try:
            said = dict(_form(incoming.body, "latin-1")).get("charset", "utf-8").lower()
            pairs = _form(incoming.body, CHARSETS.get(said, "latin-1"))
        except ValueError:
            return Unbelieved("the notification is no form")
        read = read_notice(dict(pairs), self._account)
        if isinstance(read, Distrusted):
            return Unbelieved(read.cause)
        return Noticed(read.payment_id, ACCEPTED, "text/plain")

    # -- what Alipay offers besides ----------------------------------------------------------------------------------

    async def close(self, payment: Payment) -> Answer:
        """Close an order that waits for its customer. Unlike a cancellation it never pays back: a paid order refuses."""
        asked = await self._ask("alipay.trade.close", messages.trade_content(payment))
        return _read(asked, messages.read_close, payment)

    async def fetch_bill(self, kind: BillKind, day: date, *, month: bool = False) -> bytes | NoBill | NotFetched:
        """The bill of a day, or of the month that it is in, as Alipay makes it: a zip of CSV in GBK (`bills.read_bill`).

        A day's is ready the next day after 10:00, a month's on the 4th; the link to it lives for 30 seconds and is used at once.
        """
        wanted = day.strftime("%Y-%m" if month else "%Y-%m-%d")
        content = {"bill_type": kind.value, "bill_date": wanted}
        asked = await self._ask("alipay.data.dataservice.bill.downloadurl.query", content)
        if isinstance(asked, NotSent | Lost):
            return NotFetched(asked.cause)
        if messages.sub_code_of(asked) in NO_BILL:
            return NoBill()
        link = asked.get("bill_download_url")
        if messages.code_of(asked) != Code.SUCCESS.value or not isinstance(link, str):
            return NotFetched(
                f"the wallet gave no link: {messages.code_of(asked)} {messages.sub_code_of(asked)}".rstrip()
            )
        return await self._fetch(link)

    async def _fetch(self, link: str) -> bytes | NotFetched:
        parts = urlsplit(link)
        # The link comes from a signed answer, the bill itself has no signature: it must not travel in the open.
        scheme = urlsplit(self._account.url).scheme
        line = WalletLine(f"{self.name}-bills", f"{scheme}://{parts.netloc}", BILL_TERMS)
        await line.start()
        try:
            answer = await line.ask("GET", f"{parts.path}?{parts.query}")
        finally:
            await line.stop()
        if not isinstance(answer, HttpAnswer):
            return NotFetched(answer.cause)
        if answer.status != 200 or not answer.body.startswith(b"PK"):
            return NotFetched(f"the bill's link answered HTTP {answer.status} and no zip")
        return answer.body

    # -- asking ------------------------------------------------------------------------------------------------------

    def _order(self, payment: Payment, lives: str) -> dict[str, object]:
        return messages.order_content(payment, subject=self._account.subject, lives=lives)

    async def _ask(self, method: str, content: Body) -> Asked:
        answer = await self._send(method, content)
        if not isinstance(answer, HttpAnswer):
            return answer
        opened = open_answer(answer.body, method, self._account.wallet_keys)
        if isinstance(opened, Distrusted):
            return Lost(f"HTTP {answer.status}: {opened.cause}")
        return opened

    async def _send(self, method: str, content: Body) -> HttpAnswer | NotSent | Lost:
        body = urlencode(self._signed(method, messages.dump(content))).encode()
        path = f"{GATEWAY_PATH}?charset=utf-8"
        return await self._line.ask("POST", path, body, _HEADERS, new_payment=method in _NEW_PAYMENTS)

    def _signed(self, method: str, content: str) -> dict[str, str]:
        account = self._account
        parameters = {
            "app_id": account.app_id,
            "method": method,
            "format": "JSON",
            "charset": "utf-8",
            "sign_type": "RSA2",
            "timestamp": self._clock.now().astimezone(BEIJING).strftime("%Y-%m-%d %H:%M:%S"),
            "version": "1.0",
            "notify_url": account.notify_url if method in _NEW_PAYMENTS else "",
            "app_auth_token": account.app_auth_token,
            "app_cert_sn": account.app_cert_sn,
            "alipay_root_cert_sn": account.root_cert_sn,
            "biz_content": content,
        }
        given = {name: value for name, value in parameters.items() if value}
        signature = self._vault.sign(key=account.signing_key, data=signed_text(given).encode())
        return {**given, "sign": base64.b64encode(signature).decode()}


def _form(body: bytes, encoding: str) -> list[tuple[str, str]]:
    """The parts of a form. Raises ValueError for what is none."""
    return parse_qsl(
        body.decode("ascii"), keep_blank_values=True, encoding=encoding, errors="strict", max_num_fields=_MOST_PARTS
    )


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
