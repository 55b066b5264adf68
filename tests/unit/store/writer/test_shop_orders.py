"""Orders of shops' codes as the worker reads and closes them, on both databases."""

from __future__ import annotations

import asyncio
from collections.abc import Generator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from support.payments import a_sale
from xiaopos.kernel.money import Money
from xiaopos.payments.states import Event
from xiaopos.store.writer.books import BatchedBooks
from xiaopos.store.writer.engines import Engine
from xiaopos.store.writer.postgres import PostgresEngine
from xiaopos.store.writer.shop_orders import ShopOrders
from xiaopos.store.writer.sqlite import SqliteEngine
from xiaopos.store.writer.statements import Execute, Statement
from xiaopos.usecases.ports import Change, Recorded

NOON = datetime(2026, 3, 14, 4, 0, tzinfo=UTC)
SALE = a_sale()
ORDER = "1" * 32


@pytest.fixture(params=["sqlite", "postgres"])
def engine(request: pytest.FixtureRequest) -> Engine:
    if request.param == "sqlite":
        path: Path = request.getfixturevalue("sqlite_file")
        return SqliteEngine(path)
    return PostgresEngine(request.getfixturevalue("postgres_url"))


async def enter(engine: Engine, order_id: str, *payment_ids: str, expires_at: datetime = NOON) -> None:
    """An order, and the payments that were begun for it."""
    columns = "order_id, token, code_token, merchant_id, shop_id, terminal_id, amount_minor, currency, made_by"
    ending = "made_at, expires_at, tries, kept_payment_id"
    texts = (order_id, order_id[:26], "", SALE.merchant_id, "shop", "10000001", 25_00, "CNY", "lin")

    def steps() -> Generator[Statement, Any, None]:
        yield Execute(
            f"INSERT INTO shop_order ({columns}, {ending}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, '')",
            (*texts, NOON - timedelta(minutes=15), expires_at, len(payment_ids)),
        )
        for place, payment_id in enumerate(payment_ids):
            yield Execute(
                "INSERT INTO shop_order_try (payment_id, order_id, place, refund_id, wallet, made_at, refused) "
                "VALUES (?, ?, ?, ?, ?, ?, '')",
                (payment_id, order_id, place, f"{place:032x}", "alipay", NOON),
            )

    await engine.run(steps)


def told(engine: Engine, story: Any) -> None:
    async def whole() -> None:
        try:
            await story()
        finally:
            await engine.close()

    asyncio.run(asyncio.wait_for(whole(), 60))


def test_what_is_approved_or_over_is_looked_after_and_nothing_else(engine: Engine) -> None:
    books, orders = BatchedBooks(engine), ShopOrders(engine)
    later = NOON + timedelta(minutes=5)

    async def story() -> None:
        await enter(engine, ORDER, SALE.payment_id, "9" * 32, expires_at=later)
        await enter(engine, "2" * 32, expires_at=later)
        assert await orders.to_look_after(NOON) == []
        recorded = await books.record(Change(claim=SALE))
        assert isinstance(recorded, Recorded)
        assert recorded.claim is not None
        assert await orders.to_look_after(NOON) == []
        await books.record(Change(moves=(recorded.claim.moved(Event.ANSWERED_YES, NOON),)))
        (order,) = await orders.to_look_after(NOON)
        assert (order.order_id, order.amount, order.expires_at, order.kept) == (ORDER, Money(25_00), later, "")
        assert [(one.payment_id, one.refund_id, one.made_at) for one in order.tries] == [
            (SALE.payment_id, "0" * 32, NOON),
            ("9" * 32, f"{1:032x}", NOON),
        ]
        assert {one.order_id for one in await orders.to_look_after(later)} == {ORDER, "2" * 32}

    told(engine, story)


def test_the_first_to_be_kept_stays_and_an_order_is_closed_once_as_it_was_read(engine: Engine) -> None:
    orders = ShopOrders(engine)

    async def story() -> None:
        await enter(engine, ORDER, "8" * 32)
        assert await orders.keep(ORDER, "8" * 32) == "8" * 32
        assert await orders.keep(ORDER, "9" * 32) == "8" * 32
        (order,) = await orders.to_look_after(NOON)
        assert order.kept == "8" * 32

        def begin_once_more() -> Generator[Statement, Any, None]:
            yield Execute("UPDATE shop_order SET tries = tries + 1 WHERE order_id = ?", (ORDER,))

        await engine.run(begin_once_more)
        assert not await orders.close(order, NOON)

        def take_back() -> Generator[Statement, Any, None]:
            yield Execute("UPDATE shop_order SET tries = tries - 1 WHERE order_id = ?", (ORDER,))

        await engine.run(take_back)
        assert await orders.close(order, NOON)
        assert not await orders.close(order, NOON)
        assert await orders.to_look_after(NOON) == []

    told(engine, story)
