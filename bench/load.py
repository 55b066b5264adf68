"""The load: terminals with one connection and one sale under way each, in a closed loop or at a rate of their own.

What may live here: sending frames and counting answers. What may not: making the frames.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import cast

from bench.world import Load
from xiaopos.wire.iso8583.framing import FrameReader

_SALE_ANSWER = b"\x02\x10"
APPROVED_FIELD = b"12345600"
"""Approval code and answer code 00, side by side in fields 38 and 39."""


@dataclass(frozen=True, slots=True)
class Run:
    """What one round gave: approved sales, seconds, and every answer's latency in milliseconds, sorted."""

    approved: int
    seconds: float
    latencies_ms: list[float]

    @property
    def per_second(self) -> float:
        """Approved sales per second."""
        return self.approved / self.seconds

    def percentile_ms(self, share: float) -> float:
        """The latency that a share of the answers did not exceed."""
        return self.latencies_ms[min(int(len(self.latencies_ms) * share), len(self.latencies_ms) - 1)]


class _Terminal(asyncio.Protocol):
    """One terminal: sends its next frame when the answer to the last has come."""

    def __init__(
        self, load: Load, latencies: list[float], done: asyncio.Future[None], answered: Callable[[_Terminal], None]
    ) -> None:
        self._frames = deque(load.frames)
        self._latencies = latencies
        self._done = done
        self._answered = answered
        self._reader = FrameReader(4096)
        self._began = 0.0
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def send_next(self, since: float | None = None) -> None:
        """Send the next frame, or be done. `since` is when it was due; now, when nothing is said."""
        assert self._transport is not None
        if not self._frames:
            self.leave()
            return
        self._began = time.perf_counter() if since is None else since
        self._transport.write(self._frames.popleft())

    @property
    def has_more(self) -> bool:
        """Whether it has a frame left to send."""
        return bool(self._frames)

    def leave(self) -> None:
        """Hang up."""
        assert self._transport is not None
        self._transport.close()
        self._done.set_result(None)

    def data_received(self, data: bytes) -> None:
        for answer in self._reader.feed(data):
            if answer[11:13] != _SALE_ANSWER or APPROVED_FIELD not in answer:
                self._done.set_exception(AssertionError("a sale was not approved"))
                return
            self._latencies.append((time.perf_counter() - self._began) * 1000)
            self._answered(self)

    def connection_lost(self, exc: Exception | None) -> None:
        if not self._done.done():
            self._done.set_exception(ConnectionError("the host hung up"))


def _as_it_is(terminal: _Terminal) -> _Terminal:
    return terminal


async def _connect(
    port: int, loads: list[Load], latencies: list[float], answered: Callable[[_Terminal], None]
) -> tuple[list[_Terminal], asyncio.Future[list[None]]]:
    """A terminal with a connection for each load, and the future of their all having hung up."""
    loop = asyncio.get_running_loop()
    ends = [loop.create_future() for _ in loads]
    terminals = []
    for load, end in zip(loads, ends, strict=True):
        terminal = _Terminal(load, latencies, end, answered)
        await loop.create_connection(partial(_as_it_is, terminal), "127.0.0.1", port)
        terminals.append(terminal)
    return terminals, asyncio.gather(*ends)


async def play(port: int, loads: list[Load]) -> Run:
    """Send every frame, each terminal waiting for its answer before its next frame."""
    latencies: list[float] = []
    terminals, done = await _connect(port, loads, latencies, _Terminal.send_next)
    began = time.perf_counter()
    for terminal in terminals:
        terminal.send_next()
    await done
    return Run(len(latencies), time.perf_counter() - began, sorted(latencies))


async def offer(port: int, loads: list[Load], per_second: float) -> Run:
    """Send every frame at a rate, whether or not earlier ones are answered (open loop), each from a terminal that is free.

    A latency counts from the instant at which the frame was due: what had to wait for a free terminal or a busy client has
    waited too.
    """
    latencies: list[float] = []
    free: deque[_Terminal] = deque()
    due: deque[float] = deque()

    def answered(terminal: _Terminal) -> None:
        if due and terminal.has_more:
            terminal.send_next(due.popleft())
        elif terminal.has_more:
            free.append(terminal)

    terminals, done = await _connect(port, loads, latencies, answered)
    free.extend(terminals)
    total, sent = sum(len(load.frames) for load in loads), 0
    began = time.perf_counter()
    while sent < total:
        now = time.perf_counter()
        while sent < total and began + sent / per_second <= now:
            due.append(began + sent / per_second)
            sent += 1
        while due and free:
            free.popleft().send_next(due.popleft())
        await asyncio.sleep(0.001)
    while len(latencies) < total:
        if done.done():
            await done  # raises what went wrong
        await asyncio.sleep(0.01)
    taken_s = time.perf_counter() - began
    for terminal in terminals:
        terminal.leave()
    await done
    return Run(len(latencies), taken_s, sorted(latencies))
