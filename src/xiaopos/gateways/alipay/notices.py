"""Alipay's asynchronous notifications (异步通知): believed only when signed, for our application, about the right amount.

What may live here: verifying a notification and what it means for a payment. What may not: HTTP (hosts receive it), storage.

The receiver answers `ACCEPTED` as soon as it has made sure of the payment; Alipay sends a notification again, with the same
`notify_id`, until it reads those seven bytes. A notification says again what a query would say: one that comes twice, late or
after the cashier gave up changes nothing that the books do not allow.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from xiaopos.gateways.alipay.account import AlipayAccount
from xiaopos.gateways.alipay.codes import Code
from xiaopos.gateways.alipay.messages import read_trade
from xiaopos.gateways.alipay.signing import Body, Distrusted, fits, notified_text
from xiaopos.payments.answers import Answer
from xiaopos.payments.payment import Payment

ACCEPTED = b"success"


@dataclass(frozen=True, slots=True)
class Notice:
    """A notification that is Alipay's. `notify_id` is the same each time that it is sent, `payment_id` is our number."""

    notify_id: str
    payment_id: str
    body: Body

    def __repr__(self) -> str:
        return f"Notice(notify_id={self.notify_id!r}, payment_id={self.payment_id!r})"


def read_notice(parameters: Mapping[str, str], account: AlipayAccount) -> Notice | Distrusted:
    """A notification from the form that came, or why it is not to be believed. It must not be answered with `ACCEPTED` then."""
    if parameters.get("sign_type") != "RSA2":
        return Distrusted("the notification is not signed with RSA2")
    try:
        text = notified_text(parameters)
    except ValueError as unknown:
        return Distrusted(str(unknown))
    signature = parameters.get("sign", "")
    if not any(fits(public, text, signature) for public in account.wallet_keys.values()):
        return Distrusted("the notification has no valid signature")
    if parameters.get("app_id") != account.app_id:
        return Distrusted("the notification is for another application")
    if account.seller_id and parameters.get("seller_id") != account.seller_id:
        return Distrusted("the notification is for another merchant")
    body = {**parameters, "code": Code.SUCCESS.value, "send_pay_date": parameters.get("gmt_payment", "")}
    return Notice(parameters.get("notify_id", ""), parameters.get("out_trade_no", ""), body)


def judge(notice: Notice, payment: Payment) -> Answer:
    """What a notification means for its payment. One about another amount leaves the payment unknown: it must be asked for."""
    return read_trade(notice.body, payment)
