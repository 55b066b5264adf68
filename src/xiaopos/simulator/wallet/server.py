"""The pretend wallet's door for merchants: signed JSON over HTTP, and what goes wrong on command.

What may live here: signatures, replay protection, moods, the listener. What may not: what an order becomes (`trades`), the
customers' side (`phone`).
"""

from __future__ import annotations

import asyncio
import json
from collections import OrderedDict
from collections.abc import Callable, Mapping

from aiohttp import web

from xiaopos.gateways.sandbox_wallet.signing import (
    MERCHANT_HEADER,
    NONCE_HEADER,
    SIGNATURE_HEADER,
    TIMESTAMP_HEADER,
    Signed,
    fits,
    sign,
)
from xiaopos.kernel.clock import Clock
from xiaopos.keys import Vault, WrappedKey
from xiaopos.simulator.moods import Mood, Moods, Stage, Trouble
from xiaopos.simulator.wallet.trades import Body, Trades

BODY_MAX = 65_536
CLOCK_SKEW_MAX_S = 300
NONCES_KEPT = 100_000
_LOOK_EVERY_S = 0.05
Verb = Callable[[Body], dict[str, object]]


class SandboxWalletServer:
    """The wallet as an object: start it, give it moods, stop it. `trades` holds its customers and orders.

    `merchants` maps a merchant's number to the HMAC key shared with it, wrapped by the wallet's own vault.
    """

    def __init__(self, trades: Trades, *, vault: Vault, merchants: Mapping[str, WrappedKey], clock: Clock) -> None:
        self.trades = trades
        self.moods = Moods()
        self._vault = vault
        self._merchants = dict(merchants)
        self._clock = clock
        self._nonces: OrderedDict[str, None] = OrderedDict()
        self._runner: web.AppRunner | None = None
        self._address = ("127.0.0.1", 0)
        self._asks: dict[str, Verb] = {"pay": trades.pay, "precreate": trades.precreate, "refund": trades.refund}
        self._questions: dict[str, Verb] = {
            "query": trades.query,
            "reverse": trades.reverse,
            "refund-query": trades.refund_query,
        }

    async def start(self, host: str, port: int) -> int:
        """Listen, and return the port (0 picks a free one). Raises OSError when it is taken."""
        app = web.Application(client_max_size=BODY_MAX)
        app.router.add_post("/wallet/v1/{verb}", self._answer)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        try:
            await web.TCPSite(self._runner, host, port).start()
        except OSError:
            await self._close()
            raise
        self._address = (host, self._runner.addresses[0][1])
        return self._address[1]

    async def stop(self) -> None:
        """Close the listener and the records. It cannot be started again."""
        await self._close()
        self.trades.close()

    async def _close(self) -> None:
        runner, self._runner = self._runner, None
        if runner is not None:
            await runner.cleanup()

    async def set_mood(self, mood: Mood) -> None:
        """Let trouble wait; being down begins at once."""
        self.moods.set(mood)
        if self.moods.is_down:
            await self._close()

    async def lift_moods(self) -> None:
        """Be well again, on the same port as before."""
        self.moods.lift()
        if self._runner is None:
            await self.start(*self._address)

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        verb = request.match_info["verb"]
        key = self._merchants.get(request.headers.get(MERCHANT_HEADER, ""))
        raw = await request.read()
        if key is None or (verb not in self._asks and verb not in self._questions):
            return web.Response(status=404 if key else 401)
        nonce = request.headers.get(NONCE_HEADER, "")
        signed = Signed("request", request.path, request.headers.get(TIMESTAMP_HEADER, ""), nonce, raw)
        if not fits(self._vault, key, signed, request.headers.get(SIGNATURE_HEADER, "")):
            return self._sealed(request, key, {"code": "ERROR", "error": "SIGNATURE_WRONG"})
        if not self._is_fresh(signed):
            return self._sealed(request, key, {"code": "ERROR", "error": "REQUEST_STALE"})
        mood = self.moods.take(Stage.ASK if verb in self._asks else Stage.UNDO)
        return await self._do(request, key, verb, raw, mood)

    def _is_fresh(self, signed: Signed) -> bool:
        """Whether the request is of now and was not seen before."""
        if not signed.timestamp.isdigit() or not signed.nonce or signed.nonce in self._nonces:
            return False
        self._nonces[signed.nonce] = None
        if len(self._nonces) > NONCES_KEPT:
            self._nonces.popitem(last=False)
        return abs(self._clock.now().timestamp() - int(signed.timestamp)) <= CLOCK_SKEW_MAX_S

    async def _do(
        self, request: web.Request, key: WrappedKey, verb: str, raw: bytes, mood: Mood | None
    ) -> web.StreamResponse:
        trouble = mood.trouble if mood else None
        if trouble is Trouble.LOSE_REQUEST:
            return await _until_hung_up(request)
        if mood is not None and trouble is Trouble.ANSWER_CODE:
            return self._sealed(request, key, {"code": "ERROR", "error": mood.code})
        answer = self._decide(verb, raw)
        if trouble is Trouble.LOSE_ANSWER:
            return await _until_hung_up(request)
        if trouble is Trouble.DROP_LINE:
            assert request.transport is not None, "a request that is being answered has a connection"
            request.transport.abort()
        if mood is not None and trouble is Trouble.LATE:
            await asyncio.sleep(mood.seconds)
        return self._sealed(request, key, answer, spoil=trouble is Trouble.SPOIL_SEAL)

    def _decide(self, verb: str, raw: bytes) -> dict[str, object]:
        try:
            body = json.loads(raw)
        except ValueError:
            body = None
        if not isinstance(body, dict):
            return {"code": "ERROR", "error": "REQUEST_INVALID"}
        return (self._asks.get(verb) or self._questions[verb])(body)

    def _sealed(
        self, request: web.Request, key: WrappedKey, answer: dict[str, object], *, spoil: bool = False
    ) -> web.Response:
        body = json.dumps(answer, ensure_ascii=False).encode()
        timestamp = str(int(self._clock.now().timestamp()))
        nonce = request.headers.get(NONCE_HEADER, "")
        signature = sign(self._vault, key, Signed("answer", request.path, timestamp, nonce, body))
        if spoil:
            signature = signature[::-1]
        headers = {TIMESTAMP_HEADER: timestamp, SIGNATURE_HEADER: signature}
        return web.Response(body=body, content_type="application/json", headers=headers)


async def _until_hung_up(request: web.Request) -> web.Response:
    """Say nothing until the asking side hangs up."""
    while request.transport is not None and not request.transport.is_closing():
        await asyncio.sleep(_LOOK_EVERY_S)
    return web.Response(status=503)
