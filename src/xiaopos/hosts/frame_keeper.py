"""Keeping what was said with terminals and networks, decoded and masked, for the payment's page at the console.

What may live here: the queue, its limits, the rows. What may not: the masks (wire.reading), SQL, who may look.

It stands beside the payment's way and never in it: a frame is put into a short queue after it was answered; once a second a
few are decoded and written in a commit of their own. What does not fit the queue is let go and counted. The bytes are never
stored.
"""

from __future__ import annotations

import asyncio
import json
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import structlog
from prometheus_client import Counter

from xiaopos.usecases.ports import BooksLost
from xiaopos.wire.iso8583 import Spec
from xiaopos.wire.iso8583.unionpay_terminal import LONG_PIN_SPEC, SPEC
from xiaopos.wire.reading import ReadMessage, read_bytes

log = structlog.get_logger("frames")

LET_GO = Counter(
    "xiaopos_frames_let_go_total", "Frames that are not kept for the console: too many at once, or no database"
)

QUEUE = 120
"""How many exchanges wait at most."""
A_ROUND = 5
"""How many are decoded in a round: 2 to 5 ms of the processor each."""
A_BUSY_ROUND = 1
"""The same when more came in a round than the queue holds: a sample, for the processor is needed elsewhere."""
EVERY_S = 1.0
RRN_FIELD = "37"

AnswerFrame = Callable[[bytes], Awaitable[bytes | None]]


@dataclass(frozen=True, slots=True)
class Heard:
    """One frame: when, whether we said it, and its bytes, which nothing prints."""

    at: datetime
    ours: bool
    raw: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Exchange:
    """Frames about one payment; `peer` is a network's name, or empty for a terminal. The last of ours
    (or of the network's that answers ours) that names an RRN says whose."""

    peer: str
    specs: tuple[Spec, ...]
    frames: tuple[Heard, ...]


class FrameKeeper:
    """Keeps some of what it hears. `write` is given rows: id, instant, RRN, process, peer, ours, title, lines as JSON."""

    def __init__(
        self,
        write: Callable[[Sequence[tuple[Any, ...]]], Awaitable[None]],
        *,
        process: str,
        now: Callable[[], datetime],
        make_id: Callable[[datetime], str],
        every_s: float = EVERY_S,
    ) -> None:
        self._write = write
        self._process = process
        self._now = now
        self._make_id = make_id
        self._every_s = every_s
        self._waiting: deque[Exchange] = deque()
        self._news = asyncio.Event()
        self._unheard = 0
        self._task: asyncio.Task[None] | None = None

    def around(self, answer: AnswerFrame) -> AnswerFrame:
        """The same answers, each heard once it is made."""

        async def heard(raw: bytes) -> bytes | None:
            if self._is_full():
                self._unheard += 2
                return await answer(raw)
            came_at = self._now()
            said = await answer(raw)
            if said is not None:
                frames = (Heard(came_at, False, raw), Heard(self._now(), True, said))
                self._heard(Exchange("", (SPEC, LONG_PIN_SPEC), frames))
            return said

        return heard

    def of_network(self, name: str, spec: Spec) -> Callable[[bool, bytes], None]:
        """What a network's line tells its frames to: whether it is ours, and its bytes."""

        def heard(ours: bool, raw: bytes) -> None:
            if self._is_full():
                self._unheard += 1
            else:
                self._heard(Exchange(name, (spec,), (Heard(self._now(), ours, raw),)))

        return heard

    def start(self) -> None:
        """Begin to keep."""
        self._task = asyncio.create_task(self._keep())

    async def stop(self) -> None:
        """Keep nothing more; what waits is let go."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None

    def _is_full(self) -> bool:
        """Looked at before anything is made of a frame: under a flood most are let go, and must cost next to nothing."""
        return len(self._waiting) >= QUEUE

    def _heard(self, exchange: Exchange) -> None:
        if self._is_full():  # others came while this one was answered
            self._unheard += len(exchange.frames)
        else:
            self._waiting.append(exchange)
            self._news.set()

    async def _keep(self) -> None:
        while True:
            await self._news.wait()
            await asyncio.sleep(self._every_s)
            rows: list[tuple[Any, ...]] = []
            for exchange in self._taken():
                rows += self._rows(exchange)
                await asyncio.sleep(0)  # payments first
            try:
                if rows:
                    await self._write(rows)
            except BooksLost as error:
                LET_GO.inc(len(rows))
                log.warning("frames not kept", error=str(error))
            if not self._waiting:
                self._news.clear()

    def _taken(self) -> list[Exchange]:
        """What this round decodes. After a flood the rest is let go, so that what comes next is new."""
        flooded = self._unheard > 0
        most = A_BUSY_ROUND if flooded else A_ROUND
        taken = [self._waiting.popleft() for _ in range(min(most, len(self._waiting)))]
        if flooded:
            LET_GO.inc(self._unheard + sum(len(exchange.frames) for exchange in self._waiting))
            self._waiting.clear()
            self._unheard = 0
        return taken

    def _rows(self, exchange: Exchange) -> list[tuple[Any, ...]]:
        """The exchange's rows; none when it is about no payment."""
        try:
            read = [(frame, _read(frame.raw, exchange.specs)) for frame in exchange.frames]
        except Exception:  # the loop's edge: one frame that cannot be shown must not end the keeping of all
            log.exception("frame not decoded", peer=exchange.peer)
            return []
        rrn = next((found for frame, message in reversed(read) if (found := _rrn(frame, message, exchange.peer))), "")
        if not rrn:
            return []
        return [
            (
                self._make_id(frame.at), frame.at, rrn, self._process, exchange.peer, frame.ours, _title(message),
                _lines(message),
            )
            for frame, message in read
        ]  # fmt: skip


def _read(raw: bytes, specs: Sequence[Spec]) -> ReadMessage:
    """The frame by the first table that reads it to its end, else by the first."""
    readings = (read_bytes(raw, {"": spec}).messages[0] for spec in specs)
    first = next(readings)
    if first.fault is None:
        return first
    return next((message for message in readings if message.fault is None), first)


def _rrn(frame: Heard, message: ReadMessage, peer: str) -> str:
    """The reference number in a frame of ours, or of a network's that answers one of ours. What a terminal writes there
    itself may be anything."""
    if not frame.ours and not peer:
        return ""
    places = [(line.offset, line.end) for line in message.lines if line.label == RRN_FIELD]
    return frame.raw[slice(*places[0])].decode("ascii", "replace").strip() if places else ""


def _title(message: ReadMessage) -> str:
    return next((line.shown for line in message.lines if line.label == "MTI"), "")


def _lines(message: ReadMessage) -> str:
    """The table without the bytes: label, names, what may be seen, meaning, depth, fault."""
    rows = [
        (line.label, line.zh, line.en, line.shown, line.meaning, line.depth, line.fault)
        for line in message.lines
        if line.label not in ("", "MTI", "BITMAP")
    ]
    return json.dumps(rows, ensure_ascii=False, separators=(",", ":"))
