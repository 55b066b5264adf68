"""The pretend WeChat Pay's merchant platform: a page on which a shop opens an account and is given everything to enter.

What may live here: the page, the file in which merchants are kept. What may not: payments (`server`), words of the product.

The real platform never sees a merchant's private key: there a tool on the merchant's machine makes it. This one makes the
pair, so that nobody needs a tool to try.
"""

from __future__ import annotations

import base64
import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from aiohttp import web
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from cryptography.x509.oid import NameOID

from xiaopos.kernel.clock import Clock
from xiaopos.kernel.secret import Secret
from xiaopos.keys import Vault
from xiaopos.simulator.wallet.platform_page import PATH, platform_page
from xiaopos.simulator.wechat_pay.server import Merchant

KEY_ID = "PUB_KEY_ID_0119000001002026112300000001"
FIRST_MCHID = 1_900_000_001
_LIVES = timedelta(days=5 * 365)

_WORDS = {
    "title": ("模拟的微信支付商户平台", "Simulated WeChat Pay merchant platform"),
    "what": (
        "开一个商户号，拿到证书、密钥和微信支付公钥，再填到商户门户的“钱包签约”里。",
        "Open a merchant's account; you are given what the portal's page of wallets asks for.",
    ),
    "button": ("开通商户号", "Open an account"),
    "given": ("给您的（私钥只显示这一次）", "What you are given (the private key is shown this once)"),
    "mchid": ("商户号", "Merchant number"),
    "appid": ("APPID", "APPID"),
    "certificate": ("商户 API 证书", "Merchant's API certificate"),
    "private_key": ("商户 API 私钥", "Merchant's API private key"),
    "api_v3_key": ("APIv3 密钥", "APIv3 key"),
    "wallet_key_id": ("微信支付公钥 ID", "WeChat Pay's public key id"),
    "wallet_public_key": ("微信支付公钥", "WeChat Pay's public key"),
}


@dataclass(slots=True)
class MerchantPlatform:
    """Merchants by their number, kept in a file. `wallet_key` is WeChat Pay's own public key, DER SubjectPublicKeyInfo.

    `vault` is WeChat Pay's, in which the APIv3 keys are; `entropy(n)` gives n random bytes.
    """

    path: Path
    wallet_key: bytes
    vault: Vault
    clock: Clock
    entropy: Callable[[int], bytes]
    merchants: dict[str, Merchant]

    @classmethod
    def at(
        cls, path: Path, wallet_key: bytes, *, vault: Vault, clock: Clock, entropy: Callable[[int], bytes]
    ) -> MerchantPlatform:
        """With the merchants that were opened before."""
        platform = cls(path, wallet_key, vault, clock, entropy, {})
        for mchid, row in platform._rows().items():
            platform.merchants[mchid] = platform._merchant(row)
        return platform

    def _rows(self) -> dict[str, dict[str, str]]:
        rows: dict[str, dict[str, str]] = json.loads(self.path.read_text("utf-8")) if self.path.exists() else {}
        return rows

    def _merchant(self, row: Mapping[str, str]) -> Merchant:
        shared = self.vault.import_aead(secret=Secret(row["api_v3_key"].encode()))
        return Merchant(base64.b64decode(row["public_key"]), row["serial"], shared, row["appid"])

    def open(self) -> dict[str, str]:
        """A new merchant; what it is given, by the names of the portal's form."""
        mchid = str(FIRST_MCHID + len(self.merchants))
        key = rsa.generate_private_key(65537, 2048)
        serial = int.from_bytes(b"\x5a" + self.entropy(19), "big")
        public = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        row = {
            "public_key": base64.b64encode(public).decode(),
            "serial": f"{serial:X}",
            "api_v3_key": self.entropy(16).hex(),
            "appid": f"wx{self.entropy(8).hex()}",
        }
        rows = self._rows() | {mchid: row}
        new = self.path.with_suffix(".new")
        new.write_text(json.dumps(rows), "utf-8")
        os.replace(new, self.path)
        self.merchants[mchid] = self._merchant(row)
        return {
            "mchid": mchid,
            "appid": row["appid"],
            "certificate": self._certificate(mchid, key, serial),
            "private_key": key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode(),
            "api_v3_key": row["api_v3_key"],
            "wallet_key_id": KEY_ID,
            "wallet_public_key": base64.b64encode(self.wallet_key).decode(),
        }

    def _certificate(self, mchid: str, key: rsa.RSAPrivateKey, serial: int) -> str:
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, mchid)])
        starts = self.clock.now() - timedelta(days=1)
        built = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
        lasting = built.serial_number(serial).not_valid_before(starts).not_valid_after(starts + _LIVES)
        return lasting.sign(key, SHA256()).public_bytes(Encoding.PEM).decode()

    def routes(self) -> tuple[web.RouteDef, ...]:
        """The page and its button."""
        return web.get(PATH, self._show), web.post(PATH, self._open)

    async def _show(self, request: web.Request) -> web.Response:
        return platform_page(request, _WORDS)

    async def _open(self, request: web.Request) -> web.Response:
        return platform_page(request, _WORDS, given=self.open())
