"""The terminal's small host on a real socket: in this loop, or in a thread of its own for commands that bring a loop."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime
from pathlib import Path

from support.terminal_host import COMPONENTS, TerminalHost
from xiaopos.simulator.terminals.files import open_device
from xiaopos.simulator.terminals.line import Line
from xiaopos.simulator.terminals.playing import PretendTerminal
from xiaopos.terminal.profile import Identity

IDENTITY = Identity("00000001", "952718182217875")


class StillClock:
    """A clock that stands still at noon."""

    def now(self) -> datetime:
        return datetime(2026, 6, 1, 4, 0, tzinfo=UTC)


@asynccontextmanager
async def listening(host: TerminalHost) -> AsyncIterator[int]:
    """The host on a free port, which is yielded."""
    server = await host.serve()
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()


@contextmanager
def listening_in_a_thread(host: TerminalHost) -> Iterator[int]:
    """The same in a thread."""
    ready, done = threading.Event(), asyncio.Event()
    loops: list[asyncio.AbstractEventLoop] = []
    ports: list[int] = []

    async def serve() -> None:
        loops.append(asyncio.get_running_loop())
        async with listening(host) as port:
            ports.append(port)
            ready.set()
            await done.wait()

    thread = threading.Thread(target=lambda: asyncio.run(serve()))
    thread.start()
    try:
        assert ready.wait(10)
        yield ports[0]
    finally:
        loops[0].call_soon_threadsafe(done.set)
        thread.join(10)


def terminal_at(port: int, folder: Path, *, timeout_s: float = 5.0, keep_open: bool = False) -> PretendTerminal:
    """A pretend terminal with its memory in the folder, quick to put things right."""
    device = open_device(IDENTITY, memory_file=folder / "terminal.json", components=COMPONENTS)
    line = Line("127.0.0.1", port, timeout_s=timeout_s, keep_open=keep_open)
    return PretendTerminal(device, line, StillClock(), delays_s=(0.01,))
