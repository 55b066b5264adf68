"""The pretend WeChat Pay's door: its addresses and signatures, its certificates, and the links of its bills.

What may live here: what is refused before any business, signing answers, sealing, bill links. What may not: orders (`orders`),
the listener and moods (`wallet.door`), its customers' side (`wallet.phone`).
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from aiohttp import web

from xiaopos.gateways.wechat_pay.platform_keys import ALGORITHM
from xiaopos.gateways.wechat_pay.signing import (
    NONCE,
    SCHEME,
    SERIAL,
    SIGNATURE,
    SIGNATURE_TYPE,
    TIMESTAMP,
    answer_text,
    request_text,
)
from xiaopos.kernel.clock import Clock
from xiaopos.keys import Vault, WrappedKey
from xiaopos.keys.public_keys import read_certificate
from xiaopos.keys.signatures import SigningKey, verify_rsa
from xiaopos.simulator.moods import Stage
from xiaopos.simulator.wallet.door import WalletDoor
from xiaopos.simulator.wallet.trades import Trades
from xiaopos.simulator.wechat_pay.bills import make_fund_bill, make_trade_bill, rows_of
from xiaopos.simulator.wechat_pay.notifier import Notifier
from xiaopos.simulator.wechat_pay.orders import BEIJING, Asking, Body, Content, Orders, answer, failure
from xiaopos.simulator.wechat_pay.words import BILL_LINK_LIVES_S, BILL_READY_HOUR, CLOCK_SKEW_MAX_S

_PART = re.compile(r'(\w+)="([^"]*)"')
_PARTS = frozenset({"mchid", "nonce_str", "signature", "timestamp", "serial_no"})
_BILL_FILE = "/v3/billdownload/file"
_NONCES_KEPT = 100_000


@dataclass(frozen=True, slots=True)
class Merchant:
    """A merchant or partner that may ask. `public_key` is its certificate's key (DER SubjectPublicKeyInfo), `serial` its number.

    `api_v3_key` is the APIv3 key in the pretend WeChat Pay's own vault. A partner asks for its `sub_mchids`.
    """

    public_key: bytes
    serial: str
    api_v3_key: WrappedKey
    appid: str
    sub_mchids: frozenset[str] = field(default_factory=frozenset)


@dataclass(frozen=True, slots=True)
class Signer:
    """A key of WeChat Pay's: a public key with its PUB_KEY_ID, or a platform certificate (PEM) with its serial number."""

    key: SigningKey
    serial: str
    certificate: str = ""


@dataclass(frozen=True, slots=True)
class _Link:
    content: bytes
    made_at_s: int


