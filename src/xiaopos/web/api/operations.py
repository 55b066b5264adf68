"""The table of operations: from it come the addresses, the answers and the description.

What may live here: one row per operation. What may not: what an operation does (asks).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import msgspec
from django.utils.translation import gettext_lazy as _

from xiaopos.kernel.refusal import Refused
from xiaopos.merchants.api_access import Scope
from xiaopos.payments.payment import Payment
from xiaopos.web.api import asks, shapes
from xiaopos.web.api.asks import Call

Made = Payment | Refused | shapes.PaymentPage


def _own_id(call: Call) -> str:
    return call.payment_id


@dataclass(frozen=True, slots=True)
class Operation:
    """One method on one address. `done` is the status when the outcome is known; `waits` says that it may be 202.

    `claims` names the payment that a call makes or moves, by which it is found when the answer takes too long.
    """

    name: str
    method: str
    path: str
    scope: Scope
    title: Any
    about: Any
    run: Callable[[Call], Made]
    body: Any = None
    query: type[Any] | None = None
    gives: Any = shapes.Payment
    done: int = 200
    waits: bool = False
    claims: Callable[[Call], str] = _own_id


OPERATIONS: tuple[Operation, ...] = (
    Operation(
        "takePayment",
        "POST",
        "/payments",
        Scope.TAKE,
        _("收款"),
        _("扫顾客的付款码，或取一个给顾客扫的收款码。同一个号、同样的内容重发，得到同样的回答，不会重复扣款。"),
        asks.take,
        body=shapes.NewPayment,
        done=201,
        waits=True,
        claims=lambda call: call.body.payment_id,
    ),
    Operation(
        "listPayments",
        "GET",
        "/payments",
        Scope.READ,
        _("查一天的交易"),
        _("一个营业日的交易，新的在前，分页。"),
        asks.read_day,
        query=shapes.DayQuery,
        gives=shapes.PaymentPage,
    ),
    Operation(
        "readPayment",
        "GET",
        "/payments/{payment_id}",
        Scope.READ,
        _("查一笔交易"),
        _("收款、撤销或退款此刻的状态；也可以等到有变化再回答。"),
        asks.read_and_wait,
        query=shapes.WaitQuery,
    ),
    Operation(
        "capturePayment",
        "POST",
        "/payments/{payment_id}/captures",
        Scope.TAKE,
        _("预授权完成"),
        _("把预授权冻结的钱收下来，可以少收；一笔预授权只能完成一次。扫码收款没有预授权，会说明不能这样办。"),
        asks.capture,
        body=shapes.NewCapture,
        done=201,
        waits=True,
        claims=lambda call: call.body.capture_id,
    ),
    Operation(
        "refundPayment",
        "POST",
        "/payments/{payment_id}/refunds",
        Scope.REFUND,
        _("退款"),
        _("把已收的钱退回全部或一部分，原路退回。可以分几次退，合计不超过原金额。"),
        asks.refund,
        body=shapes.NewRefund,
        done=201,
        waits=True,
        claims=lambda call: call.body.refund_id,
    ),
    Operation(
        "voidPayment",
        "POST",
        "/payments/{payment_id}/void",
        Scope.REFUND,
        _("撤销"),
        _("结算前把一笔收款整笔撤销。"),
        asks.void,
        body=shapes.NewVoid,
        done=201,
        waits=True,
        claims=lambda call: call.body.void_id,
    ),
    Operation(
        "cancelPayment",
        "POST",
        "/payments/{payment_id}/cancel",
        Scope.TAKE,
        _("放弃等待"),
        _("顾客还没付完就不等了：没付的关掉，付了的退回。已有结果的交易不变，照样返回。"),
        asks.cancel,
        waits=True,
    ),
)

BY_PATH: dict[str, dict[str, Operation]] = {}
for _one in OPERATIONS:
    BY_PATH.setdefault(_one.path, {})[_one.method] = _one

DECODERS: dict[str, msgspec.json.Decoder[Any]] = {
    one.name: msgspec.json.Decoder(one.body) for one in OPERATIONS if one.body is not None
}
"""The parser of each operation that has a body."""
