"""The courier: gives new events to merchants' endpoints and tells what is due, until stopped; and who listens.

What may live here: the loops. What may not: SQL (store), HTTP and signatures (gateways), what an attempt means (usecases).
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

import structlog
from prometheus_client import Counter, Gauge

from xiaopos.hosts.watching import Watching
from xiaopos.kernel.clock import Clock
from xiaopos.kernel.ids import MerchantId
from xiaopos.keys import KeyRefused
from xiaopos.usecases.ports import BooksLost
from xiaopos.usecases.tell_merchant import Endpoint, Messenger, Queue, tell_merchant

log = structlog.get_logger("webhooks")

ATTEMPTS = Counter(
    "xiaopos_webhook_attempts_total", "Attempts to tell merchants' endpoints, by what came of them", ["outcome"]
)
GIVEN_UP = Counter("xiaopos_webhooks_given_up_total", "Events that a merchant's endpoint never took")
DISABLED = Counter("xiaopos_webhook_endpoints_disabled_total", "Endpoints that the house stopped telling", ["why"])
UNDER_WAY = Gauge("xiaopos_webhook_endpoints_under_way", "Endpoints that this worker is telling now")

FULL = 100
"""So many new events at once mean that more wait."""


class LeasingQueue(Queue, Protocol):
    """The queue, and taking endpoints from it."""

    async def lease(self, *, owner: str, now: datetime, limit: int, seconds: int) -> Sequence[Endpoint]:
        """Take endpoints for which something is due and that nobody holds. Raises BooksLost."""
        ...


@dataclass(frozen=True, slots=True)
class CourierSettings:
    """How the courier paces itself, in seconds."""

    poll_s: float = 0.5
    away_s: float = 3.0
    at_once: int = 16
    lease_s: int = 60


class Courier:
    """Tells merchants, several endpoints at once, each in the order of its sequence. `spread` gives new events to endpoints."""

    def __init__(
        self,
        queue: LeasingQueue,
        messenger: Messenger,
        spread: Callable[[datetime], Awaitable[int]],
        *,
        process: str,
        clock: Clock,
        settings: CourierSettings | None = None,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._queue = queue
        self._messenger = messenger
        self._spread = spread
        self._process = process
        self._clock = clock
        self._settings = settings or CourierSettings()
        self._chance = chance
        self._stopping = asyncio.Event()
        self._hands: set[asyncio.Task[None]] = set()

    def stop(self) -> None:
        """Begin nothing more; `run` returns when what is at hand is told."""
        self._stopping.set()

    async def run(self) -> None:
        """Work until stopped. A database that is away is waited for."""
        while not self._stopping.is_set():
            pause = self._settings.poll_s
            try:
                while await self._spread(self._clock.now()) >= FULL:
                    pass
                await self._begin_due()
            except BooksLost as error:
                log.warning("webhooks not looked after", error=str(error))
                pause = self._settings.away_s
            except Exception:  # the loop's edge: what cannot be told now is looked at again
                log.exception("webhooks not looked after")
                pause = self._settings.away_s
            await self._rest(pause)
        await asyncio.gather(*self._hands)

    async def _begin_due(self) -> None:
        free = self._settings.at_once - len(self._hands)
        if free <= 0:
            return
        now, seconds = self._clock.now(), self._settings.lease_s
        for endpoint in await self._queue.lease(owner=self._process, now=now, limit=free, seconds=seconds):
            task = asyncio.create_task(self._tell(endpoint))
            self._hands.add(task)
            task.add_done_callback(self._put_down)
        UNDER_WAY.set(len(self._hands))

    def _put_down(self, task: asyncio.Task[None]) -> None:
        self._hands.discard(task)
        UNDER_WAY.set(len(self._hands))

    async def _tell(self, endpoint: Endpoint) -> None:
        try:
            told = await tell_merchant(endpoint, self._queue, self._messenger, self._clock, self._chance)
        except (BooksLost, KeyRefused) as error:  # the lease runs out by itself, and what was not noted is told again
            log.warning("endpoint not told", endpoint=endpoint.endpoint_id, error=str(error))
            return
        except Exception:  # the loop's edge: one endpoint's bug must not stop the others
            log.exception("endpoint not told", endpoint=endpoint.endpoint_id)
            return
        for attempt, verdict in told:
            ATTEMPTS.labels(attempt.outcome.value).inc()
            if verdict.state.value == "given_up":
                GIVEN_UP.inc()
            if verdict.disabled_why:
                DISABLED.labels(verdict.disabled_why).inc()
                log.warning("endpoint disabled", endpoint=endpoint.endpoint_id, why=verdict.disabled_why)

    async def _rest(self, seconds: float) -> None:
        try:
            await asyncio.wait_for(self._stopping.wait(), seconds)
        except TimeoutError:
            return


class ListeningWatch(Watching):
    """Knows the merchants that have an endpoint while a process runs: within `every_s` of a change."""

    def __init__(self, read: Callable[[], Awaitable[frozenset[MerchantId]]], *, every_s: float = 1.0) -> None:
        super().__init__(every_s)
        self._read = read
        self._listening: frozenset[MerchantId] = frozenset()

    def listening(self) -> frozenset[MerchantId]:
        """The merchants, as they were last read."""
        return self._listening

    async def look(self) -> None:
        """See Watching."""
        self._listening = await self._read()
