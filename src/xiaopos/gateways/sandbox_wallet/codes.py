"""The sandbox wallet's words as tables: its order states, and its errors as reasons of the house.

What may live here: the tables. What may not: messages, sockets.
"""

from __future__ import annotations

from enum import Enum

from xiaopos.kernel.refusal import Reason


class TradeState(Enum):
    """Where an order stands at the wallet."""

    SUCCESS = "SUCCESS"
    USERPAYING = "USERPAYING"
    NOTPAY = "NOTPAY"
    CLOSED = "CLOSED"
    PAYERROR = "PAYERROR"
    REFUNDED = "REFUNDED"
    REVOKED = "REVOKED"


REASONS_OF_ERRORS: dict[str, Reason] = {
    "AUTH_CODE_UNKNOWN": Reason.PAYER_CODE_UNKNOWN,
    "AUTH_CODE_EXPIRED": Reason.PAYER_CODE_EXPIRED,
    "AUTH_CODE_USED": Reason.PAYER_CODE_EXPIRED,
    "BALANCE_TOO_LOW": Reason.BALANCE_TOO_LOW,
    "PAYER_REFUSED": Reason.PAYER_REFUSED,
    "PAYER_TOO_SLOW": Reason.PAYER_TOO_SLOW,
    "PAYER_LIMIT": Reason.ISSUER_LIMIT,
    "MERCHANT_UNKNOWN": Reason.MERCHANT_UNKNOWN,
    "OUT_TRADE_NO_USED": Reason.REPEAT_DIFFERS,
    "ORDER_REVOKED": Reason.REVERSED_BEFORE,
    "ORDER_NOT_FOUND": Reason.ORIGINAL_UNKNOWN,
    "ORDER_NOT_PAID": Reason.ORIGINAL_NOT_APPROVED,
    "REFUND_TOO_MUCH": Reason.REFUND_TOO_MUCH,
    "CURRENCY_WRONG": Reason.CURRENCY_WRONG,
    "AMOUNT_WRONG": Reason.AMOUNT_ZERO,
    "REQUEST_INVALID": Reason.FORMAT_WRONG,
}
"""Definite refusals. Any other error is CHANNEL_DECLINED, except those of UNSURE_ERRORS."""

UNSURE_ERRORS: frozenset[str] = frozenset({"SYSTEM_ERROR", "REQUEST_STALE"})
"""Errors after which nobody knows what happened (结果未知): the order must be asked for.

A request that the line repeats is stale the second time, and the answer to the first may be the one that was lost.
"""

ABOUT_THE_REFUND: frozenset[str] = frozenset(
    {"ORDER_NOT_FOUND", "ORDER_NOT_PAID", "REFUND_TOO_MUCH", "OUT_TRADE_NO_USED"}
)
"""Refusals that a repeated refund may believe: the wallet looked its number up and had not done it."""

REASONS_OF_STATES: dict[TradeState, Reason] = {
    TradeState.CLOSED: Reason.PAYER_TOO_SLOW,
    TradeState.PAYERROR: Reason.CHANNEL_DECLINED,
    TradeState.REVOKED: Reason.REVERSED_BEFORE,
}
"""Why an order in a state without money was not paid, when the wallet names no error."""


def reason_of(error: str, otherwise: Reason = Reason.CHANNEL_DECLINED) -> Reason:
    """The house's reason for a wallet's error."""
    return REASONS_OF_ERRORS.get(error, otherwise)
