"""A host's own small HTTP door: /healthz, /readyz and /metrics, on the loopback interface.

What may live here: answering these three. What may not: anything about money; nothing sensitive can be asked here.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

READ_LIMIT = 4096
READ_TIMEOUT_S = 5.0


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
            request = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), READ_TIMEOUT_S)
            status, kind, body = await self._page(request.split(b" ", 2)[1].decode("ascii", "replace"))
        except (TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, IndexError):
            status, kind, body = "400 Bad Request", "text/plain; charset=utf-8", b"bad request\n"
        head = f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
        try:
            writer.write(head.encode() + body)
            await writer.drain()
            writer.close()
            await writer.wait_closed()
        except ConnectionError:
            return

    async def _page(self, path: str) -> tuple[str, str, bytes]:
        text = "text/plain; charset=utf-8"
        if path == "/healthz":
            return "200 OK", text, b"ok\n"
        if path == "/metrics":
            return "200 OK", CONTENT_TYPE_LATEST, generate_latest()
        if path == "/readyz":
            missing = await self._ready()
            return (
                ("503 Service Unavailable", text, f"{missing}\n".encode()) if missing else ("200 OK", text, b"ready\n")
            )
        return "404 Not Found", text, b"not found\n"
