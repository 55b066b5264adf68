"""The load: terminals in a closed loop, each with one connection and one sale under way.

What may live here: sending frames and counting answers. What may not: making the frames.
"""

from __future__ import annotations

import asyncio
import time
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

    def __init__(self, load: Load, latencies: list[float], done: asyncio.Future[None]) -> None:
        self._frames = iter(load.frames)
        self._latencies = latencies
        self._done = done
        self._reader = FrameReader(4096)
        self._began = 0.0
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def send_next(self) -> None:
        """Send the next frame, or be done."""
        assert self._transport is not None
        frame = next(self._frames, None)
        if frame is None:
            self._transport.close()
            self._done.set_result(None)
            return
        self._began = time.perf_counter()
        self._transport.write(frame)

    def data_received(self, data: bytes) -> None:
        for answer in self._reader.feed(data):
            if answer[11:13] != _SALE_ANSWER or APPROVED_FIELD not in answer:
                self._done.set_exception(AssertionError("a sale was not approved"))
                return
            self._latencies.append((time.perf_counter() - self._began) * 1000)
            self.send_next()

    def connection_lost(self, exc: Exception | None) -> None:
        if not self._done.done():
            self._done.set_exception(ConnectionError("the host hung up"))


def _as_it_is(terminal: _Terminal) -> _Terminal:
    return terminal


async def play(port: int, loads: list[Load]) -> Run:
    """Send every frame, each terminal waiting for its answer before its next frame."""
    loop = asyncio.get_running_loop()
    latencies: list[float] = []
    ends = [loop.create_future() for _ in loads]
    terminals = []
    for load, end in zip(loads, ends, strict=True):
        terminal = _Terminal(load, latencies, end)
        await loop.create_connection(partial(_as_it_is, terminal), "127.0.0.1", port)
        terminals.append(terminal)
    began = time.perf_counter()
    for terminal in terminals:
        terminal.send_next()
    await asyncio.gather(*ends)
    return Run(len(latencies), time.perf_counter() - began, sorted(latencies))
