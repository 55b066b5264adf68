"""The sandbox wallet (模拟钱包): a QR wallet of our own making that behaves as Alipay and WeChat Pay do, without their names.

What may live here: the adapter that plays the Wallet role, its messages, signatures and codes. What may not: the wallet
itself (simulator), decisions about payments.
"""

from xiaopos.gateways.sandbox_wallet.gateway import SandboxWallet, WalletAccount

__all__ = ["SandboxWallet", "WalletAccount"]
