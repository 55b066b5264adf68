"""A process that can be killed between any two steps.

Every call that a use case makes to a port passes a fuse twice: before the port hears it and after it has done it. When
the fuse blows, `Killed` unwinds the use case as a kill -9 would: nothing of it runs any more, and what the ports did stays.
"""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Any, TypeVar, cast

from xiaopos.usecases.ports import House

T = TypeVar("T")


class Killed(BaseException):
    """The process is gone. Not an Exception: no use case may catch it."""


@dataclass
class Fuse:
    """Counts the points that were passed, and blows at one of them; None never blows."""

    blows_at: int | None = None
    passed: int = 0

    def point(self) -> None:
        """Pass one point, or die there."""
        self.passed += 1
        if self.passed == self.blows_at:
            raise Killed


class _Fused:
    """A port whose every coroutine passes the fuse before and after."""

    def __init__(self, port: Any, fuse: Fuse) -> None:
        self._port = port
        self._fuse = fuse

    def __getattr__(self, name: str) -> Any:
        value = getattr(self._port, name)
        if not inspect.iscoroutinefunction(value):
            return value
        return self._passing(value)

    def _passing(self, call: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
        async def passes(*values: Any, **named: Any) -> Any:
            self._fuse.point()
            result = await call(*values, **named)
            self._fuse.point()
            return result

        return passes


def fused(port: T, fuse: Fuse) -> T:
    """The port behind a fuse."""
    return cast("T", _Fused(port, fuse))


def house_with(fuse: Fuse, house: House) -> House:
    """The house with every port behind one fuse."""
    wallets = {name: fused(wallet, fuse) for name, wallet in house.wallets.items()}
    return replace(house, books=fused(house.books, fuse), acquirer=fused(house.acquirer, fuse), wallets=wallets)
