"""The card host by itself: what commits and batches cost it, how long an answer takes under load, and one terminal alone.

What may live here: its variants in turn, beside `payments`, which sets it against the usual way. What may not: either side.

Every round plays each variant once, each a process of its own on a database of its own that stays up for all rounds.
"""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import uvloop

from bench import payments, world
from bench.load import Run, offer
from bench.machine import cpu_s, sync_ms
from bench.payments import play_once, prepare, row, serving
from bench.postgres import a_server

SYNC_MS = 2.0
SLOW = f"--sync-ms={SYNC_MS}"
VARIANTS: dict[str, tuple[tuple[str, ...], int]] = {
    "whole": ((), 40),
    "without commits": (("--without-commits",), 40),
    "one by one": (("--one-by-one",), 6),
    "whole, slow sync": ((SLOW,), 24),
    "one by one, slow sync": ((SLOW, "--one-by-one"), 1),
}
"""Each variant's words and its sales per connection and round."""
RATIOS = (
    ("whole", "without commits", "payments/s", "the same without its commits"),
    ("whole", "one by one", "payments/s", "a batch of one"),
    ("whole, slow sync", "one by one, slow sync", f"payments/s, {SYNC_MS:g} ms more each sync", "a batch of one"),
)
TERMINALS = 1000
SECONDS = 6
SHARES = (0.5, 0.8)
PERCENTILES = ((0.5, "p50"), (0.99, "p99"), (0.999, "p99.9"))
ALONE = 200

Databases = Callable[[str], str]


def _variants(engine: str, databases: Databases, rounds: int) -> list[dict[str, Any]]:
    """Payments per second of each variant, and the ratios that matter."""
    rates: dict[str, list[float]] = {name: [] for name in VARIANTS}
    cpu: dict[str, list[float]] = {name: [] for name in VARIANTS}
    with ExitStack() as stack:
        served = {}
        for place, (name, (words, sales)) in enumerate(VARIANTS.items()):
            database = databases(f"variant{place}")
            loads = prepare(database, sales, rounds + 1)
            served[name] = (loads, *stack.enter_context(serving("subject", database, *words)))
        for number in range(rounds + 1):
            for name, (loads, port, process) in served.items():
                before = cpu_s(process)
                run = play_once(port, loads[number])
                if number:
                    rates[name].append(run.per_second)
                    cpu[name].append((cpu_s(process) - before) / run.approved * 1e6)
    database = databases("")
    rows = []
    for ours, theirs, unit, baseline in RATIOS:
        ratios = [one / other for one, other in zip(rates[ours], rates[theirs], strict=True)]
        rows.append(row(engine, unit, rates[ours], baseline, ratios, database))
    rows.append(row(engine, "us CPU per payment, host alone", cpu["whole"], "", [], database))
    rows.append(row(engine, "us CPU per payment without commits", cpu["without commits"], "", [], database))
    return rows


def _offered(port: int, loads: list[world.Load], per_second: float) -> Run:
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(offer(port, loads, per_second))


def _latencies(engine: str, database: str, rounds: int) -> list[dict[str, Any]]:
    """Percentiles at two shares of what the host can do, with many connections."""
    samples: dict[tuple[float, str], list[float]] = {(share, name): [] for share in SHARES for _, name in PERCENTILES}
    saturation: list[float] = []
    # The first load finds the saturation; the others are as long as that says, cut to their share.
    closed = 8
    most = 16
    loads = prepare(database, most, rounds * (1 + len(SHARES)) + 1, terminals=TERMINALS)
    with serving("subject", database) as (port, _):
        play_once(port, _cut(loads[0], closed))
        for number in range(rounds):
            first = 1 + number * (1 + len(SHARES))
            saturation.append(play_once(port, _cut(loads[first], closed)).per_second)
            for place, share in enumerate(SHARES, start=1):
                rate = saturation[-1] * share
                each = min(most, max(1, round(rate * SECONDS / TERMINALS)))
                run = _offered(port, _cut(loads[first + place], each), rate)
                for part, name in PERCENTILES:
                    samples[share, name].append(run.percentile_ms(part))
    rows = [row(engine, f"payments/s, {TERMINALS} connections", saturation, "", [], database)]
    for (share, name), values in samples.items():
        rows.append(row(engine, f"ms {name} at {share:.0%}, {TERMINALS} connections", values, "", [], database))
    return rows


def _cut(loads: list[world.Load], sales: int) -> list[world.Load]:
    return [world.Load(load.frames[:sales]) for load in loads]


def _alone(engine: str, database: str, folder: Path, rounds: int) -> list[dict[str, Any]]:
    """One terminal, one sale after the other: the median round trip, and what of it is not two syncs of this disk."""
    loads = prepare(database, ALONE, rounds + 1, terminals=1)
    trips, syncs = [], []
    with serving("subject", database) as (port, _):
        for number in range(rounds + 1):
            sync = sync_ms(folder)
            trip = play_once(port, loads[number]).percentile_ms(0.5)
            if number:
                trips.append(trip)
                syncs.append(sync)
    over = [trip - 2 * sync for trip, sync in zip(trips, syncs, strict=True)]
    return [
        row(engine, "ms round trip, one terminal alone", trips, "", [], database),
        row(engine, "ms of one sync of this disk", syncs, "", [], database),
        row(engine, "ms round trip beyond two syncs", over, "", [], database),
    ]


def measure(rounds: int) -> list[dict[str, Any]]:
    """Against the usual way first, then the host's own variants, on both databases."""
    rows = payments.measure(rounds)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        rows += _host("SQLite", lambda database: str(folder / f"{database}.sqlite3"), folder, rounds)
        with a_server() as make_database:
            rows += _host("PostgreSQL", lambda database: make_database(database) if database else "://", folder, rounds)
    return rows


def _host(engine: str, databases: Databases, folder: Path, rounds: int) -> list[dict[str, Any]]:
    rows = _variants(engine, databases, rounds)
    rows += _latencies(engine, databases("latency"), rounds)
    rows += _alone(engine, databases("alone"), folder, rounds)
    for each in rows:
        each["bench"] = f"host, {engine}"
    return rows
