"""The pretend WeChat Pay with the real gateway in front of it, over loopback."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, load_der_private_key
from cryptography.x509.oid import NameOID

from support.alipay_town import pkcs8, public_of
from support.channels import PATIENCE_S, Shop, WalletTown, new_vault
from xiaopos.gateways.wallet_line import WalletTerms
from xiaopos.gateways.wechat_pay import WeChatAccount, WeChatWallet
from xiaopos.gateways.wechat_pay.messages import masked
from xiaopos.kernel.refusal import Reason
from xiaopos.kernel.secret import Secret
from xiaopos.keys import KeyAlgorithm
from xiaopos.keys.signatures import RsaSigningKey
from xiaopos.simulator.wallet import Trades
from xiaopos.simulator.wechat_pay import WECHAT_TERMS, Merchant, Signer, WeChatServer
from xiaopos.simulator.wechat_pay.orders import openid_of

MCHID, APPID, SUB_MCHID = "1900000109", "wx8888888888888888", "1900000209"
OUR_SERIAL = "5157F09EFDC096DE15EBE81A47057A7232F1B8E1"
KEY_ID = "PUB_KEY_ID_0119000001092026"
API_V3_KEY = Secret(b"a tea shop's thirty-two letters.")
BORN = datetime.fromisoformat("2026-01-01T00:00:00+00:00")


@cache
def platform_certificate(name: str, serial: int, starts: datetime = BORN, days: int = 3650) -> str:
    """A platform certificate, in PEM."""
    key: Any = load_der_private_key(pkcs8(name), None)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Pretend certificate authority")])
    named = x509.CertificateBuilder().issuer_name(subject).subject_name(subject).serial_number(serial)
    lasting = named.not_valid_before(starts).not_valid_after(starts + timedelta(days=days)).public_key(key.public_key())
    return lasting.sign(key, SHA256()).public_bytes(Encoding.PEM).decode()


def certified(name: str, serial: int, starts: datetime = BORN, days: int = 3650) -> Signer:
    """A signer that is known by its certificate."""
    key = RsaSigningKey(pkcs8(name))
    return Signer(key, f"{serial:X}", platform_certificate(name, serial, starts, days))


def named(name: str = "wechat", serial: str = KEY_ID) -> Signer:
    """A signer that is known by its public key's number."""
    return Signer(RsaSigningKey(pkcs8(name)), serial)


@dataclass
class WeChatTown(WalletTown):
    """The town of WeChat Pay. `url` is where it listens, `account` what our gateway knows of it."""

    server: WeChatServer
    wallet: WeChatWallet
    name: str = "wechat"
    system_error: str = "SYSTEM_ERROR"
    payers: Mapping[str, str] = field(default_factory=lambda: {who: masked(openid_of(who)) for who in ("mei", "tao")})
    tells: Mapping[Reason, Reason] = field(
        default_factory=lambda: {
            Reason.PAYER_REFUSED: Reason.CHANNEL_DECLINED,
            Reason.ISSUER_LIMIT: Reason.AMOUNT_OVER_LIMIT,
        }
    )
    nobody: str = "130000000000000000"
    too_slow_s: int = 46
    undone_after_s: int = 15
    url: str = ""
    account: WeChatAccount | None = None


@asynccontextmanager
async def wechat_town(
    path: Path | str = ":memory:",
    *,
    shop: Shop | None = None,
    answer_timeout_s: float = PATIENCE_S,
    stranger: bool = False,
    signers: tuple[Signer, ...] | None = None,
    sub_mchids: frozenset[str] = frozenset(),
    serial: str = OUR_SERIAL,
    **account: Any,
) -> AsyncIterator[WeChatTown]:
    """A WeChat Pay that is up and a gateway with an open session; a `stranger` signs with a key that was never uploaded.

    `signers` are WeChat Pay's keys, `serial` is our certificate's number; `account` changes what we know of WeChat Pay.
    """
    shop = shop or Shop()
    theirs = new_vault()
    trades = Trades(path, clock=shop.clock, entropy=os.urandom, terms=WECHAT_TERMS)
    known = Merchant(public_of("application"), serial, theirs.import_aead(secret=API_V3_KEY), APPID, sub_mchids)
    server = WeChatServer(
        trades,
        vault=theirs,
        merchants={MCHID: known},
        signers=signers or (named(),),
        clock=shop.clock,
        entropy=os.urandom,
    )
    port = await server.start("127.0.0.1", 0)
    ours = Secret(pkcs8("stranger" if stranger else "application"))
    given: dict[str, Any] = {
        "signing_key": shop.vault.import_pair(private=ours, algorithm=KeyAlgorithm.RSA2048),
        "api_v3_key": shop.vault.import_aead(secret=API_V3_KEY),
        "wallet_keys": {KEY_ID: public_of("wechat")},
        "url": f"http://127.0.0.1:{port}",
        "terms": WalletTerms(answer_timeout_s=answer_timeout_s),
        **account,
    }
    mine = WeChatAccount(MCHID, APPID, serial, **given)
    wallet = WeChatWallet(mine, vault=shop.vault, clock=shop.clock, make_nonce=lambda: os.urandom(16).hex())
    await wallet.start()
    try:
        yield WeChatTown(shop, server, trades, wallet, url=given["url"], account=mine)
    finally:
        await wallet.stop()
        await server.stop()
