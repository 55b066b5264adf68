"""What the pretend WeChat Pay does with orders and refunds: the engine asked in its own words, answered in WeChat Pay's.

What may live here: translating bodies and answers, one method each. What may not: HTTP, signatures, balances (the engine's).
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, timezone

from xiaopos.kernel.clock import Clock
from xiaopos.simulator.wallet.records import Order, Refund
from xiaopos.simulator.wallet.trades import Trades
from xiaopos.simulator.wechat_pay.words import (
    CODES,
    MESSAGES,
    REVERSE_AFTER_S,
    REVERSE_WITHIN_S,
    STATE_MESSAGES,
    STATES,
    STATUSES,
)

BEIJING = timezone(timedelta(hours=8))
Body = dict[str, object]
Content = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Asking:
    """Who asks: a merchant, or a partner for a sub-merchant."""

    mchid: str
    appid: str
    sub_mchid: str = ""

    def named(self) -> Body:
        """How answers name them."""
        if self.sub_mchid:
            return {"sp_mchid": self.mchid, "sub_mchid": self.sub_mchid, "sp_appid": self.appid}
        return {"mchid": self.mchid, "appid": self.appid}


def answer(http: int, **parts: object) -> Body:
    """An answer: its HTTP status and its body."""
    return {"http": http, "body": parts}


def failure(code: str, field: str = "") -> Body:
    """An answer that refuses."""
    detail = {"detail": {"field": field, "location": "authorization"}} if field else {}
    return answer(STATUSES.get(code, 400), code=code, message=MESSAGES.get(code, code), **detail)


def stamp(at_s: int) -> str:
    """An instant as WeChat Pay writes it."""
    return datetime.fromtimestamp(at_s, UTC).astimezone(BEIJING).isoformat(timespec="seconds")


def openid_of(customer_id: str) -> str:
    """A customer's number with this merchant."""
    return "o" + hashlib.sha256(customer_id.encode()).hexdigest()[:27]


class Orders:
    """The orders of every merchant of this pretend WeChat Pay."""

    def __init__(self, trades: Trades, clock: Clock) -> None:
        self._trades = trades
        self._clock = clock

    def codepay(self, content: Content, asking: Asking) -> Body:
        """付款码支付."""
        payer, scene = content.get("payer"), content.get("scene_info")
        if not isinstance(payer, dict) or not isinstance(scene, dict) or not content.get("description"):
            return failure("PARAM_ERROR")
        before = self.found(str(content.get("out_trade_no", "")))
        told = self._trades.pay({**_wanted(content), "auth_code": payer.get("auth_code", "")})
        if told["code"] != "OK":
            return _refused(told)
        order = self._kept(told)
        if order.state == "USERPAYING":
            return failure("USERPAYING")
        if order.state in ("SUCCESS", "REFUNDED"):
            return failure("ORDERPAID") if before is not None else self.shown(order, asking)
        return _refused({"error": order.error or "ORDER_REVOKED"})

    def native(self, content: Content, asking: Asking) -> Body:  # noqa: ARG002 - all verbs are asked alike
        """Native下单."""
        if not content.get("description") or not content.get("notify_url"):
            return failure("PARAM_ERROR")
        told = self._trades.precreate(_wanted(content))
        if told["code"] != "OK":
            return _refused(told)
        order = self._kept(told)
        if order.state in ("SUCCESS", "REFUNDED"):
            return failure("ORDERPAID")
        return answer(200, code_url=told["code_url"]) if order.state == "NOTPAY" else failure("ORDER_CLOSED")

    def query(self, number: str, asking: Asking, *, by_transaction: bool = False) -> Body:
        """查询订单, by the merchant's number or by WeChat Pay's."""
        if by_transaction:
            all_of_them = self._trades.records.orders()
            number = next((one.out_trade_no for one in all_of_them if one.transaction_id == number), "")
        order = self.found(number)
        return failure("ORDER_NOT_EXIST") if order is None else self.shown(order, asking)

    def close(self, number: str) -> Body:
        """关闭订单: only a code that is shown and not paid."""
        order = self.found(number)
        if order is None:
            return failure("ORDER_NOT_EXIST")
        if order.kind != "shop_code":
            return failure("INVALID_REQUEST")
        if order.state not in ("NOTPAY", "USERPAYING"):
            return failure("ORDERPAID" if order.state in ("SUCCESS", "REFUNDED") else "ORDER_CLOSED")
        self._trades.records.keep(replace(order, state="CLOSED"))
        return answer(204)

    def reverse(self, number: str, asking: Asking) -> Body:
        """撤销: closes an unpaid order of a payment code, pays back a paid one. One that comes later is refused."""
        order = self.found(number)
        age_s = 0 if order is None else self._now_s() - order.made_at_s
        if order is not None and order.kind == "shop_code":
            return failure("INVALID_REQUEST")
        if order is not None and order.state == "USERPAYING" and age_s < REVERSE_AFTER_S:
            return failure("USERPAYING")
        if order is not None and age_s > REVERSE_WITHIN_S:
            return failure("REVERSE_EXPIRE")
        told = self._trades.reverse({"out_trade_no": number})
        if told["code"] != "OK":
            return _refused(told)
        return answer(200, **asking.named(), out_trade_no=number)

    def refund(self, content: Content) -> Body:
        """申请退款: part or all, once per out_refund_no."""
        amount = content.get("amount")
        if not isinstance(amount, dict) or amount.get("currency") != "CNY":
            return failure("PARAM_ERROR")
        number = str(content.get("out_trade_no", ""))
        if content.get("transaction_id"):
            orders = self._trades.records.orders()
            wanted = content["transaction_id"]
            number = next((one.out_trade_no for one in orders if one.transaction_id == wanted), "")
        order = self.found(number)
        if order is None:
            return failure("RESOURCE_NOT_EXISTS")
        if amount.get("total") != order.amount_minor:
            return failure("INVALID_REQUEST")
        asked = {"out_trade_no": number, "out_refund_no": content.get("out_refund_no")}
        told = self._trades.refund({**asked, "amount_minor": amount.get("refund")})
        if told["code"] != "OK":
            return failure("INVALID_REQUEST") if told["error"] == "OUT_TRADE_NO_USED" else _refused(told)
        return self.refund_query(str(asked["out_refund_no"]))

    def refund_query(self, number: str) -> Body:
        """查询单笔退款."""
        refund = self._trades.records.refund(number)
        order = None if refund is None else self._trades.records.order(refund.out_trade_no)
        if refund is None or order is None:
            return failure("RESOURCE_NOT_EXISTS")
        return answer(200, **_refund_shown(refund, order))

    # -- the engine's words ------------------------------------------------------------------------------------------

    def found(self, number: str) -> Order | None:
        """An order as it stands now; one that waited too long is closed first."""
        self._trades.query({"out_trade_no": number})
        order = self._trades.records.order(number)
        return None if order is None or order.kind == "none" else order

    def shown(self, order: Order, asking: Asking) -> Body:
        """An order as answers and notifications show it."""
        return answer(200, **order_shown(order, asking))

    def _kept(self, told: Mapping[str, object]) -> Order:
        order = self._trades.records.order(str(told["out_trade_no"]))
        assert order is not None, "an order is kept before it is answered"
        return order

    def _now_s(self) -> int:
        return int(self._clock.now().timestamp())


