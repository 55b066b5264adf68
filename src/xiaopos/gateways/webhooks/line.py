"""The line to merchants' servers: one POST, to the public network only, without following anything, with little patience.

What may live here: the session, the guard over addresses, limits. What may not: signatures, bodies, what an answer means later.

A name is looked up for every connection, and refused when any of its addresses lies inside; the address of the socket is looked
at once more when it is made, which also catches addresses written as such.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.resolver import ThreadedResolver

from xiaopos.gateways.webhooks.codes import (
    ForbiddenAddress,
    outcome_of_failure,
    outcome_of_status,
    retry_after,
    said_in,
)
from xiaopos.merchants.webhooks import Outcome, literal, may_reach

_READ_MOST = 1_024


@dataclass(frozen=True, slots=True)
class LineTerms:
    """How patient the line is, in seconds. In a `demo` this machine may be reached."""

    demo: bool = False
    answer_timeout_s: float = 10.0
    connect_timeout_s: float = 5.0


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of one POST; `status` is 0 without an answer."""

    outcome: Outcome
    took_ms: int
    status: int = 0
    said: str = ""
    retry_after_s: int = 0


class GuardedResolver(AbstractResolver):
    """Looks names up and refuses those that lead inside."""

    def __init__(self, inner: AbstractResolver, *, demo: bool) -> None:
        self._inner = inner
        self._demo = demo

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """The addresses of a name. Raises ForbiddenAddress, OSError."""
        found = await self._inner.resolve(host, port, family)
        for each in found:
            require_outside(each["host"], demo=self._demo)
        return found

    async def close(self) -> None:
        """Close what looks names up."""
        await self._inner.close()


def require_outside(address: str, *, demo: bool) -> None:
    """Raises ForbiddenAddress for an address that may not be reached, or that is none."""
    found = literal(address)
    if found is None or not may_reach(found, demo=demo):
        raise ForbiddenAddress("this address lies in a network that is not the public one")


class WebhookLine:
    """See the module. `start` before the first POST, `stop` after the last.

    `tls` is a context of one's own where the machine's certificate authorities are not the right ones; `resolver` looks names up.
    """

    def __init__(
        self, terms: LineTerms, *, tls: ssl.SSLContext | None = None, resolver: AbstractResolver | None = None
    ) -> None:
        self._terms = terms
        self._tls = tls
        self._resolver = resolver
        self._session: aiohttp.ClientSession | None = None

    async def start(self) -> None:
        """Open the session."""
        terms = self._terms
        limits = aiohttp.ClientTimeout(
            total=terms.answer_timeout_s, connect=terms.connect_timeout_s, sock_connect=terms.connect_timeout_s
        )
        connector = aiohttp.TCPConnector(
            ssl=self._tls or True,
            resolver=GuardedResolver(self._resolver or ThreadedResolver(), demo=terms.demo),
            use_dns_cache=False,
            force_close=True,  # a connection that the other side let go of meanwhile would look like a failure
            socket_factory=self._socket,
        )
        self._session = aiohttp.ClientSession(
            timeout=limits,
            connector=connector,
            cookie_jar=aiohttp.DummyCookieJar(),
            trust_env=False,
            auto_decompress=False,
        )

    async def stop(self) -> None:
        """Close the session; what is under way is lost."""
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    def _socket(self, info: tuple[Any, ...]) -> socket.socket:
        family, kind, protocol, _, where = info
        require_outside(str(where[0]), demo=self._terms.demo)
        return socket.socket(family, kind, protocol)

    async def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        """Send a body once. Never raises: what went wrong is the outcome."""
        assert self._session is not None, "the line was not started"
        began = asyncio.get_running_loop().time()
        try:
            async with self._session.post(url, data=body, headers=headers, allow_redirects=False) as answer:
                raw = await answer.content.read(_READ_MOST)
                return Answer(
                    outcome_of_status(answer.status),
                    _since(began),
                    answer.status,
                    said_in(raw),
                    retry_after(answer.headers.get("Retry-After")),
                )
        except (TimeoutError, aiohttp.ClientError, OSError, ValueError) as error:
            return Answer(outcome_of_failure(error), _since(began))


def _since(began: float) -> int:
    return round((asyncio.get_running_loop().time() - began) * 1000)
