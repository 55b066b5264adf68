"""The pretend Alipay's open platform: a page on which somebody registers an application's public key and is given Alipay's.

What may live here: the page, the file in which applications are kept. What may not: payments (`server`), words of the product.
"""

from __future__ import annotations

import base64
import json
import os
from dataclasses import dataclass
from pathlib import Path

from aiohttp import web

from xiaopos.keys import KeyRefused
from xiaopos.keys.public_keys import read_rsa_public
from xiaopos.simulator.alipay.server import App
from xiaopos.simulator.wallet.platform_page import PATH, platform_page

FIRST_APP, SELLER = 2_021_000_000_000_001, 2_088_000_000_000_001
_FIELDS = """<p><label for="public_key">$public_key</label></p>
<p><textarea id="public_key" name="public_key" rows="6" cols="60" required spellcheck="false"></textarea></p>"""

_WORDS = {
    "title": ("模拟的支付宝开放平台", "Simulated Alipay open platform"),
    "what": (
        "登记应用公钥，拿到 APPID 和支付宝公钥，再填到商户门户的“钱包签约”里。",
        "Register the application's public key; you are given an APPID and Alipay's public key for the portal's page of wallets.",
    ),
    "public_key": ("应用公钥", "The application's public key"),
    "button": ("登记", "Register"),
    "given": ("给您的", "What you are given"),
    "app_id": ("应用 APPID", "APPID"),
    "seller_id": ("收款账号 PID", "Seller's PID"),
    "alipay_key": ("支付宝公钥", "Alipay's public key"),
    "wrong": ("这不是 RSA 公钥（2048 位以上）", "This is no RSA public key of at least 2048 bits"),
}


@dataclass(slots=True)
class OpenPlatform:
    """Applications by their number, kept in a file. `alipay_key` is Alipay's own public key, DER SubjectPublicKeyInfo."""

    path: Path
    alipay_key: bytes
    apps: dict[str, App]

    @classmethod
    def at(cls, path: Path, alipay_key: bytes) -> OpenPlatform:
        """With the applications that were registered before."""
        kept: dict[str, dict[str, str]] = json.loads(path.read_text("utf-8")) if path.exists() else {}
        apps = {number: App(base64.b64decode(row["public_key"]), row["seller_id"]) for number, row in kept.items()}
        return cls(path, alipay_key, apps)

    def register(self, public_key: str) -> str:
        """A new application with this public key; its number. Raises KeyRefused for what is no such key."""
        public = read_rsa_public(public_key.encode())
        number = str(FIRST_APP + len(self.apps))
        self.apps[number] = App(public, str(SELLER + len(self.apps)))
        self._keep()
        return number

    def _keep(self) -> None:
        rows = {
            number: {"public_key": base64.b64encode(app.public_key).decode(), "seller_id": app.seller_id}
            for number, app in self.apps.items()
        }
        new = self.path.with_suffix(".new")
        new.write_text(json.dumps(rows), "utf-8")
        os.replace(new, self.path)

    def routes(self) -> tuple[web.RouteDef, ...]:
        """The page and its form."""
        return web.get(PATH, self._show), web.post(PATH, self._register)

    async def _show(self, request: web.Request) -> web.Response:
        return platform_page(request, _WORDS, fields=_FIELDS)

    async def _register(self, request: web.Request) -> web.Response:
        form = await request.post()
        try:
            number = self.register(str(form.get("public_key", "")))
        except KeyRefused:
            return platform_page(request, _WORDS, fields=_FIELDS, wrong=True)
        given = {
            "app_id": number,
            "seller_id": self.apps[number].seller_id,
            "alipay_key": base64.b64encode(self.alipay_key).decode(),
        }
        return platform_page(request, _WORDS, fields=_FIELDS, given=given)
