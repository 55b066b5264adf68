"""WeChat Pay (微信支付 APIv3): its messages, signatures, codes, notifications and bills.

What may live here: the adapter that plays the Wallet role towards api.mch.weixin.qq.com. What may not: the pretend WeChat Pay
(simulator), decisions about payments, private keys and the APIv3 key (a vault signs and opens).
"""

from xiaopos.gateways.wechat_pay.account import WeChatAccount
from xiaopos.gateways.wechat_pay.gateway import WeChatWallet

__all__ = ["WeChatAccount", "WeChatWallet"]
