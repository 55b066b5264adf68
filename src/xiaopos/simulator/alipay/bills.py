"""The pretend Alipay's bills: a zip of CSV in GBK, in the form of the real ones.

What may live here: writing them from the engine's orders. What may not: links and their lives (`server`).
"""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Sequence
from datetime import date, timedelta

from xiaopos.gateways.alipay.bills import COLUMNS, PAID, REFUNDED
from xiaopos.kernel.money import Money
from xiaopos.simulator.alipay.methods import local, stamp
from xiaopos.simulator.wallet.records import Order, Refund
from xiaopos.simulator.wallet.trades import Trades

Row = tuple[Order, Refund | None]


def rows_of(trades: Trades, month: str) -> list[Row]:
    """What a bill of a day (2026-03-14) or month (2026-03) lists: paid orders and refunds, in the order of the records."""
    orders = {one.out_trade_no: one for one in trades.records.orders() if one.kind != "none"}
    paid: list[Row] = [
        (one, None)
        for one in orders.values()
        if one.state in ("SUCCESS", "REFUNDED") and _day(one.made_at_s).startswith(month)
    ]
    return paid + [
        (orders[one.out_trade_no], one) for one in trades.records.refunds() if _day(one.made_at_s).startswith(month)
    ]


def _day(at_s: int) -> str:
    return local(at_s).date().isoformat()


def make_bill(rows: Sequence[Row], *, seller_id: str, day: date) -> bytes:
    """The zip: the details and their sums, names and text in GBK."""
    account = f"{seller_id}0156"
    name = f"{account}_{day:%Y%m%d}"
    files = {"d": ("业务明细", _details(rows, account, day)), "s": ("业务明细(汇总)", _sums(rows, account, day))}
    names = {mark: f"{name}_{title}.csv".encode("gbk") for mark, (title, _) in files.items()}
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for mark, (_, text) in files.items():
            archive.writestr(zipfile.ZipInfo(mark * len(names[mark])), text.encode("gbk"), zipfile.ZIP_DEFLATED)
    raw = packed.getvalue()
    # The zip writer knows names in UTF-8 only; the real bills' names are GBK without the mark that would say so.
    for mark, written in names.items():
        raw = raw.replace(mark.encode() * len(written), written)
    return raw


def _head(title: str, account: str, day: date) -> list[str]:
    after = day + timedelta(days=1)
    return [
        f"#支付宝{title}查询",
        f"#账号：[{account}]",
        f"#起始日期：[{day:%Y年%m月%d日} 00:00:00]   终止日期：[{after:%Y年%m月%d日} 00:00:00]",
        f"#-----------------------------------------{title}列表----------------------------------------",
    ]


def _details(rows: Sequence[Row], account: str, day: date) -> str:
    lines = io.StringIO()
    writer = csv.writer(lines, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for order, refund in rows:
        writer.writerow(_cells(order, refund))
    end = "#-----------------------------------------业务明细列表结束------------------------------------"
    return "\r\n".join([*_head("业务明细", account, day), lines.getvalue() + end, *_totals(rows), ""])


def _cells(order: Order, refund: Refund | None) -> list[str]:
    minor = order.amount_minor if refund is None else -refund.amount_minor
    finished = order.made_at_s if refund is None else refund.made_at_s
    yuan, nothing = Money(minor).decimal(), "0.00"
    number = "\t" if refund is None else f"{refund.out_refund_no}\t"
    return [
        f"{order.transaction_id}\t", f"{order.out_trade_no}\t", f"{PAID if refund is None else REFUNDED}\t", "收款",
        stamp(order.made_at_s), stamp(finished), f"{order.shop_id}\t", "\t", "\t", "\t", f"*({order.customer_id[:3]}***)\t",
        yuan, yuan, nothing, nothing, nothing, nothing, nothing, "", f"{nothing}\t", nothing, number, nothing, nothing, "",
    ]  # fmt: skip


def _sum(rows: Sequence[Row], *, refunds: bool) -> tuple[int, str]:
    minors = [
        order.amount_minor if refund is None else refund.amount_minor
        for order, refund in rows
        if (refund is not None) is refunds
    ]
    return len(minors), Money(-sum(minors) if refunds else sum(minors)).decimal()


def _totals(rows: Sequence[Row]) -> list[str]:
    (sold, income), (back, outgo) = _sum(rows, refunds=False), _sum(rows, refunds=True)
    return [
        f"#交易合计：{sold}笔，商家实收共{income}元，商家优惠共0.00元",
        f"#退款合计：{back}笔，商家实收退款共{outgo}元，商家优惠退款共0.00元",
    ]


def _sums(rows: Sequence[Row], account: str, day: date) -> str:
    return "\r\n".join([*_head("业务汇总", account, day), *_totals(rows), ""])
