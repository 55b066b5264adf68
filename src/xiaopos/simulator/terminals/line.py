"""A pretend terminal's line to the card host: one frame out, one frame back, or nothing; faults on command.

What may live here: the TCP connection, time limits, what each fault does to an exchange. What may not: what a frame says.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable

from xiaopos.simulator.terminals.faults import Fault
from xiaopos.wire.iso8583.framing import FrameReader, FrameTooLong

FRAME_LIMIT = 4096
MAC_BYTES = 8


class Line:
    """The line to one host. `keep_open` keeps the connection between exchanges that end well.

    `timeout_s` limits connecting and waiting for an answer, each. `pause` is how time is let pass.
    """

    def __init__(
        self,
        host: str,
        port: int,
        *,
        timeout_s: float = 10.0,
        keep_open: bool = False,
        pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self.timeout_s = timeout_s
        self._host, self._port = host, port
        self._keep_open = keep_open
        self._pause = pause
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def exchange(self, frame: bytes, fault: Fault | None = None) -> bytes | None:
        """Send a frame (its length included) and return the answer without its length; None when none came."""
        if fault is Fault.BEFORE_SEND:
            await self.close()
            return None
        answer: bytes | None = None
        try:
            async with asyncio.timeout(self.timeout_s):
                reader, writer = await self._connected()
                writer.write(_spoilt_request(frame) if fault is Fault.CORRUPT_REQUEST else frame)
                await writer.drain()
            if fault is not Fault.AFTER_SEND:
                async with asyncio.timeout(self.timeout_s):
                    answer = await _one_frame(reader)
        except (OSError, TimeoutError, FrameTooLong):
            answer = None
        if answer is None or fault is not None or not self._keep_open:
            # After silence the connection is given up: an answer that comes later must not meet the next question.
            await self.close()
        return await self._after(answer, fault)

    async def _after(self, answer: bytes | None, fault: Fault | None) -> bytes | None:
        if fault is Fault.LATE_ANSWER:
            await self._pause(self.timeout_s)
        if answer is None or fault in (Fault.BEFORE_ANSWER, Fault.LATE_ANSWER):
            return None
        if fault is Fault.CORRUPT_ANSWER:
            middle = len(answer) // 2
            return answer[:middle] + bytes((answer[middle] ^ 0xFF,)) + answer[middle + 1 :]
        return answer[:-MAC_BYTES] + b"0" * MAC_BYTES if fault is Fault.WRONG_MAC else answer

    async def _connected(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        if self._streams is not None and self._streams[0].at_eof():
            await self.close()
        if self._streams is None:
            self._streams = await asyncio.open_connection(self._host, self._port)
        return self._streams

    async def close(self) -> None:
        """Hang up."""
        streams, self._streams = self._streams, None
        if streams is None:
            return
        streams[1].close()
        with contextlib.suppress(OSError):  # The other end may have been faster; the line is closed either way.
            await streams[1].wait_closed()


async def _one_frame(reader: asyncio.StreamReader) -> bytes | None:
    frames = FrameReader(FRAME_LIMIT)
    while chunk := await reader.read(FRAME_LIMIT):
        whole = frames.feed(chunk)
        if whole:
            return whole[0]
    return None


def _spoilt_request(frame: bytes) -> bytes:
    return frame[:-1] + bytes((frame[-1] ^ 0x01,))
