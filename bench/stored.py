"""What a payment costs with millions of them stored, beside an empty database.

What may live here: playing the same load on both, and the time that the database takes. What may not: laying rows in
(`bulk`), the load, the host.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg

from bench import bulk
from bench.machine import cpu_s, family_cpu_s, other_threads_cpu_s
from bench.payments import play_once, prepare, row, serving
from bench.postgres import a_server, server_process

PAYMENTS = 1_000_000
SALES = 20
EMPTY, STORED = "empty", "stored"
SESSIONS_TELL_WITHIN_S = 11
"""A session of PostgreSQL that has nothing to do adds its times to the counters after ten seconds."""

Databases = Callable[[str], str]
Figures = dict[str, dict[str, list[float]]]


class _Side:
    """A host on its database, and what it has used so far."""

    def __init__(self, database: str, port: int, process: int) -> None:
        self.port = port
        self._database = database
        self._process = process
        self._server = server_process(database) if "://" in database else 0

    def cpu_s(self) -> float:
        """CPU of the host, and of the server if there is one: what both sides share of it is used by one at a time."""
        return cpu_s(self._process) + (family_cpu_s(self._server) if self._server else 0.0)

    def statements_s(self) -> float:
        """The time of statements: PostgreSQL counts it; on SQLite it is the CPU of the host's threads but the first."""
        if not self._server:
            return other_threads_cpu_s(self._process)
        server, _, name = self._database.rpartition("/")
        with psycopg.connect(f"{server}/postgres") as connection:
            sql = "SELECT active_time / 1000 FROM pg_stat_database WHERE datname = %s"
            found = connection.execute(sql, [name]).fetchone()
            assert found is not None
            return float(found[0])

    def settle(self) -> None:
        """Wait until the time of statements is told in full."""
        if self._server:
            time.sleep(SESSIONS_TELL_WITHIN_S)


def _compare(engine: str, databases: Databases, rounds: int, count: int) -> list[dict[str, Any]]:
    made = {side: databases(side) for side in (EMPTY, STORED)}
    loads = {side: prepare(database, SALES, rounds + 2) for side, database in made.items()}
    for name, database in made.items():
        with serving("subject", database) as (port, _):
            play_once(port, loads[name].pop())  # what is stored is copied from a real payment
    each_bytes = bulk.lay_in(made[STORED], count)
    on_server = "://" in made[EMPTY]
    cpu_unit = "us CPU per payment, server included" if on_server else "us CPU per payment"
    time_unit = "us of statements per payment" if on_server else "us CPU of the database's threads per payment"
    figures: Figures = {unit: {EMPTY: [], STORED: []} for unit in ("payments/s", cpu_unit, time_unit)}
    with serving("subject", made[EMPTY]) as empty, serving("subject", made[STORED]) as stored:
        sides = {EMPTY: _Side(made[EMPTY], *empty), STORED: _Side(made[STORED], *stored)}
        for number in range(rounds + 1):
            before = {name: side.statements_s() for name, side in sides.items()}
            used, approved = {}, {}
            for name, side in sides.items():
                began = side.cpu_s()
                run = play_once(side.port, loads[name][number])
                used[name], approved[name] = side.cpu_s() - began, run.approved
                if number:
                    figures["payments/s"][name].append(run.per_second)
            sides[STORED].settle()
            for name, side in sides.items():
                if number:
                    figures[cpu_unit][name].append(used[name] / approved[name] * 1e6)
                    figures[time_unit][name].append((side.statements_s() - before[name]) / approved[name] * 1e6)
    return _rows(engine, figures, count, each_bytes)


def _rows(engine: str, figures: Figures, count: int, each_bytes: float) -> list[dict[str, Any]]:
    database = "://" if engine == "PostgreSQL" else ""
    rows = []
    for unit, samples in figures.items():
        ratios = [ours / theirs for ours, theirs in zip(samples[STORED], samples[EMPTY], strict=True)]
        rows.append(row(engine, unit, samples[STORED], "an empty database", ratios, database))
        rows.append(row(engine, f"{unit}, empty", samples[EMPTY], "", [], database))
    rows.append(row(engine, "bytes on disk per payment", [each_bytes], "", [], database))
    for each in rows:
        each["bench"] = f"stored, {engine}"
        each["subject"] = f"{count:,} stored"
    return rows


def measure(rounds: int, *, payments: int = PAYMENTS) -> list[dict[str, Any]]:
    """Both databases, one after the other; the disk must have room for the larger one."""
    with tempfile.TemporaryDirectory() as folder:
        rows = _compare("SQLite", lambda side: str(Path(folder) / f"{side}.sqlite3"), rounds, payments)
    with a_server() as make_database:
        rows += _compare("PostgreSQL", make_database, rounds, payments)
    return rows
