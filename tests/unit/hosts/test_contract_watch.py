"""The watch over contracts: a change is known soon, and how old what is known is stays true while the database is away."""

from __future__ import annotations

import asyncio

from support.channels import Shop
from support.contract_town import contract_of
from xiaopos.hosts.contract_watch import ContractWatch
from xiaopos.usecases.keep_wallet_contract import WalletContract
from xiaopos.usecases.ports import BooksLost


class PretendTable:
    """Contracts, and a line that can be cut."""

    def __init__(self) -> None:
        self.rows: list[WalletContract] = []
        self.away = False
        self.looked = self.read_whole = 0

    async def mark(self) -> tuple[object, ...]:
        self.looked += 1
        if self.away:
            raise BooksLost("away")
        return (len(self.rows),)

    async def read(self) -> list[WalletContract]:
        self.read_whole += 1
        return list(self.rows)

    async def another_round(self) -> None:
        before = self.looked
        while self.looked < before + 2:
            await asyncio.sleep(0.001)


def test_contracts_are_known_from_the_start_and_soon_after_a_change() -> None:
    async def story() -> None:
        shop, table = Shop(), PretendTable()
        watch = ContractWatch(table.mark, table.read, shop.clock, every_s=0.001)
        await watch.start()
        assert watch.known().by_merchant == {}
        table.rows.append(contract_of(shop))
        await table.another_round()
        (found,) = watch.known().by_merchant.values()
        assert list(found) == table.rows
        assert table.read_whole == 2, "only what has changed is read whole"
        await watch.stop()
        await watch.stop()

    asyncio.run(asyncio.wait_for(story(), 20))


def test_while_the_database_is_away_what_was_read_stands_and_grows_old() -> None:
    async def story() -> None:
        shop, table = Shop(), PretendTable()
        table.rows.append(contract_of(shop))
        watch = ContractWatch(table.mark, table.read, shop.clock, every_s=0.001)
        await watch.start()
        read_at = watch.known().read_at
        table.away = True
        shop.clock.pass_seconds(60)
        await table.another_round()
        assert (watch.known().read_at, len(watch.known().by_merchant)) == (read_at, 1)
        table.away = False
        await table.another_round()
        assert watch.known().read_at == shop.clock.now()
        await watch.stop()

    asyncio.run(asyncio.wait_for(story(), 20))
