"""The card host's sockets: many terminals, none of which can harm another.

What may live here: connections, size and time limits, back-pressure, draining. What may not: what a frame means (card_desk).
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import cast

import structlog
from prometheus_client import Counter, Gauge, Histogram

from xiaopos.wire.iso8583.framing import FrameReader, FrameTooLong

log = structlog.get_logger("card_host")

CONNECTIONS = Gauge("xiaopos_card_connections", "Terminals connected now")
CLOSED = Counter("xiaopos_card_connections_closed_total", "Connections that the host closed", ["why"])
ANSWER_S = Histogram(
    "xiaopos_card_answer_seconds",
    "From a message's last byte to its answer's first",
    buckets=(0.005, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20),
)
UNDER_WAY = Gauge("xiaopos_card_messages_under_way", "Messages that are being answered now")

AnswerFrame = Callable[[bytes], Awaitable[bytes | None]]


@dataclass(frozen=True, slots=True)
class HostLimits:
    """What one terminal may do to the host. Times in seconds.

    `frame_s` is how long a frame may take to arrive whole; `idle_s` how long a connection may be silent;
    `under_way` how many messages of one connection are answered at once before the host stops reading from it;
    `goodbye_s` how long a connection that was hung up may take to fetch its last answers.
    """

    frame_bytes: int = 2048
    frame_s: float = 10.0
    idle_s: float = 600.0
    under_way: int = 16
    connections: int = 20_000
    unread_answers_bytes: int = 64 * 1024
    goodbye_s: float = 5.0


class CardHost:
    """Listens for terminals and gives their frames to a desk.

    `crowded` says whether the house asks for nothing more to be read for now.
    """

    def __init__(self, answer: AnswerFrame, limits: HostLimits, *, crowded: Callable[[], bool]) -> None:
        self.answer = answer
        self.limits = limits
        self.crowded = crowded
        self.connections: set[_Terminal] = set()
        self.tasks: set[asyncio.Task[None]] = set()
        self.stopping = False
        self._server: asyncio.Server | None = None
        self._sweeper: asyncio.Task[None] | None = None

    @property
    def serving(self) -> bool:
        """Whether it listens and has not been told to stop."""
        return self._server is not None and not self.stopping

    async def start(self, host: str, port: int) -> int:
        """Listen; returns the port."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(lambda: _Terminal(self, loop), host, port, backlog=1024)
        self._sweeper = loop.create_task(self._sweep())
        return int(self._server.sockets[0].getsockname()[1])

    async def stop(self, grace_s: float = 20.0) -> None:
        """Take no new connection and no new message, answer what is under way, then hang up."""
        self.stopping = True
        if self._server is not None:
            self._server.close()
        for terminal in list(self.connections):
            terminal.pause()
        deadline = asyncio.get_running_loop().time() + grace_s
        while any(terminal.under_way for terminal in self.connections) and asyncio.get_running_loop().time() < deadline:
            await asyncio.sleep(0.02)
        for terminal in list(self.connections):
            terminal.hang_up("stopping")
        goodbye = asyncio.get_running_loop().time() + min(self.limits.goodbye_s, 1.0)
        while self.connections and asyncio.get_running_loop().time() < goodbye:
            await asyncio.sleep(0.01)
        for terminal in list(self.connections):
            terminal.cut_off()
        if self._sweeper is not None:
            self._sweeper.cancel()
            await asyncio.gather(self._sweeper, return_exceptions=True)

    async def _sweep(self) -> None:
        while True:
            await asyncio.sleep(0.5)
            now = asyncio.get_running_loop().time()
            crowded = self.crowded()
            for terminal in list(self.connections):
                terminal.look(now, crowded)


