"""What the writer counts of how payments end, on SQLite and on PostgreSQL: each once, in the commit that ends it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from support.payments import NOON, a_sale
from xiaopos.kernel.ids import PaymentId
from xiaopos.kernel.refusal import Reason
from xiaopos.payments.payment import Payment
from xiaopos.payments.states import Event
from xiaopos.store.writer.books import BatchedBooks
from xiaopos.store.writer.engines import Engine
from xiaopos.store.writer.outcomes import KEPT, TOOK_MS, forget_outcomes
from xiaopos.store.writer.postgres import PostgresEngine
from xiaopos.store.writer.sqlite import SqliteEngine
from xiaopos.store.writer.statements import Select
from xiaopos.usecases.ports import Change, Known, Recorded

ALL = Select("SELECT channel, state, reason, took, payments FROM outcome_minute ORDER BY state, reason, took", ())


@pytest.fixture(params=["sqlite", "postgres"])
def engine(request: pytest.FixtureRequest) -> Engine:
    if request.param == "sqlite":
        path: Path = request.getfixturevalue("sqlite_file")
        return SqliteEngine(path)
    return PostgresEngine(request.getfixturevalue("postgres_url"))


def tell(engine: Engine, story: Callable[[BatchedBooks], Awaitable[None]]) -> None:
    async def told() -> None:
        try:
            await asyncio.wait_for(story(BatchedBooks(engine)), 30)
        finally:
            await engine.close()

    asyncio.run(told())


async def claim(books: BatchedBooks, number: int, **parts: Any) -> Payment:
    record = await books.record(
        Change(claim=a_sale(payment_id=PaymentId(f"{number:032x}"), stan=number, rrn="", claimed_by="host", **parts))
    )
    assert isinstance(record, Recorded)
    assert record.claim is not None
    return record.claim


def after(payment: Payment, event: Event, ms: int, **changes: Any) -> Payment:
    return payment.moved(event, payment.received_at + timedelta(milliseconds=ms), **changes)


def test_every_end_is_counted_once_by_the_minute_and_its_time(engine: Engine) -> None:
    async def story(books: BatchedBooks) -> None:
        claims = await asyncio.gather(*(claim(books, number) for number in range(1, 6)))
        assert await engine.select(ALL) == []
        ends = [
            after(claims[0], Event.ANSWERED_YES, 4),
            after(claims[1], Event.ANSWERED_YES, 5),
            after(claims[2], Event.ANSWERED_YES, 6),
            after(claims[3], Event.ANSWERED_NO, 90, reason=Reason.CHANNEL_DECLINED),
            after(claims[4], Event.ANSWER_LOST, 45_000, reason=Reason.OUTCOME_UNKNOWN),
        ]
        await asyncio.gather(*(books.record(Change(moves=(end,))) for end in ends))
        undone = ends[4].moved(Event.REVERSE, NOON)
        await books.record(Change(moves=(undone,)))
        await books.record(Change(moves=(after(undone, Event.REVERSAL_DONE, 46_000),)))
        assert [tuple(row) for row in await engine.select(ALL)] == [
            ("unionpay", "approved", "", 0, 2),
            ("unionpay", "approved", "", 1, 1),
            ("unionpay", "declined", "channel_declined", 4, 1),
            ("unionpay", "reversed", "outcome_unknown", len(TOOK_MS), 1),
            ("unionpay", "unknown", "outcome_unknown", len(TOOK_MS), 1),
        ]

    tell(engine, story)


def test_what_only_follows_another_payment_is_not_counted(engine: Engine) -> None:
    async def story(books: BatchedBooks) -> None:
        sale = after(await claim(books, 1), Event.ANSWERED_YES, 4)
        await books.record(Change(moves=(sale,)))
        void = a_sale(payment_id=PaymentId("f" * 32), stan=2, rrn="", claimed_by="host")
        await books.record(Change(claim=void, moves=(sale.moved(Event.VOID_ASKED, NOON),)))
        record = await books.record(Change(claim=a_sale(payment_id=PaymentId("f" * 32), stan=2, rrn="")))
        assert isinstance(record, Known)
        assert [row[4] for row in await engine.select(ALL)] == [1]

    tell(engine, story)


def test_old_counts_are_forgotten_and_newer_ones_kept(engine: Engine) -> None:
    async def story(books: BatchedBooks) -> None:
        await books.record(Change(moves=(after(await claim(books, 1), Event.ANSWERED_YES, 4),)))
        await forget_outcomes(engine, NOON + KEPT - timedelta(hours=1))
        assert len(await engine.select(ALL)) == 1
        await forget_outcomes(engine, NOON + KEPT + timedelta(hours=1))
        assert await engine.select(ALL) == []

    tell(engine, story)
