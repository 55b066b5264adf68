"""Card sales per second: the card host beside one ORM transaction per request, on both databases.

What may live here: starting both sides in turn and comparing them. What may not: either side.

Closed loop, 256 connections, MAC checked, both commits, two time-line rows and four ledger rows for each sale; both
sides run in a process of their own on a database of their own, one after the other in every round.
"""

from __future__ import annotations

import asyncio
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import uvloop

from bench import world
from bench.load import Run, play
from bench.machine import cpu_pressure, cpu_s, family_cpu_s
from bench.postgres import a_server, server_process

CONNECTIONS = 256
SALES = {"subject": 40, "baseline": 4}
"""Sales per connection and round: each side gets about the same time."""


@contextmanager
def serving(side: str, database: str, *words: str) -> Iterator[tuple[int, int]]:
    """One side as a process: its port and process number."""
    process = subprocess.Popen(
        [sys.executable, "-m", f"bench.{side}", database, *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        assert process.stdout is not None
        yield int(process.stdout.readline()), process.pid
    finally:
        process.kill()
        process.wait()


def prepare(database: str, sales: int, rounds: int, *, terminals: int = CONNECTIONS) -> list[list[world.Load]]:
    """Make a database and every round's frames, in a process of its own: Django is configured once per process."""
    import multiprocessing

    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(_make, (database, sales, rounds, terminals))


def _make(database: str, sales: int, rounds: int, terminals: int) -> list[list[world.Load]]:
    world.configure(database)
    world.make_database(terminals)
    return [world.make_load(terminals, sales, 1 + number * sales) for number in range(rounds)]


def play_once(port: int, loads: list[world.Load]) -> Run:
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(play(port, loads))


def _compare(engine: str, databases: dict[str, str], rounds: int, server: int = 0) -> list[dict[str, Any]]:
    """Both sides in turn. `server` is the database server's process, whose CPU counts too; 0 when there is none."""

    def used_s(process: int) -> float:
        return cpu_s(process) + (family_cpu_s(server) if server else 0.0)

    loads = {side: prepare(database, SALES[side], rounds + 1) for side, database in databases.items()}
    rates: dict[str, list[float]] = {side: [] for side in databases}
    cpu: dict[str, list[float]] = {side: [] for side in databases}
    p99: list[float] = []
    with serving("subject", databases["subject"]) as ours, serving("baseline", databases["baseline"]) as theirs:
        served = {"subject": ours, "baseline": theirs}
        for number in range(rounds + 1):
            for side, (port, process) in served.items():
                before = used_s(process)
                run = play_once(port, loads[side][number])
                if number == 0:
                    continue  # the first round warms both sides up
                rates[side].append(run.per_second)
                cpu[side].append((used_s(process) - before) / run.approved * 1e6)
                if side == "subject":
                    p99.append(run.percentile_ms(0.99))
    ratios = [ours / theirs for ours, theirs in zip(rates["subject"], rates["baseline"], strict=True)]
    frugality = [theirs / ours for ours, theirs in zip(cpu["subject"], cpu["baseline"], strict=True)]
    return [
        row(engine, "payments/s", rates["subject"], "one ORM transaction per request", ratios, databases["subject"]),
        row(engine, "payments/s of the baseline", rates["baseline"], "", [], databases["subject"]),
        row(
            engine,
            "us CPU per payment, server included" if server else "us CPU per payment",
            cpu["subject"],
            "one ORM transaction per request",
            frugality,
            databases["subject"],
        ),
        row(engine, "ms p99", p99, "", [], databases["subject"]),
    ]


def row(
    engine: str, unit: str, samples: list[float], baseline: str, ratios: list[float], database: str
) -> dict[str, Any]:
    """One line of the table: every round's figure, and every round's ratio to the baseline if there is one."""
    return {
        "bench": f"payments, {engine}",
        "subject": "card host",
        "baseline": baseline,
        "unit": unit,
        "samples": samples,
        "median": statistics.median(samples),
        "ratio_per_round": ratios,
        "ratio": statistics.median(ratios) if ratios else None,
        "versions": world.versions(database) | {"cpu pressure": f"{cpu_pressure()} %"},
    }


def measure(rounds: int) -> list[dict[str, Any]]:
    """Both databases, both sides."""
    with tempfile.TemporaryDirectory() as folder:
        files = {side: str(Path(folder) / f"{side}.sqlite3") for side in SALES}
        rows = _compare("SQLite", files, rounds)
    with a_server() as make_database:
        databases = {side: make_database(side) for side in SALES}
        rows += _compare("PostgreSQL", databases, rounds, server_process(databases["subject"]))
    return rows
