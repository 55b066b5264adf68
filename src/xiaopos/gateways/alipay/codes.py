"""Alipay's words as tables: gateway codes, business codes, order states, payment codes, each with where it is known from.

What may live here: the tables. What may not: messages, signatures, sockets.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from xiaopos.kernel.refusal import Reason
from xiaopos.usecases.keep_wallet_contract import Finding


class Source(Enum):
    """Where a row is known from."""

    PAY = "当面付 alipay.trade.pay, error codes (open.alitrip.com docs, article 104632); also opendocs.alipay.com"
    QUERY = "alipay.trade.query, error codes (zhifubao.apifox.cn, api-126426144)"
    CANCEL = "alipay.trade.cancel, error codes (apifox.cn docs-site 3618910, api-126370346)"
    REFUND = "alipay.trade.refund, error codes (opendocs.alipay.com api_1, as several public client libraries quote it)"
    CLOSE = "alipay.trade.close (opendocs.alipay.com api_1, 2025-04-21)"
    BILL = "alipay.data.dataservice.bill.downloadurl.query (open.alitrip.com docs, article 104674)"
    GATEWAY = "public return codes (open.alitrip.com docs, article 105806)"
    UNCONFIRMED = "from memory: not confirmed by any source"


class Code(Enum):
    """The gateway's return codes that decide something. Any other is a refusal of the request itself."""

    SUCCESS = "10000"
    WAITING = "10003"
    """等待用户付款: the customer must still confirm. Answered to alipay.trade.pay only."""
    UNAVAILABLE = "20000"
    """服务不可用: nobody knows what happened."""
    NO_AUTHORITY = "20001"
    MISSING = "40001"
    INVALID = "40002"
    BUSINESS_FAILED = "40004"
    NO_PERMISSION = "40006"


GATEWAY_SOURCE = Source.GATEWAY
"""For `Code`; 10003 is from the pages of the product 当面付."""


class TradeStatus(Enum):
    """Where an order stands at Alipay (`Source.QUERY`)."""

    WAIT_BUYER_PAY = "WAIT_BUYER_PAY"
    TRADE_SUCCESS = "TRADE_SUCCESS"
    TRADE_FINISHED = "TRADE_FINISHED"
    """Paid, and too old to be refunded."""
    TRADE_CLOSED = "TRADE_CLOSED"
    """Not paid in time, closed, cancelled, or paid and wholly refunded."""


@dataclass(frozen=True, slots=True)
class Row:
    """What one sub_code means to the house, and where it is known from. Without a reason nobody knows what happened."""

    reason: Reason | None
    source: Source


