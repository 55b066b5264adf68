"""The towns of every wallet, for the suite of promises that each of them must keep.

A new wallet adds its town here. A town is made as `maker(path, shop=..., answer_timeout_s=..., stranger=...)`.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager

from support.alipay_town import alipay_town
from support.channels import WalletTown, wallet_town
from support.contract_town import contract_town
from support.unionpay_qr_town import unionpay_qr_town
from support.wechat_contract_town import wechat_contract_town
from support.wechat_town import wechat_town

TownMaker = Callable[..., AbstractAsyncContextManager[WalletTown]]

WALLETS: dict[str, TownMaker] = {
    "alipay": alipay_town,
    "alipay under a contract": contract_town,
    "sandbox": wallet_town,
    "unionpay": unionpay_qr_town,
    "wechat": wechat_town,
    "wechat under a contract": wechat_contract_town,
}
