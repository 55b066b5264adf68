"""Looking after orders of shops' codes: that each is paid once, and dies when its time is over.

What may live here: the loop. What may not: what an order asks for (usecases.pay_order), SQL.
"""

from __future__ import annotations

import asyncio

import structlog
from prometheus_client import Counter

from xiaopos.usecases.pay_order import Orders, look_after_order
from xiaopos.usecases.ports import House

log = structlog.get_logger("orders")

CLOSED = Counter("xiaopos_shop_orders_closed_total", "Orders of shops' codes that were paid or whose time was over")
EVERY_S = 1.0


class OrderWatch:
    """Looks after what is open, now and then. Several processes may do so at once."""

    def __init__(self, house: House, orders: Orders, *, every_s: float = EVERY_S) -> None:
        self._house = house
        self._orders = orders
        self._every_s = every_s
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Begin to look; returns at once."""
        self._task = asyncio.create_task(self._watch(), name="order watch")

    async def stop(self) -> None:
        """Look no more."""
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def look(self) -> None:
        """One round: one order's trouble holds up no other. Raises BooksLost when the orders cannot be read."""
        for order in await self._orders.to_look_after(self._house.clock.now()):
            try:
                if await look_after_order(order, self._orders, self._house):
                    CLOSED.inc()
            except Exception as error:  # the loop's edge: it is looked after again in the next round
                log.exception("order not looked after", order_id=order.order_id, error=type(error).__name__)

    async def _watch(self) -> None:
        while True:
            try:
                await self.look()
            except Exception as error:  # noqa: BLE001 - the loop's edge: a lost database is waited for
                log.warning("orders not read", error=type(error).__name__)
            await asyncio.sleep(self._every_s)
