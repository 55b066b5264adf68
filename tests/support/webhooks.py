"""A merchant's server that does as it is told, and endpoints in a database: what tests of webhooks stand on.

What may live here: building them. What may not: expectations.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Generator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from support.channels import StandingClock
from support.world import TEA
from xiaopos.kernel.secret import Secret
from xiaopos.keys import KeyAlgorithm, KeyUsage, Vault, WrappedKey
from xiaopos.merchants.webhooks import CHOSEN
from xiaopos.store.writer.engines import Engine
from xiaopos.store.writer.statements import Execute, Row, Select, Statement
from xiaopos.usecases.tell_merchant import Delivery, Endpoint

SECRET = bytes(range(32))
ENDPOINT = "0198f0000000700080000000000000e1"


def secret_in(vault: Vault, secret: bytes = SECRET) -> WrappedKey:
    """A secret as the key that it is in a vault."""
    mask = bytes(range(100, 100 + len(secret)))
    other = bytes(one ^ two for one, two in zip(secret, mask, strict=True))
    return vault.combine(components=[Secret(mask), Secret(other)], usage=KeyUsage.ZAK, algorithm=KeyAlgorithm.HMAC256)


@dataclass
class Told:
    """One request that a merchant's server got."""

    headers: dict[str, str]
    body: bytes

    @property
    def message(self) -> dict[str, Any]:
        """The body, read."""
        read: dict[str, Any] = json.loads(self.body)
        return read


@dataclass
class Server:
    """A merchant's server. `statuses` are its next answers, then 204; `holds` keeps an answer back until it is set."""

    told: list[Told] = field(default_factory=list)
    statuses: list[int] = field(default_factory=list)
    headers: dict[str, str] = field(default_factory=dict)
    says: bytes = b""
    hangs_up: bool = False
    holds: asyncio.Event | None = None
    url: str = ""

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """One request."""
        self.told.append(Told({name.lower(): value for name, value in request.headers.items()}, await request.read()))
        if self.holds is not None:
            await self.holds.wait()
        if self.hangs_up:
            assert request.transport is not None
            request.transport.abort()
        status = self.statuses.pop(0) if self.statuses else 204
        return web.Response(status=status, body=None if status == 204 else self.says, headers=self.headers)


@asynccontextmanager
async def a_server(**tls: Any) -> AsyncIterator[Server]:
    """A merchant's server on loopback."""
    server, app = Server(), web.Application()
    app.router.add_route("*", "/{rest:.*}", server.serve)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0, **tls).start()
    server.url = f"http{'s' if tls else ''}://127.0.0.1:{runner.addresses[0][1]}/hook"
    try:
        yield server
    finally:
        if server.holds is not None:
            server.holds.set()
        await runner.cleanup()


async def do(engine: Engine, sql: str, *values: object) -> int:
    """Run one statement in a transaction of its own."""

    def steps() -> Generator[Statement, Any, int]:
        return (yield Execute(sql, values))

    return await engine.run(steps)


async def rows(engine: Engine, sql: str, *values: object) -> Sequence[Row]:
    """What a query finds, each row as a tuple."""
    return [tuple(row) for row in await engine.select(Select(sql, values))]


async def enter_endpoint(engine: Engine, vault: Vault, url: str, clock: StandingClock, **parts: Any) -> str:
    """An endpoint of the tea shop that wants everything, unless told otherwise."""
    columns: dict[str, Any] = {
        "endpoint_id": ENDPOINT,
        "merchant_id": TEA,
        "shop_id": "",
        "url": url,
        "events": json.dumps([kind.value for kind in CHOSEN]),
        "state": "active",
        "secret": secret_in(vault).text(),
        "old_secret": "",
        "made_by": "lin",
        "made_at": clock.now(),
        "last_number": 0,
        "failures": 0,
        "disabled_why": "",
        "leased_by": "",
    } | parts
    marks = ", ".join("?" * len(columns))
    await do(engine, f"INSERT INTO webhook_endpoint ({', '.join(columns)}) VALUES ({marks})", *columns.values())
    return str(columns["endpoint_id"])


def an_endpoint(vault: Vault, url: str, clock: StandingClock, **parts: Any) -> Endpoint:
    """An endpoint as a worker holds it."""
    values: dict[str, Any] = {
        "endpoint_id": ENDPOINT,
        "merchant_id": TEA,
        "url": url,
        "secrets": (secret_in(vault),),
        "failures": 0,
        "failing_since": None,
        "leased_by": "worker",
        "lease_until": clock.now().replace(year=2030),
    }
    return Endpoint(**(values | parts))


def a_delivery(clock: StandingClock, **parts: Any) -> Delivery:
    """One event that is due."""
    values: dict[str, Any] = {
        "number": 1,
        "event_id": "evt-1",
        "type": "payment.approved",
        "at": clock.now(),
        "data": '{"payment_id":"1"}',
        "tries": 0,
        "attempts": 0,
        "expires_at": clock.now().replace(year=2030),
    }
    return Delivery(**(values | parts))
