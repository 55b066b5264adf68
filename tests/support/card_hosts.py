"""Two card hosts on one database, and the connector in front of them: what an operator runs so that one may be stopped.

What may live here: starting and stopping them, handing terminals' connections on. What may not: what a test expects.
"""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import sys
import urllib.request
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from support.demo import Demo, eventually
from xiaopos.simulator.terminals import Line

LISTEN = "127.0.0.1"
STOPS_WITHIN_S = 25
READY_WITHIN_S = 30


def answers(address: str) -> bool:
    """Whether something says that it is ready there."""
    try:
        with urllib.request.urlopen(address, timeout=2):
            return True
    except OSError:
        return False


@dataclass
class OwnHost:
    """The card host that the demo's supervisor keeps: it is started again by whoever keeps it."""

    demo: Demo

    @property
    def door(self) -> str:
        """Where terminals connect."""
        return str(self.demo.told["card_host"])

    @property
    def ready(self) -> bool:
        """Whether it takes terminals."""
        return answers(f"{self.demo.told['card_host_status']}/readyz")

    async def restart(self) -> None:
        """Ask it to end, and wait until its successor is ready."""
        old = self.demo.processes()["card-host"]
        os.kill(old, signal.SIGTERM)
        await eventually(lambda: self.demo.processes().get("card-host", old) != old, STOPS_WITHIN_S, "it stopped")
        await eventually(lambda: self.ready, READY_WITHIN_S, "its successor is ready")


@dataclass
class SecondHost:
    """Another card host beside a demo's: the same settings, other ports."""

    demo: Demo
    settings: dict[str, str] = field(default_factory=dict)
    process: subprocess.Popen[bytes] | None = None
    log: Path = Path()

    @classmethod
    def beside(cls, demo: Demo) -> SecondHost:
        """One that is not started yet."""
        pid = demo.processes()["card-host"]
        words = Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
        settings = dict(word.decode().split("=", 1) for word in words if word)
        ports = {f"XIAOPOS_{name}": str(_free_port()) for name in ("CARD_PORT", "CARD_STATUS_PORT")}
        return cls(demo, settings | ports, log=demo.data / "logs" / "second-card-host.log")

    @property
    def door(self) -> str:
        """Where terminals connect."""
        return f"{LISTEN}:{self.settings['XIAOPOS_CARD_PORT']}"

    @property
    def ready(self) -> bool:
        """Whether it takes terminals."""
        return answers(f"http://{LISTEN}:{self.settings['XIAOPOS_CARD_STATUS_PORT']}/readyz")

    def _open(self, out: BinaryIO) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "xiaopos.cli", "card-host"]
        return subprocess.Popen(command, env=self.settings, stdout=out, stderr=out, stdin=subprocess.DEVNULL)

    def twin(self) -> int:
        """Start a second one of the same settings, as somebody does by mistake; the code with which it ends."""
        with self.log.open("ab") as out:
            return self._open(out).wait(READY_WITHIN_S)

    async def start(self) -> None:
        """Start it, and wait until it is ready."""
        with self.log.open("ab") as out:
            self.process = self._open(out)
        await eventually(lambda: self.ready, READY_WITHIN_S, "the second card host is ready")

    def ask_to_stop(self) -> None:
        """SIGTERM."""
        assert self.process is not None
        self.process.send_signal(signal.SIGTERM)

    async def stopped(self) -> int:
        """Wait until it has ended; its exit code."""
        assert self.process is not None
        return await asyncio.to_thread(self.process.wait, STOPS_WITHIN_S)

    async def restart(self) -> None:
        """Ask it to end, and start it again."""
        self.ask_to_stop()
        code = await self.stopped()
        assert code == 0, f"the second card host ended with {code}"
        await self.start()

    def kill(self) -> None:
        """End it for good."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()


def _free_port() -> int:
    with socket.socket() as door:
        door.bind((LISTEN, 0))
        return int(door.getsockname()[1])


class Connector:
    """Hands each connection to the next host that accepts it, as a TCP load balancer does; terminals reconnect."""

    def __init__(self, doors: list[str]) -> None:
        self._doors = [(host, int(port)) for host, _, port in (door.rpartition(":") for door in doors)]
        self._server: asyncio.Server | None = None
        self._pipes: set[asyncio.Task[None]] = set()

    async def start(self) -> str:
        """Listen; where."""
        self._server = await asyncio.start_server(self._accept, LISTEN, 0)
        return f"{LISTEN}:{self._server.sockets[0].getsockname()[1]}"

    async def stop(self) -> None:
        """Cut every connection."""
        assert self._server is not None
        self._server.close()
        for pipe in list(self._pipes):
            pipe.cancel()
        await asyncio.gather(*self._pipes, return_exceptions=True)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for _ in self._doors:
            self._doors.append(self._doors.pop(0))
            with suppress(OSError):
                ours, theirs = await asyncio.open_connection(*self._doors[-1])
                for source, sink in ((reader, theirs), (ours, writer)):
                    pipe = asyncio.create_task(_pour(source, sink))
                    self._pipes.add(pipe)
                    pipe.add_done_callback(self._pipes.discard)
                return
        writer.close()


async def _pour(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
    """Everything that comes, until the end; then the other side is told."""
    try:
        with suppress(OSError):
            while chunk := await source.read(4096):
                sink.write(chunk)
                await sink.drain()
    finally:
        sink.close()


class BothAtOnce(Line):
    """A line that sends every frame to all hosts at the same moment; the terminal hears the first one's answer.

    `heard` are the answers to the last frame, in the order of the hosts.
    """

    def __init__(self, doors: list[str]) -> None:
        split = [(host, int(port)) for host, _, port in (door.rpartition(":") for door in doors)]
        super().__init__(*split[0], timeout_s=10)
        self._lines = [Line(host, port, timeout_s=10) for host, port in split]
        self.heard: list[bytes | None] = []

    async def exchange(self, frame: bytes, _fault: object = None) -> bytes | None:
        """Ask all of them."""
        self.heard = list(await asyncio.gather(*(line.exchange(frame) for line in self._lines)))
        return self.heard[0]
