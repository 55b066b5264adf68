"""The door at which shops' speakers ask what to say, and wait (long polling).

What may live here: HTTP, waiting, who may ask. What may not: SQL (store), what is said (usecases.announce_payment).

Thousands of speakers hold a request open, each a few hundred bytes: one look at the database wakes all for whom there is news.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

import msgspec
import structlog
from aiohttp import web
from prometheus_client import Counter, Gauge

from xiaopos.kernel.clock import Clock
from xiaopos.keys import KeyRefused, MacKind, Vault, WrappedKey
from xiaopos.usecases.announce_payment import (
    CLOCKS_MAY_DIFFER,
    ToSay,
    announcement,
    asked_text,
    proven,
)
from xiaopos.usecases.ports import BooksLost

log = structlog.get_logger("speakers")

TOLD = Counter("xiaopos_speaker_announcements_total", "Announcements handed to speakers", ["kind", "late"])
REFUSED = Counter("xiaopos_speaker_refusals_total", "Requests of speakers that could not prove who they are")
HELD = Gauge("xiaopos_speakers_waiting", "Speakers that hold a request open now")

_LONGEST_NUMBER = 18
_MAC_DIGITS = 64


class Queue(Protocol):
    """What speakers are to say. All raise BooksLost."""

    async def find(self, speaker_id: str) -> tuple[WrappedKey, int, int] | None:
        """Its key, the number up to which it has heard, its newest number; None for one that is not in service."""
        ...

    async def next(self, speaker_id: str, after: int, now: datetime) -> ToSay | None:
        """The first after a number that is still true and still to be said."""
        ...

    async def note_heard(self, speaker_id: str, number: int, now: datetime) -> None:
        """Keep that a speaker has heard all up to a number."""
        ...

    async def fresh(self, since: datetime) -> Sequence[str]:
        """The speakers for which something was numbered since then."""
        ...


@dataclass(frozen=True, slots=True)
class DoorSettings:
    """How long a request is held, how often the database is looked at, how many are held at once. Times in seconds."""

    hold_s: float = 25.0
    poll_s: float = 0.3
    look_back_s: float = 5.0
    most_held: int = 20_000


class SpeakerDoor:
    """Listens for speakers until stopped."""

    def __init__(self, queue: Queue, vault: Vault, clock: Clock, settings: DoorSettings | None = None) -> None:
        self._queue = queue
        self._vault = vault
        self._clock = clock
        self._settings = settings or DoorSettings()
        self._waiting: dict[str, asyncio.Event] = {}
        self._runner: web.AppRunner | None = None
        self._watch: asyncio.Task[None] | None = None

    async def start(self, host: str, port: int) -> int:
        """Listen; returns the port."""
        app = web.Application(client_max_size=1024)
        app.router.add_get("/speakers/{speaker_id}/next", self._next)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
        await self._runner.setup()
        await web.TCPSite(self._runner, host, port).start()
        self._watch = asyncio.create_task(self._wake())
        return int(self._runner.addresses[0][1])

    async def stop(self) -> None:
        """Send away whoever waits, and stop listening."""
        waiting = list(self._waiting.values())
        self._waiting.clear()
        for each in waiting:
            each.set()
        if self._watch is not None:
            self._watch.cancel()
            await asyncio.gather(self._watch, return_exceptions=True)
        if self._runner is not None:
            await self._runner.cleanup()

    async def _next(self, request: web.Request) -> web.Response:
        speaker_id = request.match_info["speaker_id"]
        try:
            return await self._answered(speaker_id, request)
        except (BooksLost, KeyRefused) as error:
            log.warning("speaker not answered", error=type(error).__name__)
            return _plain(503, "try again later")

    async def _answered(self, speaker_id: str, request: web.Request) -> web.Response:
        after, time = _number(request.query.get("after", "")), _number(request.headers.get("X-Time", ""))
        found = await self._queue.find(speaker_id) if len(speaker_id) <= 32 else None
        if after is None or time is None or found is None:
            return self._refuse()
        key, heard, last = found
        if not self._is_from(key, speaker_id, after, time, request.headers.get("X-Mac", "")):
            return self._refuse()
        if after > last:
            return _plain(409, "after: there is no such number yet")
        if len(self._waiting) >= self._settings.most_held:
            return _plain(503, "try again later")
        now = self._clock.now()
        if after > heard:
            await self._queue.note_heard(speaker_id, after, now)
        what = await self._wait(speaker_id, max(after, heard))
        if what is None:
            return web.Response(status=204)
        said = proven(announcement(speaker_id, after, what, self._clock.now()), key, self._vault)
        TOLD.labels(said.kind, str(said.late).lower()).inc()
        return web.Response(body=msgspec.json.encode(said), content_type="application/json")

    def _is_from(self, key: WrappedKey, speaker_id: str, after: int, time: int, mac: str) -> bool:
        if abs(self._clock.now().timestamp() - time) > CLOCKS_MAY_DIFFER.total_seconds() or len(mac) != _MAC_DIGITS:
            return False
        try:
            sent = bytes.fromhex(mac)
        except ValueError:
            return False
        text = asked_text(speaker_id, after, time)
        return self._vault.verify_mac(key=key, data=text, kind=MacKind.HMAC_SHA256, mac=sent)

    def _refuse(self) -> web.Response:
        """The same for an unknown speaker, a wrong proof and a wrong clock."""
        REFUSED.inc()
        return _plain(401, "not a speaker of ours, or its clock is wrong")

    async def _wait(self, speaker_id: str, after: int) -> ToSay | None:
        """What is next, at once or when it comes; None when the time is up, or the same speaker has asked again."""
        news = asyncio.Event()
        if (older := self._waiting.pop(speaker_id, None)) is not None:
            older.set()
        self._waiting[speaker_id] = news
        HELD.set(len(self._waiting))
        try:
            async with asyncio.timeout(self._settings.hold_s):
                while self._waiting.get(speaker_id) is news:
                    news.clear()
                    what = await self._queue.next(speaker_id, after, self._clock.now())
                    if what is not None:
                        return what
                    await news.wait()
        except TimeoutError:
            return None
        finally:
            if self._waiting.get(speaker_id) is news:
                del self._waiting[speaker_id]
            HELD.set(len(self._waiting))
        return None

    async def _wake(self) -> None:
        back = timedelta(seconds=self._settings.look_back_s)
        while True:
            try:
                for speaker_id in await self._queue.fresh(self._clock.now() - back) if self._waiting else ():
                    if (news := self._waiting.get(speaker_id)) is not None:
                        news.set()
            except Exception as error:  # noqa: BLE001 - the loop's edge: who waits asks again by itself
                log.warning("speakers not looked after", error=type(error).__name__)
            await asyncio.sleep(self._settings.poll_s)


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= _LONGEST_NUMBER else None


def _plain(status: int, text: str) -> web.Response:
    return web.Response(status=status, text=text + "\n")
