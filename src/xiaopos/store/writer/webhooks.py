"""Webhooks on the batch writer: events in the commit in which they happen, and the durable queue of whoever sends them.

What may live here: those statements. What may not: which change is which event (usecases), what an attempt means, sending.
"""

from __future__ import annotations

import json
from collections.abc import Generator, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from xiaopos.kernel.ids import MerchantId
from xiaopos.keys import WrappedKey
from xiaopos.merchants.webhooks import TOLD_FOR, EventType
from xiaopos.store.payments.repo import as_instant
from xiaopos.store.writer.engines import Engine
from xiaopos.store.writer.speakers import SPEAKING, SpeakersOf
from xiaopos.store.writer.statements import Execute, Insert, Row, Select, Statement
from xiaopos.usecases.ports import Change
from xiaopos.usecases.tell_merchant import Attempt, Delivery, Endpoint, Verdict
from xiaopos.usecases.webhook_events import events_of

EVENT_COLUMNS = ("event_id", "merchant_id", "shop_id", "endpoint_id", "type", "at", "subject", "version", "data")
ATTEMPT_COLUMNS = "endpoint_id, number, attempt, at, outcome, status, took_ms, said"
KEPT = timedelta(days=40)
"""For so long events can be looked at, and told again."""

SPREAD_AT_ONCE = 100

_LISTENS = "state IN ('active', 'paused')"
_FREE = "(lease_until IS NULL OR lease_until < ?)"
_READY = (
    "SELECT endpoint_id FROM webhook_endpoint WHERE state = 'active' AND (rests_until IS NULL OR rests_until <= ?) "
    f"AND {_FREE} AND EXISTS (SELECT 1 FROM webhook_delivery d WHERE d.endpoint_id = webhook_endpoint.endpoint_id "
    "AND d.state = 'waiting' AND d.due_at <= ?) LIMIT {limit}"
)
_TAKE = (
    f"UPDATE webhook_endpoint SET leased_by = ?, lease_until = ? WHERE endpoint_id = ? AND state = 'active' AND {_FREE}"
)
_TAKEN = (
    "SELECT endpoint_id, merchant_id, url, secret, old_secret, old_until, failures, failing_since "
    "FROM webhook_endpoint WHERE endpoint_id = ?"
)
_MINE = "WHERE endpoint_id = ? AND leased_by = ? AND lease_until = ?"
_DUE = (
    "SELECT d.number, e.event_id, e.type, e.at, e.data, d.tries, d.attempts, d.expires_at FROM webhook_delivery d "
    "JOIN webhook_event e ON e.seq = d.event_seq WHERE d.endpoint_id = ? AND d.state = 'waiting' AND d.due_at <= ? "
    "ORDER BY d.number LIMIT {limit}"
)
_NOTE = (
    "UPDATE webhook_delivery SET state = ?, due_at = ?, tries = ?, attempts = ?, tried_at = ?, outcome = ?, status = ? "
    "WHERE endpoint_id = ? AND number = ? AND expires_at = ?"
)
_TRIED = "UPDATE webhook_delivery SET attempts = ?, tried_at = ?, outcome = ?, status = ? WHERE endpoint_id = ? AND number = ?"
_DELIVERY = (
    "INSERT INTO webhook_delivery (endpoint_id, number, event_seq, state, tries, attempts, due_at, expires_at, outcome, status) "
    "VALUES (?, ?, ?, 'waiting', 0, 0, ?, ?, '', 0)"
)


def keep_events(changes: Sequence[Change], listening: frozenset[MerchantId]) -> Generator[Statement, Any, None]:
    """Write what merchants that listen may be told of a commit. Costs nothing while nobody listens."""
    if not listening:
        return
    rows = [
        (
            event.event_id, event.merchant_id, event.shop_id, "", event.type.value, event.at, event.subject, event.version,
            event.data,
        )
        for event in events_of(changes, listening)
    ]  # fmt: skip
    if rows:
        yield Insert("webhook_event", EVENT_COLUMNS, rows, "DO NOTHING")


async def read_listening(engine: Engine) -> frozenset[MerchantId]:
    """The merchants that have an endpoint or a speaker. Raises BooksLost."""
    sql = f"SELECT merchant_id FROM webhook_endpoint WHERE {_LISTENS} UNION {SPEAKING}"
    rows = await engine.select(Select(sql, ()))
    return frozenset(MerchantId(merchant_id) for (merchant_id,) in rows)


async def spread_events(engine: Engine, now: datetime) -> int:
    """Give new events to the endpoints that want them, each its next number; returns how many there were. Raises BooksLost."""
    sql = (
        "SELECT seq, merchant_id, shop_id, endpoint_id, type, subject, at FROM webhook_event WHERE NOT spread "
        f"ORDER BY seq LIMIT {SPREAD_AT_ONCE}"
    )
    events = await engine.select(Select(sql, ()))
    if events:
        await engine.run(lambda: _spread(events, now))
    return len(events)


def _spread(events: Sequence[Row], now: datetime) -> Generator[Statement, Any, None]:
    known: dict[str, Sequence[Row]] = {}
    speakers = SpeakersOf()
    for seq, merchant_id, shop_id, only, kind, subject, at in events:
        if not (yield Execute("UPDATE webhook_event SET spread = TRUE WHERE seq = ? AND NOT spread", (seq,))):
            continue  # another worker's
        if merchant_id not in known:
            sql = f"SELECT endpoint_id, shop_id, events FROM webhook_endpoint WHERE merchant_id = ? AND {_LISTENS}"
            known[merchant_id] = yield Select(sql, (merchant_id,))
        if kind == EventType.BATCH_CLOSED.value:
            of_terminal = yield Select("SELECT shop_id FROM terminal WHERE terminal_id = ?", (subject,))
            shop_id = of_terminal[0][0] if of_terminal else ""
        yield from speakers.tell(merchant_id, shop_id, kind, subject, as_instant(at), now)
        for endpoint_id in _wanting(known[merchant_id], shop_id, only, kind):
            yield Execute(
                "UPDATE webhook_endpoint SET last_number = last_number + 1 WHERE endpoint_id = ?", (endpoint_id,)
            )
            numbered = yield Select("SELECT last_number FROM webhook_endpoint WHERE endpoint_id = ?", (endpoint_id,))
            yield Execute(_DELIVERY, (endpoint_id, numbered[0][0], seq, now, now + TOLD_FOR))


