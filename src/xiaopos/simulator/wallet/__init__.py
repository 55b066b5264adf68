"""The sandbox wallet (模拟钱包): its customers, their payment codes and phones, its orders, and what it does wrong on command.

What may live here: the pretend wallet and its phone page. What may not: the gateway that talks to it.
"""

from xiaopos.simulator.wallet.customers import CUSTOMERS, Customer
from xiaopos.simulator.wallet.door import WalletDoor
from xiaopos.simulator.wallet.phone import PhoneServer
from xiaopos.simulator.wallet.server import SandboxWalletServer
from xiaopos.simulator.wallet.trades import Trades, WalletTerms

__all__ = ["CUSTOMERS", "Customer", "PhoneServer", "SandboxWalletServer", "Trades", "WalletDoor", "WalletTerms"]
