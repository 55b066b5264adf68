"""The pretend terminals over HTTP: a page to be framed beside the cashier's, and JSON for it and for scripts.

What may live here: routes, headers, rendering. What may not: what a terminal does (playing), reading bodies (requests).

No inline script or style, so that a strict content security policy holds. Only the configured web origins may frame the
page; a request that a browser sends for somebody else's page is refused.
"""

from __future__ import annotations

import html
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from string import Template

from aiohttp import ClientError, ClientSession, ClientTimeout, web

from xiaopos.simulator.terminals.deck import DECK, DeckCard
from xiaopos.simulator.terminals.faults import Fault
from xiaopos.simulator.terminals.playing import PretendTerminal, Result, result_json
from xiaopos.simulator.terminals.requests import (
    BadRequest,
    Body,
    balance_ask,
    faults_ask,
    hold_ask,
    list_ask,
    query_ask,
    refund_ask,
    sale_ask,
    script_ask,
    sign_ask,
    tip_ask,
    void_ask,
)
from xiaopos.simulator.terminals.showing import state_json
from xiaopos.simulator.terminals.words import LANGUAGES, words

_STATIC = Path(__file__).parent / "static"
_ASSETS = {"terminal.js": "text/javascript", "terminal.css": "text/css"}
_NETWORK_TIMEOUT_S = 5.0
_BODY_MAX = 8192
DECLINE_CODE = "05"
_Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass(frozen=True, slots=True)
class PageSettings:
    """`web_origins` may frame the page and speak with it (the first is the default); `network_moods_url` is where the
    pretend card network is told what to do wrong next, empty for none; `deck` are the cards at hand."""

    web_origins: tuple[str, ...] = ()
    network_moods_url: str = ""
    deck: tuple[DeckCard, ...] = DECK


