"""The writer's engine on SQLite: one writing and one reading connection, each in a thread of its own.

What may live here: the driver's dialect and settings. What may not: what is written.

WAL with synchronous=FULL: a commit that returned survives a power cut. `BEGIN IMMEDIATE` takes the write lock before
anything is read, so that other processes wait their turn instead of failing half way.
"""

from __future__ import annotations

import asyncio
import functools
import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from itertools import chain
from pathlib import Path
from typing import Any, TypeVar

from xiaopos.store.writer.engines import StepsOf
from xiaopos.store.writer.statements import DATES, INSTANTS, Execute, Insert, Row, Select, Statement, Update
from xiaopos.usecases.ports import BooksLost

T = TypeVar("T")
BUSY_TIMEOUT_S = 30.0
_CHUNK = 64
_UPDATE_FROM = (3, 33)
_PRAGMAS = (
    "journal_mode=WAL",
    "synchronous=FULL",
    "foreign_keys=ON",
    "cache_size=-16384",
    "temp_store=MEMORY",
    "wal_autocheckpoint=8192",
)


def connect(path: Path, kind: type[sqlite3.Connection] = sqlite3.Connection) -> sqlite3.Connection:
    """A connection with the house's settings. The file must exist: the migrations make it."""
    connection = sqlite3.connect(
        f"file:{path}?mode=rw",
        uri=True,
        timeout=BUSY_TIMEOUT_S,
        isolation_level=None,
        check_same_thread=False,
        cached_statements=256,
        factory=kind,
    )
    try:
        for pragma in _PRAGMAS:
            _set(connection, pragma)
    except sqlite3.Error:
        connection.close()
        raise
    return connection


def _set(connection: sqlite3.Connection, pragma: str) -> None:
    """Set one of the house's settings, waiting for others that do.

    Of two connections that turn a file to WAL at once, SQLite sends one away without waiting: each holds what the other wants.
    """
    deadline = time.monotonic() + BUSY_TIMEOUT_S
    while True:
        try:
            connection.execute(f"PRAGMA {pragma}")
            return
        except sqlite3.OperationalError as error:
            if getattr(error, "sqlite_errorcode", None) != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                raise
        time.sleep(0.005)


class SqliteEngine:
    """Engine on one SQLite file. `connect_to` opens a connection: the simulation's can fail at any statement."""

    def __init__(self, path: Path, *, connect_to: Callable[[Path], sqlite3.Connection] = connect) -> None:
        self._writer = _Connection(path, "writer", connect_to)
        self._reader = _Connection(path, "reader", connect_to)

    async def run(self, steps: StepsOf[T]) -> T:
        """See Engine."""
        return await self._writer.call(lambda connection: _transaction(connection, steps))

    async def select(self, query: Select) -> Sequence[Row]:
        """See Engine."""
        return await self._reader.call(lambda connection: _select(connection, query))

    async def close(self) -> None:
        """See Engine."""
        await self._writer.close()
        await self._reader.close()


