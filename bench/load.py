"""The load: terminals in a closed loop, each with one connection and one sale under way.

What may live here: sending frames and counting answers. What may not: making the frames.
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass

from bench.world import Load
from xiaopos.wire.iso8583.framing import FrameReader

APPROVED = b"00"


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


async def play(port: int, loads: list[Load]) -> Run:
    """Send every frame, each terminal waiting for its answer before its next frame."""
    lines = [await asyncio.open_connection("127.0.0.1", port) for _ in loads]
    latencies: list[float] = []

    async def terminal(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, load: Load) -> None:
        frames = FrameReader(4096)
        for frame in load.frames:
            began = time.perf_counter()
            writer.write(frame)
            answers: list[bytes] = []
            while not answers:
                chunk = await reader.read(4096)
                if not chunk:
                    raise ConnectionError("the host hung up")
                answers = frames.feed(chunk)
            latencies.append((time.perf_counter() - began) * 1000)
        writer.close()

    began = time.perf_counter()
    await asyncio.gather(*(terminal(*line, load) for line, load in zip(lines, loads, strict=True)))
    return Run(len(latencies), time.perf_counter() - began, sorted(latencies))
