"""What each method of the pretend Alipay does: the engine asked in its own words, answered in Alipay's.

What may live here: translating contents and answers, one method each. What may not: HTTP, signatures, balances (the engine's).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

from xiaopos.gateways.alipay.messages import minor_of
from xiaopos.kernel.clock import Clock
from xiaopos.kernel.money import Money
from xiaopos.simulator.alipay.words import CANCEL_WITHIN_S, MESSAGES, STATUS, SUB_CODES, SUB_MESSAGES
from xiaopos.simulator.wallet.records import Order
from xiaopos.simulator.wallet.trades import Trades

BEIJING = timezone(timedelta(hours=8))
FACE_PREFIX = "fp" + "0" * 15
"""A pretend face code: 35 characters that end in a payment code of the customer's phone."""

Body = dict[str, object]
Content = Mapping[str, object]


def success(**parts: object) -> Body:
    """An answer with code 10000."""
    return {"code": "10000", "msg": MESSAGES["10000"], **parts}


def failure(code: str, sub_code: str, **parts: object) -> Body:
    """An answer that refuses."""
    said = SUB_MESSAGES.get(sub_code, sub_code)
    return {"code": code, "msg": MESSAGES.get(code, code), "sub_code": sub_code, "sub_msg": said, **parts}


def spoken(code: str) -> Body:
    """The answer that a mood's code asks for: a gateway's code, or a sub_code of a business that failed."""
    if code == "20000":
        return failure(code, "isp.unknow-error")
    if code in MESSAGES:
        return {"code": code, "msg": MESSAGES[code]}
    return failure("40004", code)


def local(at_s: int) -> datetime:
    """An instant of the engine in Chinese time."""
    return datetime.fromtimestamp(at_s, UTC).astimezone(BEIJING)


def stamp(at_s: int) -> str:
    """An instant as Alipay writes it."""
    return local(at_s).strftime("%Y-%m-%d %H:%M:%S")


def logon_of(order: Order) -> str:
    """What Alipay shows of a buyer: the beginning of a name."""
    return f"{order.customer_id[:3]}***@example.com" if order.customer_id else ""


