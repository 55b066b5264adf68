"""The demo as a stranger starts it: real processes on free ports, their addresses, their processes' numbers.

What may live here: starting, asking, killing and stopping. What may not: what a test expects of it.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg

from xiaopos.demo import PORTS
from xiaopos.secrets_file import both, read_or_make
from xiaopos.simulator.terminals import Line, PretendTerminal, open_device, read_components
from xiaopos.simulator.town import MERCHANTS
from xiaopos.terminal.profile import Identity

LISTENERS = tuple(PORTS)
START_WITHIN_S = 60


class RealClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """The present instant."""
        return datetime.now(UTC)


def command(data: Path, *more: str, **ports: int) -> list[str]:
    """The command line of a demo: every listener on a free port but those that are named."""
    words = [sys.executable, "-m", "xiaopos.cli", "demo", "--data", str(data), "--json", *more]
    for name in LISTENERS:
        words += [f"--{name}-port", str(ports.get(name.replace("-", "_"), 0))]
    return words


@dataclass
class Demo:
    """A demo that runs. `told` is what it printed."""

    data: Path
    process: subprocess.Popen[str]
    told: dict[str, Any]
    database: str = ""

    @classmethod
    def start(cls, data: Path, *more: str, database: str = "") -> Demo:
        """Start one and wait for its line. `database` is the address of one on PostgreSQL."""
        more = (*more, "--database", database) if database else more
        process = subprocess.Popen(command(data, *more), stdout=subprocess.PIPE, text=True)
        assert process.stdout is not None
        line = process.stdout.readline()
        assert line, f"the demo printed nothing and ended with {process.wait(20)}"
        return cls(data, process, json.loads(line), database)

    def stop(self) -> int:
        """Ctrl-C; the exit code."""
        self.process.send_signal(signal.SIGINT)
        code = self.process.wait(30)
        assert self.process.stdout is not None
        self.process.stdout.close()
        return code

    def processes(self) -> dict[str, int]:
        """The supervisor's children by their name."""
        pid = self.process.pid
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        named: dict[str, int] = {}
        for child in children:
            words = Path(f"/proc/{child}/cmdline").read_bytes().split(b"\0")
            if len(words) < 2:
                continue  # it has ended, and the supervisor has not noticed yet
            named["web" if b"granian" in words else words[-2].decode()] = int(child)
        return named

    def kill(self, name: str) -> int:
        """kill -9 a child; the number of the process that was killed."""
        pid = self.processes()[name]
        os.kill(pid, signal.SIGKILL)
        return pid

    def get(self, address: str) -> Any:
        """The JSON at one of its addresses."""
        with urllib.request.urlopen(address, timeout=10) as answer:
            return json.loads(answer.read())

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """Read the books, as an auditor would: without a way to write."""
        if self.database:
            with psycopg.connect(self.database) as books:
                books.read_only = True
                return books.execute(sql.encode()).fetchall()
        connection = sqlite3.connect(f"file:{self.data / 'xiaopos.sqlite3'}?mode=ro", uri=True, timeout=10)
        try:
            return connection.execute(sql).fetchall()
        finally:
            connection.close()

    def terminal(
        self, terminal_id: str, folder: Path, line: Line | None = None, *, keep_open: bool = False
    ) -> PretendTerminal:
        """A terminal of the town with a memory of its own, which speaks to the card host over TCP, or to whom `line` leads."""
        row, merchant_id = next(
            (row, merchant.merchant_id)
            for merchant in MERCHANTS
            for row in merchant.terminals
            if row.terminal_id == terminal_id
        )
        secrets = read_or_make(self.data / "demo-secrets.json", [], [])
        device = open_device(
            Identity(terminal_id, merchant_id),
            memory_file=folder / f"{terminal_id}.json",
            components=read_components(Path(self.told["key_components"][terminal_id])),
            profile=row.profile,
            issuer_components=both(secrets.issuer_key),
        )
        host, _, port = self.told["card_host"].rpartition(":")
        line = line or Line(host, int(port), timeout_s=5, keep_open=keep_open)
        return PretendTerminal(device, line, RealClock(), delays_s=(0.1, 0.3))


async def eventually(true: Callable[[], bool], within_s: float, what: str) -> None:
    """Wait until something is true. Fails after a time."""
    deadline = time.monotonic() + within_s
    while not true():
        assert time.monotonic() < deadline, f"not within {within_s} s: {what}"
        await asyncio.sleep(0.1)
