"""The pretend Alipay's words: what the engine's answers are called there, and its terms.

What may live here: tables. What may not: deciding.
"""

from __future__ import annotations

from xiaopos.simulator.wallet.trades import WalletTerms

ALIPAY_TERMS = WalletTerms(
    payer_order_lives_s=180, shop_order_lives_s=7200, code_prefix="28", shop_code_scheme="https://qr.alipay.com/bax"
)
"""A bar-code order dies after 3 minutes, a shown code after 2 hours: an order's own `timeout_express` is not heeded."""

CANCEL_WITHIN_S = 24 * 3600
BILL_LINK_LIVES_S = 30
BILL_READY_HOUR = 10
CLOCK_SKEW_MAX_S = 15 * 60
"""How wrong a timestamp may be. That Alipay refuses wrong ones is documented; how wrong is not (unconfirmed)."""

SUB_CODES = {
    "AUTH_CODE_UNKNOWN": "ACQ.PAYMENT_AUTH_CODE_INVALID",
    "AUTH_CODE_EXPIRED": "ACQ.PAYMENT_AUTH_CODE_INVALID",
    "AUTH_CODE_USED": "ACQ.PAYMENT_AUTH_CODE_INVALID",
    "BALANCE_TOO_LOW": "ACQ.BUYER_BALANCE_NOT_ENOUGH",
    "PAYER_LIMIT": "ACQ.BUYER_PAYMENT_AMOUNT_DAY_LIMIT_ERROR",
    "OUT_TRADE_NO_USED": "ACQ.CONTEXT_INCONSISTENT",
    "ORDER_REVOKED": "ACQ.TRADE_HAS_CLOSE",
    "ORDER_NOT_FOUND": "ACQ.TRADE_NOT_EXIST",
    "ORDER_NOT_PAID": "ACQ.TRADE_STATUS_ERROR",
    "REFUND_TOO_MUCH": "ACQ.REFUND_AMT_NOT_EQUAL_TOTAL",
    "PAYER_REFUSED": "ACQ.PAYMENT_FAIL",
}
"""The engine's refusals in Alipay's words; any other is ACQ.INVALID_PARAMETER."""

SUB_MESSAGES = {
    "ACQ.PAYMENT_AUTH_CODE_INVALID": "支付失败，获取顾客账户信息失败，请顾客刷新付款码后重新收款",
    "ACQ.BUYER_BALANCE_NOT_ENOUGH": "买家余额不足",
    "ACQ.BUYER_PAYMENT_AMOUNT_DAY_LIMIT_ERROR": "买家付款日限额超限",
    "ACQ.CONTEXT_INCONSISTENT": "交易信息被篡改",
    "ACQ.TRADE_HAS_CLOSE": "交易已经关闭",
    "ACQ.TRADE_HAS_SUCCESS": "交易已被支付",
    "ACQ.TRADE_NOT_EXIST": "交易不存在",
    "ACQ.TRADE_STATUS_ERROR": "交易状态不合法",
    "ACQ.REFUND_AMT_NOT_EQUAL_TOTAL": "退款金额超限",
    "ACQ.REASON_TRADE_REFUND_FEE_ERR": "退款金额无效",
    "ACQ.DISCORDANT_REPEAT_REQUEST": "不一致的请求",
    "ACQ.TRADE_CANCEL_TIME_OUT": "超过撤销时间范围",
    "ACQ.SYSTEM_ERROR": "系统错误",
    "ACQ.INVALID_PARAMETER": "参数无效",
    "isp.unknow-error": "系统繁忙",
}

STATUS = {
    "USERPAYING": "WAIT_BUYER_PAY",
    "NOTPAY": "WAIT_BUYER_PAY",
    "SUCCESS": "TRADE_SUCCESS",
    "REFUNDED": "TRADE_CLOSED",
    "REVOKED": "TRADE_CLOSED",
    "CLOSED": "TRADE_CLOSED",
    "PAYERROR": "TRADE_CLOSED",
}
"""The engine's states in Alipay's words. That an order whose customer refused is closed is unconfirmed."""

MESSAGES = {
    "10000": "Success",
    "10003": "order success pay inprocess",
    "20000": "Service Currently Unavailable",
    "20001": "Insufficient Token Permissions",
    "40001": "Missing Required Arguments",
    "40002": "Invalid Arguments",
    "40004": "Business Failed",
    "40006": "Insufficient Permissions",
}
