"""Looking at something in the database again and again while a process runs.

What may live here: the loop. What may not: what is looked at.
"""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod

import structlog

from xiaopos.usecases.ports import BooksLost

log = structlog.get_logger("watching")


class Watching(ABC):
    """Looks at its start and then every `every_s`, until stopped. What was last seen stands while the database is away."""

    def __init__(self, every_s: float) -> None:
        self._every_s = every_s
        self._task: asyncio.Task[None] | None = None

    @abstractmethod
    async def look(self) -> None:
        """Look once. Raises BooksLost."""

    async def start(self) -> None:
        """Look once, then go on looking. Raises BooksLost."""
        await self.look()
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
                await self.look()
            except BooksLost as error:
                log.warning("not read; what was read last stands", what=type(self).__name__, error=str(error))
