"""Two card hosts on one PostgreSQL beside one: what a second process gives on this machine.

What may live here: playing the same load at one and at two. What may not: the load, the hosts.

The load, the database and the hosts share the machine's cores, so on two cores a second host cannot double anything: the
figure says what is won and what a payment costs, the number of cores stands beside it.
"""

from __future__ import annotations

import asyncio
import os
from typing import Any

import uvloop

from bench import payments, world
from bench.load import Run, play
from bench.machine import cpu_s, family_cpu_s
from bench.payments import prepare, row, serving
from bench.postgres import a_server, server_process

SALES = 40
SIDES = ("one host", "two hosts")


def _play_at(doors: dict[int, list[world.Load]]) -> Run:
    """The loads at several ports at once; the time is that of the slowest."""

    async def together() -> list[Run]:
        return list(await asyncio.gather(*(play(port, loads) for port, loads in doors.items())))

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runs = runner.run(together())
    waits = sorted(wait for run in runs for wait in run.latencies_ms)
    return Run(sum(run.approved for run in runs), max(run.seconds for run in runs), waits)


def measure(rounds: int) -> list[dict[str, Any]]:
    """Both in turn, on one database that stays for all rounds; 256 connections on one host, or half of them on each."""
    rates: dict[str, list[float]] = {side: [] for side in SIDES}
    cpu: dict[str, list[float]] = {side: [] for side in SIDES}
    p99: dict[str, list[float]] = {side: [] for side in SIDES}
    with a_server() as make_database:
        database = make_database("several")
        loads = prepare(database, SALES, 2 * (rounds + 1))
        server = server_process(database)
        half = payments.CONNECTIONS // 2
        with serving("subject", database) as (first, process), serving("subject", database) as (second, other):
            for number in range(rounds + 1):
                for place, side in enumerate(SIDES):
                    load = loads[2 * number + place]
                    before = cpu_s(process) + cpu_s(other) + family_cpu_s(server)
                    run = _play_at({first: load} if place == 0 else {first: load[:half], second: load[half:]})
                    if number:
                        used = cpu_s(process) + cpu_s(other) + family_cpu_s(server) - before
                        rates[side].append(run.per_second)
                        cpu[side].append(used / run.approved * 1e6)
                        p99[side].append(run.percentile_ms(0.99))
    return _rows(rates, cpu, p99)


def _rows(
    rates: dict[str, list[float]], cpu: dict[str, list[float]], p99: dict[str, list[float]]
) -> list[dict[str, Any]]:
    one, two = SIDES
    rows = []
    for unit, samples in (
        (f"payments/s, {os.cpu_count()} cores", rates),
        ("us CPU per payment, server included", cpu),
        ("ms p99", p99),
    ):
        ratios = [theirs / ours for ours, theirs in zip(samples[one], samples[two], strict=True)]
        rows.append(row("PostgreSQL", unit, samples[two], one, ratios, "://") | {"subject": two})
        rows.append(row("PostgreSQL", f"{unit}, {one}", samples[one], "", [], "://") | {"subject": one})
    for each in rows:
        each["bench"] = "hosts, PostgreSQL"
    return rows
