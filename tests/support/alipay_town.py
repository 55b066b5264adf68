"""The pretend Alipay with the real gateway in front of it, over loopback."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from support.channels import PATIENCE_S, Shop, WalletTown
from xiaopos.gateways.alipay import AlipayAccount, AlipayWallet
from xiaopos.gateways.wallet_line import WalletTerms
from xiaopos.kernel.refusal import Reason
from xiaopos.kernel.secret import Secret
from xiaopos.keys import KeyAlgorithm
from xiaopos.keys.signatures import RsaSigningKey
from xiaopos.simulator.alipay import ALIPAY_TERMS, AlipayServer, App
from xiaopos.simulator.wallet import Trades

APP_ID = "2021000000000001"
SELLER_ID = "2088000000000001"


@cache
def pkcs8(name: str) -> bytes:
    """A private key of somebody's, made once: it takes a while."""
    key = rsa.generate_private_key(65537, 2048)
    return key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())


def public_of(name: str) -> bytes:
    """The public half."""
    return RsaSigningKey(pkcs8(name)).public()


@dataclass
class AlipayTown(WalletTown):
    """The town of Alipay. `url` is where it listens, `account` what our gateway knows of it."""

    server: AlipayServer
    wallet: AlipayWallet
    name: str = "alipay"
    system_error: str = "ACQ.SYSTEM_ERROR"
    payers: Mapping[str, str] = field(
        default_factory=lambda: {"mei": "mei***@example.com", "tao": "tao***@example.com"}
    )
    tells: Mapping[Reason, Reason] = field(
        default_factory=lambda: {
            Reason.PAYER_REFUSED: Reason.PAYER_TOO_SLOW,
            Reason.PAYER_CODE_UNKNOWN: Reason.PAYER_CODE_EXPIRED,
        }
    )
    nobody: str = "280000000000000000"
    too_slow_s: int = 181
    url: str = ""
    account: AlipayAccount | None = None


@asynccontextmanager
async def alipay_town(
    path: Path | str = ":memory:",
    *,
    shop: Shop | None = None,
    answer_timeout_s: float = PATIENCE_S,
    stranger: bool = False,
    app: Mapping[str, Any] | None = None,
    **account: Any,
) -> AsyncIterator[AlipayTown]:
    """An Alipay that is up and a gateway with an open session; a `stranger` signs with a key that was never uploaded.

    `app` changes what Alipay knows of the application, `account` what we know of Alipay.
    """
    shop = shop or Shop()
    trades = Trades(path, clock=shop.clock, entropy=os.urandom, terms=ALIPAY_TERMS)
    known = App(public_of("application"), SELLER_ID, **(app or {}))
    server = AlipayServer(
        trades,
        signing_key=RsaSigningKey(pkcs8("alipay")),
        apps={APP_ID: known},
        clock=shop.clock,
        entropy=os.urandom,
    )
    port = await server.start("127.0.0.1", 0)
    ours = Secret(pkcs8("stranger" if stranger else "application"))
    given: dict[str, Any] = {
        "signing_key": shop.vault.import_pair(private=ours, algorithm=KeyAlgorithm.RSA2048),
        "wallet_keys": {known.alipay_cert_sn: public_of("alipay")},
        "url": f"http://127.0.0.1:{port}",
        "terms": WalletTerms(answer_timeout_s=answer_timeout_s),
        **account,
    }
    mine = AlipayAccount(APP_ID, **given)
    wallet = AlipayWallet(mine, vault=shop.vault, clock=shop.clock)
    await wallet.start()
    try:
        yield AlipayTown(shop, server, trades, wallet, url=given["url"], account=mine)
    finally:
        await wallet.stop()
        await server.stop()
