"""Keeping a process informed of which merchant has which contract with which wallet.

What may live here: what was read last, and how old it is. What may not: choosing between contracts
(merchants.wallet_contracts), asking wallets (gateways).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence

import structlog

from xiaopos.gateways.merchant_wallets import Contracts
from xiaopos.hosts.watching import Watching
from xiaopos.kernel.clock import Clock
from xiaopos.usecases.keep_wallet_contract import WalletContract

log = structlog.get_logger("contracts")

EVERY_S = 2.0


class ContractWatch(Watching):
    """Knows every contract while a process runs: `read_mark` is asked often, `read` when the mark is another."""

    def __init__(
        self,
        read_mark: Callable[[], Awaitable[tuple[object, ...]]],
        read: Callable[[], Awaitable[Sequence[WalletContract]]],
        clock: Clock,
        *,
        every_s: float = EVERY_S,
    ) -> None:
        super().__init__(every_s)
        self._read_mark = read_mark
        self._read = read
        self._clock = clock
        self._mark: tuple[object, ...] = ()
        self._known = Contracts(clock.now(), {})

    def known(self) -> Contracts:
        """The contracts as they were last read, and when that was."""
        return self._known

    async def look(self) -> None:
        """See Watching."""
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
