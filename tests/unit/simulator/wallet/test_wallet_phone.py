"""The customer's phone: the page, its endpoints, who may ask, and what its headers allow."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from html import unescape
from pathlib import Path

import aiohttp
import pytest

from support.alipay_town import alipay_town
from support.channels import SandboxTown, run, wallet_town
from xiaopos.kernel.secret import Secret
from xiaopos.payments.answers import Approved, PayerAsked
from xiaopos.payments.payment import Method
from xiaopos.simulator import wallet as wallet_package
from xiaopos.simulator.wallet import CUSTOMERS, PhoneServer
from xiaopos.simulator.wallet.words import _ROWS, words

WEB = "http://127.0.0.1:8000"
TAOS_PASSWORD = next(one.password for one in CUSTOMERS if one.customer_id == "tao")
STATIC = Path(wallet_package.__file__).parent / "static"


@asynccontextmanager
async def phone(web_origin: str = WEB) -> AsyncIterator[tuple[SandboxTown, aiohttp.ClientSession]]:
    async with wallet_town() as town:
        server = PhoneServer(town.server, web_origin=web_origin)
        port = await server.start("127.0.0.1", 0)
        async with aiohttp.ClientSession(f"http://127.0.0.1:{port}") as session:
            yield town, session
        await server.stop()
        await server.stop()


@pytest.mark.parametrize(
    ("query", "lang", "title"),
    [("", "zh-CN", "模拟手机"), ("?lang=en", "en", "Simulated phone"), ("?lang=fr", "zh-CN", "模拟手机")],
)
def test_the_page_speaks_both_languages_and_says_that_it_is_simulated(query: str, lang: str, title: str) -> None:
    async def story() -> None:
        async with phone() as (_, session):
            page = unescape(await (await session.get(f"/phone{query}")).text())
            assert f'lang="{lang}"' in page
            assert f"<title>{title}</title>" in page
            assert "模拟 · 不是真钱" in page or "Simulated · no real money" in page

    run(story())


def test_the_page_lives_under_a_strict_policy_and_may_be_framed_by_the_web_alone() -> None:
    async def story() -> None:
        async with phone() as (_, session):
            answer = await session.get("/phone")
            policy = answer.headers["Content-Security-Policy"]
            assert f"frame-ancestors 'self' {WEB}" in policy
            assert "unsafe" not in policy
            page = await answer.text()
            assert not re.search(r"<style|\sstyle=|\son[a-z]+=|<script(?![^>]*src=)", page)
            for name in re.findall(r'"(/phone/static/[^"]+)"', page):
                assert (await session.get(name)).status == 200
            assert (await session.get("/phone/static/secrets.txt")).status == 404

    run(story())


def test_every_word_exists_in_both_languages_and_is_used() -> None:
    page = (STATIC / "phone.html").read_text("utf-8")
    script = (STATIC / "phone.js").read_text("utf-8")
    for name, row in _ROWS.items():
        assert all(row), name
        used = f"${name}" in page or f"words.{name}" in script
        assert used or name.startswith(("state_", "mood_", "app_")), name
    assert words("zh").keys() == words("en").keys()


def test_mei_shows_a_code_and_pays_with_it() -> None:
    async def story() -> None:
        async with phone() as (town, session):
            told = await (await session.post("/phone/api/customers/mei/code")).json()
            assert told["image"].startswith("data:image/svg+xml")
            assert isinstance(await town.wallet.pay(town.sale(2_500), Secret(told["code"].encode())), Approved)
            customers = (await (await session.get("/phone/api/customers")).json())["customers"]
            assert [(one["name_zh"], one["balance_minor"]) for one in customers] == [("梅", 1_997_500), ("陶", 3_000)]
            assert (await session.post("/phone/api/customers/nobody/code")).status == 404

    run(story())


def test_tao_scans_a_shop_code_and_confirms_or_refuses() -> None:
    async def story() -> None:
        async with phone() as (town, session):
            for act, state in (("confirm", "SUCCESS"), ("refuse", "PAYERROR")):
                sale = town.sale(1_000, Method.SHOP_CODE)
                shown = await town.wallet.show_code(sale)
                assert isinstance(shown, PayerAsked)
                base = "/phone/api/customers/tao"
                scanned = await session.post(f"{base}/scan", json={"content": f" {shown.shown_code}\n"})
                assert (await scanned.json())["order"]["state"] == "USERPAYING"
                typed = {"password": TAOS_PASSWORD}
                done = await session.post(f"{base}/orders/{sale.payment_id}/{act}", json=typed)
                assert (await done.json())["order"]["state"] == state
                assert (await session.post(f"{base}/orders/{sale.payment_id}/{act}", json=typed)).status == 409
                newest = (await (await session.get(f"{base}/orders")).json())["orders"][0]
                assert (newest["number"], newest["state"]) == (sale.payment_id, state)
            assert (await session.post(f"{base}/scan", json={"content": "nothing"})).status == 409
            for wrong in (b"{", b"[]"):
                assert (await session.post(f"{base}/scan", data=wrong)).status == 400

    run(story())


def test_moods_are_set_and_lifted_from_the_page() -> None:
    async def story() -> None:
        async with phone() as (town, session):
            told = await session.post("/control/wallet/moods", json={"trouble": "down"})
            assert (await told.json())["moods"][0]["trouble"] == "down"
            assert town.server.moods.is_down
            assert (await session.post("/control/wallet/moods", json={"trouble": "boredom"})).status == 400
            assert (await (await session.delete("/control/wallet/moods")).json())["moods"] == []
            assert (await (await session.get("/control/wallet/moods")).json())["moods"] == []

    run(story())


def test_pages_of_the_web_may_ask_and_others_may_not() -> None:
    async def story() -> None:
        async with phone() as (_, session):
            code = "/phone/api/customers/mei/code"
            answer = await session.post(code, headers={"Origin": WEB})
            assert answer.headers["Access-Control-Allow-Origin"] == WEB
            before = await session.options(code, headers={"Origin": WEB, "Access-Control-Request-Method": "POST"})
            assert (before.status, before.headers["Access-Control-Allow-Origin"]) == (204, WEB)
            refused = await session.post(code, headers={"Origin": "http://elsewhere.example"})
            assert refused.status == 403
            assert "Access-Control-Allow-Origin" not in refused.headers
            own = await session.post(code, headers={"Origin": str(answer.url.origin())})
            assert own.status == 200

    run(story())


def test_without_a_web_origin_nobody_else_may_frame_or_ask() -> None:
    async def story() -> None:
        async with phone(web_origin="") as (_, session):
            answer = await session.get("/phone", headers={"Origin": "null"})
            assert answer.status == 403
            own = await session.get("/phone")
            assert own.headers["Content-Security-Policy"].endswith("frame-ancestors 'self'")

    run(story())


def test_a_wrong_password_pays_nothing_and_the_third_refuses() -> None:
    async def story() -> None:
        async with phone() as (town, session):
            sale = town.sale(1_000, Method.SHOP_CODE)
            shown = await town.wallet.show_code(sale)
            assert isinstance(shown, PayerAsked)
            base = "/phone/api/customers/tao"
            await session.post(f"{base}/scan", json={"content": shown.shown_code})
            left = []
            for _ in range(3):
                wrong = await session.post(f"{base}/orders/{sale.payment_id}/confirm", json={"password": "000000"})
                assert wrong.status == 403
                left.append((await wrong.json())["tries_left"])
            assert left == [2, 1, 0]
            assert (await (await session.get(f"{base}/orders")).json())["orders"][0]["state"] == "PAYERROR"
            assert town.owns("tao") == 3_000

    run(story())


def test_each_app_on_the_phone_has_customers_orders_and_troubles_of_its_own() -> None:
    async def story() -> None:
        async with wallet_town() as first, alipay_town() as second:
            server = PhoneServer(first.server, more_apps={"alipay": second.server})
            port = await server.start("127.0.0.1", 0)
            async with aiohttp.ClientSession(f"http://127.0.0.1:{port}") as session:
                page = unescape(await (await session.get("/phone")).text())
                assert 'data-apps="["wallet", "alipay"]"' in page
                code = (await (await session.post("/phone/alipay/api/customers/mei/code")).json())["code"]
                assert isinstance(await second.wallet.pay(second.sale(2_500), Secret(code.encode())), Approved)
                orders = [
                    len((await (await session.get(f"/phone/{app}/api/customers/mei/orders")).json())["orders"])
                    for app in ("wallet", "alipay")
                ]
                assert orders == [0, 1]
                await session.post("/control/alipay/moods", json={"trouble": "late", "seconds": 1})
                moods = [
                    len((await (await session.get(f"/control/{app}/moods")).json())["moods"])
                    for app in ("wallet", "alipay")
                ]
                assert moods == [0, 1]
                assert (await session.get("/phone/nobody/api/customers")).status == 404
            await server.stop()

    run(story())


def test_a_port_in_use_is_said_so() -> None:
    async def story() -> None:
        async with wallet_town() as town:
            one, other = PhoneServer(town.server), PhoneServer(town.server)
            port = await one.start("127.0.0.1", 0)
            with pytest.raises(OSError, match="address"):
                await other.start("127.0.0.1", port)
            await one.stop()

    run(story())
