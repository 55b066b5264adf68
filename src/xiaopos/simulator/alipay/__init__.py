"""The pretend Alipay: the open platform's protocol on loopback over the engine of the sandbox wallet.

What may live here: its door, its words, its bills. What may not: balances and orders (`simulator.wallet`), the gateway that asks.
"""

from xiaopos.simulator.alipay.platform import OpenPlatform
from xiaopos.simulator.alipay.server import AlipayServer, App
from xiaopos.simulator.alipay.words import ALIPAY_TERMS

__all__ = ["ALIPAY_TERMS", "AlipayServer", "App", "OpenPlatform"]