class TerminalServer:
    """The server of the pretend terminals' pages. `terminals` maps a terminal id to its terminal."""

    def __init__(self, terminals: Mapping[str, PretendTerminal], settings: PageSettings) -> None:
        self._terminals = dict(terminals)
        self._settings = settings
        self._page = Template((_STATIC / "terminal.html").read_text("utf-8"))
        self._runner: web.AppRunner | None = None

    def app(self) -> web.Application:
        """The application, for whoever brings a server."""
        app = web.Application(middlewares=[self._guard], client_max_size=_BODY_MAX)
        one = "/terminals/{terminal_id}"
        app.add_routes(
            [
                web.get("/terminals/static/{name}", self._show_asset),
                web.get(one, self._show_page),
                web.get(one + "/state", self._state),
                web.post(one + "/sign-in", self._verb(lambda terminal, _: terminal.sign_in())),
                web.post(one + "/sign-off", self._verb(lambda terminal, _: terminal.sign_off())),
                web.post(one + "/echo", self._verb(lambda terminal, _: terminal.echo())),
                web.post(one + "/settle", self._verb(lambda terminal, _: terminal.settle())),
                web.post(one + "/sale", self._verb(self._sale)),
                web.post(one + "/void", self._verb(self._void)),
                web.post(one + "/refund", self._verb(self._refund)),
                web.post(one + "/preauth", self._verb(self._preauth)),
                web.post(one + "/complete", self._verb(self._complete)),
                web.post(one + "/void-preauth", self._verb(self._void_preauth)),
                web.post(one + "/void-completion", self._verb(self._void_completion)),
                web.post(one + "/offline-sale", self._verb(self._offline_sale)),
                web.post(one + "/balance", self._verb(self._balance)),
                web.post(one + "/fetch", self._verb(self._fetch)),
                web.post(one + "/tell-status", self._verb(lambda terminal, _: terminal.tell_status())),
                web.post(one + "/tip", self._verb(self._tip)),
                web.post(one + "/signature", self._verb(self._sign)),
                web.post(one + "/script-notice", self._verb(self._script_notice)),
                web.post(one + "/query", self._verb(self._query)),
                web.post(one + "/faults", self._set_fault),
                web.delete(one + "/faults", self._lift_faults),
                web.post(one + "/decline-next", self._decline_next),
            ]
        )
        return app

    async def start(self, host: str, port: int) -> int:
        """Listen, and return the port (0 picks a free one). Raises OSError when it is taken."""
        self._runner = web.AppRunner(self.app(), access_log=None, shutdown_timeout=0.5)
        await self._runner.setup()
        try:
            await web.TCPSite(self._runner, host, port).start()
        except OSError:
            await self.stop()
            raise
        return int(self._runner.addresses[0][1])

    async def stop(self) -> None:
        """Close the listener and hang up every terminal."""
        runner, self._runner = self._runner, None
        if runner is not None:
            await runner.cleanup()
        for terminal in self._terminals.values():
            await terminal.close()

    # -- who may ask -------------------------------------------------------------------------------------------------

    @web.middleware
    async def _guard(self, request: web.Request, handler: _Handler) -> web.StreamResponse:
        """Who may ask from a browser, what is answered to nonsense, and the headers of every answer."""
        own = f"{request.scheme}://{request.host}"
        answer: web.StreamResponse
        if request.headers.get("Origin", own) != own:
            # Somebody else's page must not sell on this terminal, even a pretend one.
            answer = web.json_response({"error": "this origin may not ask"}, status=403)
        else:
            try:
                answer = await handler(request)
            except BadRequest as bad:
                answer = web.json_response({"error": str(bad)}, status=400)
        framed_by = " ".join(self._settings.web_origins) or "'none'"
        answer.headers["Content-Security-Policy"] = (
            "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; base-uri 'none'; "
            f"form-action 'none'; frame-ancestors {framed_by}"
        )
        answer.headers["X-Content-Type-Options"] = "nosniff"
        answer.headers["Referrer-Policy"] = "no-referrer"
        answer.headers["Cache-Control"] = "no-store"
        return answer

    def _terminal(self, request: web.Request) -> PretendTerminal:
        terminal = self._terminals.get(request.match_info["terminal_id"])
        if terminal is None:
            raise web.HTTPNotFound(text="there is no such pretend terminal")
        return terminal

    # -- the page ----------------------------------------------------------------------------------------------------

    async def _show_asset(self, request: web.Request) -> web.Response:
        kind = _ASSETS.get(request.match_info["name"])
        if kind is None:
            raise web.HTTPNotFound
        content = (_STATIC / request.match_info["name"]).read_text("utf-8")
        return web.Response(text=content, content_type=kind)

    async def _show_page(self, request: web.Request) -> web.Response:
        self._terminal(request)
        lang = "en" if request.query.get("lang") == "en" else "zh"
        said = words(lang)
        origins = self._settings.web_origins
        origin = request.query.get("origin", "")
        cards = [
            {"label": card.label, "title": card.title(lang), "number": card.read.pan.masked}
            for card in self._settings.deck
        ]
        values = {
            **said,
            "terminal_id": request.match_info["terminal_id"],
            "lang": lang,
            "html_lang": "en" if lang == "en" else "zh-CN",
            "other": next(other for other in LANGUAGES if other != lang),
            "other_html_lang": "zh-CN" if lang == "en" else "en",
            "origin": origin if origin in origins else next(iter(origins), ""),
            "said": json.dumps(said, ensure_ascii=False),
            "deck": json.dumps(cards, ensure_ascii=False),
        }
        page = self._page.substitute({name: html.escape(value) for name, value in values.items()})
        return web.Response(text=page, content_type="text/html")

    # -- JSON --------------------------------------------------------------------------------------------------------

    def _verb(self, verb: Callable[[PretendTerminal, Body], Awaitable[Result]]) -> _Handler:
        async def answer(request: web.Request) -> web.Response:
            terminal = self._terminal(request)
            result = await verb(terminal, await _body(request))
            lang = request.query.get("lang", "zh")
            return web.json_response({"simulated": True, **result_json(result, lang), "owes": terminal.device.owes})

        return answer

    async def _sale(self, terminal: PretendTerminal, body: Body) -> Result:
        ask = sale_ask(body, self._settings.deck)
        return await terminal.sale(ask.amount_minor, ask.card.read, ask.how, ask.pin)

    async def _void(self, terminal: PretendTerminal, body: Body) -> Result:
        ask = void_ask(body)
        return await terminal.void(ask.stan, ask.batch_number)

    async def _refund(self, terminal: PretendTerminal, body: Body) -> Result:
        ask = refund_ask(body, self._settings.deck)
        return await terminal.refund(ask.amount_minor, ask.original, ask.card.read if ask.card else None, ask.how)

    async def _preauth(self, terminal: PretendTerminal, body: Body) -> Result:
        ask = sale_ask(body, self._settings.deck)
        return await terminal.preauth(ask.amount_minor, ask.card.read, ask.how, ask.pin)

    async def _complete(self, terminal: PretendTerminal, body: Body) -> Result:
        ask = hold_ask(body, self._settings.deck)
        card = ask.card.read if ask.card else None
        advice = body.get("advice") is True
        return await terminal.complete(ask.amount_minor, ask.approval_code, card, ask.how, advice=advice)

    async def _void_preauth(self, terminal: PretendTerminal, body: Body) -> Result:
        ask = hold_ask(body, self._settings.deck)
        card = ask.card.read if ask.card else None
        return await terminal.void_preauth(ask.approval_code, ask.amount_minor, card, ask.how)

    async def _void_completion(self, terminal: PretendTerminal, body: Body) -> Result:
        ask = void_ask(body)
        return await terminal.void_completion(ask.stan, ask.batch_number)

    async def _offline_sale(self, terminal: PretendTerminal, body: Body) -> Result:
        ask = sale_ask(body, self._settings.deck)
        return await terminal.offline_sale(ask.amount_minor, ask.card.read, ask.how)

    async def _balance(self, terminal: PretendTerminal, body: Body) -> Result:
        ask = balance_ask(body, self._settings.deck)
        return await terminal.balance(ask.card.read, ask.how, ask.pin)

    async def _fetch(self, terminal: PretendTerminal, body: Body) -> Result:
        return await terminal.fetch(list_ask(body))

    async def _tip(self, terminal: PretendTerminal, body: Body) -> Result:
        ask = tip_ask(body)
        return await terminal.tip(ask.amount_minor, ask.stan, ask.batch_number)

    async def _sign(self, terminal: PretendTerminal, body: Body) -> Result:
        ask = sign_ask(body)
        return await terminal.sign(ask.stan, ask.picture, ask.batch_number)

    async def _script_notice(self, terminal: PretendTerminal, body: Body) -> Result:
        ask = script_ask(body)
        return await terminal.tell_script_result(ask.stan, ask.results, ask.batch_number)

    async def _query(self, terminal: PretendTerminal, body: Body) -> Result:
        ask = query_ask(body)
        return await terminal.query(ask.rrn, stan=ask.stan, batch_number=ask.batch_number, code=ask.code)

    async def _state(self, request: web.Request) -> web.Response:
        terminal = self._terminal(request)
        lang = request.query.get("lang", "zh")
        return web.json_response(state_json(terminal, lang))

    async def _set_fault(self, request: web.Request) -> web.Response:
        terminal = self._terminal(request)
        body = await _body(request)
        if body.get("fault") == "line-drops":
            # What the button does: the line drops when the request is out, and once more at the first attempt to undo it.
            terminal.faults.set(Fault.AFTER_SEND)
            terminal.faults.set(Fault.BEFORE_SEND)
        else:
            terminal.faults.set(*faults_ask(body))
        return web.json_response({"simulated": True, "faults": terminal.faults.names()})

    async def _lift_faults(self, request: web.Request) -> web.Response:
        self._terminal(request).faults.lift()
        return web.json_response({"simulated": True, "faults": []})

    async def _decline_next(self, request: web.Request) -> web.Response:
        """Tell the pretend card network that the next card is declined."""
        self._terminal(request)
        if not self._settings.network_moods_url:
            return web.json_response({"error": "no card network to tell"}, status=503)
        code = str((await _body(request)).get("code", DECLINE_CODE))
        mood = {"trouble": "answer_code", "code": code, "times": 1}
        try:
            async with (
                ClientSession(timeout=ClientTimeout(total=_NETWORK_TIMEOUT_S)) as session,
                session.post(self._settings.network_moods_url, json=mood) as answer,
            ):
                accepted = answer.status < 400
        except (ClientError, TimeoutError):
            accepted = False
        if not accepted:
            return web.json_response({"error": "the card network did not accept this"}, status=502)
        return web.json_response({"simulated": True, "declines": code})


async def _body(request: web.Request) -> Body:
    """The JSON object of a request; empty when there is no body. Raises BadRequest."""
    if not request.body_exists:
        return {}
    try:
        body = await request.json()
    except ValueError:
        raise BadRequest("the body must be JSON") from None
    if not isinstance(body, dict):
        raise BadRequest("the body must be a JSON object")
    return body
