"""What speakers are to say, on SQLite and on PostgreSQL: once per payment, without a gap, from the books alone."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from support.channels import StandingClock, new_vault
from support.payments import a_sale
from support.webhooks import do, rows, secret_in
from support.world import NOODLES, TEA
from xiaopos.kernel.ids import MerchantId, PaymentId
from xiaopos.payments.payment import Payment
from xiaopos.payments.states import Event
from xiaopos.store.writer.books import BatchedBooks
from xiaopos.store.writer.engines import Engine
from xiaopos.store.writer.postgres import PostgresEngine
from xiaopos.store.writer.speakers import SpeakerQueue
from xiaopos.store.writer.sqlite import SqliteEngine
from xiaopos.store.writer.webhooks import KEPT, DeliveryQueue, read_listening, spread_events
from xiaopos.usecases.announce_payment import SAID_FOR, SaidKind
from xiaopos.usecases.ports import Change, Recorded

VAULT = new_vault()
NOW = StandingClock().now()
SPEAKER = "s1"
Story = Callable[[Engine, BatchedBooks, SpeakerQueue], Awaitable[None]]
SAID = "SELECT speaker_id, number, payment_id, kind FROM speaker_announcement ORDER BY speaker_id, number"


@pytest.fixture(params=["sqlite", "postgres"])
def engine(request: pytest.FixtureRequest) -> Engine:
    if request.param == "sqlite":
        path: Path = request.getfixturevalue("sqlite_file")
        return SqliteEngine(path)
    return PostgresEngine(request.getfixturevalue("postgres_url"))


def tell(engine: Engine, story: Story) -> None:
    async def told() -> None:
        try:
            books = BatchedBooks(engine, listening=lambda: frozenset({MerchantId(TEA)}))
            await asyncio.wait_for(story(engine, books, SpeakerQueue(engine)), 60)
        finally:
            await engine.close()

    asyncio.run(told())


async def enter_speaker(engine: Engine, speaker_id: str = SPEAKER, **parts: Any) -> None:
    columns: dict[str, Any] = {
        "speaker_id": speaker_id, "merchant_id": TEA, "shop_id": a_sale().shop_id, "label": "counter", "state": "active",
        "secret": secret_in(VAULT).text(), "made_by": "lin", "made_at": NOW, "last_number": 0, "heard_number": 0,
    } | parts  # fmt: skip
    marks = ", ".join("?" * len(columns))
    await do(engine, f"INSERT INTO speaker ({', '.join(columns)}) VALUES ({marks})", *columns.values())


async def sale(books: BatchedBooks, number: int, event: Event = Event.ANSWERED_YES) -> Payment:
    claim = a_sale(payment_id=PaymentId(f"{number:032x}"), stan=number, rrn="")
    recorded = await books.record(Change(claim=claim))
    assert isinstance(recorded, Recorded)
    assert recorded.claim is not None
    return await move(books, recorded.claim, event)


async def move(books: BatchedBooks, payment: Payment, event: Event) -> Payment:
    moved = payment.moved(event, NOW)
    assert isinstance(await books.record(Change(moves=(moved,))), Recorded)
    return moved


def test_approved_sales_are_numbered_once_for_each_speaker_of_the_shop(engine: Engine) -> None:
    async def story(engine: Engine, books: BatchedBooks, queue: SpeakerQueue) -> None:
        await enter_speaker(engine)
        await enter_speaker(engine, "s2")
        await enter_speaker(engine, "elsewhere", shop_id="another")
        await enter_speaker(engine, "gone", state="removed")
        await enter_speaker(engine, "theirs", merchant_id=NOODLES)
        assert await read_listening(engine) == {TEA, NOODLES}
        first, _, third = (
            await sale(books, 1), await sale(books, 2, Event.ANSWERED_NO), await sale(books, 3),
        )  # fmt: skip
        assert await spread_events(engine, NOW) == 3
        await do(engine, "UPDATE webhook_event SET spread = FALSE")  # as if they came again
        await spread_events(engine, NOW)
        expected = [(1, first.payment_id, "received"), (2, third.payment_id, "received")]
        assert await rows(engine, SAID) == [(who, *each) for who in ("s1", "s2") for each in expected]
        assert await rows(engine, "SELECT last_number FROM speaker WHERE speaker_id = ?", SPEAKER) == [(2,)]
        assert set(await queue.fresh(NOW)) == {"s1", "s2"}
        assert await queue.fresh(NOW + timedelta(seconds=1)) == []

    tell(engine, story)


def test_the_amount_is_the_books_and_only_what_stands_is_said(engine: Engine) -> None:
    async def story(engine: Engine, books: BatchedBooks, queue: SpeakerQueue) -> None:
        await enter_speaker(engine)
        paid = await sale(books, 1)
        await spread_events(engine, NOW)
        what = await queue.next(SPEAKER, 0, NOW)
        assert what is not None
        assert (what.number, what.kind, what.amount, what.at) == (1, SaidKind.RECEIVED, paid.amount, NOW)
        assert await queue.next(SPEAKER, 1, NOW) is None
        assert await queue.next(SPEAKER, 0, NOW + SAID_FOR) is None
        reversing = await move(books, paid, Event.REVERSE)
        assert await queue.next(SPEAKER, 0, NOW) is None  # not said while nobody knows
        await move(books, reversing, Event.REVERSAL_DONE)
        await spread_events(engine, NOW)
        back = await queue.next(SPEAKER, 0, NOW)
        assert back is not None
        assert (back.number, back.kind, back.amount) == (2, SaidKind.TAKEN_BACK, paid.amount)

    tell(engine, story)


def test_what_was_never_said_to_be_received_is_not_taken_back(engine: Engine) -> None:
    async def story(engine: Engine, books: BatchedBooks, queue: SpeakerQueue) -> None:
        await enter_speaker(engine)
        unknown = await sale(books, 1, Event.ANSWER_LOST)
        await move(books, await move(books, unknown, Event.REVERSE), Event.REVERSAL_DONE)
        await spread_events(engine, NOW)
        assert await rows(engine, SAID) == []
        assert await rows(engine, "SELECT last_number FROM speaker") == [(0,)]

    tell(engine, story)


def test_what_was_heard_is_kept_and_never_goes_back(engine: Engine) -> None:
    async def story(engine: Engine, books: BatchedBooks, queue: SpeakerQueue) -> None:
        await enter_speaker(engine, last_number=5)
        await queue.note_heard(SPEAKER, 4, NOW)
        await queue.note_heard(SPEAKER, 2, NOW)
        found = await queue.find(SPEAKER)
        assert found is not None
        assert found[1:] == (4, 5)
        assert await queue.find("nobody") is None

    tell(engine, story)


def test_old_ones_are_forgotten(engine: Engine) -> None:
    async def story(engine: Engine, books: BatchedBooks, queue: SpeakerQueue) -> None:
        await enter_speaker(engine)
        await sale(books, 1)
        await spread_events(engine, NOW)
        await DeliveryQueue(engine).forget(NOW + KEPT + timedelta(seconds=1))
        assert await rows(engine, SAID) == []

    tell(engine, story)
