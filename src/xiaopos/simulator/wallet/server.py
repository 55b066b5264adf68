"""The pretend wallet's door for merchants: signed JSON over HTTP, and what goes wrong on command.

What may live here: signatures, replay protection. What may not: what an order becomes (`trades`), the listener (`door`), the
customers' side (`phone`).
"""

from __future__ import annotations

import json
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping

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
from xiaopos.simulator.moods import Stage
from xiaopos.simulator.wallet.door import WalletDoor
from xiaopos.simulator.wallet.trades import Body, Trades

CLOCK_SKEW_MAX_S = 300
NONCES_KEPT = 100_000
Verb = Callable[[Body], dict[str, object]]


class SandboxWalletServer(WalletDoor):
    """The wallet behind its door.

    `merchants` maps a merchant's number to the HMAC key shared with it, wrapped by the wallet's own vault.
    """

    def __init__(self, trades: Trades, *, vault: Vault, merchants: Mapping[str, WrappedKey], clock: Clock) -> None:
        super().__init__(trades)
        self._vault = vault
        self._merchants = dict(merchants)
        self._clock = clock
        self._nonces: OrderedDict[str, None] = OrderedDict()
        self._asks: dict[str, Verb] = {"pay": trades.pay, "precreate": trades.precreate, "refund": trades.refund}
        self._questions: dict[str, Verb] = {
            "query": trades.query,
            "reverse": trades.reverse,
            "refund-query": trades.refund_query,
        }

    def routes(self) -> Iterable[web.RouteDef]:
        """See `WalletDoor`."""
        return (web.post("/wallet/v1/{verb}", self._answer),)

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
        return await self.play(
            request,
            mood,
            decide=lambda: self._decide(verb, raw),
            say=lambda code: {"code": "ERROR", "error": code},
            seal=lambda answer, spoil: self._sealed(request, key, answer, spoil=spoil),
        )

    def _is_fresh(self, signed: Signed) -> bool:
        """Whether the request is of now and was not seen before."""
        if not signed.timestamp.isdigit() or not signed.nonce or signed.nonce in self._nonces:
            return False
        self._nonces[signed.nonce] = None
        if len(self._nonces) > NONCES_KEPT:
            self._nonces.popitem(last=False)
        return abs(self._clock.now().timestamp() - int(signed.timestamp)) <= CLOCK_SKEW_MAX_S

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