class _Connection:
    """One connection and the one thread that uses it."""

    def __init__(self, path: Path, name: str, connect_to: Callable[[Path], sqlite3.Connection]) -> None:
        self._path = path
        self._connect_to = connect_to
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix=f"books-{name}")
        self._connection: sqlite3.Connection | None = None
        self._file = 0

    async def call(self, work: Callable[[sqlite3.Connection], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._do, work)

    def _do(self, work: Callable[[sqlite3.Connection], T]) -> T:
        try:
            if self._connection is not None and not self._still_there():
                self._drop()
            if self._connection is None:
                self._connection = self._connect_to(self._path)
                self._file = self._path.stat().st_ino
            return work(self._connection)
        except (sqlite3.OperationalError, OSError) as error:
            self._drop()
            raise BooksLost(f"SQLite: {error}") from error

    def _still_there(self) -> bool:
        """Whether the path is still the file that is open. What is written into a file without a name is lost."""
        try:
            return self._path.stat().st_ino == self._file
        except OSError:
            return False

    def _drop(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    async def close(self) -> None:
        await asyncio.get_running_loop().run_in_executor(self._thread, self._drop)
        self._thread.shutdown(wait=False)


def _transaction(connection: sqlite3.Connection, steps: StepsOf[T]) -> T:
    connection.execute("BEGIN IMMEDIATE")
    try:
        generator = steps()
        result: Any = None
        while True:
            try:
                statement = generator.send(result)
            except StopIteration as stop:
                connection.execute("COMMIT")
                value: T = stop.value
                return value
            result = _do(connection, statement)
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def _do(connection: sqlite3.Connection, statement: Statement) -> Any:
    if isinstance(statement, Select):
        return _select(connection, statement)
    if isinstance(statement, Execute):
        return connection.execute(statement.sql, _adapted(statement.values)).rowcount
    if isinstance(statement, Insert):
        return _insert(connection, statement)
    return _update(connection, statement)


def _update(connection: sqlite3.Connection, statement: Update) -> int:
    """As many rows in one statement as `_insert` takes, where this SQLite can (UPDATE FROM came with 3.33)."""
    table, columns, keys = statement.table, statement.columns, statement.keys
    if sqlite3.sqlite_version_info < _UPDATE_FROM:
        return connection.executemany(_update_sql(table, columns, keys, 0), map(_adapted, statement.rows)).rowcount
    updated = 0
    for size, values in _chunks(statement.rows, columns + keys):
        updated += connection.execute(_update_sql(table, columns, keys, size), values).rowcount
    return updated


@functools.cache
def _update_sql(table: str, columns: tuple[str, ...], keys: tuple[str, ...], size: int) -> str:
    """The statement for `size` rows at once; 0 is the plain one for one row."""
    if not size:
        values = ", ".join(f'"{name}" = ?' for name in columns)
        return f"UPDATE {table} SET {values} WHERE " + " AND ".join(f'"{name}" = ?' for name in keys)
    values = ", ".join(f'"{name}" = n.column{place}' for place, name in enumerate(columns, start=1))
    match = " AND ".join(f't."{name}" = n.column{place}' for place, name in enumerate(keys, start=len(columns) + 1))
    row = f"({', '.join('?' * (len(columns) + len(keys)))})"
    return f"UPDATE {table} AS t SET {values} FROM (VALUES {', '.join([row] * size)}) AS n WHERE {match}"


def _insert(connection: sqlite3.Connection, statement: Insert) -> int:
    """Many rows in one statement where there are many: each statement is one wait for the interpreter's lock."""
    inserted = 0
    for size, values in _chunks(statement.rows, statement.columns):
        sql = _insert_sql(statement.table, statement.columns, statement.conflict, size)
        inserted += connection.execute(sql, values).rowcount
    return inserted


def _chunks(rows: Sequence[Row], columns: tuple[str, ...]) -> Iterator[tuple[int, list[Any]]]:
    """Rows as one list of values each for so many of them, with instants and dates as text.

    Sizes are powers of two, so that few statements are prepared and kept. A whole column is put in place at once.
    """
    places, width, start = _dated(columns), len(columns), 0
    while start < len(rows):
        size = min(_CHUNK, 1 << ((len(rows) - start).bit_length() - 1))
        values = list(chain.from_iterable(rows[start : start + size]))
        for place in places:
            values[place::width] = map(_text, values[place::width])
        yield size, values
        start += size


@functools.cache
def _insert_sql(table: str, columns: tuple[str, ...], conflict: str, size: int) -> str:
    row = f"({', '.join('?' * len(columns))})"
    tail = f" ON CONFLICT {conflict}" if conflict else ""
    return f"INSERT INTO {table} ({_names(columns)}) VALUES {', '.join([row] * size)}{tail}"


def _select(connection: sqlite3.Connection, query: Select) -> list[Row]:
    return connection.execute(query.sql, _adapted(query.values)).fetchall()


def _names(columns: Sequence[str]) -> str:
    return ", ".join(f'"{name}"' for name in columns)


def _adapted(row: Row) -> list[Any]:
    """Instants and dates as the text that Django keeps in SQLite: UTC without a zone."""
    return [_text(value) if isinstance(value, date) else value for value in row]


@functools.cache
def _dated(columns: tuple[str, ...]) -> tuple[int, ...]:
    """The places of instants and dates among a statement's columns."""
    return tuple(place for place, name in enumerate(columns) if name in INSTANTS or name in DATES)


@functools.lru_cache(maxsize=4096)
def _text(value: date | None) -> str | None:
    """An instant or a date exactly as Django writes it, so that its queries compare equal texts."""
    if value is None:
        return None
    if isinstance(value, datetime):
        # An instant is met several times in one commit: in the payment, its time line and its ledger rows.
        return value.astimezone(UTC).replace(tzinfo=None).isoformat(" ")
    return value.isoformat()
