"""Keeping a process informed of which merchant has which contract with which wallet.

What may live here: the loop that looks, and how old what was read is. What may not: choosing between contracts
(merchants.wallet_contracts), asking wallets (gateways).
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence

import structlog

from xiaopos.gateways.merchant_wallets import Contracts
from xiaopos.kernel.clock import Clock
from xiaopos.usecases.keep_wallet_contract import WalletContract
from xiaopos.usecases.ports import BooksLost

log = structlog.get_logger("contracts")

EVERY_S = 2.0


class ContractWatch:
    """Knows every contract while a process runs: `read_mark` is asked often, `read` when the mark is another."""

    def __init__(
        self,
        read_mark: Callable[[], Awaitable[tuple[object, ...]]],
        read: Callable[[], Awaitable[Sequence[WalletContract]]],
        clock: Clock,
        *,
        every_s: float = EVERY_S,
    ) -> None:
        self._read_mark = read_mark
        self._read = read
        self._clock = clock
        self._every_s = every_s
        self._mark: tuple[object, ...] = ()
        self._known = Contracts(clock.now(), {})
        self._task: asyncio.Task[None] | None = None

    def known(self) -> Contracts:
        """The contracts as they were last read, and when that was."""
        return self._known

    async def start(self) -> None:
        """Read once, then go on looking. Raises BooksLost."""
        await self.look()
        self._task = asyncio.create_task(self._watch())

    async def stop(self) -> None:
        """Look no more."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None

    async def look(self) -> None:
        """Read what has changed now. Raises BooksLost."""
        at = self._clock.now()
        mark = await self._read_mark()
        if mark == self._mark:
            self._known = Contracts(at, self._known.by_merchant)
            return
        found = defaultdict[tuple[str, str], list[WalletContract]](list)
        for contract in await self._read():
            found[contract.merchant_id, contract.wallet].append(contract)
        self._mark, self._known = mark, Contracts(at, dict(found))
        log.info("contracts read", contracts=sum(map(len, found.values())))

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(self._every_s)
            try:
                await self.look()
            except BooksLost as error:  # what was read last stands for as long as it can be trusted
                log.warning("contracts not read", error=str(error))
