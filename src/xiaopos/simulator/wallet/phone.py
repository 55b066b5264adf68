"""The customer's phone: JSON endpoints and one plain page, marked as simulated, and the controls of the pretend world.

What may live here: the page's server, its headers, the endpoints. What may not: rules (`trades`), words (`words`).

The page has no inline script or style, so that a strict content security policy holds; it may be framed only by the
configured web origin.
"""

from __future__ import annotations

import html
import json
from collections.abc import Awaitable, Callable, Iterable, Mapping
from pathlib import Path
from string import Template
from typing import Protocol

import segno
from aiohttp import web

from xiaopos.simulator.moods import Mood, Moods
from xiaopos.simulator.wallet.records import Order
from xiaopos.simulator.wallet.trades import Trades, WrongPassword
from xiaopos.simulator.wallet.words import LANGUAGES, words

_STATIC = Path(__file__).parent / "static"
_ASSETS = {"phone.js": "text/javascript", "phone.css": "text/css"}
_Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


FIRST_APP = "wallet"


class PhoneApp(Protocol):
    """A pretend wallet on the phone: its customers and orders, and what it does wrong on command."""

    @property
    def trades(self) -> Trades:
        """Customers and orders."""
        ...

    @property
    def moods(self) -> Moods:
        """What goes wrong next."""
        ...

    async def set_mood(self, mood: Mood) -> None:
        """Let trouble wait."""
        ...

    async def lift_moods(self) -> None:
        """Be well again."""
        ...


