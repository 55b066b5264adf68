"""Tell a merchant's endpoint what happened: one delivery after the other, and what each attempt means for the next.

What may live here: the verb, its roles and values, the judgement of an attempt. What may not: HTTP, signatures, SQL, the loop.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Protocol

from xiaopos.kernel.clock import Clock
from xiaopos.keys import WrappedKey
from xiaopos.merchants.webhooks import TOLD_FOR, DeliveryState, Outcome, pause_after, rest_after

MOST_AT_ONCE = 20
MARGIN = timedelta(seconds=20)
"""Nothing more is begun when so little is left of a lease: an attempt takes less."""

FAILURES_BEFORE_DISABLING = 10
FAILING_FOR = TOLD_FOR - timedelta(hours=12)
PATIENCE_MOST_S = 3_600
"""An endpoint that names the time at which it wants to be asked again (Retry-After) is believed up to so much."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """An endpoint that this worker holds until `lease_until`. `secrets` sign, the newest first."""

    endpoint_id: str
    merchant_id: str
    url: str
    secrets: tuple[WrappedKey, ...]
    failures: int
    failing_since: datetime | None
    leased_by: str
    lease_until: datetime


@dataclass(frozen=True, slots=True)
class Delivery:
    """One event for one endpoint. `number` is its place in the sequence, `data` JSON, `tries` how many have failed."""

    number: int
    event_id: str
    type: str
    at: datetime
    data: str
    tries: int
    attempts: int
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Attempt:
    """What came of one attempt. `status` is 0 without an answer, `said` the masked beginning of it."""

    at: datetime
    outcome: Outcome
    status: int = 0
    took_ms: int = 0
    said: str = ""
    retry_after_s: int = 0


@dataclass(frozen=True, slots=True)
class Verdict:
    """What an attempt changes: of the delivery its state and when it is tried again, of the endpoint how it stands.

    `disabled_why` is a word when the house stops telling this endpoint, empty otherwise.
    """

    state: DeliveryState
    due_at: datetime
    failures: int
    failing_since: datetime | None
    rests_until: datetime | None
    disabled_why: str = ""


class Queue(Protocol):
    """The durable queue of deliveries. Every method raises BooksLost."""

    async def due(self, endpoint: Endpoint, now: datetime, most: int) -> Sequence[Delivery]:
        """What is due for an endpoint, in the order of its sequence."""
        ...

    async def note(self, endpoint: Endpoint, delivery: Delivery, attempt: Attempt, verdict: Verdict) -> bool:
        """Write an attempt and its verdict; False, and nothing written, when the lease has passed to another."""
        ...

    async def release(self, endpoint: Endpoint) -> None:
        """Let go of an endpoint that this worker still holds."""
        ...


class Messenger(Protocol):
    """Whoever sends."""

    async def tell(self, endpoint: Endpoint, delivery: Delivery) -> Attempt:
        """Sign and send one delivery. Raises KeyRefused when it cannot be signed: then nothing was sent."""
        ...


def judge(endpoint: Endpoint, delivery: Delivery, attempt: Attempt, chance: float) -> Verdict:
    """What one attempt means. A failed delivery is tried again until it expires, the last time at that very instant.

    An endpoint is disabled with an event that it never took, when it has taken nothing else for about as long.
    """
    now = attempt.at
    if attempt.outcome is Outcome.DELIVERED:
        return Verdict(DeliveryState.DELIVERED, now, 0, None, None)
    failures, since = endpoint.failures + 1, endpoint.failing_since or now
    if attempt.outcome is Outcome.GONE:
        return Verdict(DeliveryState.GIVEN_UP, now, failures, since, None, "gone")
    asked = timedelta(seconds=min(attempt.retry_after_s, PATIENCE_MOST_S))
    rest = max(rest_after(failures), asked)
    rests_until = now + rest if rest else None
    if now >= delivery.expires_at:
        for_long = now - since >= FAILING_FOR and failures >= FAILURES_BEFORE_DISABLING
        return Verdict(DeliveryState.GIVEN_UP, now, failures, since, rests_until, "failing" if for_long else "")
    due = min(now + max(pause_after(delivery.tries + 1, chance), asked), delivery.expires_at)
    return Verdict(DeliveryState.WAITING, due, failures, since, rests_until)


async def tell_merchant(
    endpoint: Endpoint, queue: Queue, messenger: Messenger, clock: Clock, chance: Callable[[], float]
) -> list[tuple[Attempt, Verdict]]:
    """Tell an endpoint what is due, in order, until it fails too often; returns every attempt that was noted.

    A process that stops between an attempt and its note leaves the delivery due: it is told again under the same id.
    Raises BooksLost, KeyRefused.
    """
    noted: list[tuple[Attempt, Verdict]] = []
    try:
        for delivery in await queue.due(endpoint, clock.now(), MOST_AT_ONCE):
            if clock.now() + MARGIN >= endpoint.lease_until:
                break
            attempt = await messenger.tell(endpoint, delivery)
            verdict = judge(endpoint, delivery, attempt, chance())
            if not await queue.note(endpoint, delivery, attempt, verdict):
                return noted
            noted.append((attempt, verdict))
            if verdict.disabled_why or verdict.rests_until is not None:
                break
            endpoint = replace(endpoint, failures=verdict.failures, failing_since=verdict.failing_since)
    finally:
        await queue.release(endpoint)
    return noted
