"""The line to a wallet over HTTP, through which every wallet's gateway asks: kept connections, time limits, a breaker.

What may live here: connections, what left and what did not, resting from a wallet that does not answer. What may not: signatures,
bodies, codes of any wallet.

A request that fails is told apart by one question: may it have left? `NotSent` says certainly not, `Lost` says it may have.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Mapping
from dataclasses import dataclass

import aiohttp
from prometheus_client import Counter, Gauge

ASKED = Counter("xiaopos_wallet_requests_total", "Requests to wallets, by what became of them", ["wallet", "outcome"])
RESTING = Gauge("xiaopos_wallet_resting", "1 while no new payment is sent to a wallet that does not answer", ["wallet"])


@dataclass(frozen=True, slots=True)
class WalletTerms:
    """How patient the line is with a wallet, in seconds, and how much it takes.

    After `failures_until_rest` requests in a row without an answer, new payments are refused at once for `rest_first_s`, then
    for twice as long each time, up to `rest_most_s`; the first that leaves after a rest tries the wallet again. What is longer
    than `answer_length_max` bytes is no answer.
    """

    answer_timeout_s: float = 15.0
    connect_timeout_s: float = 3.0
    in_flight_limit: int = 100
    answer_length_max: int = 65_536
    failures_until_rest: int = 5
    rest_first_s: float = 5.0
    rest_most_s: float = 60.0


USUAL_TERMS = WalletTerms()


@dataclass(frozen=True, slots=True)
class HttpAnswer:
    """What came back, whatever it is worth: nobody has looked at a signature yet. Header names are found in any case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class NotSent:
    """The request certainly never left."""

    cause: str


@dataclass(frozen=True, slots=True)
class Lost:
    """The request may have left, and there is no answer that could be read."""

    cause: str


class WalletLine:
    """The line to the wallet at `url`. `start` before the first request, `stop` after the last.

    `tls` is a context of one's own where the machine's certificate authorities are not the right ones.
    """

    def __init__(self, name: str, url: str, terms: WalletTerms, *, tls: ssl.SSLContext | None = None) -> None:
        self._name = name
        self._url = url.rstrip("/")
        self._terms = terms
        self._tls = tls
        self._session: aiohttp.ClientSession | None = None
        self._in_flight = 0
        self._failures = 0
        self._rest_s = terms.rest_first_s
        self._rests_until = 0.0
        RESTING.labels(name).set(0)

    async def start(self) -> None:
        """Open the session; connections are made when they are needed, and kept."""
        limits = aiohttp.ClientTimeout(
            total=self._terms.answer_timeout_s,
            connect=self._terms.connect_timeout_s,
            sock_connect=self._terms.connect_timeout_s,
        )
        connector = aiohttp.TCPConnector(limit=2 * self._terms.in_flight_limit, ssl=self._tls or True)
        # No environment: a proxy named there must not see payments.
        self._session = aiohttp.ClientSession(timeout=limits, connector=connector, trust_env=False)

    async def stop(self) -> None:
        """Close the session; what is under way is lost."""
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    @property
    def is_resting(self) -> bool:
        """Whether a new payment would be refused now because the wallet has not answered."""
        return (
            self._failures >= self._terms.failures_until_rest and self._rests_until > asyncio.get_running_loop().time()
        )

    async def ask(
        self,
        method: str,
        path: str,
        body: bytes = b"",
        headers: Mapping[str, str] | None = None,
        *,
        new_payment: bool = False,
    ) -> HttpAnswer | NotSent | Lost:
        """Send a request (`path` with its query) and read its answer.

        Only a `new_payment` is refused for a full line or a resting wallet: what has begun is asked for and undone whatever
        happens, and its answer ends the rest.
        """
        answer = await self._asked(method, path, body, headers or {}, new_payment=new_payment)
        outcome = (
            "answered" if isinstance(answer, HttpAnswer) else "not_sent" if isinstance(answer, NotSent) else "lost"
        )
        ASKED.labels(self._name, outcome).inc()
        return answer

    async def _asked(
        self, method: str, path: str, body: bytes, headers: Mapping[str, str], *, new_payment: bool
    ) -> HttpAnswer | NotSent | Lost:
        if self._session is None:
            return NotSent("the wallet's session is not open")
        if new_payment and self._in_flight >= self._terms.in_flight_limit:
            return NotSent("too many requests to the wallet are under way")
        if new_payment and self.is_resting:
            return NotSent("the wallet has not answered the last requests")
        self._in_flight += 1
        try:
            async with self._session.request(
                method, f"{self._url}{path}", data=body or None, headers=headers, allow_redirects=False
            ) as answer:
                read = HttpAnswer(answer.status, answer.headers, await self._read(answer))
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as lost:
            self._failed()
            return NotSent(f"no connection: {type(lost).__name__}")
        except (TimeoutError, aiohttp.ClientError, OSError) as lost:
            self._failed()
            return Lost(f"no answer: {type(lost).__name__}")
        finally:
            self._in_flight -= 1
        self._answered()
        return read if len(read.body) <= self._terms.answer_length_max else Lost("the wallet's answer is too long")

    async def _read(self, answer: aiohttp.ClientResponse) -> bytes:
        """The body, and one byte more than allowed at the most."""
        most = self._terms.answer_length_max + 1
        raw = b""
        while len(raw) < most and (more := await answer.content.read(most - len(raw))):
            raw += more
        return raw

    def _failed(self) -> None:
        self._failures += 1
        if self._failures >= self._terms.failures_until_rest:
            self._rests_until = asyncio.get_running_loop().time() + self._rest_s
            self._rest_s = min(2 * self._rest_s, self._terms.rest_most_s)
            RESTING.labels(self._name).set(1)

    def _answered(self) -> None:
        self._failures = 0
        self._rest_s = self._terms.rest_first_s
        RESTING.labels(self._name).set(0)