class PhoneServer:
    """The phone page's server. `web_origin` is the origin whose pages may frame it and call its endpoints, empty for none.

    `wallet` is the first app on the phone, `more_apps` are others by a name that `words` has as `app_<name>`; each app's
    endpoints are under `/phone/<name>/api` and `/control/<name>/moods`, the first one's also without a name.
    `more_routes` are the controls of other pretend systems that live in the same process.
    """

    def __init__(
        self,
        wallet: PhoneApp,
        *,
        web_origin: str = "",
        more_apps: Mapping[str, PhoneApp] | None = None,
        more_routes: Iterable[web.RouteDef] = (),
    ) -> None:
        self._apps: dict[str, PhoneApp] = {FIRST_APP: wallet, **(more_apps or {})}
        self._web_origin = web_origin
        self._page = Template((_STATIC / "phone.html").read_text("utf-8"))
        self._more_routes = tuple(more_routes)
        self._runner: web.AppRunner | None = None

    async def start(self, host: str, port: int) -> int:
        """Listen, and return the port (0 picks a free one). Raises OSError when it is taken."""
        app = web.Application(middlewares=[self._guard])
        app.add_routes(
            [
                web.get("/phone", self._show_page),
                web.get("/phone/static/{name}", self._show_asset),
                *self._app_routes("/phone"),
                *self._app_routes("/phone/{app}"),
                *(route for name in self._apps for route in self._mood_routes(name)),
                *self._more_routes,
            ]
        )
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.5)
        await self._runner.setup()
        try:
            await web.TCPSite(self._runner, host, port).start()
        except OSError:
            await self.stop()
            raise
        return int(self._runner.addresses[0][1])

    def _app_routes(self, under: str) -> list[web.RouteDef]:
        customer = under + "/api/customers/{customer}"
        return [
            web.get(under + "/api/customers", self._customers),
            web.post(customer + "/code", self._make_code),
            web.post(customer + "/scan", self._scan),
            web.get(customer + "/orders", self._orders),
            web.post(customer + "/orders/{number}/{act:confirm|refuse}", self._act),
        ]

    def _mood_routes(self, app: str) -> list[web.RouteDef]:
        wallet = self._apps[app]

        async def show(_: web.Request) -> web.Response:
            return web.json_response({"simulated": True, "moods": wallet.moods.as_json()})

        async def let(request: web.Request) -> web.Response:
            try:
                mood = Mood.from_json(await _json(request))
            except ValueError as wrong:
                return web.json_response({"error": str(wrong)}, status=400)
            await wallet.set_mood(mood)
            return await show(request)

        async def lift(request: web.Request) -> web.Response:
            await wallet.lift_moods()
            return await show(request)

        path = f"/control/{app}/moods"
        return [web.get(path, show), web.post(path, let), web.delete(path, lift)]

    async def stop(self) -> None:
        """Close the listener."""
        runner, self._runner = self._runner, None
        if runner is not None:
            await runner.cleanup()

    @web.middleware
    async def _guard(self, request: web.Request, handler: _Handler) -> web.StreamResponse:
        """Who may ask from a browser, and the headers of every answer."""
        origin = request.headers.get("Origin", "")
        allowed = origin in ("", f"{request.scheme}://{request.host}", self._web_origin)
        answer: web.StreamResponse
        if not allowed:
            # Somebody else's page must not pay with Mei's phone, even a pretend one.
            answer = web.json_response({"error": "this origin may not ask"}, status=403)
        elif request.method == "OPTIONS":
            answer = web.Response(status=204)
        else:
            try:
                answer = await handler(request)
            except web.HTTPException as refused:
                answer = web.json_response({"error": refused.reason}, status=refused.status)
        self._add_headers(answer, cross=bool(origin) and allowed)
        return answer

    def _add_headers(self, answer: web.StreamResponse, *, cross: bool) -> None:
        framers = f"'self' {self._web_origin}".strip()
        answer.headers["Content-Security-Policy"] = (
            f"default-src 'none'; script-src 'self'; style-src 'self'; img-src data:; connect-src 'self'; "
            f"base-uri 'none'; form-action 'none'; frame-ancestors {framers}"
        )
        answer.headers["X-Content-Type-Options"] = "nosniff"
        answer.headers["Referrer-Policy"] = "no-referrer"
        answer.headers["Cache-Control"] = "no-store"
        if cross and self._web_origin:
            answer.headers["Access-Control-Allow-Origin"] = self._web_origin
            answer.headers["Access-Control-Allow-Methods"] = "GET, POST, DELETE"
            answer.headers["Access-Control-Allow-Headers"] = "Content-Type"
            answer.headers["Vary"] = "Origin"

    # -- the page ----------------------------------------------------------------------------------------------------

    async def _show_page(self, request: web.Request) -> web.Response:
        language = request.query.get("lang", "zh")
        if language not in LANGUAGES:
            language = "zh"
        said = words(language)
        other = "en" if language == "zh" else "zh"
        page = self._page.substitute(
            {name: html.escape(text) for name, text in said.items()},
            html_lang="zh-CN" if language == "zh" else "en",
            other=other,
            said=html.escape(json.dumps(said, ensure_ascii=False)),
            apps=html.escape(json.dumps(list(self._apps))),
            lang=language,
        )
        return web.Response(text=page, content_type="text/html")

    async def _show_asset(self, request: web.Request) -> web.Response:
        name = request.match_info["name"]
        if name not in _ASSETS:
            raise web.HTTPNotFound
        return web.Response(text=(_STATIC / name).read_text("utf-8"), content_type=_ASSETS[name])

    # -- what the phone does -----------------------------------------------------------------------------------------

    def _trades(self, request: web.Request) -> Trades:
        wallet = self._apps.get(request.match_info.get("app", FIRST_APP))
        if wallet is None:
            raise web.HTTPNotFound
        return wallet.trades

    def _customer(self, request: web.Request) -> tuple[Trades, str]:
        trades, customer = self._trades(request), request.match_info["customer"]
        if customer not in trades.customers:
            raise web.HTTPNotFound
        return trades, customer

    async def _customers(self, request: web.Request) -> web.Response:
        trades = self._trades(request)
        rows = [
            {
                "customer": one.customer_id,
                "name_zh": one.name_zh,
                "name_en": one.name_en,
                "password": one.password,
                "limit_minor": one.limit_minor,
                "balance_minor": trades.records.balance(one.customer_id),
            }
            for one in trades.customers.values()
        ]
        return web.json_response({"simulated": True, "customers": rows})

    async def _make_code(self, request: web.Request) -> web.Response:
        trades, customer = self._customer(request)
        code = trades.make_code(customer)
        image = segno.make(code, error="m").svg_data_uri(scale=4, border=2)
        return web.json_response({"simulated": True, "code": code, "image": image})

    async def _scan(self, request: web.Request) -> web.Response:
        trades, customer = self._customer(request)
        body = await _json(request)
        order = trades.scan(customer, str(body.get("content", "")).strip())
        if order is None:
            raise web.HTTPConflict(reason="this code cannot be paid")
        return web.json_response({"simulated": True, "order": _shown(order)})

    async def _orders(self, request: web.Request) -> web.Response:
        trades, customer = self._customer(request)
        orders = [_shown(order) for order in trades.orders_of(customer)]
        return web.json_response({"simulated": True, "orders": orders})

    async def _act(self, request: web.Request) -> web.Response:
        trades, customer = self._customer(request)
        number = request.match_info["number"]
        if request.match_info["act"] == "confirm":
            password = str((await _json(request)).get("password", ""))
            order = trades.confirm_with(customer, number, password)
        else:
            order = trades.decline(customer, number)
        if isinstance(order, WrongPassword):
            return web.json_response({"error": "wrong password", "tries_left": order.tries_left}, status=403)
        if order is None:
            raise web.HTTPConflict(reason="nothing waits for this customer")
        return web.json_response({"simulated": True, "order": _shown(order)})


async def _json(request: web.Request) -> dict[str, object]:
    try:
        body = await request.json()
    except ValueError:
        body = None
    if not isinstance(body, dict):
        raise web.HTTPBadRequest(reason="a JSON object is expected")
    return body


def _shown(order: Order) -> dict[str, object]:
    return {
        "number": order.out_trade_no,
        "amount_minor": order.amount_minor,
        "currency": order.currency,
        "shop": order.shop_id,
        "state": order.state,
        "error": order.error,
    }