SUB_CODES: dict[str, Row] = {
    "ACQ.SYSTEM_ERROR": Row(None, Source.PAY),
    "AQC.SYSTEM_ERROR": Row(None, Source.CANCEL),
    "ACQ.REFUND_CHARGE_ERROR": Row(None, Source.REFUND),
    "isp.unknow-error": Row(None, Source.GATEWAY),
    "aop.unknow-error": Row(None, Source.GATEWAY),
    "ACQ.TRADE_HAS_SUCCESS": Row(None, Source.PAY),
    "ACQ.INVALID_PARAMETER": Row(Reason.FORMAT_WRONG, Source.PAY),
    "ACQ.ACCESS_FORBIDDEN": Row(Reason.WALLET_NOT_ACCEPTED, Source.PAY),
    "ACQ.EXIST_FORBIDDEN_WORD": Row(Reason.FORMAT_WRONG, Source.PAY),
    "ACQ.PARTNER_ERROR": Row(Reason.MERCHANT_UNKNOWN, Source.PAY),
    "ACQ.TOTAL_FEE_EXCEED": Row(Reason.AMOUNT_OVER_LIMIT, Source.PAY),
    "ACQ.PAYMENT_AUTH_CODE_INVALID": Row(Reason.PAYER_CODE_EXPIRED, Source.PAY),
    "ACQ.CONTEXT_INCONSISTENT": Row(Reason.REPEAT_DIFFERS, Source.PAY),
    "ACQ.TRADE_HAS_CLOSE": Row(Reason.REVERSED_BEFORE, Source.PAY),
    "ACQ.TRADE_BUYER_NOT_MATCH": Row(Reason.REPEAT_DIFFERS, Source.PAY),
    "ACQ.BUYER_SELLER_EQUAL": Row(Reason.CHANNEL_DECLINED, Source.PAY),
    "ACQ.BUYER_BALANCE_NOT_ENOUGH": Row(Reason.BALANCE_TOO_LOW, Source.PAY),
    "ACQ.BUYER_BANKCARD_BALANCE_NOT_ENOUGH": Row(Reason.BALANCE_TOO_LOW, Source.PAY),
    "ACQ.ERROR_BALANCE_PAYMENT_DISABLE": Row(Reason.ISSUER_DECLINED, Source.UNCONFIRMED),
    "ACQ.BUYER_ENABLE_STATUS_FORBID": Row(Reason.ISSUER_DECLINED, Source.PAY),
    "ACQ.BUYER_PAYMENT_AMOUNT_DAY_LIMIT_ERROR": Row(Reason.ISSUER_LIMIT, Source.PAY),
    "ACQ.BUYER_PAYMENT_AMOUNT_MONTH_LIMIT_ERROR": Row(Reason.ISSUER_LIMIT, Source.UNCONFIRMED),
    "ACQ.BEYOND_PAY_RESTRICTION": Row(Reason.AMOUNT_OVER_LIMIT, Source.PAY),
    "ACQ.BEYOND_PER_RECEIPT_RESTRICTION": Row(Reason.AMOUNT_OVER_LIMIT, Source.UNCONFIRMED),
    "ACQ.PAYMENT_FAIL": Row(Reason.CHANNEL_DECLINED, Source.PAY),
    "ACQ.PAYMENT_REQUEST_HAS_RISK": Row(Reason.CHANNEL_DECLINED, Source.PAY),
    "ACQ.NO_PAYMENT_INSTRUMENTS_AVAILABLE": Row(Reason.ISSUER_DECLINED, Source.PAY),
    "ACQ.TRADE_NOT_EXIST": Row(Reason.ORIGINAL_UNKNOWN, Source.QUERY),
    "ACQ.CANCEL_NOT_ALLOWED": Row(Reason.TRANSACTION_UNSUPPORTED, Source.CANCEL),
    "ACQ.TRADE_CANCEL_TIME_OUT": Row(Reason.ORIGINAL_SETTLED, Source.CANCEL),
    "ACQ.SELLER_BALANCE_NOT_ENOUGH": Row(Reason.CHANNEL_DECLINED, Source.REFUND),
    "ACQ.REFUND_AMT_NOT_EQUAL_TOTAL": Row(Reason.REFUND_TOO_MUCH, Source.REFUND),
    "ACQ.REASON_TRADE_REFUND_FEE_ERR": Row(Reason.REFUND_TOO_MUCH, Source.REFUND),
    "ACQ.REASON_TRADE_BEEN_FREEZEN": Row(Reason.CHANNEL_DECLINED, Source.REFUND),
    "ACQ.TRADE_HAS_FINISHED": Row(Reason.ORIGINAL_SETTLED, Source.REFUND),
    "ACQ.TRADE_STATUS_ERROR": Row(Reason.ORIGINAL_NOT_APPROVED, Source.REFUND),
    "ACQ.TRADE_NOT_ALLOW_REFUND": Row(Reason.TRANSACTION_UNSUPPORTED, Source.REFUND),
    "ACQ.DISCORDANT_REPEAT_REQUEST": Row(Reason.REPEAT_DIFFERS, Source.REFUND),
    "isv.invalid-app-id": Row(Reason.MERCHANT_UNKNOWN, Source.GATEWAY),
    "isv.invalid-signature": Row(Reason.MAC_WRONG, Source.GATEWAY),
    "isv.missing-signature-key": Row(Reason.MAC_WRONG, Source.GATEWAY),
    "isv.invalid-timestamp": Row(Reason.CHANNEL_DECLINED, Source.GATEWAY),
    "isv.insufficient-isv-permissions": Row(Reason.WALLET_NOT_ACCEPTED, Source.GATEWAY),
    "aop.invalid-app-auth-token": Row(Reason.WALLET_NOT_ACCEPTED, Source.GATEWAY),
    "aop.app-auth-token-time-out": Row(Reason.WALLET_NOT_ACCEPTED, Source.GATEWAY),
}
"""Business and gateway details. A sub_code that is not here refuses as CHANNEL_DECLINED when `code` says that it failed."""

PAID_BEFORE = "ACQ.TRADE_HAS_SUCCESS"
"""The order of this number is paid: by this very customer, or not. Ask, do not refuse (`Source.PAY`)."""

NO_SUCH_TRADE = "ACQ.TRADE_NOT_EXIST"
"""Also of an order whose code has been shown and not been scanned yet (unconfirmed: from experience of the product)."""

