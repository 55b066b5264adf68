"""A merchant's own contract with the pretend Alipay, and everything between the contract and the wallet's answer.

What may live here: building them. What may not: expectations.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from support.alipay_town import APP_ID, alipay_town
from support.channels import PATIENCE_S, Shop, StandingClock, WalletTown
from support.contracts import NOW, MemoryContracts, alipay_draft, private_pem
from xiaopos.gateways.alipay.contract import AlipayKind
from xiaopos.gateways.merchant_wallets import Contracts, MerchantWallet, MerchantWallets
from xiaopos.gateways.wallet_line import WalletTerms
from xiaopos.merchants.wallet_contracts import ContractState
from xiaopos.usecases.keep_wallet_contract import ContractDraft, WalletContract, enter_contract
from xiaopos.usecases.ports import BooksLost

PAGES = "http://127.0.0.1:8000"


@dataclass
class ReadContracts:
    """The contracts as a process has read them; `away` is a database that cannot be reached."""

    clock: StandingClock
    read: Contracts = field(init=False)
    rows: list[WalletContract] = field(default_factory=list)
    away: bool = False

    def __post_init__(self) -> None:
        self.read = Contracts(self.clock.now(), {})

    def known(self) -> Contracts:
        """As last read: a moment ago, while the database can be reached."""
        if not self.away:
            self.read = Contracts(self.clock.now(), self.read.by_merchant)
        return self.read

    async def look(self) -> None:
        """Read anew."""
        if self.away:
            raise BooksLost("away")
        found: dict[tuple[str, str], Sequence[WalletContract]] = {}
        for row in self.rows:
            found[row.merchant_id, row.wallet] = [*found.get((row.merchant_id, row.wallet), ()), row]
        self.read = Contracts(self.clock.now(), found)


@dataclass
class ContractTown(WalletTown):
    """The town of Alipay with a merchant's contract in between."""

    desk: MerchantWallets | None = None
    contracts: ReadContracts | None = None


def contract_of(shop: Shop, draft: ContractDraft | None = None, *, active: bool = True) -> WalletContract:
    """A contract that was entered a minute ago, and takes what customers pay since then."""
    given = draft or alipay_draft()
    kept = enter_contract(given, book=MemoryContracts(), vault=shop.vault, unusable=lambda *_: "")
    assert isinstance(kept, WalletContract), kept
    since = shop.clock.now() - timedelta(minutes=1)
    entered = replace(kept, entered_at=since)
    return replace(entered, state=ContractState.ACTIVE, active_from=since) if active else entered


@asynccontextmanager
async def contract_town(
    path: Path | str = ":memory:",
    *,
    shop: Shop | None = None,
    answer_timeout_s: float = PATIENCE_S,
    stranger: bool = False,
    active: bool = True,
    app: dict[str, Any] | None = None,
    **entered: Any,
) -> AsyncIterator[ContractTown]:
    """See `alipay_town`; `entered` is what Lin enters otherwise than usual."""
    shop = shop or Shop()
    shop.clock.at = max(shop.clock.at, NOW)
    async with alipay_town(path, shop=shop, answer_timeout_s=answer_timeout_s, app=app) as town:
        contracts = ReadContracts(shop.clock)
        ours = private_pem("stranger" if stranger else "application")
        draft = alipay_draft(**{"app_id": APP_ID, "private": ours, **entered})
        contracts.rows.append(contract_of(shop, draft, active=active))
        await contracts.look()
        kind = AlipayKind(shop.vault, shop.clock, town.url, WalletTerms(answer_timeout_s=answer_timeout_s))
        desk = MerchantWallets({"alipay": kind}, contracts.known, contracts.look, clock=shop.clock, address=PAGES)
        wallet = Contracted(desk, "alipay", trial=not active)
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
                desk=desk,
                contracts=contracts,
            )
        finally:
            await desk.stop()


class Contracted(MerchantWallet):
    """The merchant's wallet, and it can be closed."""

    async def stop(self) -> None:
        """Close what is open."""
        await self._desk.stop()
