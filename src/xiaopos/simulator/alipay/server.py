"""The pretend Alipay's door: `gateway.do`, its parameters and signatures, and the links of its bills.

What may live here: what the gateway refuses before any business, signing answers, bill links. What may not: the methods
(`methods`), the listener and moods (`wallet.door`), its customers' side (`wallet.phone`).
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from aiohttp import web

from xiaopos.gateways.alipay.signing import fits, signed_text
from xiaopos.kernel.clock import Clock
from xiaopos.keys.signatures import SigningKey
from xiaopos.simulator.alipay.bills import make_bill, rows_of
from xiaopos.simulator.alipay.methods import BEIJING, Body, Content, Methods, failure, spoken, success
from xiaopos.simulator.alipay.notifier import Notifier
from xiaopos.simulator.alipay.words import BILL_LINK_LIVES_S, BILL_READY_HOUR, CLOCK_SKEW_MAX_S
from xiaopos.simulator.moods import Stage
from xiaopos.simulator.wallet.door import WalletDoor
from xiaopos.simulator.wallet.trades import Trades

BILL_METHOD = "alipay.data.dataservice.bill.downloadurl.query"
_BILL_PATH = "/downloadBillFile.resource"
_NEW_ORDERS = frozenset({"alipay.trade.pay", "alipay.trade.precreate"})
_ASKS = _NEW_ORDERS | {"alipay.trade.refund"}
_NEEDED = (
    ("method", "isv.missing-method"),
    ("sign", "isv.missing-signature"),
    ("sign_type", "isv.missing-signature-type"),
    ("timestamp", "isv.missing-timestamp"),
    ("version", "isv.missing-version"),
)


@dataclass(frozen=True, slots=True)
class App:
    """An application that may ask. `public_key` is the application's, DER SubjectPublicKeyInfo.

    With `app_cert_sn` it must ask in certificate mode, and answers name `alipay_cert_sn`. `tokens` are the authorisations of
    merchants (app_auth_token); a service provider has some, and asks with one of them.
    """

    public_key: bytes
    seller_id: str = "2088000000000001"
    app_cert_sn: str = ""
    root_cert_sn: str = ""
    alipay_cert_sn: str = ""
    tokens: frozenset[str] = field(default_factory=frozenset)


@dataclass(frozen=True, slots=True)
class _Link:
    wanted: str
    seller_id: str
    made_at_s: int


class AlipayServer(WalletDoor):
    """The open platform behind its door. `apps` maps an app_id to its application, also to those that are added later.

    `signing_key` is Alipay's own; `entropy(n)` gives n random bytes for the links of bills; `more_routes` are other pages of
    the same platform.
    """

    def __init__(
        self,
        trades: Trades,
        *,
        signing_key: SigningKey,
        apps: Mapping[str, App],
        clock: Clock,
        entropy: Callable[[int], bytes],
        more_routes: Iterable[web.RouteDef] = (),
    ) -> None:
        super().__init__(trades)
        self._more_routes = tuple(more_routes)
        self._key = signing_key
        self._apps = apps
        self._clock = clock
        self._entropy = entropy
        self._methods = Methods(trades, clock)
        self._links: dict[str, _Link] = {}
        self._notifier = Notifier(trades, clock, sign=signing_key.sign, entropy=entropy)

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
        return (
            web.get("/gateway.do", self._answer),
            web.post("/gateway.do", self._answer),
            web.get(_BILL_PATH, self._give_bill),
            *self._more_routes,
        )

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        form = await request.post()
        parameters = {name: str(value) for name, value in (*request.query.items(), *form.items())}
        method = parameters.get("method", "")
        app = self._apps.get(parameters.get("app_id", ""))
        if app is None:
            missing = "app_id" not in parameters
            refused = failure("40001", "isv.missing-app-id") if missing else failure("40002", "isv.invalid-app-id")
            # Without an application there is no key to sign for.
            return _json(json.dumps({_name(method): refused}, ensure_ascii=False))
        refused_first = self._refused(parameters, app)
        if refused_first is not None:
            return self._sealed(method, app, refused_first, spoil=False)
        mood = self.moods.take(Stage.ASK if method in _ASKS else Stage.UNDO)
        return await self.play(
            request,
            mood,
            decide=lambda: self._decide(method, parameters, app, request),
            say=spoken,
            seal=lambda answer, spoil: self._sealed(method, app, answer, spoil=spoil),
        )

    def _refused(self, parameters: Mapping[str, str], app: App) -> Body | None:
        """What the gateway refuses before any business, in its order."""
        for name, sub_code in _NEEDED:
            if not parameters.get(name):
                return failure("40001", sub_code)
        if parameters["method"] not in self._methods.by_name and parameters["method"] != BILL_METHOD:
            return failure("40002", "isv.invalid-method")
        if parameters["sign_type"] != "RSA2":
            return failure("40002", "isv.invalid-signature-type")
        if not self._is_now(parameters["timestamp"]):
            return failure("40002", "isv.invalid-timestamp")
        if not fits(app.public_key, signed_text(parameters).encode(), parameters["sign"]):
            return failure("40002", "isv.invalid-signature")
        if parameters.get("app_cert_sn", "") != app.app_cert_sn:
            return failure("40002", "isv.invalid-app-cert-sn")
        if parameters.get("alipay_root_cert_sn", "") != app.root_cert_sn:
            return failure("40002", "isv.invalid-alipay-root-cert-sn")
        if app.tokens and parameters.get("app_auth_token", "") not in app.tokens:
            return failure("20001", "aop.invalid-app-auth-token")
        return None

    def _is_now(self, timestamp: str) -> bool:
        try:
            at = datetime.strptime(timestamp, "%Y-%m-%d %H:%M:%S").replace(tzinfo=BEIJING)
        except ValueError:
            return False
        return abs((self._clock.now() - at).total_seconds()) <= CLOCK_SKEW_MAX_S

    def _decide(self, method: str, parameters: Mapping[str, str], app: App, request: web.Request) -> Body:
        try:
            content = json.loads(parameters.get("biz_content", ""))
        except ValueError:
            content = None
        if not isinstance(content, dict):
            return failure("40004", "ACQ.INVALID_PARAMETER")
        if method == BILL_METHOD:
            return self._link_of(content, app, str(request.url.origin()))
        answer = self._methods.by_name[method](content)
        url, number = parameters.get("notify_url", ""), answer.get("out_trade_no")
        if url and method in _NEW_ORDERS and isinstance(number, str):
            self._notifier.watch(number, url, app_id=parameters["app_id"], seller_id=app.seller_id)
        return answer

    def _sealed(self, method: str, app: App, answer: Body, *, spoil: bool) -> web.Response:
        text = json.dumps(answer, ensure_ascii=False, separators=(",", ":"))
        signature = base64.b64encode(self._key.sign(text.encode())).decode()
        if spoil:
            signature = base64.b64encode(self._key.sign(text.encode() + b" ")).decode()
        named = f'"alipay_cert_sn":"{app.alipay_cert_sn}",' if app.alipay_cert_sn else ""
        return _json(f'{{"{_name(method)}":{text},{named}"sign":"{signature}"}}')

    # -- bills -------------------------------------------------------------------------------------------------------

    def _link_of(self, content: Content, app: App, origin: str) -> Body:
        wanted = str(content.get("bill_date", ""))
        now = self._clock.now().astimezone(BEIJING)
        if content.get("bill_type") not in ("trade", "signcustomer") or _first_day(wanted) is None:
            return failure("40004", "INVAILID_ARGUMENTS")
        if not _is_ready(wanted, now) or not rows_of(self.trades, wanted):
            return failure("40004", "BILL_NOT_EXIST")
        token = self._entropy(16).hex()
        self._links[token] = _Link(wanted, app.seller_id, int(now.timestamp()))
        return success(bill_download_url=f"{origin}{_BILL_PATH}?bizType=trade&fileType=csv.zip&fileId={token}")

    async def _give_bill(self, request: web.Request) -> web.Response:
        link = self._links.get(request.query.get("fileId", ""))
        if link is None or self._clock.now().timestamp() - link.made_at_s > BILL_LINK_LIVES_S:
            return web.Response(status=403, text="this link has expired")
        day = _first_day(link.wanted)
        assert day is not None, "a link is made for a day or a month"
        bill = make_bill(rows_of(self.trades, link.wanted), seller_id=link.seller_id, day=day)
        return web.Response(body=bill, content_type="application/zip")


def _first_day(wanted: str) -> date | None:
    """The first day of a bill's day (2026-03-14) or month (2026-03)."""
    try:
        return date.fromisoformat(wanted if len(wanted) == 10 else f"{wanted}-01")
    except ValueError:
        return None


def _is_ready(wanted: str, now: datetime) -> bool:
    """A day's bill is there the next day after 10:00, a month's on the fourth of the next."""
    first = _first_day(wanted)
    assert first is not None, "the day was read before"
    if len(wanted) == 10:
        ready = datetime(first.year, first.month, first.day, BILL_READY_HOUR, tzinfo=BEIJING) + timedelta(days=1)
    else:
        following = (first + timedelta(days=31)).replace(day=4)
        ready = datetime(following.year, following.month, following.day, BILL_READY_HOUR, tzinfo=BEIJING)
    return now >= ready


def _name(method: str) -> str:
    return f"{method.replace('.', '_')}_response" if method else "error_response"


def _json(text: str) -> web.Response:
    return web.Response(text=text, content_type="text/html", charset="utf-8")
