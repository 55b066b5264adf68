"""WeChat Pay's words as tables: codes of failures, order states, payment codes, each with where it is known from.

What may live here: the tables. What may not: messages, signatures, sockets.

APIv3 writes some codes with underscores where the older interface wrote none (SYSTEM_ERROR, SYSTEMERROR): both are one row.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from xiaopos.kernel.refusal import Reason
from xiaopos.usecases.keep_wallet_contract import Finding


class Source(Enum):
    """Where a row is known from."""

    PAY = "付款码支付, error codes (pay.weixin.qq.com doc v2 4011937125); that APIv3 uses the same words is unconfirmed"
    V3 = "APIv3, public error codes and those of refunds and bills (pay.weixin.qq.com wiki apiv3, chapters 3 and 4)"
    STATES = "商户订单号查询订单, trade_state (pay.weixin.qq.com doc v3 4013070356)"
    UNCONFIRMED = "from memory: not confirmed by any source"


class TradeState(Enum):
    """Where an order stands at WeChat Pay (`Source.STATES`)."""

    SUCCESS = "SUCCESS"
    REFUND = "REFUND"
    """Paid, and at least in part paid back."""
    NOTPAY = "NOTPAY"
    CLOSED = "CLOSED"
    REVOKED = "REVOKED"
    """Undone; only of payment codes."""
    USERPAYING = "USERPAYING"
    """The customer is typing the password; only of payment codes."""
    PAYERROR = "PAYERROR"
    """Failed at the bank, or the customer refused; only of payment codes."""
    ACCEPT = "ACCEPT"
    """Taken in, not yet done (unconfirmed)."""


class RefundStatus(Enum):
    """Where a refund stands (`Source.V3`)."""

    SUCCESS = "SUCCESS"
    PROCESSING = "PROCESSING"
    CLOSED = "CLOSED"
    ABNORMAL = "ABNORMAL"
    """The customer's bank did not take the money: the merchant must see to it in WeChat Pay's own pages."""


@dataclass(frozen=True, slots=True)
class Row:
    """What one code means to the house, and where it is known from. Without a reason nobody knows what happened."""

    reason: Reason | None
    source: Source


CODES: Mapping[str, Row] = {
    "SYSTEMERROR": Row(None, Source.PAY),
    "BANKERROR": Row(None, Source.PAY),
    "USERPAYING": Row(None, Source.PAY),
    "FREQUENCYLIMITED": Row(None, Source.V3),
    "RATELIMITEXCEEDED": Row(None, Source.V3),
    "ORDERPAID": Row(None, Source.PAY),
    "PARAMERROR": Row(Reason.FORMAT_WRONG, Source.V3),
    "INVALIDREQUEST": Row(Reason.CHANNEL_DECLINED, Source.V3),
    "NOAUTH": Row(Reason.WALLET_NOT_ACCEPTED, Source.V3),
    "SIGNERROR": Row(Reason.MAC_WRONG, Source.V3),
    "APPIDMCHIDNOTMATCH": Row(Reason.MERCHANT_UNKNOWN, Source.PAY),
    "MCHNOTEXISTS": Row(Reason.MERCHANT_UNKNOWN, Source.V3),
    "AUTHCODEEXPIRE": Row(Reason.PAYER_CODE_EXPIRED, Source.PAY),
    "AUTHCODEEXPIRED": Row(Reason.PAYER_CODE_EXPIRED, Source.UNCONFIRMED),
    "AUTHCODEINVALID": Row(Reason.PAYER_CODE_UNKNOWN, Source.PAY),
    "AUTHCODEERROR": Row(Reason.PAYER_CODE_UNKNOWN, Source.PAY),
    "NOTENOUGH": Row(Reason.BALANCE_TOO_LOW, Source.PAY),
    "NOTSUPORTCARD": Row(Reason.ISSUER_DECLINED, Source.PAY),
    "NOTSUPPORTCARD": Row(Reason.ISSUER_DECLINED, Source.UNCONFIRMED),
    "BUYERMISMATCH": Row(Reason.REPEAT_DIFFERS, Source.PAY),
    "OUTTRADENOUSED": Row(Reason.REPEAT_DIFFERS, Source.PAY),
    "INVALIDTRANSACTIONID": Row(Reason.FORMAT_WRONG, Source.PAY),
    "ORDERCLOSED": Row(Reason.REVERSED_BEFORE, Source.PAY),
    "ORDERREVERSED": Row(Reason.REVERSED_BEFORE, Source.PAY),
    "RULELIMIT": Row(Reason.AMOUNT_OVER_LIMIT, Source.V3),
    "TRADEERROR": Row(Reason.CHANNEL_DECLINED, Source.PAY),
    "ACCOUNTERROR": Row(Reason.ISSUER_DECLINED, Source.V3),
    "USERACCOUNTABNORMAL": Row(Reason.CHANNEL_DECLINED, Source.V3),
    "ORDERNOTEXIST": Row(Reason.ORIGINAL_UNKNOWN, Source.PAY),
    "RESOURCENOTEXISTS": Row(Reason.ORIGINAL_UNKNOWN, Source.V3),
}
"""Failures by their canonical word (`word_of`). One that is not here leaves the outcome unknown: it is asked for."""

PAID_BEFORE: frozenset[str] = frozenset({"ORDERPAID"})
"""The order of this number is paid, by this very customer or not. Ask, do not refuse (`Source.PAY`)."""

NOT_THERE: frozenset[str] = frozenset({"ORDERNOTEXIST", "RESOURCENOTEXISTS"})
"""WeChat Pay knows no such order or refund; the request for it may still be on its way."""

WAITING = "USERPAYING"
"""To a payment: the customer must type a password. To an undoing: not now, the customer is typing (`Source.PAY`)."""

ABOUT_THE_REFUND: frozenset[str] = frozenset({"INVALIDREQUEST", "RESOURCENOTEXISTS", "ORDERNOTEXIST"})
"""Refusals that a repeated refund may believe once the refund query says that there is none (`Source.V3`)."""

NO_BILL: frozenset[str] = frozenset({"NOSTATEMENTEXIST"})
"""There was no business on that day: an empty bill, no fault (`Source.V3`)."""

FINDINGS: Mapping[str, Finding] = {
    "ORDERNOTEXIST": Finding.WORKS,
    "RESOURCENOTEXISTS": Finding.WORKS,
    "SIGNERROR": Finding.OUR_KEY,
    "MCHNOTEXISTS": Finding.OUR_NUMBER,
    "APPIDMCHIDNOTMATCH": Finding.OUR_NUMBER,
    "PARAMERROR": Finding.OUR_NUMBER,
    "NOAUTH": Finding.PERMISSION,
    "SYSTEMERROR": Finding.UNSURE,
    "FREQUENCYLIMITED": Finding.UNSURE,
    "RATELIMITEXCEEDED": Finding.UNSURE,
}
"""What the answer to a question about an order that there is not says about the contract."""

FIELD_FINDINGS: Mapping[str, Finding] = {
    "serial_no": Finding.OUR_CERTIFICATE,
    "timestamp": Finding.CLOCK,
    "mchid": Finding.OUR_NUMBER,
    "api_v3_key": Finding.THEIR_KEY,
}
"""What SIGN_ERROR says by the field that it names in `detail` (`Source.UNCONFIRMED`); `api_v3_key` is our own word."""

_PAYER_CODE = re.compile(r"1[0-5][0-9]{16}", re.ASCII)


def is_payer_code(text: str) -> bool:
    """Whether it looks like a payment code of WeChat Pay: 18 digits that begin with 10 to 15 (`Source.PAY`)."""
    return _PAYER_CODE.fullmatch(text) is not None


def word_of(code: str) -> str:
    """A code as the tables write it.

    >>> word_of("SYSTEM_ERROR"), word_of("AUTHCODEEXPIRE")
    ('SYSTEMERROR', 'AUTHCODEEXPIRE')
    """
    return code.replace("_", "").upper()


def reason_of(code: str) -> Reason | None:
    """The house's reason for a refusal, None when the code says that nobody knows, or is not known here."""
    row = CODES.get(word_of(code))
    return None if row is None else row.reason