class Methods:
    """The methods of the open platform that take, ask for and give back money."""

    def __init__(self, trades: Trades, clock: Clock) -> None:
        self._trades = trades
        self._clock = clock
        self.by_name: dict[str, Callable[[Content], Body]] = {
            "alipay.trade.pay": self.pay,
            "alipay.trade.precreate": self.precreate,
            "alipay.trade.query": self.query,
            "alipay.trade.cancel": self.cancel,
            "alipay.trade.close": self.close,
            "alipay.trade.refund": self.refund,
            "alipay.trade.fastpay.refund.query": self.refund_query,
        }

    def pay(self, content: Content) -> Body:
        """alipay.trade.pay."""
        scene, code = content.get("scene"), str(content.get("auth_code", ""))
        if scene not in ("bar_code", "wave_code", "security_code") or not content.get("subject"):
            return failure("40004", "ACQ.INVALID_PARAMETER")
        before = self._found(content)
        told = self._trades.pay({**self._ordered(content), "auth_code": code.removeprefix(FACE_PREFIX)})
        if told["code"] != "OK":
            return self._refused(told)
        order = self._order(told)
        if order.state == "USERPAYING":
            return {**success(**self._paid(order)), "code": "10003", "msg": MESSAGES["10003"]}
        if before is not None and order.state in ("SUCCESS", "REFUNDED"):
            return failure("40004", "ACQ.TRADE_HAS_SUCCESS")
        if order.state == "SUCCESS":
            return success(**self._paid(order), gmt_payment=stamp(order.made_at_s))
        if order.error:
            return self._refused({"error": order.error})
        return failure("40004", "ACQ.TRADE_HAS_CLOSE")

    def precreate(self, content: Content) -> Body:
        """alipay.trade.precreate."""
        if not content.get("subject"):
            return failure("40004", "ACQ.INVALID_PARAMETER")
        told = self._trades.precreate(self._ordered(content))
        if told["code"] != "OK":
            return self._refused(told)
        order = self._order(told)
        if order.state != "NOTPAY":
            paid = order.state in ("SUCCESS", "REFUNDED")
            return failure("40004", "ACQ.TRADE_HAS_SUCCESS" if paid else "ACQ.TRADE_HAS_CLOSE")
        return success(out_trade_no=order.out_trade_no, qr_code=told["code_url"])

    def query(self, content: Content) -> Body:
        """alipay.trade.query. An order that was only shown does not exist until it is scanned."""
        order = self._found(content)
        if order is None or order.kind == "none" or (order.kind == "shop_code" and not order.customer_id):
            return failure("40004", "ACQ.TRADE_NOT_EXIST")
        paid = order.state in ("SUCCESS", "REFUNDED") or order.refunded_minor > 0
        more: Body = {"trade_status": STATUS[order.state]}
        if paid:
            more["send_pay_date"] = stamp(order.made_at_s)
        if order.state == "REVOKED":
            more["ext_infos"] = '{"action":"cancel"}'
        return success(**self._paid(order), **more)

    def cancel(self, content: Content) -> Body:
        """alipay.trade.cancel: closes an unpaid order, pays back a paid one; what was refunded cannot be cancelled."""
        order, number = self._found(content), str(content.get("out_trade_no", ""))
        if not number and order is None:
            return failure("40004", "ACQ.INVALID_PARAMETER", retry_flag="N")
        number = order.out_trade_no if order else number
        if order is not None and order.state in ("SUCCESS", "REFUNDED"):
            if order.refunded_minor:
                return failure("40004", "ACQ.REASON_TRADE_REFUND_FEE_ERR", retry_flag="N", out_trade_no=number)
            if self._now_s() - order.made_at_s > CANCEL_WITHIN_S:
                return failure("40004", "ACQ.TRADE_CANCEL_TIME_OUT", retry_flag="N", out_trade_no=number)
        after = self._order(self._trades.reverse({"out_trade_no": number}))
        if not after.transaction_id:
            return success(out_trade_no=number, retry_flag="N")
        action = "refund" if after.refunded_minor else "close"
        return success(trade_no=after.transaction_id, out_trade_no=number, retry_flag="N", action=action)

    def close(self, content: Content) -> Body:
        """alipay.trade.close: only of an order that waits for its customer."""
        order = self._found(content)
        if order is None or order.kind == "none" or not order.customer_id:
            return failure("40004", "ACQ.TRADE_NOT_EXIST")
        if order.state != "USERPAYING":
            return failure("40004", "ACQ.TRADE_STATUS_ERROR")
        self._trades.records.keep(replace(order, state="CLOSED"))
        return success(trade_no=order.transaction_id, out_trade_no=order.out_trade_no)

    def refund(self, content: Content) -> Body:
        """alipay.trade.refund: part or all, once per out_request_no, which is the order's own number when none is given."""
        order = self._found(content)
        if order is None or order.kind == "none":
            return failure("40004", "ACQ.TRADE_NOT_EXIST")
        number = str(content.get("out_request_no") or order.out_trade_no)
        known = self._trades.records.refund(number)
        asked = {"out_refund_no": number, "out_trade_no": order.out_trade_no}
        told = self._trades.refund({**asked, "amount_minor": minor_of(content.get("refund_amount"))})
        if told["code"] != "OK":
            if told["error"] == "OUT_TRADE_NO_USED":
                return failure("40004", "ACQ.DISCORDANT_REPEAT_REQUEST")
            return self._refused(told)
        after = self._order(asked)
        refund = self._trades.records.refund(number)
        assert refund is not None, "a refund is kept before it is answered"
        return success(
            trade_no=after.transaction_id,
            out_trade_no=after.out_trade_no,
            buyer_logon_id=logon_of(after),
            fund_change="Y" if known is None else "N",
            refund_fee=Money(after.refunded_minor).decimal(),
            send_back_fee=Money(refund.amount_minor).decimal(),
            gmt_refund_pay=stamp(refund.made_at_s),
        )

    def refund_query(self, content: Content) -> Body:
        """alipay.trade.fastpay.refund.query: without `refund_status` there was no such refund."""
        order = self._found(content)
        if order is None or order.kind == "none":
            return failure("40004", "ACQ.TRADE_NOT_EXIST")
        refund = self._trades.records.refund(str(content.get("out_request_no", "")))
        if refund is None or refund.out_trade_no != order.out_trade_no:
            return success()
        return success(
            trade_no=order.transaction_id,
            out_trade_no=order.out_trade_no,
            out_request_no=refund.out_refund_no,
            total_amount=Money(order.amount_minor).decimal(),
            refund_amount=Money(refund.amount_minor).decimal(),
            refund_status="REFUND_SUCCESS",
        )

    # -- the engine's words ------------------------------------------------------------------------------------------

    def _now_s(self) -> int:
        return int(self._clock.now().timestamp())

    def _ordered(self, content: Content) -> dict[str, object]:
        return {
            "out_trade_no": content.get("out_trade_no"),
            "amount_minor": minor_of(content.get("total_amount")),
            "currency": "CNY",
            "shop_id": content.get("store_id", ""),
        }

    def _found(self, content: Content) -> Order | None:
        """The order by Alipay's number, or by the merchant's; one that waited too long is closed first."""
        trade_no, number = content.get("trade_no"), str(content.get("out_trade_no", ""))
        if trade_no:
            orders = (one.out_trade_no for one in self._trades.records.orders() if one.transaction_id == trade_no)
            number = next(orders, "")
        self._trades.query({"out_trade_no": number})
        return self._trades.records.order(number)

    def _order(self, told: Mapping[str, object]) -> Order:
        order = self._trades.records.order(str(told["out_trade_no"]))
        assert order is not None, "an order is kept before it is answered"
        return order

    def _refused(self, told: Mapping[str, object]) -> Body:
        return failure("40004", SUB_CODES.get(str(told["error"]), "ACQ.INVALID_PARAMETER"))

    def _paid(self, order: Order) -> Body:
        yuan = Money(order.amount_minor).decimal()
        return {
            "trade_no": order.transaction_id,
            "out_trade_no": order.out_trade_no,
            "buyer_logon_id": logon_of(order),
            "buyer_user_id": f"2088{sum(order.customer_id.encode()):012d}",
            "total_amount": yuan,
            "receipt_amount": yuan,
            "buyer_pay_amount": yuan,
            "invoice_amount": yuan,
            "point_amount": "0.00",
            "fund_bill_list": [{"amount": yuan, "fund_channel": "ALIPAYACCOUNT"}],
            "store_id": order.shop_id,
        }
