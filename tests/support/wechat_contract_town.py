"""A merchant's own contract with the pretend WeChat Pay, and everything between the contract and the wallet's answer.

What may live here: building them. What may not: expectations.
"""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from support.channels import PATIENCE_S, Shop
from support.contract_town import PAGES, Contracted, ContractTown, ReadContracts, contract_of
from support.contracts import LIN, NOW, TEA, certificate_pem, private_pem, public_pem
from support.wechat_town import API_V3_KEY, APPID, KEY_ID, MCHID, wechat_town
from xiaopos.gateways.merchant_wallets import MerchantWallets
from xiaopos.gateways.wallet_line import WalletTerms
from xiaopos.gateways.wechat_pay.contract import WeChatKind
from xiaopos.kernel.secret import Secret
from xiaopos.keys.public_keys import read_certificate
from xiaopos.usecases.keep_wallet_contract import ContractDraft


def wechat_draft(mode: str = "public_key", *, private: str = "application", **texts: str) -> ContractDraft:
    """What Lin enters for WeChat Pay; `private` is whose pair it is."""
    given = {"mchid": MCHID, "appid": APPID, "certificate": certificate_pem(private)}
    if "public_key" in mode:
        given |= {"wallet_key_id": KEY_ID, "wallet_public_key": public_pem("wechat")}
    secrets = {"private_key": Secret(private_pem(private)), "api_v3_key": API_V3_KEY}
    return ContractDraft("0" * 31 + "1", TEA, "wechat", mode, given | texts, secrets, LIN, NOW)


@asynccontextmanager
async def wechat_contract_town(
    path: Path | str = ":memory:",
    *,
    shop: Shop | None = None,
    answer_timeout_s: float = PATIENCE_S,
    stranger: bool = False,
) -> AsyncIterator[ContractTown]:
    """See `wechat_town`, with a contract in between that takes what customers pay."""
    shop = shop or Shop()
    shop.clock.at = max(shop.clock.at, NOW)
    serial = read_certificate(certificate_pem("application").encode()).serial
    async with wechat_town(path, shop=shop, answer_timeout_s=answer_timeout_s, serial=serial) as town:
        contracts = ReadContracts(shop.clock)
        draft = wechat_draft(private="stranger" if stranger else "application")
        contracts.rows.append(contract_of(shop, draft))
        await contracts.look()
        terms = WalletTerms(answer_timeout_s=answer_timeout_s)
        kind = WeChatKind(shop.vault, shop.clock, lambda: os.urandom(16).hex(), town.url, terms)
        desk = MerchantWallets({"wechat": kind}, contracts.known, contracts.look, clock=shop.clock, address=PAGES)
        wallet = Contracted(desk, "wechat", trial=False)
        try:
            yield ContractTown(
                shop,
                town.server,
                town.trades,
                wallet,
                name=wallet.name,
                system_error=town.system_error,
                payers=town.payers,
                tells=town.tells,
                nobody=town.nobody,
                too_slow_s=town.too_slow_s,
                undone_after_s=town.undone_after_s,
                desk=desk,
                contracts=contracts,
            )
        finally:
            await desk.stop()
