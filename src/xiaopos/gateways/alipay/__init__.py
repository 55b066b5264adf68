"""Alipay's open platform (支付宝开放平台, 当面付): its messages, signatures, codes, notifications and bills.

What may live here: the adapter that plays the Wallet role towards openapi.alipay.com. What may not: the pretend Alipay
(simulator), decisions about payments, private keys (a vault signs).
"""

from xiaopos.gateways.alipay.account import AlipayAccount
from xiaopos.gateways.alipay.gateway import AlipayWallet

__all__ = ["AlipayAccount", "AlipayWallet"]
