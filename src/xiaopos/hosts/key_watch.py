"""What every process that uses keys does beside its work: obey the inventory's states, and say how often keys were used.

What may live here: the loop. What may not: SQL, keys themselves.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import structlog

from xiaopos.hosts.watching import Watching
from xiaopos.keys import KeyState, Vault
from xiaopos.usecases.ports import BooksLost

log = structlog.get_logger("keys")

EVERY_S = 1.0
COUNTS_EVERY_S = 60.0


@dataclass(frozen=True, slots=True)
class KeyPlaces:
    """What the watch reads and writes. Both raise BooksLost."""

    read_states: Callable[[], Awaitable[Mapping[str, KeyState]]]
    write_uses: Callable[[Sequence[Sequence[Any]]], Awaitable[None]]


class KeyWatch(Watching):
    """Keeps one vault obedient while a process runs: a key that is retired, compromised or destroyed stops within a second."""

    def __init__(
        self,
        vault: Vault,
        places: KeyPlaces,
        *,
        process: str,
        now: Callable[[], datetime],
        make_id: Callable[[datetime], str],
        every_s: float = EVERY_S,
        counts_every_s: float = COUNTS_EVERY_S,
    ) -> None:
        super().__init__(every_s)
        self._vault = vault
        self._places = places
        self._process = process
        self._now = now
        self._make_id = make_id
        self._rounds = max(1, round(counts_every_s / every_s))
        self._states: Mapping[str, KeyState] = {}
        self._unwritten: list[tuple[Any, ...]] = []
        self._looked = 0

    async def look(self) -> None:
        """Obey what the inventory says now, and write the counts when it is time. Raises BooksLost."""
        await self._obey()
        self._looked += 1
        if self._looked % self._rounds == 0:
            await self._count()

    async def stop(self) -> None:
        """Stop watching, and write the last counts if the database can be reached."""
        await super().stop()
        with suppress(BooksLost):
            await self._count()

    async def _obey(self) -> None:
        states = await self._places.read_states()
        if states != self._states:
            self._vault.heed(states)
            self._states = states

    async def _count(self) -> None:
        """Write what was counted; what cannot be written is kept for the next time."""
        at = self._now()
        self._unwritten += [
            (
                self._make_id(at),
                each.key_id,
                each.usage.value,
                each.kcv,
                each.operation.value,
                self._process,
                each.uses,
                at,
            )
            for each in self._vault.take_uses()
        ]
        if self._unwritten:
            await self._places.write_uses(self._unwritten)
            self._unwritten = []