class _Terminal(asyncio.Protocol):
    """One connection. There may be ten thousand, most of them silent: what each holds is kept small."""

    __slots__ = (
        "__weakref__", "_closing_since", "_frame_since", "_heard_at", "_host", "_last_word", "_loop", "_paused", "_reader",
        "_transport", "_waiting", "under_way",
    )  # fmt: skip

    def __init__(self, host: CardHost, loop: asyncio.AbstractEventLoop) -> None:
        self._host = host
        self._loop = loop
        self._reader = FrameReader(host.limits.frame_bytes)
        self._transport: asyncio.Transport | None = None
        self._heard_at = loop.time()
        self._frame_since: float | None = None
        self._paused = False
        self._waiting: deque[bytes] | None = None
        self._last_word: str | None = None
        self._closing_since: float | None = None
        self.under_way = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's transports are no subclasses of asyncio's, so a check here would refuse every terminal.
        stream = cast(asyncio.Transport, transport)
        self._transport = stream
        if self._host.stopping or len(self._host.connections) >= self._host.limits.connections:
            self.hang_up("full")
            return
        stream.set_write_buffer_limits(high=self._host.limits.unread_answers_bytes)
        self._host.connections.add(self)
        CONNECTIONS.set(len(self._host.connections))

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio's own signature
        self._waiting = None
        self._host.connections.discard(self)
        CONNECTIONS.set(len(self._host.connections))

    def eof_received(self) -> bool:
        """The terminal has said all it had to say: it still gets the answers that are under way."""
        if not self.under_way:
            return False
        self._last_word = self._last_word or "done"
        return True

    def data_received(self, data: bytes) -> None:
        if self._last_word is not None:
            return
        self._heard_at = self._loop.time()
        try:
            frames = self._reader.feed(data)
        except FrameTooLong as error:
            frames, self._last_word = error.frames, "frame too long"
        if frames:
            self._waiting = self._waiting or deque()
            self._waiting.extend(frames)
        self._begin_waiting()
        if self._last_word is not None:
            self.pause()
            self._say_goodbye()
            return
        if not self._reader.pending:
            self._frame_since = None
        elif self._frame_since is None or frames:
            self._frame_since = self._heard_at
        if self.under_way >= self._host.limits.under_way or self._host.crowded():
            self.pause()

    def _begin_waiting(self) -> None:
        """Begin what was read, up to the limit; the rest waits its turn, so that one chunk is never a flood of tasks."""
        while self._waiting and self.under_way < self._host.limits.under_way and not self._host.stopping:
            self._begin(self._waiting.popleft())
        if not self._waiting:
            self._waiting = None

    def _begin(self, frame: bytes) -> None:
        self.under_way += 1
        UNDER_WAY.inc()
        task = self._loop.create_task(self._answer(frame))
        self._host.tasks.add(task)
        task.add_done_callback(self._host.tasks.discard)

    def _say_goodbye(self) -> None:
        """Hang up once everything that came before the terminal's last word is answered."""
        if self._last_word is not None and not self.under_way and not self._waiting:
            self.hang_up(self._last_word)

    async def _answer(self, frame: bytes) -> None:
        try:
            began = self._loop.time()
            answer = await self._host.answer(frame)
            ANSWER_S.observe(self._loop.time() - began)
            if answer is not None and self._transport is not None and not self._transport.is_closing():
                self._transport.write(answer)
        except Exception:  # the loop's edge: a bug in one answer must not stay unseen nor stop the host
            log.exception("message not answered")
        finally:
            self.under_way -= 1
            UNDER_WAY.dec()
            self._begin_waiting()
            if self._paused and self.under_way < self._host.limits.under_way and not self._host.crowded():
                self._resume()
            self._say_goodbye()

    def pause_writing(self) -> None:
        """Answers pile up unread. They would be waited for for ever, so the line is cut and not closed."""
        self.hang_up("does not read its answers")
        self.cut_off()

    def pause(self) -> None:
        """Read nothing more from this terminal for now."""
        if not self._paused and self._transport is not None and not self._transport.is_closing():
            self._transport.pause_reading()
            self._paused = True

    def _resume(self) -> None:
        if (
            self._host.stopping
            or self._last_word is not None
            or self._transport is None
            or self._transport.is_closing()
        ):
            return
        self._transport.resume_reading()
        self._paused = False
        # While nothing was read, neither a half frame nor silence was the terminal's doing.
        self._heard_at = self._loop.time()
        if self._frame_since is not None:
            self._frame_since = self._heard_at

    def look(self, now: float, crowded: bool) -> None:
        """Hang up on a frame that does not come to its end and on long silence; go on reading when there is room again."""
        limits = self._host.limits
        if self._closing_since is not None:
            if now - self._closing_since > limits.goodbye_s:
                self.cut_off()
        elif self._frame_since is not None and not self._paused and now - self._frame_since > limits.frame_s:
            self.hang_up("half a frame")
        elif now - self._heard_at > limits.idle_s and not self._paused and not self.under_way:
            self.hang_up("silent")
        elif self._paused and not crowded and self.under_way < limits.under_way:
            self._resume()

    def hang_up(self, why: str) -> None:
        """Close the connection; what is under way is still recorded."""
        if self._closing_since is not None:
            return
        self._closing_since = self._loop.time()
        CLOSED.labels(why).inc()
        if why not in ("stopping", "silent", "done"):
            log.info("connection closed", why=why)
        if self._transport is not None:
            self._transport.close()

    def cut_off(self) -> None:
        """End the connection at once: what the terminal did not fetch is thrown away."""
        if self._transport is not None:
            self._transport.abort()
