"""What a benchmark changes of the host under test, each by a wrapper around its database.

What may live here: leaving commits out, slowing them down. What may not: another way to do what the product does.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any, TypeVar

from xiaopos.store.writer.engines import Engine, StepsOf
from xiaopos.store.writer.statements import Insert, Row, Select, Update

T = TypeVar("T")


class WithoutCommits:
    """An Engine that reads, and says of every change that it was recorded: the host's own ceiling."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    async def run(self, steps: StepsOf[T]) -> T:
        """Answer each insert and update with as many rows as it has; anything else, and blocks of numbers, is really done."""
        generator = steps()
        result: Any = None
        while True:
            try:
                statement = generator.send(result)
            except StopIteration as stop:
                value: T = stop.value
                return value
            if not isinstance(statement, Insert | Update) or statement.table == "number_block":
                generator.close()
                return await self._engine.run(steps)
            result = len(statement.rows)

    async def select(self, query: Select) -> Sequence[Row]:
        """See Engine."""
        return await self._engine.select(query)

    async def close(self) -> None:
        """See Engine."""
        await self._engine.close()


class SlowSyncs(WithoutCommits):
    """An Engine each of whose commits takes some milliseconds more, as on a disk that is slower to sync."""

    def __init__(self, engine: Engine, more_ms: float) -> None:
        super().__init__(engine)
        self._more_s = more_ms / 1000

    async def run(self, steps: StepsOf[T]) -> T:
        """See Engine."""
        value = await self._engine.run(steps)
        await asyncio.sleep(self._more_s)
        return value
