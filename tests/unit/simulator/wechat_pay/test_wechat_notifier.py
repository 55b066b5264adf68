"""Notifications of the pretend WeChat Pay: told until they are taken, and believed by our reader."""

from __future__ import annotations

import asyncio
from typing import Any

from support.channels import run
from support.wechat_receiver import Receiver, receiver
from support.wechat_town import WeChatTown, wechat_town
from xiaopos.payments.answers import PayerAsked
from xiaopos.payments.payment import Method
from xiaopos.simulator.wechat_pay.notifier import AGAIN_AFTER_S
from xiaopos.usecases.keep_wallet_contract import Noticed


async def paid(town: WeChatTown, *, confirmed: bool = True) -> Any:
    """A sale whose code is shown, and paid or refused by Mei."""
    sale = town.sale(2_500, Method.SHOP_CODE)
    answer = await town.wallet.show_code(sale)
    assert isinstance(answer, PayerAsked)
    assert town.trades.scan("mei", answer.shown_code) is not None
    done = town.trades.confirm if confirmed else town.trades.decline
    assert done("mei", sale.payment_id) is not None
    return sale


async def quiet(shop: Receiver, count: int) -> None:
    """Nothing more comes for a while."""
    await asyncio.sleep(0.3)
    assert len(shop.came) == count


def test_a_paid_order_is_told_until_it_is_taken() -> None:
    async def story() -> None:
        async with receiver() as shop, wechat_town(notify_url=shop.url, answer_timeout_s=5.0) as town:
            shop.answers = 500
            sale = await paid(town)
            await shop.until(1)
            await quiet(shop, 1)
            for waited in AGAIN_AFTER_S[:2]:
                before = len(shop.came)
                town.shop.clock.pass_seconds(waited)
                await shop.until(before + 1)
            shop.answers = 200
            town.shop.clock.pass_seconds(AGAIN_AFTER_S[2])
            await shop.until(4)
            town.shop.clock.pass_seconds(AGAIN_AFTER_S[3])
            await quiet(shop, 4)
            read = [town.wallet.read_notice(shop.incoming(place)) for place in (2, 3)]
            assert [isinstance(one, Noticed) and one.payment_id for one in read] == [sale.payment_id] * 2

    run(story())


def test_nothing_is_told_of_what_is_not_paid_nor_to_strangers() -> None:
    async def story() -> None:
        async with receiver() as shop, wechat_town(notify_url=shop.url, answer_timeout_s=5.0) as town:
            await paid(town, confirmed=False)
            await quiet(shop, 0)
        async with wechat_town(answer_timeout_s=5.0) as town:
            await paid(town)
            assert town.server._notifier._watched == {}

    run(story())


def test_it_gives_up_in_the_end() -> None:
    async def story() -> None:
        async with (
            receiver() as shop,
            wechat_town(notify_url="http://127.0.0.1:1/notify", answer_timeout_s=5.0) as town,
        ):
            await paid(town)
            while town.server._notifier._watched:
                town.shop.clock.pass_seconds(AGAIN_AFTER_S[-1])
                await asyncio.sleep(0.01)
            await quiet(shop, 0)

    run(story())
