"""The watch over drained networks: a change is known soon, a database that is away is waited for."""

from __future__ import annotations

import asyncio

import pytest

from xiaopos.hosts.route_watch import RouteWatch
from xiaopos.usecases.ports import BooksLost


class PretendTable:
    """The drained networks, and a line that can be cut."""

    def __init__(self, *drained: str) -> None:
        self.drained = frozenset(drained)
        self.away = False
        self.asked = 0

    async def read(self) -> frozenset[str]:
        self.asked += 1
        if self.away:
            raise BooksLost("away")
        return self.drained

    async def another_round(self) -> None:
        before = self.asked
        while self.asked < before + 2:
            await asyncio.sleep(0.001)


def test_what_is_drained_is_known_from_the_start_and_soon_after_a_change() -> None:
    async def story() -> None:
        table = PretendTable("spare")
        watch = RouteWatch(table.read, every_s=0.001)
        assert watch.drained() == frozenset()
        await watch.start()
        assert watch.drained() == {"spare"}
        table.drained = frozenset({"unionpay"})
        await table.another_round()
        assert watch.drained() == {"unionpay"}
        table.away, table.drained = True, frozenset()
        await table.another_round()
        assert watch.drained() == {"unionpay"}
        table.away = False
        await table.another_round()
        assert watch.drained() == frozenset()
        await watch.stop()
        asked = table.asked
        await asyncio.sleep(0.01)
        assert table.asked == asked
        await watch.stop()

    asyncio.run(asyncio.wait_for(story(), 10))


def test_a_house_without_its_database_does_not_start() -> None:
    table = PretendTable()
    table.away = True
    with pytest.raises(BooksLost):
        asyncio.run(RouteWatch(table.read).start())
