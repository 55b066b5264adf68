"""The pretend WeChat Pay's words: what the engine's answers are called there, and its terms.

What may live here: tables. What may not: deciding.
"""

from __future__ import annotations

from collections.abc import Mapping

from xiaopos.simulator.wallet.trades import WalletTerms

WECHAT_TERMS = WalletTerms(
    payer_order_lives_s=45, shop_order_lives_s=7200, code_prefix="13", shop_code_scheme="weixin://wxpay/bizpayurl?pr="
)
"""A payment code's order is revoked after 45 seconds, a shown code's dies after 2 hours: `time_expire` is not heeded."""

REVERSE_AFTER_S = 15
REVERSE_WITHIN_S = 7 * 24 * 3600
BILL_LINK_LIVES_S = 30
BILL_READY_HOUR = 10
CLOCK_SKEW_MAX_S = 300

CODES: Mapping[str, str] = {
    "AUTH_CODE_UNKNOWN": "AUTH_CODE_INVALID",
    "AUTH_CODE_EXPIRED": "AUTHCODEEXPIRE",
    "AUTH_CODE_USED": "AUTHCODEEXPIRE",
    "BALANCE_TOO_LOW": "NOT_ENOUGH",
    "PAYER_LIMIT": "RULE_LIMIT",
    "OUT_TRADE_NO_USED": "OUT_TRADE_NO_USED",
    "ORDER_REVOKED": "ORDERREVERSED",
    "ORDER_NOT_FOUND": "ORDER_NOT_EXIST",
    "ORDER_NOT_PAID": "INVALID_REQUEST",
    "REFUND_TOO_MUCH": "INVALID_REQUEST",
    "REFUND_NOT_FOUND": "RESOURCE_NOT_EXISTS",
    "PAYER_REFUSED": "TRADE_ERROR",
    "PAYER_TOO_SLOW": "ORDER_CLOSED",
}
"""The engine's refusals in WeChat Pay's words; any other is PARAM_ERROR."""

STATUSES: Mapping[str, int] = {
    "SIGN_ERROR": 401,
    "NO_AUTH": 403,
    "NOT_ENOUGH": 403,
    "RULE_LIMIT": 403,
    "OUT_TRADE_NO_USED": 403,
    "TRADE_ERROR": 403,
    "ORDER_NOT_EXIST": 404,
    "RESOURCE_NOT_EXISTS": 404,
    "FREQUENCY_LIMITED": 429,
    "SYSTEM_ERROR": 500,
    "BANKERROR": 500,
}
"""The HTTP status of a failure; 400 for any other (unconfirmed one by one)."""

MESSAGES: Mapping[str, str] = {
    "USERPAYING": "需要用户输入支付密码",
    "AUTHCODEEXPIRE": "付款码已过期，请刷新再试",
    "AUTH_CODE_INVALID": "付款码无效",
    "NOT_ENOUGH": "余额不足",
    "OUT_TRADE_NO_USED": "商户订单号重复",
    "ORDERPAID": "订单已支付",
    "ORDERREVERSED": "订单已撤销",
    "ORDER_CLOSED": "订单已关闭",
    "ORDER_NOT_EXIST": "订单不存在",
    "RESOURCE_NOT_EXISTS": "资源不存在",
    "INVALID_REQUEST": "请求不符合业务规则",
    "PARAM_ERROR": "参数错误",
    "SIGN_ERROR": "签名错误",
    "NO_AUTH": "商户无权限",
    "SYSTEM_ERROR": "系统错误",
    "TRADE_ERROR": "交易错误",
    "NO_STATEMENT_EXIST": "账单文件不存在",
    "STATEMENT_CREATING": "账单生成中",
    "REVERSE_EXPIRE": "订单无法撤销",
}

STATES: Mapping[str, str] = {
    "USERPAYING": "USERPAYING",
    "NOTPAY": "NOTPAY",
    "SUCCESS": "SUCCESS",
    "REFUNDED": "REFUND",
    "REVOKED": "REVOKED",
    "CLOSED": "CLOSED",
    "PAYERROR": "PAYERROR",
}
"""The engine's states in WeChat Pay's words."""

STATE_MESSAGES: Mapping[str, str] = {
    "USERPAYING": "用户支付中",
    "NOTPAY": "订单未支付",
    "SUCCESS": "支付成功",
    "REFUND": "转入退款",
    "REVOKED": "已撤销",
    "CLOSED": "已关闭",
    "PAYERROR": "支付失败",
}
