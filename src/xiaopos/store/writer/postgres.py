"""The writer's engine on PostgreSQL: asyncpg, one writing connection and a few reading ones.

What may live here: the driver's dialect. What may not: what is written.

Many rows go in one statement, as arrays that `unnest` turns into rows again: one round trip however large the batch.
"""

from __future__ import annotations

import asyncio
import functools
import re
from collections.abc import Sequence
from typing import Any, TypeVar

import asyncpg

from xiaopos.store.writer.engines import StepsOf
from xiaopos.store.writer.statements import DATES, FLAGS, INSTANTS, INTEGERS, Execute, Insert, Row, Select, Statement
from xiaopos.usecases.ports import BooksLost

T = TypeVar("T")
# The driver's internal error is what remains of a connection that was killed while it was being used.
_LOST = (
    OSError, asyncpg.PostgresConnectionError, asyncpg.InterfaceError, asyncpg.OperatorInterventionError,
    asyncpg.TooManyConnectionsError, asyncpg.InternalClientError,
)  # fmt: skip
_AGAIN = (asyncpg.DeadlockDetectedError, asyncpg.SerializationError)

# Our statements are short: compiling them would cost far more than running them.
_PLANS = {"jit": "off"}
# The writer only goes by keys, and a plan made while a table was empty must not be kept while it grows: it may walk a
# merchant's whole day for every row. Planning anew for each batch costs little, since a batch is a few statements.
_WRITER_PLANS = _PLANS | {
    "plan_cache_mode": "force_custom_plan",
    "enable_seqscan": "off",
    "enable_hashjoin": "off",
    "enable_mergejoin": "off",
}


class PostgresEngine:
    """Engine on one PostgreSQL database, named by its URL."""

    def __init__(self, dsn: str, *, readers: int = 2) -> None:
        self._dsn = dsn
        self._readers = readers
        self._writer: asyncpg.Connection | None = None
        self._pool: asyncpg.Pool | None = None
        self._turn = asyncio.Lock()
        self._opening = asyncio.Lock()

    async def run(self, steps: StepsOf[T]) -> T:
        """See Engine. A deadlock or serialisation failure is tried again: its transaction has left nothing behind."""
        async with self._turn:
            while True:
                try:
                    return await self._transaction(steps)
                except _AGAIN:
                    continue
                except _LOST as error:
                    await self._drop_writer()
                    raise BooksLost(f"PostgreSQL: {error}") from error

    async def _transaction(self, steps: StepsOf[T]) -> T:
        if self._writer is None or self._writer.is_closed():
            self._writer = await asyncpg.connect(
                self._dsn, timeout=10, command_timeout=30, server_settings=_WRITER_PLANS
            )
        connection = self._writer
        transaction = connection.transaction()
        await transaction.start()
        try:
            generator = steps()
            result: Any = None
            while True:
                try:
                    statement = generator.send(result)
                except StopIteration as stop:
                    value: T = stop.value
                    break
                result = await _do(connection, statement)
        except BaseException:
            if not connection.is_closed():
                await transaction.rollback()
            raise
        await transaction.commit()
        return value

    async def select(self, query: Select) -> Sequence[Row]:
        """See Engine."""
        try:
            pool = self._pool or await self._open_pool()
            rows = await pool.fetch(_numbered(query.sql), *query.values)
        except _LOST as error:
            raise BooksLost(f"PostgreSQL: {error}") from error
        return [tuple(row) for row in rows]

    async def _open_pool(self) -> asyncpg.Pool:
        async with self._opening:  # two that read first at once must not open two
            if self._pool is None:
                self._pool = await asyncpg.create_pool(
                    self._dsn,
                    min_size=1,
                    max_size=self._readers,
                    timeout=10,
                    command_timeout=30,
                    server_settings=_PLANS,
                    reset=_as_it_is,
                )
            return self._pool

    async def _drop_writer(self) -> None:
        if self._writer is not None and not self._writer.is_closed():
            self._writer.terminate()
        self._writer = None

    async def close(self) -> None:
        """See Engine."""
        if self._writer is not None and not self._writer.is_closed():
            await self._writer.close()
        self._writer = None
        if self._pool is not None:
            await self._pool.close()
            self._pool = None


async def _as_it_is(_connection: asyncpg.Connection) -> None:
    """A reading connection is given back unchanged: resetting it would be one more round trip for each read."""


async def _do(connection: asyncpg.Connection, statement: Statement) -> Any:
    if isinstance(statement, Select):
        return [tuple(row) for row in await connection.fetch(_numbered(statement.sql), *statement.values)]
    if isinstance(statement, Execute):
        return _count(await connection.execute(_numbered(statement.sql), *statement.values))
    rows = statement.rows
    alone = len(rows) == 1
    if isinstance(statement, Insert):
        sql = (_insert_one if alone else _insert)(statement.table, statement.columns, statement.conflict)
    else:
        sql = (_update_one if alone else _update)(statement.table, statement.columns, statement.keys)
    return _count(await connection.execute(sql, *(rows[0] if alone else map(list, zip(*rows, strict=True)))))


def _count(status: str) -> int:
    return int(status.rpartition(" ")[2])


def _type(column: str) -> str:
    if column in INSTANTS:
        return "timestamptz"
    if column in DATES:
        return "date"
    if column in FLAGS:
        return "boolean"
    return "bigint" if column in INTEGERS else "text"


def _arrays(columns: Sequence[str]) -> str:
    return ", ".join(f"${number}::{_type(name)}[]" for number, name in enumerate(columns, start=1))


@functools.cache
def _insert(table: str, columns: tuple[str, ...], conflict: str) -> str:
    tail = f" ON CONFLICT {conflict}" if conflict else ""
    names = ", ".join(f'"{name}"' for name in columns)
    return f"INSERT INTO {table} ({names}) SELECT * FROM unnest({_arrays(columns)}){tail}"


@functools.cache
def _update(table: str, columns: tuple[str, ...], keys: tuple[str, ...]) -> str:
    new = ", ".join(f'"{name}" = n.c_{name}' for name in columns)
    # The guard may name a column that is also set (version), so keys carry a prefix of their own.
    names = ", ".join([f"c_{name}" for name in columns] + [f"k_{name}" for name in keys])
    match = " AND ".join(f't."{name}" = n.k_{name}' for name in keys)
    arrays = _arrays((*columns, *keys))
    return f"UPDATE {table} AS t SET {new} FROM unnest({arrays}) AS n({names}) WHERE {match}"


@functools.cache
def _insert_one(table: str, columns: tuple[str, ...], conflict: str) -> str:
    """One row's plain statement: planned and run in half the time that a single one in arrays takes."""
    tail = f" ON CONFLICT {conflict}" if conflict else ""
    names = ", ".join(f'"{name}"' for name in columns)
    values = ", ".join(f"${number}::{_type(name)}" for number, name in enumerate(columns, start=1))
    return f"INSERT INTO {table} ({names}) VALUES ({values}){tail}"


@functools.cache
def _update_one(table: str, columns: tuple[str, ...], keys: tuple[str, ...]) -> str:
    asked = [f'"{name}" = ${number}::{_type(name)}' for number, name in enumerate((*columns, *keys), start=1)]
    return f"UPDATE {table} SET {', '.join(asked[: len(columns)])} WHERE {' AND '.join(asked[len(columns) :])}"


@functools.cache
def _numbered(sql: str) -> str:
    numbers = iter(range(1, sql.count("?") + 1))
    return re.sub(r"\?", lambda _: f"${next(numbers)}", sql)
