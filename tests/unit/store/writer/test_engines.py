"""The engines on real databases: rolling back, databases that go away, dead locks, many at once, tables that only grow."""

from __future__ import annotations

import asyncio
import shutil
import sqlite3
import threading
from collections.abc import Awaitable, Callable, Generator
from datetime import timedelta
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from msgspec.structs import replace

from support.payments import NOON, a_sale
from xiaopos.kernel.ids import PaymentId, TerminalId
from xiaopos.kernel.money import Money
from xiaopos.kernel.refusal import Reason, Refused
from xiaopos.payments.payment import Payment
from xiaopos.payments.postings import sale_entry
from xiaopos.payments.states import Event
from xiaopos.store.writer.books import BatchedBooks
from xiaopos.store.writer.engines import Engine
from xiaopos.store.writer.house_keys import read_house_keys
from xiaopos.store.writer.postgres import PostgresEngine
from xiaopos.store.writer.queue import JobQueue
from xiaopos.store.writer.sqlite import SqliteEngine, connect
from xiaopos.store.writer.statements import Execute, Insert, Row, Select, Statement
from xiaopos.usecases.ports import BooksLost, Change, JobAsk, Known, LeasedJob, Overtaken, Posting, Record, Recorded

Open = Callable[[], Engine]
COUNT = Select("SELECT COUNT(*) FROM number_block", ())
NUMBERS = ("series", "next_number")


@pytest.fixture(params=["sqlite", "postgres"])
def engine_at(request: pytest.FixtureRequest) -> Open:
    """Opens an engine on this test's own database; as many as it likes."""
    if request.param == "sqlite":
        path: Path = request.getfixturevalue("sqlite_file")
        return lambda: SqliteEngine(path)
    url: str = request.getfixturevalue("postgres_url")
    return lambda: PostgresEngine(url)


def tell(engine: Engine, story: Callable[[], Awaitable[None]]) -> None:
    async def told() -> None:
        try:
            await asyncio.wait_for(story(), 30)
        finally:
            await engine.close()

    asyncio.run(told())


def insert(*names: str) -> Callable[[], Generator[Statement, Any, int]]:
    def steps() -> Generator[Statement, Any, int]:
        inserted = yield Insert("number_block", NUMBERS, [(name, 1) for name in names])
        return int(inserted)

    return steps


async def count(engine: Engine) -> int:
    return int((await engine.select(COUNT))[0][0])


def numbered(number: int, **parts: Any) -> Payment:
    values: dict[str, Any] = {"payment_id": PaymentId(f"{number:032x}"), "stan": number, "rrn": ""}
    return a_sale(**(values | parts))


def test_a_transaction_is_whole_or_nothing(engine_at: Open) -> None:
    engine = engine_at()

    def broken() -> Generator[Statement, Any, None]:
        yield Insert("number_block", NUMBERS, [("half", 1)])
        raise ValueError("a pretend bug")

    async def story() -> None:
        with pytest.raises(ValueError, match="a pretend bug"):
            await engine.run(broken)
        assert await count(engine) == 0
        assert await engine.run(insert("a", "b")) == 2
        with pytest.raises(Exception, match=r"(?i)unique|duplicate"):
            await engine.run(insert("c", "a"))
        assert await count(engine) == 2

    tell(engine, story)


@pytest.mark.parametrize("many", [1, 2, 63, 64, 65, 200])
def test_many_rows_go_in_whatever_their_number(engine_at: Open, many: int) -> None:
    engine = engine_at()

    async def story() -> None:
        assert await engine.run(insert(*(f"s{number}" for number in range(many)))) == many
        assert await count(engine) == many

    tell(engine, story)


def test_sqlite_says_lost_when_there_is_no_file_and_works_when_it_comes(sqlite_file: Path) -> None:
    away = sqlite_file.with_suffix(".away")
    sqlite_file.rename(away)
    engine = SqliteEngine(sqlite_file)

    async def story() -> None:
        with pytest.raises(BooksLost, match="SQLite"):
            await engine.run(insert("a"))
        with pytest.raises(BooksLost):
            await count(engine)
        away.rename(sqlite_file)
        assert await engine.run(insert("a")) == 1

    tell(engine, story)


