"""The watch over orders: it goes on whatever happens to one of them, or to the database."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime

from support.shop_orders import CodeShop, MemoryOrders
from xiaopos.hosts.order_watch import OrderWatch
from xiaopos.merchants.shop_codes import ORDER_LIVES, ShopOrder
from xiaopos.usecases.ports import BooksLost


class TroubledOrders(MemoryOrders):
    """Orders of which one cannot be closed, and which are away the first time."""

    rounds = 0
    cursed = ""

    async def to_look_after(self, now: datetime) -> Sequence[ShopOrder]:
        """See Orders."""
        self.rounds += 1
        if self.rounds == 1:
            raise BooksLost("away")
        return await super().to_look_after(now)

    async def close(self, order: ShopOrder, at: datetime) -> bool:
        """See Orders."""
        if order.order_id == self.cursed:
            raise RuntimeError("a bug")
        return await super().close(order, at)


def test_trouble_with_one_order_or_with_the_database_holds_up_no_other() -> None:
    shop = CodeShop()
    orders = shop.orders = TroubledOrders(shop.world)
    orders.cursed, well = shop.order(), shop.order()
    shop.world.seconds_pass(ORDER_LIVES.total_seconds())

    async def story() -> None:
        watch = OrderWatch(shop.world.house, orders, every_s=0.001)
        await watch.start()
        async with asyncio.timeout(20):
            while orders.orders[well].closed_at is None:
                await asyncio.sleep(0.001)
        await watch.stop()
        await watch.stop()

    asyncio.run(story())
    assert orders.rounds >= 2
    assert orders.orders[orders.cursed].closed_at is None
