"""WeChat Pay's notifications (支付结果通知): believed only when signed, of now, sealed with our APIv3 key and about our order.

What may live here: verifying and opening a notification. What may not: HTTP (web receives it), what it means for a payment (the
wallet is asked itself), storage.

WeChat Pay sends a notification again, signed anew, until it is answered with success. Now and then it sends one with a signature
that does not fit, to see that the receiver looks: that one must be refused.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from xiaopos.gateways.wechat_pay.account import WeChatAccount
from xiaopos.gateways.wechat_pay.messages import is_ours
from xiaopos.gateways.wechat_pay.platform_keys import PlatformKeys, Unopened, unsealed
from xiaopos.gateways.wechat_pay.signing import Body, Distrusted, doubt, read_object
from xiaopos.keys import Vault
from xiaopos.usecases.keep_wallet_contract import Incoming

ACCEPTED = b'{"code":"SUCCESS"}'
PAID = "TRANSACTION.SUCCESS"


@dataclass(frozen=True, slots=True)
class Notice:
    """A notification that is WeChat Pay's. `notice_id` is the same each time that it is sent, `payment_id` is our number."""

    notice_id: str
    payment_id: str
    body: Body

    def __repr__(self) -> str:
        return f"Notice(notice_id={self.notice_id!r}, payment_id={self.payment_id!r})"


def read_notice(
    incoming: Incoming, account: WeChatAccount, keys: PlatformKeys, *, vault: Vault, now: datetime
) -> Notice | Distrusted:
    """A notification of a paid order, or why it is not to be believed. It must not be answered with `ACCEPTED` then."""
    doubted = doubt(incoming.headers, incoming.body, keys.at(now), now, keys.seen)
    if doubted is not None:
        return doubted
    told = read_object(incoming.body)
    if told is None or told.get("event_type") != PAID:
        return Distrusted("it tells of no payment")
    opened = unsealed(told.get("resource"), vault, account.api_v3_key)
    if isinstance(opened, Unopened):
        return Distrusted(opened.cause, about="api_v3_key")
    body = read_object(opened.value)
    if body is None or not is_ours(body, account):
        return Distrusted("it is for another merchant")
    notice_id, number = told.get("id"), body.get("out_trade_no")
    if not isinstance(number, str):
        return Distrusted("it names no order")
    return Notice(notice_id if isinstance(notice_id, str) else "", number, body)
