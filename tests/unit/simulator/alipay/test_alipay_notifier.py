"""Notifications of the pretend Alipay: told until they are taken, and believed by our reader."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from support.alipay_town import SELLER_ID, AlipayTown, alipay_town
from support.channels import run
from xiaopos.gateways.alipay import AlipayWallet
from xiaopos.gateways.alipay.notices import ACCEPTED, Notice, judge, read_notice
from xiaopos.payments.answers import Approved, PayerAsked
from xiaopos.payments.payment import Method
from xiaopos.simulator.moods import Mood, Trouble


@dataclass
class Receiver:
    """A shop's address for notifications that says what it is told to say."""

    says: bytes = ACCEPTED
    forms: list[dict[str, str]] = field(default_factory=list)
    url: str = ""

    async def take(self, request: web.Request) -> web.Response:
        """Keep a notification."""
        self.forms.append({name: str(value) for name, value in (await request.post()).items()})
        return web.Response(body=self.says)

    async def until(self, count: int) -> None:
        """Wait for so many notifications."""
        while len(self.forms) < count:
            await asyncio.sleep(0.01)


@asynccontextmanager
async def receiver() -> AsyncIterator[Receiver]:
    """An address that listens."""
    one, app = Receiver(), web.Application()
    app.router.add_post("/notify", one.take)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    one.url = f"http://127.0.0.1:{runner.addresses[0][1]}/notify"
    try:
        yield one
    finally:
        await runner.cleanup()


async def shown(town: AlipayTown, minor: int = 2_500) -> Any:
    """A sale whose code is shown, and scanned by Mei."""
    sale = town.sale(minor, Method.SHOP_CODE)
    answer = await town.wallet.show_code(sale)
    assert isinstance(answer, PayerAsked)
    town.trades.scan("mei", answer.shown_code)
    return sale


def test_a_paid_order_is_told_and_believed() -> None:
    async def story() -> None:
        async with receiver() as shop, alipay_town(notify_url=shop.url, seller_id=SELLER_ID) as town:
            assert isinstance(town.wallet, AlipayWallet)
            assert town.account is not None
            sale = await shown(town)
            await asyncio.sleep(0.25)
            assert shop.forms == [], "it is not paid yet"
            town.trades.confirm("mei", sale.payment_id)
            await shop.until(1)
            notice = read_notice(shop.forms[0], town.account)
            assert isinstance(notice, Notice)
            assert notice.payment_id == sale.payment_id
            assert judge(notice, sale) == await town.wallet.query(sale)
            assert isinstance(judge(notice, sale), Approved)
            await asyncio.sleep(0.25)
            assert len(shop.forms) == 1, "what is taken is not told again"

    run(story())


def test_a_notification_that_is_not_taken_is_told_again_as_the_same() -> None:
    async def story() -> None:
        async with receiver() as shop, alipay_town(notify_url=shop.url) as town:
            shop.says = b"success!"
            sale = await shown(town)
            town.trades.confirm("mei", sale.payment_id)
            await shop.until(1)
            for tries, seconds in enumerate((240, 600, 600, 3_600, 7_200, 21_600, 54_000), 2):
                await asyncio.sleep(0.15)
                assert len(shop.forms) == tries - 1
                town.shop.clock.pass_seconds(seconds)
                await shop.until(tries)
            assert len({form["notify_id"] for form in shop.forms}) == 1
            town.shop.clock.pass_seconds(1_000_000)
            await asyncio.sleep(0.25)
            assert len(shop.forms) == 8, "after a day it is told no more"

    run(story())


def test_nobody_elsewhere_is_told_and_a_wallet_that_was_down_tells_later() -> None:
    async def story() -> None:
        async with alipay_town(notify_url="http://192.0.2.1/notify") as town:
            sale = await shown(town)
            town.trades.confirm("mei", sale.payment_id)
            assert town.server._notifier._watched == {}
        async with receiver() as shop, alipay_town(notify_url=shop.url) as town:
            sale = await shown(town)
            await town.server.set_mood(Mood(Trouble.DOWN))
            town.trades.confirm("mei", sale.payment_id)
            await asyncio.sleep(0.25)
            assert shop.forms == []
            await town.server.lift_moods()
            await shop.until(1)

    run(story())


def test_an_order_that_comes_to_nothing_is_not_told() -> None:
    async def story() -> None:
        async with receiver() as shop, alipay_town(notify_url=shop.url) as town:
            sale = await shown(town)
            town.trades.decline("mei", sale.payment_id)
            while town.server._notifier._watched:
                await asyncio.sleep(0.01)
            assert shop.forms == []

    run(story())


def test_an_address_that_does_not_listen_is_told_again() -> None:
    async def story() -> None:
        async with alipay_town(notify_url="http://127.0.0.1:1/notify") as town:
            sale = await shown(town)
            town.trades.confirm("mei", sale.payment_id)
            while town.server._notifier._watched[sale.payment_id].tries == 0:
                await asyncio.sleep(0.01)

    run(story())
