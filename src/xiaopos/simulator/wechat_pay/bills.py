"""The pretend WeChat Pay's bills: CSV in UTF-8 whose values begin with a back-quote, in the form of the real ones.

What may live here: writing them from the engine's orders. What may not: links and their lives (`server`).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from xiaopos.gateways.wechat_pay.bills import (
    FUND_COLUMNS,
    FUND_SUMS,
    INCOME,
    OUTGO,
    PAID,
    REFUND,
    REVOKED,
    TRADE_COLUMNS,
    TRADE_SUMS,
)
from xiaopos.kernel.money import Money
from xiaopos.simulator.wallet.records import Order, Refund
from xiaopos.simulator.wallet.trades import Trades
from xiaopos.simulator.wechat_pay.orders import BEIJING, Asking, openid_of

Row = tuple[Order, Refund | None]
_BOM = "\ufeff"


def rows_of(trades: Trades, day: str) -> list[Row]:
    """What a day's bill lists: paid orders (also those undone later), then what went back."""
    orders = {one.out_trade_no: one for one in trades.records.orders() if one.kind != "none"}
    paid = [one for one in orders.values() if _was_paid(one) and _day(one.made_at_s) == day]
    undone: list[Row] = [(one, _undoing(one)) for one in paid if one.state == "REVOKED"]
    refunds = [one for one in trades.records.refunds() if _day(one.made_at_s) == day]
    return [*((one, None) for one in paid), *undone, *((orders[one.out_trade_no], one) for one in refunds)]


def _was_paid(order: Order) -> bool:
    return order.state in ("SUCCESS", "REFUNDED") or (order.state == "REVOKED" and order.refunded_minor > 0)


def _undoing(order: Order) -> Refund:
    return Refund("", order.out_trade_no, "", order.amount_minor, order.made_at_s)


def _local(at_s: int) -> datetime:
    return datetime.fromtimestamp(at_s, UTC).astimezone(BEIJING)


def _day(at_s: int) -> str:
    return _local(at_s).date().isoformat()


def _at(at_s: int) -> str:
    return _local(at_s).strftime("%Y-%m-%d %H:%M:%S")


def _line(values: Sequence[str]) -> str:
    return ",".join(f"`{value}" for value in values)


def _yuan(minor: int) -> str:
    return Money(minor).decimal()


def make_trade_bill(rows: Sequence[Row], asking: Asking) -> bytes:
    """The bill of what was sold."""
    lines = [",".join(TRADE_COLUMNS), *(_line(_trade(order, back, asking)) for order, back in rows)]
    sold = sum(order.amount_minor for order, back in rows if back is None)
    back = sum(refund.amount_minor for _, refund in rows if refund is not None)
    sums = [str(len(rows)), _yuan(sold), _yuan(back), "0.00", "0.00000", _yuan(sold), _yuan(back)]
    return _text([*lines, ",".join(TRADE_SUMS), _line(sums)])


def _trade(order: Order, back: Refund | None, asking: Asking) -> list[str]:
    state = PAID if back is None else REFUND if back.out_refund_no else REVOKED
    kind = "MICROPAY" if order.kind == "payer_code" else "NATIVE"
    minor, returned = _yuan(order.amount_minor), "0.00" if back is None else _yuan(back.amount_minor)
    return [
        _at(order.made_at_s if back is None else back.made_at_s), asking.appid, asking.mchid, asking.sub_mchid or "0", "",
        order.transaction_id, order.out_trade_no, openid_of(order.customer_id), kind, state, "OTHERS", "CNY",
        minor if back is None else "0.00", "0.00", (back and back.refund_id) or "0", (back and back.out_refund_no) or "0",
        returned, "0.00", "" if back is None else "ORIGINAL", "" if back is None else "SUCCESS", "收款", "", "0.00000", "0.00%",
        minor if back is None else "0.00", returned, "",
    ]  # fmt: skip


def make_fund_bill(rows: Sequence[Row]) -> bytes:
    """The bill of how the account moved. It begins the day with nothing."""
    lines, balance, came, went = [",".join(FUND_COLUMNS)], 0, [0, 0], [0, 0]
    for order, back in rows:
        minor = order.amount_minor if back is None else back.amount_minor
        balance += minor if back is None else -minor
        sums = came if back is None else went
        sums[0], sums[1] = sums[0] + 1, sums[1] + minor
        kind = "交易" if back is None else "退款"
        voucher = order.out_trade_no if back is None else back.out_refund_no or order.out_trade_no
        at = _at(order.made_at_s if back is None else back.made_at_s)
        direction = INCOME if back is None else OUTGO
        flow = f"{order.transaction_id[-24:]}{len(lines):04d}"
        cells = [
            at,
            order.transaction_id,
            flow,
            kind,
            kind,
            direction,
            _yuan(minor),
            _yuan(balance),
            "system",
            "",
            voucher,
        ]
        lines.append(_line(cells))
    sums_line = [str(len(rows)), str(came[0]), _yuan(came[1]), str(went[0]), _yuan(went[1])]
    return _text([*lines, ",".join(FUND_SUMS), _line(sums_line)])


def _text(lines: Sequence[str]) -> bytes:
    return (_BOM + "\r\n".join(lines) + "\r\n").encode()
