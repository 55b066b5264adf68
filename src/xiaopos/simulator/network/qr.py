"""QR payments at the pretend network: UnionPay's customers with their codes and phones, behind the same messages as cards.

What may live here: messages into the wallet's rules and back, the shop's code as a phone reads it. What may not: those rules
(`simulator.wallet.trades`), connections and MACs (`server`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from xiaopos.kernel.money import CURRENCIES
from xiaopos.simulator.network.switch import SUCCESS_CODES, UNDOING
from xiaopos.simulator.wallet.records import Order
from xiaopos.simulator.wallet.trades import Trades, WalletTerms
from xiaopos.wire.iso8583 import Malformed, Message
from xiaopos.wire.iso8583.network_qr import FIELD, SHIPPED, QrData, QrProfile
from xiaopos.wire.qr.merchant_presented import ShopCode, parse
from xiaopos.wire.qr.order_label import order_of
from xiaopos.wire.qr.unionpay_account import UnionPayAccount

UNIONPAY_TERMS = WalletTerms(code_prefix="62", code_digits=19)
_LETTERS = {row.number: row.code for row in CURRENCIES.values()}
Refuse = Callable[[Message, str], Message]


class UnionPayTrades(Trades):
    """UnionPay's customers and orders. A shop's code is the shop's own: it names the order and repeats its amount."""

    def new_token(self, order: Order) -> str:
        """An order is known by its own number."""
        return order.out_trade_no

    def token_of(self, content: str) -> str:
        """The number in a shop's code; empty for what is no code of a shop of UnionPay, or of another amount than its order."""
        try:
            code = parse(content)
            UnionPayAccount.parse(code.value("15") or "")
            number = order_of(code.value("62", "05") or "") or ""
            order = self.records.order(number)
            return number if order is not None and _is_of(code, order) else ""
        except Malformed:
            return ""


def _is_of(code: ShopCode, order: Order) -> bool:
    return code.amount_minor == order.amount_minor and _LETTERS.get(code.value("53") or "") == order.currency


class QrSwitch:
    """The part of the network that takes QR payments. `refuse` makes a bare answer with a code."""

    def __init__(self, trades: Trades, refuse: Refuse, profile: QrProfile = SHIPPED) -> None:
        self.trades = trades
        self._refuse = refuse
        self._profile = profile

    def data_of(self, asked: Message) -> QrData | None:
        """What a request says of a QR payment; None for one about a card. Raises Malformed for what cannot be read."""
        return QrData.read(asked.raw(FIELD)) if asked.raw(FIELD) else None

    def is_question(self, asked: Message) -> bool:
        """Whether a request asks what became of another."""
        return asked.text(3) == self._profile.query_processing

    def answer(self, asked: Message, data: QrData, forced: str = "") -> Message:
        """The answer, after what is asked was done. `forced` is a code to answer with instead; a success is no such code."""
        if forced and forced not in SUCCESS_CODES:
            return self._refuse(asked, forced)
        mti = asked.mti[:3] + "0"
        if mti == "0420":
            return self._told(asked, data, self.trades.reverse({"out_trade_no": data.order}), withdrawn="00")
        if mti == "0220" and asked.text(3) == UNDOING:
            return self._pay_back(asked, data)
        if mti == "0200" and self.is_question(asked):
            return self._query(asked, data)
        body: dict[str, object] = {
            "out_trade_no": data.order,
            "amount_minor": int(asked.text(4)),
            "currency": _LETTERS.get(asked.text(49), ""),
            "shop_id": asked.text(42),
        }
        if mti == "0200" and asked.text(3) == self._profile.show_processing:
            return self._told(asked, data, self.trades.precreate(body))
        if mti == "0200" and asked.text(3) == self._profile.pay_processing:
            return self._told(asked, data, self.trades.pay({**body, "auth_code": data.payer_code}))
        return self._refuse(asked, "40")

    def _pay_back(self, asked: Message, data: QrData) -> Message:
        body = {"out_trade_no": data.order, "out_refund_no": data.refund, "amount_minor": int(asked.text(4))}
        said = self.trades.refund(body)
        answer = self._refuse(asked, self._code(said))
        answer.fields[FIELD] = replace(data, voucher=str(said.get("refund_id", ""))).field()
        return answer

    def _query(self, asked: Message, data: QrData) -> Message:
        if not data.refund:
            said = self.trades.query({"out_trade_no": data.order})
        else:
            said = self.trades.refund_query({"out_refund_no": data.refund})
        if said["code"] != "OK":
            return self._refuse(asked, self._code(said))
        answer = self._told(asked, data, said, withdrawn=self._profile.not_so)
        found = replace(QrData.read(answer.raw(FIELD)), original_code=answer.text(39))
        answer.fields |= {4: f"{said['amount_minor']:012d}", 39: "00", FIELD: found.field()}
        return answer

    def _told(self, asked: Message, data: QrData, said: dict[str, object], *, withdrawn: str = "") -> Message:
        """An order as it stands, as an answer: its code, the network's number, who paid."""
        answer = self._refuse(asked, self._code(said, withdrawn or self._profile.not_so))
        number = said.get("transaction_id") or said.get("refund_id") or ""
        told = replace(data, payer_code="", voucher=str(number), payer=str(said.get("payer", "")))
        answer.fields[FIELD] = told.field()
        return answer

    def _code(self, said: dict[str, object], withdrawn: str = "12") -> str:
        profile = self._profile
        codes = {
            "AUTH_CODE_UNKNOWN": profile.code_unknown,
            "AUTH_CODE_EXPIRED": profile.expired,
            "AUTH_CODE_USED": profile.expired,
            "BALANCE_TOO_LOW": "51",
            "PAYER_LIMIT": "61",
            "PAYER_REFUSED": profile.payer_refused,
            "PAYER_TOO_SLOW": profile.expired,
            "ORDER_NOT_FOUND": "25",
            "REFUND_NOT_FOUND": "25",
            "ORDER_NOT_PAID": profile.not_so,
            "ORDER_REVOKED": profile.not_so,
            "OUT_TRADE_NO_USED": "94",
            "REFUND_TOO_MUCH": profile.too_much,
            "CURRENCY_WRONG": "A1",
            "AMOUNT_WRONG": "13",
            "USERPAYING": profile.waits,
            "NOTPAY": profile.waits,
            "REVOKED": withdrawn,
            "SUCCESS": "00",
            "REFUNDED": "00",
        }
        word = said.get("error") or said.get("trade_state") or said.get("refund_state")
        if said.get("trade_state") == "REVOKED":
            word = "REVOKED"
        return codes.get(str(word), "30")
