"""A shop's address for WeChat Pay's notifications, with nothing behind it.

What may live here: the listener. What may not: expectations.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from aiohttp import web

from xiaopos.usecases.keep_wallet_contract import Incoming


@dataclass
class Receiver:
    """It keeps what comes and answers with a status."""

    answers: int = 200
    came: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    url: str = ""

    async def take(self, request: web.Request) -> web.Response:
        """Keep a notification."""
        self.came.append((dict(request.headers), await request.read()))
        return web.json_response({"code": "SUCCESS" if self.answers == 200 else "FAIL"}, status=self.answers)

    async def until(self, count: int) -> None:
        """Wait for so many notifications."""
        while len(self.came) < count:
            await asyncio.sleep(0.01)

    def incoming(self, place: int = 0) -> Incoming:
        """One of them, as the house's pages hand it on."""
        headers, body = self.came[place]
        return Incoming({name.lower(): value for name, value in headers.items()}, body)


@asynccontextmanager
async def receiver() -> AsyncIterator[Receiver]:
    """An address that listens."""
    one, app = Receiver(), web.Application()
    app.router.add_post("/notify", one.take)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    one.url = f"http://127.0.0.1:{runner.addresses[0][1]}/notify"
    try:
        yield one
    finally:
        await runner.cleanup()
