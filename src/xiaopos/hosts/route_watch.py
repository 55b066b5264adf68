"""Keeping a process informed of which card networks the console has drained.

What may live here: the loop that looks. What may not: routing (gateways), who may drain (usecases.switch_network).
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import structlog

from xiaopos.usecases.ports import BooksLost

log = structlog.get_logger("routes")

EVERY_S = 1.0


class RouteWatch:
    """Knows the drained networks while a process runs: within a second of a change, and from before the first payment."""

    def __init__(self, read: Callable[[], Awaitable[frozenset[str]]], *, every_s: float = EVERY_S) -> None:
        self._read = read
        self._every_s = every_s
        self._drained: frozenset[str] = frozenset()
        self._task: asyncio.Task[None] | None = None

    def drained(self) -> frozenset[str]:
        """The names of the networks that take no new payments, as they were last read."""
        return self._drained

    async def start(self) -> None:
        """Read once, then go on looking. Raises BooksLost."""
        self._drained = await self._read()
        self._task = asyncio.create_task(self._watch())

    async def stop(self) -> None:
        """Look no more."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(self._every_s)
            try:
                drained = await self._read()
            except BooksLost as error:  # what was last read stands; the database is waited for
                log.warning("routes not read", error=str(error))
                continue
            if drained != self._drained:
                log.info("routes changed", drained=sorted(drained))
                self._drained = drained
