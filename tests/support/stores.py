"""The Books and Jobs of a contract suite, over three stores: the twin in memory, SQLite, PostgreSQL.

A store gives each test a fresh copy of the same town: three merchants, four terminals, nothing recorded.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

import asyncpg

from support.books import MemoryBooks
from support.make_books import ASKED_AT, ASKED_TERMINAL, ASKS, BOUND, DOWNLOADS, NAMES, TERMINALS
from support.world import terminal_facts
from xiaopos.store.writer.books import BatchedBooks
from xiaopos.store.writer.engines import Engine
from xiaopos.store.writer.postgres import PostgresEngine
from xiaopos.store.writer.queue import JobQueue
from xiaopos.store.writer.sqlite import SqliteEngine
from xiaopos.store.writer.statements import Select
from xiaopos.usecases.ports import Books, Jobs

TESTS = Path(__file__).resolve().parents[1]
_LEGS = "SELECT payment_id, entry_kind, account, side, amount_minor FROM ledger_leg ORDER BY payment_id, entry_kind, leg_number"
_copies = count(1)

LegRow = tuple[str, str, str, str, int]


@dataclass(frozen=True)
class Opened:
    """A store that is open: its two roles, and what its ledger and its list of refusals and discrepancies hold."""

    books: Books
    jobs: Jobs
    legs: Callable[[], Coroutine[Any, Any, list[LegRow]]]
    noted: Callable[[], Coroutine[Any, Any, tuple[int, int]]]


Store = Callable[[], AbstractAsyncContextManager[Opened]]


def tell(store: Store, story: Callable[[Opened], Coroutine[Any, Any, None]]) -> None:
    """Open the store, run one story, close it."""

    async def told() -> None:
        async with store() as opened:
            await asyncio.wait_for(story(opened), 30)

    asyncio.run(told())


def make_database(name: str) -> None:
    """Make the town's database, in a process of its own."""
    environment = os.environ | {"PYTHONPATH": str(TESTS)}
    subprocess.run(
        [sys.executable, "-m", "support.make_books", name], env=environment, cwd=TESTS, check=True, timeout=60
    )


@asynccontextmanager
async def in_memory() -> AsyncIterator[Opened]:
    """The twin."""
    books = MemoryBooks()
    books.add(
        terminal_facts(terminal_id, merchant_id, NAMES[merchant_id], bound=BOUND.get(terminal_id, True))
        for terminal_id, merchant_id in TERMINALS.items()
    )
    books.downloads.extend(DOWNLOADS)
    books.asks.update({(ASKED_TERMINAL, ask): ASKED_AT for ask in ASKS})

    async def legs() -> list[LegRow]:
        return [
            (payment_id, kind.value, leg.account.code, leg.side.value, leg.amount.minor)
            for (_, payment_id, kind), entry in sorted(
                books.entries.items(), key=lambda row: (row[0][1], row[0][2].value)
            )
            for leg in entry
        ]

    async def noted() -> tuple[int, int]:
        return len(books.refusals), len(books.discrepancies)

    yield Opened(books, books, legs, noted)


@asynccontextmanager
async def over(engine: Engine) -> AsyncIterator[Opened]:
    """The real store over an engine."""
    books = BatchedBooks(engine)

    async def legs() -> list[LegRow]:
        return [(row[0], row[1], row[2], row[3], int(row[4])) for row in await engine.select(Select(_LEGS, ()))]

    async def noted() -> tuple[int, int]:
        refusals = await engine.select(Select("SELECT COUNT(*) FROM refusal", ()))
        discrepancies = await engine.select(Select("SELECT COUNT(*) FROM discrepancy", ()))
        return int(refusals[0][0]), int(discrepancies[0][0])

    try:
        yield Opened(books, JobQueue(engine), legs, noted)
    finally:
        await books.close()


def on_sqlite(template: Path, folder: Path) -> Store:
    """SQLite, each time on a fresh copy of the template."""

    def store() -> AbstractAsyncContextManager[Opened]:
        path = folder / f"books-{next(_copies)}.sqlite3"
        shutil.copyfile(template, path)
        return over(SqliteEngine(path))

    return store


def hurry(server: str) -> None:
    """Tell a server of tests not to wait for its disk: a suite tests words, and copies a database for each test."""

    async def told() -> None:
        connection = await asyncpg.connect(f"{server}/postgres")
        await connection.execute("ALTER SYSTEM SET fsync = off")
        await connection.execute("SELECT pg_reload_conf()")
        await connection.close()

    asyncio.run(told())


def on_postgres(server: str, template: str) -> Store:
    """PostgreSQL, each time in a fresh copy of the template."""

    @asynccontextmanager
    async def store() -> AsyncIterator[Opened]:
        name = f"books_{next(_copies)}"
        connection = await asyncpg.connect(f"{server}/postgres")
        try:
            await connection.execute(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY")
            async with over(PostgresEngine(f"{server}/{name}")) as opened:
                yield opened
            await connection.execute(f"DROP DATABASE {name}")
        finally:
            await connection.close()

    return store