def test_sqlite_writes_nothing_into_a_file_that_lost_its_name_or_was_exchanged(
    sqlite_file: Path, sqlite_template: Path
) -> None:
    engine = SqliteEngine(sqlite_file)

    async def story() -> None:
        await engine.run(insert("a"))
        for name in ("", "-wal", "-shm"):
            Path(f"{sqlite_file}{name}").unlink(missing_ok=True)
        with pytest.raises(BooksLost):
            await engine.run(insert("b"))
        shutil.copyfile(sqlite_template, sqlite_file)
        assert await engine.run(insert("c")) == 1
        assert await count(engine) == 1

    tell(engine, story)


def test_sqlite_waits_for_another_process_that_writes(sqlite_file: Path) -> None:
    engine = SqliteEngine(sqlite_file)

    async def story() -> None:
        await engine.run(insert())
        other = sqlite3.connect(sqlite_file, isolation_level=None, check_same_thread=False)
        other.execute("BEGIN IMMEDIATE")
        writing = asyncio.create_task(engine.run(insert("a")))
        await asyncio.sleep(0.1)
        assert not writing.done()
        assert await count(engine) == 0, "readers do not wait"
        other.execute("ROLLBACK")
        other.close()
        assert await writing == 1

    tell(engine, story)


def test_sqlite_keeps_its_promises_of_durability(sqlite_file: Path) -> None:
    before = set(threading.enumerate())
    engine = SqliteEngine(sqlite_file)

    async def story() -> None:
        assert (await engine.select(Select("PRAGMA synchronous", ())))[0][0] == 2
        assert (await engine.select(Select("PRAGMA journal_mode", ())))[0][0] == "wal"
        assert (await engine.select(Select("PRAGMA foreign_keys", ())))[0][0] == 1

    tell(engine, story)
    for thread in set(threading.enumerate()) - before:
        thread.join(5)
        assert not thread.is_alive(), "a closed engine leaves no thread"


def _killed(pid: Row) -> str:
    return f"SELECT pg_terminate_backend({int(pid[0])})"


def test_postgres_says_lost_when_its_connection_is_killed_and_works_again(postgres_url: str) -> None:
    engine = PostgresEngine(postgres_url)

    def killed_half_way() -> Generator[Statement, Any, None]:
        yield Insert("number_block", NUMBERS, [("half", 1)])
        (pid,) = yield Select("SELECT pg_backend_pid()", ())
        yield Execute(_killed(pid), ())
        yield Insert("number_block", NUMBERS, [("other half", 1)])

    async def story() -> None:
        await engine.run(insert("a"))
        with pytest.raises(BooksLost, match="PostgreSQL"):
            await engine.run(killed_half_way)
        assert await count(engine) == 1
        assert await engine.run(insert("b")) == 1

    tell(engine, story)


