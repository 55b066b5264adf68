"""The wallets of one process: the sandbox that serves everybody in a demo, and those with which merchants have contracts.

What may live here: building, starting and stopping them. What may not: a wallet's protocol (gateways), rules.
"""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from xiaopos.deployment import Deployment
from xiaopos.gateways.alipay.account import OPEN_PLATFORM
from xiaopos.gateways.alipay.contract import AlipayKind
from xiaopos.gateways.merchant_wallets import MerchantWallets, WalletKind
from xiaopos.gateways.sandbox_wallet import SandboxWallet, WalletAccount
from xiaopos.gateways.wallet_line import WalletTerms
from xiaopos.gateways.wechat_pay.account import MERCHANT_API
from xiaopos.gateways.wechat_pay.contract import WeChatKind
from xiaopos.hosts.contract_watch import ContractWatch
from xiaopos.kernel.clock import Clock
from xiaopos.keys import Vault, WrappedKey
from xiaopos.store.writer.contracts import contracts_mark, read_contracts
from xiaopos.store.writer.engines import Engine
from xiaopos.usecases.ports import Wallet

SANDBOX = "sandbox"
_TERMS = WalletTerms(answer_timeout_s=15.0)


def wallet_kinds(deployment: Deployment, vault: Vault, clock: Clock) -> dict[str, WalletKind]:
    """The wallets with which merchants may have contracts: the real ones in production, those that play them in a demo."""
    kinds: dict[str, WalletKind] = {}
    if alipay := deployment.alipay_url if deployment.is_demo else OPEN_PLATFORM:
        kinds["alipay"] = AlipayKind(vault, clock, alipay, _TERMS)
    if wechat := deployment.wechat_pay_url if deployment.is_demo else MERCHANT_API:
        kinds["wechat"] = WeChatKind(vault, clock, lambda: secrets.token_hex(16), wechat, _TERMS)
    return kinds


@asynccontextmanager
async def open_wallets(
    deployment: Deployment, *, vault: Vault, clock: Clock, engine: Engine, sandbox_key: WrappedKey | None
) -> AsyncIterator[tuple[dict[str, Wallet], MerchantWallets]]:
    """Every wallet by its name, and the desk that knows merchants' contracts. Raises BooksLost.

    `sandbox_key` signs what passes between us and the sandbox.
    """
    contracts = ContractWatch(lambda: contracts_mark(engine), lambda: read_contracts(engine), clock)
    kinds = wallet_kinds(deployment, vault, clock)
    desk = MerchantWallets(kinds, contracts.known, contracts.look, clock=clock, address=deployment.public_url)
    wallets: dict[str, Wallet] = {}
    sandbox = None
    if deployment.wallet_url and sandbox_key is not None:
        account = WalletAccount(url=deployment.wallet_url, merchant_no="xiaopos", signing_key=sandbox_key, terms=_TERMS)
        sandbox = SandboxWallet(
            account, vault=vault, clock=clock, make_nonce=lambda: secrets.token_hex(16), name=SANDBOX
        )
        wallets[SANDBOX] = sandbox
    await contracts.start()
    if sandbox is not None:
        await sandbox.start()
    try:
        yield wallets | desk.wallets(), desk
    finally:
        if sandbox is not None:
            await sandbox.stop()
        await desk.stop()
        await contracts.stop()