def _wanting(endpoints: Iterable[Row], shop_id: str, only: str, kind: str) -> list[str]:
    """The endpoints that want an event."""
    if only:
        return [endpoint_id for endpoint_id, _, _ in endpoints if endpoint_id == only]
    return [
        endpoint_id for endpoint_id, shop, events in endpoints if shop in ("", shop_id) and kind in json.loads(events)
    ]


class DeliveryQueue:
    """See `usecases.tell_merchant.Queue`, and leasing endpoints: one worker at a time tells one endpoint."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    async def lease(self, *, owner: str, now: datetime, limit: int, seconds: int) -> Sequence[Endpoint]:
        """Take endpoints for which something is due and that nobody holds. Raises BooksLost."""
        ready = await self._engine.select(Select(_READY.format(limit=int(limit)), (now, now, now)))
        if not ready:
            return []
        until = now + timedelta(seconds=seconds)

        def take() -> Generator[Statement, Any, list[Row]]:
            taken = []
            for (endpoint_id,) in ready:
                if (yield Execute(_TAKE, (owner, until, endpoint_id, now))):
                    taken += yield Select(_TAKEN, (endpoint_id,))
            return taken

        return [_endpoint(row, owner, now, until) for row in await self._engine.run(take)]

    async def due(self, endpoint: Endpoint, now: datetime, most: int) -> Sequence[Delivery]:
        """See Queue."""
        rows = await self._engine.select(Select(_DUE.format(limit=int(most)), (endpoint.endpoint_id, now)))
        return [
            Delivery(number, event_id, kind, as_instant(at), data, tries, attempts, as_instant(expires_at))
            for number, event_id, kind, at, data, tries, attempts, expires_at in rows
        ]

    async def note(self, endpoint: Endpoint, delivery: Delivery, attempt: Attempt, verdict: Verdict) -> bool:
        """See Queue. One that was asked for again meanwhile stays due."""
        return await self._engine.run(lambda: _noted(endpoint, delivery, attempt, verdict))

    async def release(self, endpoint: Endpoint) -> None:
        """See Queue."""

        def release() -> Generator[Statement, Any, None]:
            yield Execute(f"UPDATE webhook_endpoint SET leased_by = '', lease_until = NULL {_MINE}", _mine(endpoint))

        await self._engine.run(release)

    async def forget(self, now: datetime) -> None:
        """Delete what is too old to be looked at. Raises BooksLost."""
        before = now - KEPT
        old = "event_seq IN (SELECT seq FROM webhook_event WHERE at < ?)"

        def forget() -> Generator[Statement, Any, None]:
            yield Execute("DELETE FROM webhook_attempt WHERE at < ?", (before,))
            yield Execute(f"DELETE FROM webhook_delivery WHERE {old}", (before,))
            yield Execute("DELETE FROM webhook_event WHERE at < ?", (before,))
            yield Execute("DELETE FROM speaker_announcement WHERE made_at < ?", (before,))

        await self._engine.run(forget)


def _endpoint(row: Row, owner: str, now: datetime, until: datetime) -> Endpoint:
    endpoint_id, merchant_id, url, secret, old_secret, old_until, failures, failing_since = row
    secrets = [WrappedKey.from_text(secret)]
    if old_secret and old_until is not None and now < as_instant(old_until):
        secrets.append(WrappedKey.from_text(old_secret))
    since = None if failing_since is None else as_instant(failing_since)
    return Endpoint(endpoint_id, merchant_id, url, tuple(secrets), failures, since, owner, until)


def _mine(endpoint: Endpoint) -> tuple[object, ...]:
    return endpoint.endpoint_id, endpoint.leased_by, endpoint.lease_until


def _noted(
    endpoint: Endpoint, delivery: Delivery, attempt: Attempt, verdict: Verdict
) -> Generator[Statement, Any, bool]:
    standing = (verdict.failures, verdict.failing_since, verdict.rests_until)
    sql = f"UPDATE webhook_endpoint SET failures = ?, failing_since = ?, rests_until = ? {_MINE}"
    if not (yield Execute(sql, (*standing, *_mine(endpoint)))):
        return False
    if verdict.disabled_why:
        yield Execute(
            f"UPDATE webhook_endpoint SET state = 'disabled', disabled_at = ?, disabled_why = ? {_MINE} AND state = 'active'",
            (attempt.at, verdict.disabled_why, *_mine(endpoint)),
        )
    number, place = delivery.attempts + 1, (endpoint.endpoint_id, delivery.number)
    tried = (number, attempt.at, attempt.outcome.value, attempt.status)
    told = (verdict.state.value, verdict.due_at, delivery.tries + 1, *tried, *place, delivery.expires_at)
    if not (yield Execute(_NOTE, told)):  # asked for again while it was told: that stands, and is tried anew
        yield Execute(_TRIED, (*tried, *place))
    yield Execute(
        f"INSERT INTO webhook_attempt ({ATTEMPT_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
        (*place, number, attempt.at, attempt.outcome.value, attempt.status, attempt.took_ms, attempt.said),
    )
    return True