def test_postgres_readers_come_back_after_their_connections_were_killed(postgres_url: str) -> None:
    engine = PostgresEngine(postgres_url)

    async def story() -> None:
        await asyncio.gather(*(count(engine) for _ in range(9)))
        other = await asyncpg.connect(postgres_url)
        opened = await other.fetch(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        assert len(opened) <= 2, "first reads at once open one pool"
        await other.close()
        for _ in range(9):
            try:
                assert await count(engine) == 0
                break
            except BooksLost:
                await asyncio.sleep(0.05)
        else:
            pytest.fail("the readers never came back")

    tell(engine, story)


def test_postgres_that_is_not_there_is_lost() -> None:
    engine = PostgresEngine("postgresql://nobody@127.0.0.1:1/nothing")

    async def story() -> None:
        with pytest.raises(BooksLost):
            await engine.run(insert("a"))
        with pytest.raises(BooksLost):
            await count(engine)

    tell(engine, story)


def test_postgres_tries_a_dead_lock_again(postgres_url: str) -> None:
    one, other = PostgresEngine(postgres_url), PostgresEngine(postgres_url)

    def bump(first: str, second: str) -> Callable[[], Generator[Statement, Any, None]]:
        def steps() -> Generator[Statement, Any, None]:
            for name in (first, second):
                yield Execute("UPDATE number_block SET next_number = next_number + 1 WHERE series = ?", (name,))
                yield Select("SELECT pg_sleep(0.2)", ())

        return steps

    async def story() -> None:
        await one.run(insert("a", "b"))
        await asyncio.gather(one.run(bump("a", "b")), other.run(bump("b", "a")))
        rows = await one.select(Select("SELECT next_number FROM number_block", ()))
        assert [int(row[0]) for row in rows] == [3, 3]
        await other.close()

    tell(one, story)


def test_one_bad_row_fails_its_own_change_only(engine_at: Open) -> None:
    engine = engine_at()
    books = BatchedBooks(engine)

    async def story() -> None:
        changes = [Change(claim=numbered(number)) for number in range(1, 10)]
        changes[4] = Change(claim=numbered(5, refunded=Money(99_00)))  # the database's own check refuses it
        results = await asyncio.gather(*map(books.record, changes), return_exceptions=True)
        assert [isinstance(result, Recorded) for result in results].count(True) == 8
        assert isinstance(results[4], Exception)
        again = await books.record(Change(claim=numbered(5)))
        assert isinstance(again, Recorded)

    tell(engine, story)


def test_repeats_inside_one_batch_are_known(engine_at: Open) -> None:
    engine = engine_at()
    books = BatchedBooks(engine)

    async def story() -> None:
        first = asyncio.create_task(books.record(Change(claim=numbered(1))))
        await asyncio.sleep(0)
        results = await asyncio.gather(*(books.record(Change(claim=numbered(2, terminal_time=NOON))) for _ in range(5)))
        assert [type(result) for result in results] == [Recorded] + [Known] * 4
        (claimed,) = [result.claim for result in results if isinstance(result, Recorded)]
        assert {result.payment for result in results if isinstance(result, Known)} == {claimed}
        assert isinstance(await first, Recorded)

    tell(engine, story)


def test_connections_that_open_a_new_file_at_once_wait_for_each_other(tmp_path: Path) -> None:
    for number in range(40):
        path = tmp_path / f"{number}.sqlite3"
        with sqlite3.connect(path) as made:
            made.execute("CREATE TABLE anything (a)")
        made.close()
        gate = threading.Barrier(3)
        modes: list[str] = []

        def opens(path: Path = path, gate: threading.Barrier = gate, modes: list[str] = modes) -> None:
            gate.wait()
            connection = connect(path)
            modes.append(connection.execute("PRAGMA journal_mode").fetchone()[0])
            connection.close()

        threads = [threading.Thread(target=opens) for _ in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)
        assert modes == ["wal"] * 3


def test_two_processes_cannot_both_claim_a_voucher(engine_at: Open) -> None:
    engine, other_engine = engine_at(), engine_at()
    one, other = BatchedBooks(engine), BatchedBooks(other_engine)

    async def story() -> None:
        for number in range(1, 21):
            mine = one.record(Change(claim=numbered(number)))
            theirs = other.record(Change(claim=numbered(number, payment_id=PaymentId(f"{number + 500:032x}"))))
            results = await asyncio.gather(mine, theirs)
            assert sorted(type(result).__name__ for result in results) == ["Known", "Recorded"]
        await other.close()

    tell(engine, story)


async def approved(books: BatchedBooks, payment: Payment) -> Payment:
    recorded = await books.record(Change(claim=payment))
    assert isinstance(recorded, Recorded)
    assert recorded.claim is not None
    after = recorded.claim.moved(Event.ANSWERED_YES, NOON, fee=Money(15))
    await books.record(Change(moves=(after,), postings=(Posting(after, sale_entry(after)),)))
    return after


def test_fifty_refunds_at_once_never_exceed_their_sale(engine_at: Open) -> None:
    engines = [engine_at() for _ in range(2)]
    one, other = (BatchedBooks(engine) for engine in engines)

    async def reserve(books: BatchedBooks, sale: Payment) -> Record:
        """What a refund's claim does: read the sale, take 1.00 of what is left, and try again when overtaken."""
        while True:
            now = await books.recall_payment(sale.merchant_id, sale.payment_id)
            assert now is not None
            if now.refundable.minor < 1_00:
                return Refused(Reason.REFUND_TOO_MUCH)
            result = await books.record(Change(moves=(now.touched(NOON, refunding=Money(now.refunding.minor + 1_00)),)))
            if not isinstance(result, Overtaken):
                return result

    async def story() -> None:
        sale = await approved(one, numbered(1))
        results = await asyncio.gather(*(reserve(books, sale) for books in (one, other) for _ in range(25)))
        assert [isinstance(result, Recorded) for result in results].count(True) == 25
        after = await one.recall_payment(sale.merchant_id, sale.payment_id)
        assert after is not None
        assert (after.refunding, after.version) == (Money(25_00), sale.version + 25)
        await other.close()

    tell(engines[0], story)


@pytest.mark.parametrize("table", ["ledger_leg", "payment_move", "payment"])
@pytest.mark.parametrize("verb", ["UPDATE", "DELETE", "TRUNCATE"])
def test_what_was_recorded_stays(engine_at: Open, table: str, verb: str, request: pytest.FixtureRequest) -> None:
    engine = engine_at()
    books = BatchedBooks(engine)
    column = {"ledger_leg": "amount_minor", "payment_move": "version", "payment": "amount_minor"}[table]
    sql = {
        "UPDATE": f"UPDATE {table} SET {column} = {column} + 1",
        "DELETE": f"DELETE FROM {table}",
        "TRUNCATE": f"TRUNCATE {table}",
    }[verb]
    if verb == "TRUNCATE" and isinstance(engine, SqliteEngine):
        sql = f"DELETE FROM {table} WHERE 1"  # SQLite's way to truncate

    def tamper() -> Generator[Statement, Any, None]:
        yield Execute(sql, ())

    async def story() -> None:
        sale = await approved(books, numbered(1))
        if (table, verb) == ("payment", "UPDATE"):
            await engine.run(tamper)  # a payment moves; its time line and its entries do not
            return
        with pytest.raises(Exception, match="append-only"):
            await engine.run(tamper)
        assert await books.recall_payment(sale.merchant_id, sale.payment_id) == sale
        assert await books.is_posted(sale)

    tell(engine, story)


def test_two_workers_never_hold_one_job(engine_at: Open) -> None:
    engine, other_engine = engine_at(), engine_at()
    books = BatchedBooks(engine)
    queues = [JobQueue(engine), JobQueue(other_engine)]

    async def story() -> None:
        sales = [await approved(books, numbered(number)) for number in range(1, 31)]
        asks = tuple(JobAsk("reverse_payment", sale.merchant_id, sale.payment_id, NOON) for sale in sales)
        await books.record(Change(jobs=asks))

        async def take(number: int) -> list[LeasedJob]:
            queue = queues[number % 2]
            return list(await queue.lease(owner=f"worker-{number}", now=NOON, limit=7, seconds=60))

        taken = [job for jobs in await asyncio.gather(*map(take, range(12))) for job in jobs]
        while more := await take(0):
            taken += more
        assert len(taken) == len({job.payment_id for job in taken}) == 30
        assert {job.attempts for job in taken} == {1}
        later = NOON + timedelta(seconds=61)
        again = await queues[1].lease(owner="heir", now=later, limit=99, seconds=60)
        assert {job.attempts for job in again} == {2}
        assert len(again) == 30
        await queues[0].finish(taken[0])
        await queues[0].put_back(taken[1], due_at=NOON, error="too late")
        assert await queues[0].lease(owner="x", now=later, limit=99, seconds=60) == []
        await other_engine.close()

    tell(engine, story)


def test_too_many_recalls_are_lost_and_crowd_the_house(engine_at: Open) -> None:
    engine = engine_at()
    books = BatchedBooks(engine, most=2, waiting_batches=2)

    async def story() -> None:
        asks = [asyncio.create_task(books.recall_terminal(TerminalId("10000001"), NOON.date())) for _ in range(30)]
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        results = await asyncio.gather(*asks, return_exceptions=True)
        assert {type(result).__name__ for result in results} == {"TerminalFacts", "BooksLost"}
        assert not books.crowded

    tell(engine, story)


def test_new_work_is_turned_away_when_the_writer_is_full_and_a_conclusion_never(engine_at: Open) -> None:
    engine = engine_at()
    books = BatchedBooks(engine, most=1, waiting_batches=2)

    async def story() -> None:
        sale = await approved(books, numbered(99))
        asks = [asyncio.create_task(books.record(Change(claim=numbered(number)))) for number in range(1, 20)]
        await asyncio.sleep(0)
        assert books.crowded is False
        moved = await books.record(Change(moves=(sale.touched(NOON),)))
        assert moved == Recorded()
        results = await asyncio.gather(*asks)
        assert Refused(Reason.BUSY, "the writer's queue is full") in results
        assert any(isinstance(result, Recorded) for result in results)

    tell(engine, story)


def test_a_house_without_keys_has_none(engine_at: Open) -> None:
    engine = engine_at()

    async def story() -> None:
        with pytest.raises((BooksLost, asyncpg.UndefinedTableError)):
            await read_house_keys(engine)  # this small town was made without the room of keys

    tell(engine, story)
    assert replace(numbered(1), rrn="1") != numbered(1)