def order_shown(order: Order, asking: Asking) -> Body:
    """An order in WeChat Pay's words: what was paid shows its amount and its payer."""
    paid = order.state in ("SUCCESS", "REFUNDED") or order.refunded_minor > 0
    state = "REFUND" if order.refunded_minor and order.state == "SUCCESS" else STATES[order.state]
    if order.kind == "shop_code" and state == "USERPAYING":
        state = "NOTPAY"
    shown: Body = {
        **asking.named(),
        "out_trade_no": order.out_trade_no,
        "trade_type": "MICROPAY" if order.kind == "payer_code" else "NATIVE",
        "trade_state": state,
        "trade_state_desc": STATE_MESSAGES[state],
        "amount": {"total": order.amount_minor, "currency": order.currency},
    }
    if not paid:
        return shown
    payer = {"sp_openid" if asking.sub_mchid else "openid": openid_of(order.customer_id)}
    amount = {
        "total": order.amount_minor,
        "payer_total": order.amount_minor,
        "currency": "CNY",
        "payer_currency": "CNY",
    }
    more: Body = {"transaction_id": order.transaction_id, "bank_type": "OTHERS", "success_time": stamp(order.made_at_s)}
    return {**shown, **more, "amount": amount, "payer": payer}


def _refund_shown(refund: Refund, order: Order) -> Body:
    minor = refund.amount_minor
    return {
        "refund_id": refund.refund_id,
        "out_refund_no": refund.out_refund_no,
        "transaction_id": order.transaction_id,
        "out_trade_no": refund.out_trade_no,
        "channel": "ORIGINAL",
        "user_received_account": "支付用户零钱",
        "success_time": stamp(refund.made_at_s),
        "create_time": stamp(refund.made_at_s),
        "status": "SUCCESS",
        "amount": {
            "total": order.amount_minor,
            "refund": minor,
            "payer_total": order.amount_minor,
            "payer_refund": minor,
            "settlement_refund": minor,
            "settlement_total": order.amount_minor,
            "discount_refund": 0,
            "currency": "CNY",
        },
    }


def _wanted(content: Content) -> dict[str, object]:
    amount, scene = content.get("amount"), content.get("scene_info")
    store = scene.get("store_info") if isinstance(scene, dict) else None
    given = amount if isinstance(amount, dict) else {}
    return {
        "out_trade_no": content.get("out_trade_no"),
        "amount_minor": given.get("total"),
        "currency": given.get("currency", "CNY"),
        "shop_id": (store.get("id") or store.get("out_id") or "") if isinstance(store, dict) else "",
    }


def _refused(told: Mapping[str, object]) -> Body:
    return failure(CODES.get(str(told["error"]), "PARAM_ERROR"))
