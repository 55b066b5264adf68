"""Alipay's daily bills (对账单): a zip of CSV files in GBK, read into rows.

What may live here: the file's form and its columns by name. What may not: fetching it (`gateway`), comparing it with the books.

The zip holds 业务明细 (each trade) and 业务明细(汇总) (sums); their names are GBK without a mark that says so. The detail file
begins with lines of `#`, then the columns' names, then rows whose long numbers end in a tab; refunds are negative.
"""

from __future__ import annotations

import csv
import io
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum

from xiaopos.gateways.alipay.messages import minor_of
from xiaopos.gateways.wallet_line import WalletTerms

BILL_LENGTH_MAX = 16 * 1024 * 1024
DETAIL_LENGTH_MAX = 64 * 1024 * 1024
BILL_TERMS = WalletTerms(answer_timeout_s=60.0, answer_length_max=BILL_LENGTH_MAX)

TRADE_NO, OUT_TRADE_NO, TYPE, FINISHED = "支付宝交易号", "商户订单号", "业务类型", "完成时间"
AMOUNT, RECEIVED, FEE, REFUND_NO = "订单金额（元）", "商家实收（元）", "服务费（元）", "退款批次号/请求号"
COLUMNS = (
    TRADE_NO, OUT_TRADE_NO, TYPE, "商品名称", "创建时间", FINISHED, "门店编号", "门店名称", "操作员", "终端号", "对方账户",
    AMOUNT, RECEIVED, "支付宝红包（元）", "集分宝（元）", "支付宝优惠（元）", "商家优惠（元）", "券核销金额（元）", "券名称",
    "商家红包消费金额（元）", "卡消费金额（元）", REFUND_NO, FEE, "分润（元）", "备注",
)  # fmt: skip
"""The detail file's columns, as several public readers of real bills quote them; they are found by name, in any order."""

_NEEDED = frozenset({TRADE_NO, OUT_TRADE_NO, TYPE, FINISHED, AMOUNT, RECEIVED, FEE})
_DETAIL, _SUMMARY = "业务明细", "汇总"
PAID, REFUNDED = "交易", "退款"


class BillKind(Enum):
    """`bill_type`: what the merchant sold, or how its balance moved. Only the first is read here."""

    TRADE = "trade"
    FUNDS = "signcustomer"


@dataclass(frozen=True, slots=True)
class NoBill:
    """There was no business on that day."""


@dataclass(frozen=True, slots=True)
class NotFetched:
    """The bill did not come, and why: ask again later."""

    cause: str


@dataclass(frozen=True, slots=True)
class BillRow:
    """One trade or refund. Amounts are fen as the bill signs them: a refund's are negative. `refund_no` is empty for a trade."""

    trade_no: str
    out_trade_no: str
    kind: str
    finished_at: str
    amount_minor: int
    received_minor: int
    fee_minor: int
    refund_no: str


def read_bill(raw: bytes) -> list[BillRow]:
    """The rows of a trade bill. Raises ValueError, saying what is wrong, for what is no such bill or too long."""
    return list(_rows(_detail(raw)))


def _detail(raw: bytes) -> str:
    try:
        with zipfile.ZipFile(io.BytesIO(raw), metadata_encoding="gbk") as archive:
            for file in archive.infolist():
                if _DETAIL in file.filename and _SUMMARY not in file.filename:
                    if file.file_size > DETAIL_LENGTH_MAX:
                        raise ValueError("the bill is too long")
                    return archive.read(file).decode("gbk")
    except (zipfile.BadZipFile, zlib.error, UnicodeDecodeError, EOFError, RuntimeError, NotImplementedError):
        raise ValueError("the bill is no zip of text in GBK") from None
    raise ValueError("the bill holds no details")


def _rows(text: str) -> Iterator[BillRow]:
    lines = [line for line in csv.reader(io.StringIO(text)) if line and not line[0].startswith("#")]
    if not lines:
        raise ValueError("the bill has no columns")
    names = [name.strip() for name in lines[0]]
    if not _NEEDED.issubset(names):
        raise ValueError(f"the bill has no column {', '.join(sorted(_NEEDED.difference(names)))}")
    for line in lines[1:]:
        if len(line) != len(names):
            raise ValueError("a row of the bill has another number of columns")
        yield _row(dict(zip(names, (value.strip() for value in line), strict=True)))


def _row(cells: Mapping[str, str]) -> BillRow:
    return BillRow(
        trade_no=cells[TRADE_NO],
        out_trade_no=cells[OUT_TRADE_NO],
        kind=cells[TYPE],
        finished_at=cells[FINISHED],
        amount_minor=_signed_minor(cells[AMOUNT]),
        received_minor=_signed_minor(cells[RECEIVED]),
        fee_minor=_signed_minor(cells[FEE]),
        refund_no=cells.get(REFUND_NO, ""),
    )


def _signed_minor(text: str) -> int:
    minor = minor_of(text.removeprefix("-"))
    if minor is None:
        raise ValueError("an amount of the bill is none")
    return -minor if text.startswith("-") else minor
