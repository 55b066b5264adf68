"""The pretend WeChat Pay: APIv3 on loopback over the engine of the sandbox wallet.

What may live here: its door, its words, its bills, its notifications. What may not: balances and orders (`simulator.wallet`), the
gateway that asks.
"""

from xiaopos.simulator.wechat_pay.platform import KEY_ID, MerchantPlatform
from xiaopos.simulator.wechat_pay.server import Merchant, Signer, WeChatServer
from xiaopos.simulator.wechat_pay.words import WECHAT_TERMS

__all__ = ["KEY_ID", "WECHAT_TERMS", "Merchant", "MerchantPlatform", "Signer", "WeChatServer"]