class WeChatServer(WalletDoor):
    """WeChat Pay behind its door. `merchants` are known by mchid, also those that are added later.

    The last of `signers` signs, unless a question names one; they may change while it runs. `vault` holds the APIv3 keys,
    `entropy(n)` gives n random bytes, `more_routes` are other pages of the same platform.
    """

    def __init__(
        self,
        trades: Trades,
        *,
        vault: Vault,
        merchants: Mapping[str, Merchant],
        signers: Sequence[Signer],
        clock: Clock,
        entropy: Callable[[int], bytes],
        more_routes: Iterable[web.RouteDef] = (),
    ) -> None:
        super().__init__(trades)
        self._more_routes = tuple(more_routes)
        self.signers = list(signers)
        self.merchants = merchants
        self._vault = vault
        self._clock = clock
        self._entropy = entropy
        self._orders = Orders(trades, clock)
        self._links: dict[str, _Link] = {}
        self._nonces: dict[str, None] = {}
        self._notifier = Notifier(
            trades, clock, seal=self._seal, sign=lambda body: self._signed(self.signers[-1], body), entropy=entropy
        )

    async def start(self, host: str, port: int) -> int:
        """See `WalletDoor`; notifications are told while the door is open."""
        bound = await super().start(host, port)
        await self._notifier.start()
        return bound

    async def _close(self) -> None:
        await self._notifier.stop()
        await super()._close()

    def routes(self) -> Iterable[web.RouteDef]:
        """See `WalletDoor`."""
        yield from self._more_routes
        yield web.get(_BILL_FILE, self._give_bill)
        yield web.get("/v3/certificates", self._answer)
        yield web.get("/v3/bill/{bill:tradebill|fundflowbill}", self._answer)
        yield web.post("/v3/refund/domestic/refunds", self._answer)
        yield web.get("/v3/refund/domestic/refunds/{refund}", self._answer)
        for base in ("/v3/pay/transactions", "/v3/pay/partner/transactions"):
            yield web.post(f"{base}/{{new:codepay|native}}", self._answer)
            yield web.get(f"{base}/{{by:id|out-trade-no}}/{{number}}", self._answer)
            yield web.post(f"{base}/out-trade-no/{{number}}/{{end:close|reverse}}", self._answer)

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        raw = await request.read()
        known = self._known(request, raw)
        if not isinstance(known, Asking):
            # Whoever is not known is not signed for.
            return web.json_response(known["body"], status=401)
        signer = self._signer(request)
        content = _object(raw) if request.method == "POST" else dict(request.query)
        asking = self._asking(request, known, content)
        if isinstance(asking, dict):
            return self._sealed(signer, asking, spoil=False)
        certificates = request.path == "/v3/certificates"
        asks = request.method == "POST" and "end" not in request.match_info
        mood = None if certificates else self.moods.take(Stage.ASK if asks else Stage.UNDO)
        return await self.play(
            request,
            mood,
            decide=lambda: self._decide(request, content, asking),
            say=failure,
            seal=lambda told, spoil: self._sealed(signer, told, spoil=spoil),
        )

    def _known(self, request: web.Request, raw: bytes) -> Asking | Body:
        """Who asks, or what is refused before any business."""
        scheme, _, rest = request.headers.get("Authorization", "").partition(" ")
        parts = dict(_PART.findall(rest))
        if scheme != SCHEME or parts.keys() != _PARTS:
            return failure("SIGN_ERROR", "authorization")
        merchant = self.merchants.get(parts["mchid"])
        if merchant is None:
            return failure("SIGN_ERROR", "mchid")
        if parts["serial_no"].upper() != merchant.serial.upper():
            return failure("SIGN_ERROR", "serial_no")
        timestamp, nonce = parts["timestamp"], parts["nonce_str"]
        if not timestamp.isdigit() or abs(self._clock.now().timestamp() - int(timestamp)) > CLOCK_SKEW_MAX_S:
            return failure("SIGN_ERROR", "timestamp")
        try:
            signature = base64.b64decode(parts["signature"], validate=True)
        except ValueError:
            return failure("SIGN_ERROR", "signature")
        text = request_text(request.method, request.raw_path, timestamp, nonce, raw)
        if not verify_rsa(merchant.public_key, text, signature):
            return failure("SIGN_ERROR", "signature")
        if nonce in self._nonces:
            return failure("SIGN_ERROR", "nonce_str")
        self._nonces[nonce] = None
        if len(self._nonces) > _NONCES_KEPT:
            del self._nonces[next(iter(self._nonces))]
        return Asking(parts["mchid"], merchant.appid)

    def _asking(self, request: web.Request, known: Asking, content: Content | None) -> Asking | Body:
        """For which sub-merchant a partner asks; a merchant names itself."""
        if content is None:
            return failure("PARAM_ERROR")
        merchant = self.merchants[known.mchid]
        partner = "/partner/" in request.path
        sub = str(content.get("sub_mchid", ""))
        if sub and sub not in merchant.sub_mchids:
            return failure("NO_AUTH")
        if "/transactions" not in request.path:
            return Asking(known.mchid, known.appid, sub)
        if content.get("sp_mchid" if partner else "mchid") != known.mchid or bool(sub) is not partner:
            return failure("PARAM_ERROR")
        named = content.get("sp_appid" if partner else "appid", merchant.appid)
        return Asking(known.mchid, known.appid, sub) if named == merchant.appid else failure("APPID_MCHID_NOT_MATCH")

    def _decide(self, request: web.Request, content: Content | None, asking: Asking) -> Body:
        match, number = request.match_info, request.match_info.get("number", "")
        given = content or {}
        if match.get("new") == "codepay":
            return self._orders.codepay(given, asking)
        if match.get("new") == "native":
            return self._native(given, asking)
        if "by" in match:
            return self._orders.query(number, asking, by_transaction=match["by"] == "id")
        if match.get("end") == "close":
            return self._orders.close(number)
        if match.get("end") == "reverse":
            return self._orders.reverse(number, asking)
        if "bill" in match:
            return self._link_of(match["bill"], given, asking, str(request.url.origin()))
        if "refund" in match:
            return self._orders.refund_query(match["refund"])
        return self._orders.refund(given) if request.method == "POST" else self._certificates(asking)

    def _native(self, content: Content, asking: Asking) -> Body:
        told = self._orders.native(content, asking)
        if told["http"] == 200:
            self._notifier.watch(str(content["out_trade_no"]), str(content["notify_url"]), asking)
        return told

    # -- signatures and seals ----------------------------------------------------------------------------------------

    def _signer(self, request: web.Request) -> Signer:
        wanted = request.headers.get(SERIAL, "")
        return next((one for one in self.signers if one.serial == wanted), self.signers[-1])

    def _signed(self, signer: Signer, body: bytes) -> dict[str, str]:
        timestamp, nonce = str(int(self._clock.now().timestamp())), self._entropy(16).hex()
        signature = signer.key.sign(answer_text(timestamp, nonce, body))
        return {
            TIMESTAMP: timestamp,
            NONCE: nonce,
            SIGNATURE: base64.b64encode(signature).decode(),
            SERIAL: signer.serial,
            SIGNATURE_TYPE: SCHEME,
        }

    def _sealed(self, signer: Signer, told: Body, *, spoil: bool) -> web.Response:
        http = told["http"]
        assert isinstance(http, int), "an answer has a status"
        body = b"" if http == 204 else json.dumps(told["body"], ensure_ascii=False).encode()
        headers = self._signed(signer, body + b" " if spoil else body)
        return web.Response(status=http, body=body, headers=headers, content_type="application/json")

    def _seal(self, mchid: str, plaintext: bytes, aad: str) -> Body:
        nonce = self._entropy(6).hex()
        key = self.merchants[mchid].api_v3_key
        cipher = self._vault.seal_aead(key=key, nonce=nonce.encode(), plaintext=plaintext, aad=aad.encode())
        text = base64.b64encode(cipher).decode()
        return {"algorithm": ALGORITHM, "nonce": nonce, "associated_data": aad, "ciphertext": text}

    def _certificates(self, asking: Asking) -> Body:
        rows = []
        for one in self.signers:
            if not one.certificate:
                continue
            read = read_certificate(one.certificate.encode())
            rows.append(
                {
                    "serial_no": one.serial,
                    "effective_time": read.starts.astimezone(BEIJING).isoformat(),
                    "expire_time": read.ends.astimezone(BEIJING).isoformat(),
                    "encrypt_certificate": self._seal(asking.mchid, one.certificate.encode(), "certificate"),
                }
            )
        return answer(200, data=rows) if rows else failure("RESOURCE_NOT_EXISTS")

    # -- bills -------------------------------------------------------------------------------------------------------

    def _link_of(self, bill: str, wanted: Content, asking: Asking, origin: str) -> Body:
        day = _day(str(wanted.get("bill_date", "")))
        if day is None:
            return failure("PARAM_ERROR")
        now = self._clock.now()
        if now < datetime(day.year, day.month, day.day, BILL_READY_HOUR, tzinfo=BEIJING) + timedelta(days=1):
            return failure("STATEMENT_CREATING")
        rows = rows_of(self.trades, day.isoformat())
        if not rows:
            return failure("NO_STATEMENT_EXIST")
        content = make_trade_bill(rows, asking) if bill == "tradebill" else make_fund_bill(rows)
        token = self._entropy(16).hex()
        packed = gzip.compress(content) if wanted.get("tar_type") == "GZIP" else content
        self._links[token] = _Link(packed, int(now.timestamp()))
        digest = hashlib.sha1(content, usedforsecurity=False).hexdigest()
        return answer(200, hash_type="SHA1", hash_value=digest, download_url=f"{origin}{_BILL_FILE}?token={token}")

    async def _give_bill(self, request: web.Request) -> web.Response:
        if not isinstance(self._known(request, b""), Asking):
            return web.json_response(failure("SIGN_ERROR")["body"], status=401)
        link = self._links.get(request.query.get("token", ""))
        if link is None or self._clock.now().timestamp() - link.made_at_s > BILL_LINK_LIVES_S:
            return web.json_response(failure("RESOURCE_NOT_EXISTS")["body"], status=404)
        return web.Response(body=link.content, content_type="application/octet-stream")


def _object(raw: bytes) -> dict[str, object] | None:
    try:
        body = json.loads(raw)
    except ValueError:
        return None
    return body if isinstance(body, dict) else None


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if len(text) == 10 else None
    except ValueError:
        return None
