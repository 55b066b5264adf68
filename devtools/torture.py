"""`./dev torture`: the service in real processes, under load, while processes are killed, databases stopped and disks full;
then every answer that was heard is compared with the books and with what the issuers took.

What may live here: breaking things, and telling what came of it. What may not: selling and comparing (tests/support/shop_day.py).

The load runs in this process, the service in others. A kill is `kill -9`. PostgreSQL is stopped without a shutdown, as when power
fails. A full disk is a limit on the size of the files that the one who writes the books may write (RLIMIT_FSIZE; on SQLite the
card host, else all of PostgreSQL's processes): from one moment on no write succeeds, which is what it sees of a quota used up.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import resource
import sys
import tempfile
import time
import urllib.request
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))

import psycopg

from devtools.postgres import Server, stoppable_server
from support.demo import Demo, eventually
from support.shop_day import Day, differences, play

ENGINES = ("sqlite", "postgresql")
KILLED = ("card-host", "card-host", "card-host", "worker")
"""Who is killed, as often as it stands here."""
DATABASE_STOPS, FULL_DISKS = 5, 5
LOG_PLACE, LITTLE = "SELECT file_offset FROM pg_walfile_name_offset(pg_current_wal_lsn())", 100_000
"""How far PostgreSQL has written its log's newest file; how many bytes more it still may, at most."""
BACK_WITHIN_S = 60
NAME = "torture"


@dataclass
class Breaker:
    """Breaks the service until it has done all that was asked for."""

    demo: Demo
    chance: Random
    kills: int
    server: Server | None
    say: Callable[[str], None]

    async def work(self) -> None:
        """Everything, in a random order, each after the service has come back from the last."""
        deeds: list[Callable[[], Awaitable[None]]] = [self._kill] * self.kills
        deeds += [self._fill_the_disk if self.server is None else self._fill_the_servers_disk] * FULL_DISKS
        deeds += [] if self.server is None else [self._stop_the_database] * DATABASE_STOPS
        self.chance.shuffle(deeds)
        for number, deed in enumerate(deeds, 1):
            await self._ready()
            await asyncio.sleep(self.chance.uniform(0.05, 1.2))
            await deed()
            self.say(f"{number}/{len(deeds)}")
        await self._ready()
        await asyncio.sleep(1)

    async def _ready(self) -> None:
        doors = [self.demo.told["card_host_status"], self.demo.told["worker_status"]]
        await eventually(lambda: all(map(_answers, doors)), BACK_WITHIN_S, "card host and worker are ready again")

    async def _kill(self) -> None:
        self.demo.kill(self.chance.choice(KILLED))

    async def _stop_the_database(self) -> None:
        assert self.server is not None
        await asyncio.to_thread(self.server.stop)
        await asyncio.sleep(self.chance.uniform(0.2, 3))
        await asyncio.to_thread(self.server.start)

    async def _fill_the_servers_disk(self) -> None:
        """By chance no table grows any more (the log, in a new file, for a while does), or the log goes on for a little only."""
        assert self.server is not None
        largest = max(path.stat().st_size for path in self.server.data.glob("base/*/*"))
        with psycopg.connect(f"{self.server.url}/postgres", autocommit=True) as books:
            if self.chance.random() < 0.5:
                books.execute("SELECT pg_switch_wal()")
            else:
                row = books.execute(LOG_PLACE).fetchone()
                assert row is not None
                largest = int(row[0]) + self.chance.randrange(LITTLE)
        await asyncio.to_thread(self.server.fill_disk, largest)
        try:
            await asyncio.sleep(self.chance.uniform(0.5, 3))
        finally:
            await asyncio.to_thread(self.server.free_disk)

    async def _fill_the_disk(self) -> None:
        pid = self.demo.processes()["card-host"]
        grown = max(path.stat().st_size for path in self.demo.data.glob("xiaopos.sqlite3*"))
        no_more = resource.RLIM_INFINITY
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (grown, no_more))
        try:
            await asyncio.sleep(self.chance.uniform(0.5, 3))
        finally:
            with contextlib.suppress(ProcessLookupError):
                resource.prlimit(pid, resource.RLIMIT_FSIZE, (no_more, no_more))


def _answers(door: str) -> bool:
    try:
        with urllib.request.urlopen(f"{door}/readyz", timeout=2):
            return True
    except OSError:
        return False


def _full_disks_met(server: Server) -> list[str]:
    """Nothing when the server told of writes that failed: a disk that was never full proves nothing."""
    failed = [line for line in server.log().splitlines() if "File too large" in line]
    panics = sum("PANIC" in line for line in failed)
    print(f"\npostgresql: {len(failed)} writes failed on a full disk, {panics} of them stopped the server")
    return [] if failed else ["no disk of PostgreSQL was ever full"]


async def _day(demo: Demo, folder: Path, breaker: Breaker, seed: int) -> Day:
    return await play(demo, folder, asyncio.create_task(breaker.work()), seed)


def torture(engine: str, kills: int, seed: int) -> list[str]:
    """One engine: the differences that were found, none when all is well. Tells on the way and in the end."""
    began = time.monotonic()

    def say(step: str) -> None:
        print(f"\r{engine}: {step}, {time.monotonic() - began:.0f} s ", end="", file=sys.stderr, flush=True)

    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="xiaopos-torture-")))
        server = stack.enter_context(stoppable_server()) if engine == "postgresql" else None
        database = ""
        if server is not None:
            with psycopg.connect(f"{server.url}/postgres", autocommit=True) as books:
                books.execute(f"CREATE DATABASE {NAME}")
            database = f"{server.url}/{NAME}"
        demo = Demo.start(folder / "var", database=database)
        try:
            day = asyncio.run(_day(demo, folder, Breaker(demo, Random(seed), kills, server, say), seed))
            found = differences(demo, day)
            if server is not None:
                found += _full_disks_met(server)
        finally:
            demo.stop()
    told = ", ".join(f"{kind.value} {count}" for kind, count in sorted(day.told.items(), key=lambda one: one[0].value))
    print(
        f"\r{engine}: {kills} kills, seed {seed}: {told}, voids {len(day.voids)}, refused {len(day.refused)}; ", end=""
    )
    print(f"{len(found)} differences")
    return found


def main(arguments: Sequence[str]) -> int:
    """Run it; 1 when anything differs."""
    parser = argparse.ArgumentParser(
        prog="./dev torture", description="Kill the running service and compare what it said."
    )
    parser.add_argument("--engine", choices=(*ENGINES, "both"), default="both")
    parser.add_argument("--kills", type=int, default=50, help="for each engine (default: 50)")
    parser.add_argument("--seed", type=int, default=1)
    wanted = parser.parse_args(arguments)
    found: list[str] = []
    for engine in ENGINES if wanted.engine == "both" else (wanted.engine,):
        found += torture(engine, wanted.kills, wanted.seed)
    print("\n".join(found))
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
