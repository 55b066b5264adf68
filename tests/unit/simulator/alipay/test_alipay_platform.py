"""The pretend open platform: an application is registered on its page, works at once, and is known after a restart."""

from __future__ import annotations

import re
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web

from support.alipay_town import public_of
from support.channels import run
from support.contracts import private_pem, public_pem
from xiaopos.keys import KeyRefused
from xiaopos.simulator.alipay import OpenPlatform


def test_a_registered_application_has_a_number_and_is_known_after_a_restart(tmp_path: Path) -> None:
    file = tmp_path / "apps.json"
    platform = OpenPlatform.at(file, public_of("alipay"))
    first, second = platform.register(public_pem("application")), platform.register(public_pem("stranger"))
    assert first != second
    again = OpenPlatform.at(file, public_of("alipay"))
    assert again.apps == platform.apps
    assert again.apps[first].public_key == public_of("application")
    with pytest.raises(KeyRefused):
        again.register(private_pem("application").decode())
    assert len(again.apps) == 2


@pytest.mark.parametrize(("lang", "title"), [("zh", "模拟的支付宝开放平台"), ("en", "Simulated Alipay open platform")])
def test_the_page_gives_what_the_portal_asks_for_and_refuses_what_is_no_key(
    tmp_path: Path, lang: str, title: str
) -> None:
    async def story() -> None:
        platform = OpenPlatform.at(tmp_path / "apps.json", public_of("alipay"))
        app = web.Application()
        app.add_routes(platform.routes())
        runner = web.AppRunner(app)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        address = f"http://127.0.0.1:{runner.addresses[0][1]}/platform?lang={lang}"
        async with aiohttp.ClientSession() as session:
            page = await session.get(address)
            assert title in await page.text()
            assert "default-src 'none'" in page.headers["Content-Security-Policy"]
            refused = await session.post(address, data={"public_key": "<script>"})
            assert refused.status == 422
            assert "<script>" not in await refused.text()
            given = await (await session.post(address, data={"public_key": public_pem("application")})).text()
        found = dict(re.findall(r"data-given='(\w+)'>([^<]+)<", given))
        assert platform.apps[found["app_id"]].seller_id == found["seller_id"]
        assert found["alipay_key"].startswith("MII")
        await runner.cleanup()

    run(story())
