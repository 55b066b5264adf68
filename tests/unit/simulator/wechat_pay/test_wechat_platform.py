"""The pretend merchant platform: a shop opens an account, what it is given fits together, and is known after a restart."""

from __future__ import annotations

import os
import re
from html import unescape
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web

from support.alipay_town import public_of
from support.channels import StandingClock, new_vault, run
from support.contracts import LIN, TEA, MemoryContracts
from xiaopos.kernel.secret import Secret
from xiaopos.simulator.wechat_pay import MerchantPlatform
from xiaopos.usecases.keep_wallet_contract import ContractDraft, WalletContract, enter_contract

CLOCK = StandingClock()
VAULT = new_vault()


def platform_at(file: Path) -> MerchantPlatform:
    return MerchantPlatform.at(file, public_of("wechat"), vault=VAULT, clock=CLOCK, entropy=os.urandom)


def test_what_a_merchant_is_given_is_what_the_portal_takes(tmp_path: Path) -> None:
    platform = platform_at(tmp_path / "merchants.json")
    given = platform.open()
    secrets = {name: Secret(given.pop(name).encode()) for name in ("private_key", "api_v3_key")}
    draft = ContractDraft("1" * 32, TEA, "wechat", "public_key", given, secrets, LIN, CLOCK.now())
    kept = enter_contract(draft, book=MemoryContracts(), vault=VAULT, unusable=lambda *_: "")
    assert isinstance(kept, WalletContract), kept
    assert platform.merchants[given["mchid"]].appid == given["appid"]


def test_merchants_are_known_after_a_restart(tmp_path: Path) -> None:
    file = tmp_path / "merchants.json"
    platform = platform_at(file)
    first, second = platform.open()["mchid"], platform.open()["mchid"]
    assert first != second
    again = platform_at(file)
    assert {number: (one.public_key, one.serial) for number, one in again.merchants.items()} == {
        number: (one.public_key, one.serial) for number, one in platform.merchants.items()
    }
    assert "PRIVATE" not in file.read_text("utf-8")


@pytest.mark.parametrize(("lang", "title"), [("zh", "模拟的微信支付商户平台"), ("en", "Simulated WeChat Pay")])
def test_the_page_shows_everything_once(tmp_path: Path, lang: str, title: str) -> None:
    async def story() -> None:
        platform = platform_at(tmp_path / "merchants.json")
        app = web.Application()
        app.add_routes(platform.routes())
        runner = web.AppRunner(app)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        address = f"http://127.0.0.1:{runner.addresses[0][1]}/platform?lang={lang}"
        async with aiohttp.ClientSession() as session:
            assert title in await (await session.get(address)).text()
            answer = await session.post(address)
            page = unescape(await answer.text())
        assert answer.headers["Cache-Control"] == "no-store"
        found = dict(re.findall(r"data-given='(\w+)'>([^<]+)<", page))
        assert len(found) == 7
        assert found["private_key"].startswith("-----BEGIN PRIVATE KEY-----")
        assert list(platform.merchants) == [found["mchid"]]
        await runner.cleanup()

    run(story())
