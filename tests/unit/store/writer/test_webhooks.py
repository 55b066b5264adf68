"""Webhooks at rest, on SQLite and on PostgreSQL: written with what happened or not at all, told by one worker at a time."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from support.channels import StandingClock, new_vault
from support.payments import a_sale
from support.webhooks import ENDPOINT, do, enter_endpoint, rows, secret_in
from support.world import NOODLES, TEA
from xiaopos.kernel.ids import MerchantId, PaymentId, ShopId
from xiaopos.merchants.webhooks import OVERLAP, TOLD_FOR, DeliveryState, EventType, Outcome
from xiaopos.payments.payment import Payment
from xiaopos.payments.states import Event
from xiaopos.store.writer.books import BatchedBooks
from xiaopos.store.writer.engines import Engine
from xiaopos.store.writer.postgres import PostgresEngine
from xiaopos.store.writer.sqlite import SqliteEngine
from xiaopos.store.writer.webhooks import KEPT, DeliveryQueue, read_listening, spread_events
from xiaopos.usecases.ports import Change, Overtaken, Recorded
from xiaopos.usecases.tell_merchant import Attempt, Endpoint, Verdict

VAULT = new_vault()
CLOCK = StandingClock()
NOW = CLOCK.now()
URL = "https://tea.example.com/hook"
Story = Callable[[Engine, BatchedBooks, DeliveryQueue], Awaitable[None]]


@pytest.fixture(params=["sqlite", "postgres"])
def engine(request: pytest.FixtureRequest) -> Engine:
    if request.param == "sqlite":
        path: Path = request.getfixturevalue("sqlite_file")
        return SqliteEngine(path)
    return PostgresEngine(request.getfixturevalue("postgres_url"))


def tell(engine: Engine, story: Story, *listening: str) -> None:
    who = frozenset(MerchantId(each) for each in listening or (TEA,))

    async def told() -> None:
        try:
            books = BatchedBooks(engine, listening=lambda: who)
            await asyncio.wait_for(story(engine, books, DeliveryQueue(engine)), 60)
        finally:
            await engine.close()

    asyncio.run(told())


async def approve(books: BatchedBooks, number: int, **parts: Any) -> Payment:
    """A sale that is claimed and approved; returns it as it was claimed."""
    claim = a_sale(payment_id=PaymentId(f"{number:032x}"), stan=number, rrn="", **parts)
    recorded = await books.record(Change(claim=claim))
    assert isinstance(recorded, Recorded)
    assert recorded.claim is not None
    approved = recorded.claim.moved(Event.ANSWERED_YES, NOW)
    assert isinstance(await books.record(Change(moves=(approved,))), Recorded)
    return recorded.claim


EVENTS = "SELECT event_id, type, subject, version FROM webhook_event ORDER BY seq"
DELIVERIES = "SELECT endpoint_id, number, state, tries, attempts FROM webhook_delivery ORDER BY endpoint_id, number"


def failed(at_s: int = 0, **parts: Any) -> tuple[Attempt, Verdict]:
    at = NOW + timedelta(seconds=at_s)
    values: dict[str, Any] = {
        "state": DeliveryState.WAITING, "due_at": at + timedelta(seconds=5), "failures": 1, "failing_since": at,
        "rests_until": None,
    }  # fmt: skip
    return Attempt(at, Outcome.REFUSED, 503, 12, "busy"), Verdict(**(values | parts))


async def lease(queue: DeliveryQueue, owner: str = "worker", seconds: int = 0) -> list[Endpoint]:
    return list(await queue.lease(owner=owner, now=NOW + timedelta(seconds=seconds), limit=10, seconds=60))


def test_an_event_is_written_with_what_happened_or_not_at_all(engine: Engine) -> None:
    async def story(engine: Engine, books: BatchedBooks, _: DeliveryQueue) -> None:
        claimed = await approve(books, 1)
        late = claimed.moved(Event.ANSWERED_NO, NOW)
        assert isinstance(await books.record(Change(moves=(late,))), Overtaken)
        assert await rows(engine, EVENTS) == [
            (f"evt-{claimed.payment_id}-2", "payment.approved", claimed.payment_id, 2)
        ]

    tell(engine, story)


def test_nothing_is_written_for_who_does_not_listen(engine: Engine) -> None:
    async def story(engine: Engine, books: BatchedBooks, _: DeliveryQueue) -> None:
        await approve(books, 1)
        assert await rows(engine, EVENTS) == []

    tell(engine, story, NOODLES)


def test_who_has_an_endpoint_that_is_told_or_paused_listens(engine: Engine) -> None:
    async def story(engine: Engine, _books: BatchedBooks, _queue: DeliveryQueue) -> None:
        assert await read_listening(engine) == frozenset()
        await enter_endpoint(engine, VAULT, URL, CLOCK)
        await enter_endpoint(engine, VAULT, URL, CLOCK, endpoint_id="e2")
        assert await read_listening(engine) == {TEA}
        for state, listens in (("paused", True), ("disabled", False), ("removed", False)):
            await do(engine, "UPDATE webhook_endpoint SET state = ?", state)
            assert bool(await read_listening(engine)) is listens

    tell(engine, story)


def test_events_go_to_the_endpoints_that_want_them_numbered_without_a_gap(engine: Engine) -> None:
    async def story(engine: Engine, books: BatchedBooks, _: DeliveryQueue) -> None:
        await enter_endpoint(engine, VAULT, URL, CLOCK, endpoint_id="all")
        await enter_endpoint(engine, VAULT, URL, CLOCK, endpoint_id="other-shop", shop_id="elsewhere")
        await enter_endpoint(engine, VAULT, URL, CLOCK, endpoint_id="refunds", events='["refund.approved"]')
        await enter_endpoint(engine, VAULT, URL, CLOCK, endpoint_id="noodles", merchant_id=NOODLES)
        await enter_endpoint(engine, VAULT, URL, CLOCK, endpoint_id="paused", state="paused")
        await enter_endpoint(engine, VAULT, URL, CLOCK, endpoint_id="disabled", state="disabled")
        for number in (1, 2):
            await approve(books, number)
        await approve(books, 3, shop_id=ShopId("elsewhere"))
        await do(
            engine,
            "INSERT INTO webhook_event (event_id, merchant_id, shop_id, endpoint_id, type, at, subject, version, data) "
            "VALUES ('evt-batch', ?, '', '', ?, ?, '10000001', 0, '{}'), ('evt-test', ?, '', 'refunds', 'test', ?, '', 0, '{}')",
            TEA, EventType.BATCH_CLOSED.value, NOW, TEA, NOW,
        )  # fmt: skip
        await do(engine, "UPDATE terminal SET shop_id = 'elsewhere' WHERE terminal_id = '10000001'")
        assert await spread_events(engine, NOW) == 5
        assert await spread_events(engine, NOW) == 0
        found = [(endpoint, number) for endpoint, number, *_ in await rows(engine, DELIVERIES)]
        assert found == [
            ("all", 1), ("all", 2), ("all", 3), ("all", 4), ("other-shop", 1), ("other-shop", 2), ("paused", 1),
            ("paused", 2), ("paused", 3), ("paused", 4), ("refunds", 1),
        ]  # fmt: skip

    tell(engine, story)


def test_two_workers_that_spread_at_once_give_each_event_once(engine: Engine) -> None:
    async def story(engine: Engine, books: BatchedBooks, _: DeliveryQueue) -> None:
        await enter_endpoint(engine, VAULT, URL, CLOCK)
        for number in range(1, 6):
            await approve(books, number)
        await asyncio.gather(*(spread_events(engine, NOW) for _ in range(3)))
        assert [row[1] for row in await rows(engine, DELIVERIES)] == [1, 2, 3, 4, 5]

    tell(engine, story)


async def one_due(engine: Engine, books: BatchedBooks, **parts: Any) -> None:
    await enter_endpoint(engine, VAULT, URL, CLOCK, **parts)
    await approve(books, 1)
    await spread_events(engine, NOW)


def test_one_worker_at_a_time_tells_an_endpoint(engine: Engine) -> None:
    async def story(engine: Engine, books: BatchedBooks, queue: DeliveryQueue) -> None:
        assert await lease(queue) == []
        await one_due(engine, books)
        first, second = await asyncio.gather(lease(queue, "one"), lease(queue, "two"))
        (held,) = first + second
        assert (held.endpoint_id, held.merchant_id, held.url, held.failures) == (ENDPOINT, TEA, URL, 0)
        assert await lease(queue, "three", seconds=60) == []
        (taken,) = await lease(queue, "three", seconds=61)
        await queue.release(held)
        assert await lease(queue, "four", seconds=62) == [], "a lost lease is not let go of"
        await queue.release(taken)
        assert len(await lease(queue, "four", seconds=62)) == 1

    tell(engine, story)


def test_an_attempt_is_noted_with_what_it_changes(engine: Engine) -> None:
    async def story(engine: Engine, books: BatchedBooks, queue: DeliveryQueue) -> None:
        await one_due(engine, books)
        (held,) = await lease(queue)
        (due,) = await queue.due(held, NOW, 10)
        assert json.loads(due.data)["state"] == "approved"
        assert due.expires_at == NOW + TOLD_FOR
        assert await queue.note(held, due, *failed(rests_until=NOW + timedelta(seconds=30)))
        assert await rows(engine, DELIVERIES) == [(ENDPOINT, 1, "waiting", 1, 1)]
        assert await rows(engine, "SELECT attempt, outcome, status, took_ms, said FROM webhook_attempt") == [
            (1, "refused", 503, 12, "busy")
        ]
        await queue.release(held)
        assert await lease(queue, seconds=20) == [], "it rests"
        (again,) = await lease(queue, seconds=30)
        assert (again.failures, again.failing_since) == (1, NOW)
        (due,) = await queue.due(again, NOW + timedelta(seconds=30), 10)
        assert (due.tries, due.attempts) == (1, 1)
        yes = Attempt(NOW, Outcome.DELIVERED, 204, 3)
        assert await queue.note(again, due, yes, Verdict(DeliveryState.DELIVERED, NOW, 0, None, None))
        await queue.release(again)
        assert await lease(queue, seconds=3600) == []
        assert await rows(engine, "SELECT failures, failing_since FROM webhook_endpoint") == [(0, None)]

    tell(engine, story)


def test_who_lost_the_lease_notes_nothing(engine: Engine) -> None:
    async def story(engine: Engine, books: BatchedBooks, queue: DeliveryQueue) -> None:
        await one_due(engine, books)
        (held,) = await lease(queue, "one")
        (due,) = await queue.due(held, NOW, 10)
        await lease(queue, "two", seconds=61)
        assert not await queue.note(held, due, *failed(61))
        assert await rows(engine, "SELECT COUNT(*) FROM webhook_attempt") == [(0,)]

    tell(engine, story)


def test_what_is_asked_for_again_while_it_is_told_stays_due(engine: Engine) -> None:
    async def story(engine: Engine, books: BatchedBooks, queue: DeliveryQueue) -> None:
        await one_due(engine, books)
        (held,) = await lease(queue)
        (due,) = await queue.due(held, NOW, 10)
        again = "UPDATE webhook_delivery SET state = 'waiting', tries = 0, due_at = ?, expires_at = ?"
        await do(engine, again, NOW, NOW + TOLD_FOR + timedelta(seconds=1))
        yes = Attempt(NOW, Outcome.DELIVERED, 204, 3)
        assert await queue.note(held, due, yes, Verdict(DeliveryState.DELIVERED, NOW, 0, None, None))
        assert await rows(engine, DELIVERIES) == [(ENDPOINT, 1, "waiting", 0, 1)]

    tell(engine, story)


def test_an_endpoint_is_disabled_but_not_when_its_owner_was_first(engine: Engine) -> None:
    async def story(engine: Engine, books: BatchedBooks, queue: DeliveryQueue) -> None:
        await one_due(engine, books)
        for before, after in (("active", "disabled"), ("removed", "removed")):
            await do(engine, "UPDATE webhook_endpoint SET state = 'active', lease_until = NULL, disabled_why = ''")
            (held,) = await lease(queue)
            (due,) = await queue.due(held, NOW, 10)
            await do(engine, "UPDATE webhook_endpoint SET state = ?", before)
            assert await queue.note(held, due, *failed(disabled_why="failing", due_at=NOW))
            why = "failing" if after == "disabled" else ""
            assert await rows(engine, "SELECT state, disabled_why FROM webhook_endpoint") == [(after, why)]
        assert await lease(queue, seconds=100) == []

    tell(engine, story)


def test_both_secrets_sign_until_the_old_one_ends(engine: Engine) -> None:
    async def story(engine: Engine, books: BatchedBooks, queue: DeliveryQueue) -> None:
        older = secret_in(VAULT, bytes(range(50, 82))).text()
        await one_due(engine, books, old_secret=older, old_until=NOW + OVERLAP)
        (held,) = await lease(queue)
        assert [secret.text() for secret in held.secrets][1] == older
        (held,) = await lease(queue, seconds=int(OVERLAP.total_seconds()))
        assert len(held.secrets) == 1

    tell(engine, story)


def test_what_is_too_old_is_forgotten(engine: Engine) -> None:
    async def story(engine: Engine, books: BatchedBooks, queue: DeliveryQueue) -> None:
        await one_due(engine, books)
        (held,) = await lease(queue)
        (due,) = await queue.due(held, NOW, 10)
        await queue.note(held, due, *failed())
        for later, left in ((KEPT, 1), (KEPT + timedelta(seconds=1), 0)):
            await queue.forget(NOW + later)
            for table in ("webhook_event", "webhook_delivery", "webhook_attempt"):
                assert await rows(engine, f"SELECT COUNT(*) FROM {table}") == [(left,)]

    tell(engine, story)