TOO_LATE_TO_CANCEL: frozenset[str] = frozenset({"ACQ.TRADE_CANCEL_TIME_OUT"})
"""A cancellation is refused for its age; the money is paid back with a refund instead (`Source.CANCEL`)."""

ABOUT_THE_REFUND: frozenset[str] = frozenset(
    {
        "ACQ.TRADE_NOT_EXIST",
        "ACQ.TRADE_STATUS_ERROR",
        "ACQ.TRADE_HAS_FINISHED",
        "ACQ.TRADE_NOT_ALLOW_REFUND",
        "ACQ.REFUND_AMT_NOT_EQUAL_TOTAL",
        "ACQ.REASON_TRADE_REFUND_FEE_ERR",
        "ACQ.DISCORDANT_REPEAT_REQUEST",
    }
)
"""Refusals that a repeated refund may believe once the refund query says that it was not done (`Source.REFUND`)."""

NO_BILL: frozenset[str] = frozenset({"BILL_NOT_EXIST", "NO_BILL_DATA", "isp.bill_not_exist", "isp.no_bill_data"})
"""There was no business on that day: an empty bill, no fault. BILL_NOT_EXIST is from `Source.BILL`, the rest unconfirmed."""

FINDINGS: Mapping[str, Finding] = {
    "isv.invalid-app-id": Finding.OUR_NUMBER,
    "isv.missing-app-id": Finding.OUR_NUMBER,
    "isv.invalid-signature": Finding.OUR_KEY,
    "isv.missing-signature-key": Finding.OUR_KEY,
    "isv.invalid-app-cert-sn": Finding.OUR_CERTIFICATE,
    "isv.invalid-alipay-root-cert-sn": Finding.OUR_CERTIFICATE,
    "isv.missing-app-cert-sn": Finding.OUR_CERTIFICATE,
    "isv.missing-root-cert-sn": Finding.OUR_CERTIFICATE,
    "isv.invalid-timestamp": Finding.CLOCK,
    "isv.insufficient-isv-permissions": Finding.PERMISSION,
    "isv.insufficient-user-permissions": Finding.PERMISSION,
    "ACQ.ACCESS_FORBIDDEN": Finding.PERMISSION,
    "aop.invalid-app-auth-token": Finding.PERMISSION,
    "aop.app-auth-token-time-out": Finding.PERMISSION,
    "ACQ.TRADE_NOT_EXIST": Finding.WORKS,
    "ACQ.SYSTEM_ERROR": Finding.UNSURE,
    "isp.unknow-error": Finding.UNSURE,
    "aop.unknow-error": Finding.UNSURE,
}
"""What the answer to a question about an order that there is not says about the contract. Names of certificates and tokens are
from `Source.GATEWAY`'s lists and unconfirmed one by one; a word that is not here is shown as it is."""

UNDONE_BY: frozenset[str] = frozenset({"close", "refund"})
"""What a cancellation did (`action`); nothing when there was no order (`Source.CANCEL`)."""

REFUND_DONE = "REFUND_SUCCESS"
"""`refund_status` of a finished refund; without it the refund did not arrive or failed (refund query, 2024-10-28)."""


@dataclass(frozen=True, slots=True)
class SceneRow:
    """A payment code by how it begins and how long it is, and the scene that alipay.trade.pay is told."""

    prefix: str
    shortest: int
    longest: int
    scene: str
    source: Source


SCENES: tuple[SceneRow, ...] = (
    *(SceneRow(str(prefix), 16, 24, "bar_code", Source.PAY) for prefix in range(25, 31)),
    SceneRow("fp", 35, 35, "security_code", Source.UNCONFIRMED),
)
"""Codes of digits, and what a camera has made of a face, which is passed through as it is."""


def scene_of(payer_code: str) -> str | None:
    """The scene of a payment code, None when it is none of Alipay's."""
    for row in SCENES:
        if payer_code.startswith(row.prefix) and row.shortest <= len(payer_code) <= row.longest:
            return row.scene if row.scene != "bar_code" or payer_code.isdecimal() else None
    return None


UNSURE_WORDS = ("SYSTEM_ERROR", "UNKNOW")
"""A sub_code that is not in the table and has one of these in its name is no refusal either."""


def reason_of(sub_code: str) -> Reason | None:
    """The house's reason for a refusal, None when the sub_code says that nobody knows."""
    row = SUB_CODES.get(sub_code)
    if row is None and any(word in sub_code.upper() for word in UNSURE_WORDS):
        return None
    return Reason.CHANNEL_DECLINED if row is None else row.reason
