"""Memory of the card host with thousands of terminals signed in, each with a connection that stays open.

What may live here: connecting, signing in, selling once on each, and weighing the host. What may not: the host.
"""

from __future__ import annotations

import asyncio
import resource
import statistics
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import uvloop

from bench import world
from bench.load import APPROVED_FIELD
from bench.machine import resident_mib
from bench.payments import row, serving
from bench.postgres import a_server
from xiaopos.wire.iso8583 import Codec, Message
from xiaopos.wire.iso8583.framing import FrameReader, TerminalFrame
from xiaopos.wire.iso8583.unionpay_terminal import SPEC

TERMINALS = 10_000
AT_ONCE = 200
MOST_ROUNDS = 3
_SIGNED_IN = b"\x08\x10"


def sign_in_frame(codec: Codec, terminal: str) -> bytes:
    """A terminal asks for its working keys."""
    asked: dict[int, str | bytes] = {
        11: "000900", 41: terminal, 42: world.MERCHANT, 60: "00000001003", 62: b"Sequence No123456DEMO-0001", 63: "01 ",
    }  # fmt: skip
    body = codec.encode(Message("0800", asked))
    return TerminalFrame(bytes.fromhex("6000030000"), bytes.fromhex("603110000000"), body).encode()


def make(database: str) -> list[tuple[bytes, bytes]]:
    """Make the database; for each terminal its sale and its sign-in. In a process of its own."""
    from xiaopos.keys import KeyAlgorithm, KeyUsage
    from xiaopos.store.fleet.models import Terminal

    world.make_database(TERMINALS)
    master = world.vault().generate(usage=KeyUsage.TMK, algorithm=KeyAlgorithm.TDES2).text()
    Terminal.objects.update(tmk=master)
    codec = Codec(SPEC)
    loads = world.make_load(TERMINALS, 1, 1)
    return [(load.frames[0], sign_in_frame(codec, world.terminal_id(number))) for number, load in enumerate(loads)]


def _prepare(database: str) -> list[tuple[bytes, bytes]]:
    world.configure(database)
    return make(database)


async def _exchange(
    streams: tuple[asyncio.StreamReader, asyncio.StreamWriter], frame: bytes, good: Callable[[bytes], bool]
) -> None:
    reader, writer = streams
    frames = FrameReader(4096)
    writer.write(frame)
    while True:
        chunk = await reader.read(4096)
        assert chunk, "the host hung up"
        for answer in frames.feed(chunk):
            assert good(answer), "the host refused"
            return


async def _all_connected(port: int, asks: list[tuple[bytes, bytes]], weigh: Callable[[], float]) -> float:
    """Every terminal connects, sells and signs in; what the host weighs while all are connected."""
    turn = asyncio.Semaphore(AT_ONCE)
    held: list[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = []

    async def one(sale: bytes, sign_in: bytes) -> None:
        async with turn:
            streams = await asyncio.open_connection("127.0.0.1", port, limit=4096)
            held.append(streams)
            await _exchange(streams, sale, lambda answer: APPROVED_FIELD in answer)
            await _exchange(streams, sign_in, lambda answer: answer[11:13] == _SIGNED_IN and b"00" in answer)

    await asyncio.gather(*(one(*ask) for ask in asks))
    await asyncio.sleep(2)
    weight = weigh()
    for _, writer in held:
        writer.close()
    return weight


def _weigh(engine: str, databases: Callable[[str], str], rounds: int) -> list[dict[str, Any]]:
    import multiprocessing

    idle, full = [], []
    for number in range(min(rounds, MOST_ROUNDS)):
        database = databases(f"terminals{number}")
        with multiprocessing.get_context("spawn").Pool(1) as pool:
            asks = pool.apply(_prepare, (database,))
        with serving("subject", database) as (port, process):
            idle.append(resident_mib(process))
            with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
                full.append(runner.run(_all_connected(port, asks, lambda: resident_mib(process))))
    each = [(after - before) * 1024 / TERMINALS for before, after in zip(idle, full, strict=True)]
    return [
        row(engine, f"MiB of the host, {TERMINALS} terminals connected and signed in", full, "", [], database),
        row(engine, "MiB of the host without any", idle, "", [], database),
        row(engine, "KiB for each terminal", each, "", [], database),
    ]


def measure(rounds: int) -> list[dict[str, Any]]:
    """Both databases; a fresh host on a fresh database each round."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    with tempfile.TemporaryDirectory() as folder:
        rows = _weigh("SQLite", lambda name: str(Path(folder) / f"{name}.sqlite3"), rounds)
    with a_server() as make_database:
        rows += _weigh("PostgreSQL", make_database, rounds)
    for each in rows:
        each["bench"] = each["bench"].replace("payments", "terminals")
    assert all(statistics.median(each["samples"]) > 0 for each in rows)
    return rows
