"""Natural batching: what waits when the previous round ends goes into the next, with no timer.

What may live here: the queue, its bound, the loop. What may not: what a round does.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

A = TypeVar("A")
R = TypeVar("R")


class TooMuchWaits(Exception):
    """The queue is at its bound; nothing was taken."""


class Gatherer(Generic[A, R]):
    """Gathers what callers ask while a round runs, and gives the next round all of it, up to `most`.

    `run` gets the asks and returns as many results, in order; a result that is an exception is raised to its caller.
    When `run` itself raises, every caller of the round hears that exception.
    """

    def __init__(self, run: Callable[[list[A]], Awaitable[list[R | BaseException]]], *, most: int, bound: int) -> None:
        self._run = run
        self._most = most
        self._bound = bound
        self._waiting: list[tuple[A, asyncio.Future[R]]] = []
        self._task: asyncio.Task[None] | None = None

    @property
    def waiting(self) -> int:
        """How many asks wait for the next round."""
        return len(self._waiting)

    async def ask(self, item: A, *, bounded: bool = True) -> R:
        """Wait for the item's result. Raises TooMuchWaits at once when the queue is full and the item is bounded by it."""
        if bounded and len(self._waiting) >= self._bound:
            raise TooMuchWaits
        future: asyncio.Future[R] = asyncio.get_running_loop().create_future()
        self._waiting.append((item, future))
        if self._task is None or self._task.done():
            self._task = asyncio.get_running_loop().create_task(self._rounds())
        return await future

    async def _rounds(self) -> None:
        while self._waiting:
            taken, self._waiting = self._waiting[: self._most], self._waiting[self._most :]
            try:
                results = await self._run([item for item, _ in taken])
            except Exception as error:  # noqa: BLE001 - the loop's edge: every waiter hears it
                results = [error] * len(taken)
            for (_, future), result in zip(taken, results, strict=True):
                if future.cancelled():
                    continue
                if isinstance(result, BaseException):
                    future.set_exception(result)
                else:
                    future.set_result(result)
