"""Keeping a process informed of which card networks the console has drained.

What may live here: what was read last. What may not: routing (gateways), who may drain (usecases.switch_network).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import structlog

from xiaopos.hosts.watching import Watching

log = structlog.get_logger("routes")

EVERY_S = 1.0


class RouteWatch(Watching):
    """Knows the drained networks while a process runs: within a second of a change, and from before the first payment."""

    def __init__(self, read: Callable[[], Awaitable[frozenset[str]]], *, every_s: float = EVERY_S) -> None:
        super().__init__(every_s)
        self._read = read
        self._drained: frozenset[str] = frozenset()

    def drained(self) -> frozenset[str]:
        """The names of the networks that take no new payments, as they were last read."""
        return self._drained

    async def look(self) -> None:
        """See Watching."""
        drained = await self._read()
        if drained != self._drained:
            log.info("routes changed", drained=sorted(drained))
            self._drained = drained
