"""Where a card sale's time goes in the host: its own thread by part, the database's thread by statement.

What may live here: sampling and adding up. What may not: another way to do what the product does.

The frames are handed to the desk without sockets, on SQLite. The host's own thread is sampled while nothing is committed, so
that every sample is its own; the database's thread is timed by its CPU clock in a second run that does commit.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import signal
import statistics
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

import structlog
import uvloop

from bench import world
from bench.payments import row
from bench.subject import house_over
from bench.variants import WithoutCommits
from xiaopos import wiring
from xiaopos.hosts.card_desk import CardDesk
from xiaopos.store.writer import sqlite
from xiaopos.store.writer.books import BatchedBooks
from xiaopos.store.writer.engines import Engine
from xiaopos.store.writer.statements import Insert, Update

CONNECTIONS, SALES, FIRST = 256, 60, 5
EVERY_S = 0.0007
PARTS = (
    ("/wire/iso8583/", "reading and writing the message"),
    ("/keys/", "keys: two MACs, sealing and tokening the card number"),
    ("/hmac.py", "keys: two MACs, sealing and tokening the card number"),
    ("/usecases/", "use cases, decisions, values, the entry"),
    ("/payments/", "use cases, decisions, values, the entry"),
    ("/ledger/", "use cases, decisions, values, the entry"),
    ("/settlement/", "use cases, decisions, values, the entry"),
    ("/kernel/", "use cases, decisions, values, the entry"),
    ("/hosts/", "the desk: from message to use case and back"),
    ("/store/", "gathering batches, making rows"),
)
OTHER = "the event loop and what is between"


def _part_of(frame: FrameType | None) -> str:
    """The part of the product that is at work: the innermost frame of ours."""
    while frame is not None:
        name = frame.f_code.co_filename
        if name == "<generated ISO 8583 codec>":
            return PARTS[0][1]
        if "/xiaopos/" in name or name.endswith("/hmac.py"):
            for piece, part in PARTS:
                if piece in name:
                    return part
        frame = frame.f_back
    return OTHER


@contextmanager
def _sampled(seen: Counter[str]) -> Iterator[None]:
    def look(_: int, frame: FrameType | None) -> None:
        seen[_part_of(frame)] += 1

    signal.signal(signal.SIGPROF, look)
    signal.setitimer(signal.ITIMER_PROF, EVERY_S, EVERY_S)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0, 0)


@contextmanager
def _timed(spent: Counter[str]) -> Iterator[None]:
    """The CPU of the database's threads: whole transactions, and of them the statements by table."""

    def timing(name: str, told: Callable[[Any], str]) -> Callable[[], None]:
        inner = getattr(sqlite, name)

        def around(connection: Any, what: Any) -> Any:
            began = time.thread_time()
            try:
                return inner(connection, what)
            finally:
                spent[told(what)] += time.thread_time() - began  # type: ignore[assignment]  # seconds

        setattr(sqlite, name, around)
        return lambda: setattr(sqlite, name, inner)

    def called(statement: Insert | Update) -> str:
        return f"{type(statement).__name__.lower()} {statement.table}"

    back = [timing("_transaction", lambda _: "transactions"), timing("_select", lambda _: "select terminals")]
    back += [timing("_insert", called), timing("_update", called)]
    try:
        yield
    finally:
        for undo in back:
            undo()


async def _sell(engine: Engine, loads: list[world.Load], first: int, watched: Callable[[], Any]) -> float:
    """Play the loads; the CPU seconds of the event loop's thread for each sale after the first few."""
    desk = CardDesk(house_over(BatchedBooks(engine)), "00000001")

    async def terminal(frames: list[bytes]) -> None:
        for frame in frames:
            assert await desk.answer(frame[2:])

    await asyncio.gather(*(terminal(load.frames[first : first + FIRST]) for load in loads))
    with watched():
        began = time.thread_time()
        await asyncio.gather(*(terminal(load.frames[first + FIRST : first + SALES]) for load in loads))
        taken = time.thread_time() - began
    await engine.close()
    return taken


def _round(path: str) -> tuple[dict[str, float], dict[str, float]]:
    """One round in a process of its own: microseconds a sale, of the own thread by part and of the database's."""
    world.configure(path)
    world.make_database(CONNECTIONS)
    loads = world.make_load(CONNECTIONS, 2 * SALES, 1)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(40))
    seen: Counter[str] = Counter()
    spent: Counter[str] = Counter()
    wiring.calm_collector()
    sold = CONNECTIONS * (SALES - FIRST)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        engine = WithoutCommits(sqlite.SqliteEngine(Path(path)))
        own = runner.run(_sell(engine, loads, 0, lambda: _sampled(seen)))
        runner.run(_sell(sqlite.SqliteEngine(Path(path)), loads, SALES, lambda: _timed(spent)))
    total = sum(seen.values())
    statements = sum(cpu for name, cpu in spent.items() if name not in ("transactions", "select terminals"))
    database = {name: cpu / sold * 1e6 for name, cpu in spent.items() if name != "transactions"}
    database["rows, commit and the rest of a transaction"] = (spent["transactions"] - statements) / sold * 1e6
    return {part: own * count / total / sold * 1e6 for part, count in seen.items()}, database


def measure(rounds: int) -> list[dict[str, Any]]:
    """The parts in microseconds of CPU a sale."""
    own: dict[str, list[float]] = {}
    database: dict[str, list[float]] = {}
    with tempfile.TemporaryDirectory() as folder:
        for number in range(min(rounds, 5)):
            with multiprocessing.get_context("spawn").Pool(1) as pool:
                parts, statements = pool.apply(_round, (f"{folder}/{number}.sqlite3",))
            for kept, found in ((own, parts), (database, statements)):
                for name, value in found.items():
                    kept.setdefault(name, []).append(value)
    rows = [row("SQLite", f"us, {part}", values, "", [], "") for part, values in _largest_first(own)]
    rows += [row("SQLite", f"us, database: {name}", values, "", [], "") for name, values in _largest_first(database)]
    for each in rows:
        each["bench"] = "profile"
    return rows


def _largest_first(parts: dict[str, list[float]]) -> list[tuple[str, list[float]]]:
    return sorted(parts.items(), key=lambda part: -statistics.median(part[1]))
