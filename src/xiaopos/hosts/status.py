"""A host's own small HTTP door: /healthz, /readyz and /metrics, on the loopback interface.

What may live here: answering these three. What may not: anything about money; nothing sensitive can be asked here.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import structlog
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

log = structlog.get_logger("status")

READ_LIMIT = 4096
READ_TIMEOUT_S = 5.0
READY_TIMEOUT_S = 5.0
_TEXT = "text/plain; charset=utf-8"


class StatusDoor:
    """Serves the three pages. `ready` says in one sentence what is missing, or an empty text when all is well."""

    def __init__(self, ready: Callable[[], Awaitable[str]]) -> None:
        self._ready = ready
        self._server: asyncio.Server | None = None

    async def start(self, host: str, port: int) -> int:
        """Listen; returns the port."""
        self._server = await asyncio.start_server(self._answer, host, port, limit=READ_LIMIT)
        return int(self._server.sockets[0].getsockname()[1])

    async def stop(self) -> None:
        """Stop listening."""
        if self._server is not None:
            self._server.close()
            await self._server.wait_closed()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            status, kind, body = await self._answered(reader)
            head = (
                f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
            )
            writer.write(head.encode() + body)
            await writer.drain()
            writer.close()
            await writer.wait_closed()
        except ConnectionError:
            return
        finally:
            writer.close()

    async def _answered(self, reader: asyncio.StreamReader) -> tuple[str, str, bytes]:
        try:
            request = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), READ_TIMEOUT_S)
            path = request.split(b" ", 2)[1].decode("ascii", "replace")
        except (TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, IndexError):
            return "400 Bad Request", _TEXT, b"bad request\n"
        return await self._page(path)

    async def _page(self, path: str) -> tuple[str, str, bytes]:
        if path == "/healthz":
            return "200 OK", _TEXT, b"ok\n"
        if path == "/metrics":
            return "200 OK", CONTENT_TYPE_LATEST, generate_latest()
        if path == "/readyz":
            missing = await self._missing()
            if missing:
                return "503 Service Unavailable", _TEXT, f"{missing}\n".encode()
            return "200 OK", _TEXT, b"ready\n"
        return "404 Not Found", _TEXT, b"not found\n"

    async def _missing(self) -> str:
        """What is missing. A check that hangs or fails is itself something missing: the monitor gets an answer."""
        try:
            return await asyncio.wait_for(self._ready(), READY_TIMEOUT_S)
        except TimeoutError:
            return "the check itself took too long"
        except Exception as error:  # the door's edge
            log.exception("readiness could not be told")
            return f"the check itself failed ({type(error).__name__})"
