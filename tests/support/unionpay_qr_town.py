"""The pretend card network with its QR customers, and the real wallet in front of it, over one line on loopback."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from support.channels import PATIENCE_S, Shop, WalletTown, new_vault, zmk_in
from xiaopos.gateways.unionpay import LineTerms, Membership, ShopFace, UnionPayAcquirer, UnionPayQrWallet
from xiaopos.keys import KeyAlgorithm, KeyUsage
from xiaopos.payments.payment import Payment
from xiaopos.simulator.moods import Mood
from xiaopos.simulator.network import UNIONPAY_TERMS, CardNetwork, UnionPayTrades

MEMBER = Membership("48020000", "48020001")


async def face_of(_: Payment) -> ShopFace:
    """The tea shop."""
    return ShopFace("小林茶铺", "HANGZHOU")


@dataclass
class NetworkDoor:
    """The network as a wallet's door: when it is well again, the line to it is up again too."""

    network: CardNetwork
    acquirer: UnionPayAcquirer

    async def set_mood(self, mood: Mood) -> None:
        """Let trouble wait."""
        await self.network.set_mood(mood)

    async def lift_moods(self) -> None:
        """Be well again."""
        await self.network.lift_moods()
        assert await self.acquirer.until_ready(10), "the line comes up again"


@dataclass
class UnionPayQrTown(WalletTown):
    """The town of UnionPay QR."""

    server: NetworkDoor
    wallet: UnionPayQrWallet
    name: str = "unionpay"
    system_error: str = "98"
    payers: Mapping[str, str] = field(default_factory=lambda: {"mei": "梅*", "tao": "陶*"})
    nobody: str = "6200000000000000000"

    async def until_well(self) -> None:
        """A line that was cut is up again."""
        assert await self.server.acquirer.until_ready(10), "the line comes up again"


@asynccontextmanager
async def unionpay_qr_town(
    path: Path | str = ":memory:",
    *,
    shop: Shop | None = None,
    answer_timeout_s: float = PATIENCE_S,
    stranger: bool = False,
    **terms: Any,
) -> AsyncIterator[UnionPayQrTown]:
    """A network that is up and a line that is signed on; a `stranger` has another key than the network, and never is."""
    shop = shop or Shop()
    theirs = new_vault()
    trades = UnionPayTrades(path, clock=shop.clock, entropy=os.urandom, terms=UNIONPAY_TERMS)
    network = CardNetwork(":memory:", vault=theirs, zmk=zmk_in(theirs), clock=shop.clock, customers=trades)
    port = await network.start("127.0.0.1", 0)
    ours = zmk_in(shop.vault)
    if stranger:
        ours = shop.vault.generate(usage=KeyUsage.ZMK, algorithm=KeyAlgorithm.TDES2)
    given: dict[str, Any] = {"answer_timeout_s": answer_timeout_s, "backoff_first_s": 0.02, "backoff_most_s": 0.05}
    acquirer = UnionPayAcquirer(
        LineTerms("127.0.0.1", port, MEMBER, ours, **{**given, **terms}),
        vault=shop.vault,
        pan_seal=shop.pan_seal,
        clock=shop.clock,
        jitter=lambda: 0.5,
    )
    wallet = acquirer.qr_wallet(face_of)
    await acquirer.start()
    await wallet.start()
    try:
        assert stranger or await acquirer.until_ready(10), "the line comes up"
        yield UnionPayQrTown(shop, NetworkDoor(network, acquirer), trades, wallet)
    finally:
        await wallet.stop()
        await acquirer.stop()
        await network.stop()
        trades.close()
