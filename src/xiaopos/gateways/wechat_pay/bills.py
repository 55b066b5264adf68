"""WeChat Pay's daily bills (交易账单, 资金账单): CSV whose values begin with a back-quote, read into rows.

What may live here: the file's form and its columns by name. What may not: fetching it (`gateway`), comparing it with the books.

First the columns' names, then rows, then the names and values of the sums. A comma within a text is written otherwise by WeChat
Pay, and nothing is in quotes, so the commas between back-quotes are the ones that part values. Amounts are yuan.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum

from xiaopos.gateways.wallet_line import WalletTerms

BILL_LENGTH_MAX = 16 * 1024 * 1024
UNPACKED_LENGTH_MAX = 64 * 1024 * 1024
BILL_TERMS = WalletTerms(answer_timeout_s=60.0, answer_length_max=BILL_LENGTH_MAX)

AT, TRANSACTION_NO, OUT_TRADE_NO, STATE = "交易时间", "微信订单号", "商户订单号", "交易状态"
OUT_REFUND_NO, FEE, AMOUNT, REFUNDED = "商户退款单号", "手续费", "订单金额", "申请退款金额"
TRADE_COLUMNS = (
    AT, "公众账号ID", "商户号", "特约商户号", "设备号", TRANSACTION_NO, OUT_TRADE_NO, "用户标识", "交易类型", STATE, "付款银行",
    "货币种类", "应结订单金额", "代金券金额", "微信退款单号", OUT_REFUND_NO, "退款金额", "充值券退款金额", "退款类型", "退款状态",
    "商品名称", "商户数据包", FEE, "费率", AMOUNT, REFUNDED, "费率备注",
)  # fmt: skip
TRADE_SUMS = (
    "总交易单数",
    "应结订单总金额",
    "退款总金额",
    "充值券退款总金额",
    "手续费总金额",
    "订单总金额",
    "申请退款总金额",
)

BOOKED_AT, BUSINESS_NO, FLOW_NO, BUSINESS = "记账时间", "微信支付业务单号", "资金流水单号", "业务名称"
DIRECTION, MOVED, LEFT, VOUCHER_NO = "收支类型", "收支金额（元）", "账户结余（元）", "业务凭证号"
FUND_COLUMNS = (
    BOOKED_AT, BUSINESS_NO, FLOW_NO, BUSINESS, "业务类型", DIRECTION, MOVED, LEFT, "资金变更提交申请人", "备注", VOUCHER_NO,
)  # fmt: skip
FUND_SUMS = ("资金流水总笔数", "收入笔数", "收入金额", "支出笔数", "支出金额")
"""The columns as official examples and public readers of real bills quote them; they are found by name, in any order."""

PAID, REFUND, REVOKED = "SUCCESS", "REFUND", "REVOKED"
INCOME, OUTGO = "收入", "支出"

_YUAN = re.compile(r"(-?)(0|[1-9][0-9]{0,12})(?:\.([0-9]{1,5}))?", re.ASCII)


class BillKind(Enum):
    """What the merchant sold, or how its basic account moved."""

    TRADE = "tradebill"
    FUNDS = "fundflowbill"

    @property
    def parts(self) -> dict[str, str]:
        """What is asked for besides the day."""
        return {"bill_type": "ALL"} if self is BillKind.TRADE else {"account_type": "BASIC"}


@dataclass(frozen=True, slots=True)
class NoBill:
    """There was no business on that day."""


@dataclass(frozen=True, slots=True)
class NotFetched:
    """The bill did not come, and why: ask again later."""

    cause: str


@dataclass(frozen=True, slots=True)
class TradeRow:
    """One payment, refund or undoing. Amounts are fen, negative for money that went back; `state` is SUCCESS, REFUND or REVOKED.

    `fee_thousandths` is in thousandths of a fen, as exact as the bill says it. `out_refund_no` is empty for a payment.
    """

    at: str
    transaction_no: str
    out_trade_no: str
    state: str
    amount_minor: int
    fee_thousandths: int
    out_refund_no: str


@dataclass(frozen=True, slots=True)
class FundRow:
    """One movement of the account. Amounts are fen, negative for what left; `voucher_no` is the order or refund behind it."""

    at: str
    business_no: str
    flow_no: str
    business: str
    amount_minor: int
    balance_minor: int
    voucher_no: str


def unpacked(raw: bytes, digest: str) -> bytes | NotFetched:
    """A bill as it came, gzip or plain, whose SHA-1 (of what is unpacked) is as WeChat Pay said. SHA-1 is its choice."""
    if raw.startswith(b"\x1f\x8b"):
        unzip = zlib.decompressobj(wbits=31)
        try:
            raw = unzip.decompress(raw, UNPACKED_LENGTH_MAX)
        except zlib.error:
            return NotFetched("the bill's gzip is broken")
        if not unzip.eof:
            return NotFetched("the bill is cut, or too long")
    if not hmac.compare_digest(hashlib.sha1(raw, usedforsecurity=False).hexdigest().encode(), digest.lower().encode()):
        return NotFetched("the bill is not the one that the wallet announced")
    return raw


def read_trades(raw: bytes) -> list[TradeRow]:
    """The rows of a trade bill. Raises ValueError, saying what is wrong, for what is no such bill."""
    return [
        _trade(cells) for cells in _rows(raw, {AT, TRANSACTION_NO, OUT_TRADE_NO, STATE, FEE, AMOUNT}, TRADE_SUMS[0])
    ]


def read_funds(raw: bytes) -> list[FundRow]:
    """The rows of a fund-flow bill. Raises ValueError, saying what is wrong, for what is no such bill."""
    needed = {BOOKED_AT, BUSINESS_NO, FLOW_NO, BUSINESS, DIRECTION, MOVED, LEFT}
    return [_fund(cells) for cells in _rows(raw, needed, FUND_SUMS[0])]


def _text(raw: bytes) -> str:
    for encoding in ("utf-8-sig", "gbk"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise ValueError("the bill is no text in UTF-8 or GBK")


def _rows(raw: bytes, needed: set[str], sums: str) -> Iterator[Mapping[str, str]]:
    lines = [line for line in _text(raw).splitlines() if line.strip()]
    # One reader of real bills has half-width brackets in these names, the official example full-width ones.
    names = (
        [name.strip().lstrip("`").replace("(", "（").replace(")", "）") for name in lines[0].split(",")]
        if lines
        else []
    )
    if not needed.issubset(names):
        raise ValueError(f"the bill has no column {', '.join(sorted(needed.difference(names)))}")
    for line in lines[1:]:
        if line.lstrip("`").startswith(sums):
            return
        values = line[1:].split(",`") if line.startswith("`") else line.split(",")
        if len(values) != len(names):
            raise ValueError("a row of the bill has another number of columns")
        yield dict(zip(names, (value.strip().lstrip("`") for value in values), strict=True))
    raise ValueError("the bill has no sums: it is cut")


def _trade(cells: Mapping[str, str]) -> TradeRow:
    back = cells[STATE] in (REFUND, REVOKED)
    minor = _minor(cells.get(REFUNDED, "0") if back else cells[AMOUNT])
    number = cells.get(OUT_REFUND_NO, "")
    return TradeRow(
        at=cells[AT],
        transaction_no=cells[TRANSACTION_NO],
        out_trade_no=cells[OUT_TRADE_NO],
        state=cells[STATE],
        amount_minor=-minor if back else minor,
        fee_thousandths=_thousandths(cells[FEE]),
        out_refund_no="" if number == "0" else number,
    )


def _fund(cells: Mapping[str, str]) -> FundRow:
    if cells[DIRECTION] not in (INCOME, OUTGO):
        raise ValueError("a row of the bill goes neither in nor out")
    minor = _minor(cells[MOVED])
    return FundRow(
        at=cells[BOOKED_AT],
        business_no=cells[BUSINESS_NO],
        flow_no=cells[FLOW_NO],
        business=cells[BUSINESS],
        amount_minor=minor if cells[DIRECTION] == INCOME else -minor,
        balance_minor=_minor(cells[LEFT]),
        voucher_no=cells.get(VOUCHER_NO, ""),
    )


def _thousandths(text: str) -> int:
    found = _YUAN.fullmatch(text)
    if found is None:
        raise ValueError("an amount of the bill is none")
    value = int(found[2]) * 100_000 + int((found[3] or "").ljust(5, "0"))
    return -value if found[1] else value


def _minor(text: str) -> int:
    minor, rest = divmod(_thousandths(text), 1000)
    if rest:
        raise ValueError("an amount of the bill is finer than a fen")
    return minor
