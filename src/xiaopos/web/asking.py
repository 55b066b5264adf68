"""How a page asks the house: in the one loop of this process, waiting only so long.

What may live here: the role, and the place where the composition root puts who plays it. What may not: building a house.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any, Protocol, TypeVar

from xiaopos.usecases.ports import House

T = TypeVar("T")
Verb = Callable[[House], Coroutine[Any, Any, T]]


class StillUnderWay(Exception):
    """The verb goes on, but the page has waited long enough: show that it is under way and ask again."""


class Asking(Protocol):
    """Runs a verb in the house's loop."""

    def ask(self, verb: Verb[T], *, wait_s: float) -> T:
        """The verb's result. Raises StillUnderWay after `wait_s` seconds; the verb is not stopped."""
        ...

    def missing(self) -> str:
        """What is missing before money can be taken, in one sentence; empty when nothing is."""
        ...


_players: list[Asking] = []


def install(asking: Asking) -> None:
    """Say who runs the verbs of this process. Called once by the composition root."""
    _players[:] = [asking]


def ask(verb: Verb[T], *, wait_s: float = 20.0) -> T:
    """Run a verb of the house from a page."""
    assert _players, "the composition root has installed nobody to ask"
    return _players[0].ask(verb, wait_s=wait_s)


def missing() -> str:
    """What the house of this process misses before it can take money; empty when nothing, or when nobody is installed."""
    return _players[0].missing() if _players else ""
