"""The pretend terminal over HTTP: its page's headers, its JSON, and every refused body."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from aiohttp import ClientSession, web

from support.terminal_host import TerminalHost
from support.terminal_line import IDENTITY, listening, terminal_at
from xiaopos.simulator.terminals import PageSettings, PretendTerminal, TerminalServer

SHOP = "http://127.0.0.1:8000"
Json = dict[str, object]


class Page:
    """A browser's or a script's view of one terminal."""

    def __init__(self, session: ClientSession, port: int, terminal: PretendTerminal, host: TerminalHost) -> None:
        self.session = session
        self.own = f"http://127.0.0.1:{port}"
        self.root = f"{self.own}/terminals/{IDENTITY.terminal_id}"
        self.terminal = terminal
        self.host = host

    async def post(self, path: str, body: object = None, **headers: str) -> tuple[int, Json]:
        async with self.session.post(self.root + path, json=body, headers=headers) as answer:
            return answer.status, await answer.json()

    async def state(self) -> Json:
        async with self.session.get(self.root + "/state") as answer:
            held: Json = await answer.json()
            return held


def visit(story: Callable[[Page], Awaitable[None]], folder: Path, settings: PageSettings | None = None) -> None:
    """Run a story with a page open on a terminal of a host."""

    async def all_of_it() -> None:
        host = TerminalHost()
        async with listening(host) as line_port:
            terminal = terminal_at(line_port, folder)
            server = TerminalServer({IDENTITY.terminal_id: terminal}, settings or PageSettings((SHOP,)))
            port = await server.start("127.0.0.1", 0)
            try:
                async with ClientSession() as session:
                    await asyncio.wait_for(story(Page(session, port, terminal, host)), 20)
            finally:
                await server.stop()

    asyncio.run(all_of_it())


def test_the_page_may_be_framed_by_the_shop_only_and_runs_nothing_inline(tmp_path: Path) -> None:
    async def story(page: Page) -> None:
        async with page.session.get(page.root, params={"lang": "en", "origin": "http://evil.example"}) as answer:
            text = await answer.text()
            policy = answer.headers["Content-Security-Policy"]
        assert f"frame-ancestors {SHOP}" in policy
        assert "unsafe-inline" not in policy
        assert "evil.example" not in text
        assert f'data-origin="{SHOP}"' in text
        assert "Simulated terminal · no real money" in text
        assert "<style" not in text
        assert " style=" not in text
        assert "onclick" not in text
        assert "200000****" not in text
        async with page.session.get(page.root) as answer:
            assert "模拟终端" in await answer.text()
            assert answer.headers["X-Content-Type-Options"] == "nosniff"
        for card in page.terminal.device.remembered.vouchers:
            assert card.masked_pan

    visit(story, tmp_path)


def test_the_page_shows_masked_card_numbers_only(tmp_path: Path) -> None:
    async def story(page: Page) -> None:
        async with page.session.get(page.root) as answer:
            text = await answer.text()
        for card in PageSettings().deck:
            assert card.read.pan.masked in text
            assert card.read.pan.digits not in text

    visit(story, tmp_path)


def test_without_an_origin_nobody_may_frame_the_page(tmp_path: Path) -> None:
    async def story(page: Page) -> None:
        async with page.session.get(page.root) as answer:
            assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
            assert 'data-origin=""' in await answer.text()

    visit(story, tmp_path, PageSettings())


def test_assets_and_what_is_not_there(tmp_path: Path) -> None:
    async def story(page: Page) -> None:
        wanted = {"static/terminal.js": 200, "static/terminal.css": 200, "static/x.js": 404, "99999999": 404}
        for name, status in wanted.items():
            async with page.session.get(f"{page.own}/terminals/{name}") as answer:
                assert answer.status == status, name

    visit(story, tmp_path)


def test_a_day_by_script(tmp_path: Path) -> None:
    async def story(page: Page) -> None:
        assert (await page.post("/sign-in"))[1]["outcome"] == "approved"
        assert (await page.post("/echo"))[1]["outcome"] == "approved"
        sale = {"card": "normal", "how": "insert", "pin": "123456", "amount_minor": 1250}
        status, first = await page.post("/sale", sale)
        assert (status, first["outcome"], first["owes"], first["simulated"]) == (200, "approved", False, True)
        _, second = await page.post("/sale", {"card": "credit", "how": "tap", "amount_minor": "800"})
        voided = {"stan": first["stan"], "batch_number": first["batch_number"]}
        assert (await page.post("/void", voided))[1]["outcome"] == "approved"
        assert (await page.post("/refund", {"amount_minor": 100, "rrn": second["rrn"]}))[1]["outcome"] == "approved"
        older = {
            "amount_minor": 100,
            "rrn": "000000000077",
            "card": "normal",
            "how": "swipe",
            "batch_number": 6,
            "stan": 3,
            "on": "0531",
            "approval_code": "ABC123",
        }
        assert (await page.post("/refund", older))[1]["outcome"] == "approved"
        state = await page.state()
        vouchers = state["vouchers"]
        assert isinstance(vouchers, list)
        assert [row["voided"] for row in vouchers] == [True, False, False, False, False]
        assert state["signed_in"] is True
        assert (await page.post("/settle"))[1]["balanced"] is True
        assert (await page.post("/void", voided))[1]["reason"] == "original_settled"
        assert (await page.post("/sign-off"))[1]["outcome"] == "approved"

    visit(story, tmp_path)


def test_holds_notices_and_balances_by_script(tmp_path: Path) -> None:
    async def story(page: Page) -> None:
        card = {"card": "normal", "how": "insert", "pin": "123456"}
        _, held = await page.post("/preauth", {**card, "amount_minor": 10_000})
        assert (held["outcome"], held["money_moved"], held["approval_code"]) == ("approved", "no", "ABC123")
        by_code = {"approval_code": "ABC123", "amount_minor": 8000}
        _, completed = await page.post("/complete", by_code)
        assert (completed["action"], completed["outcome"], completed["amount_minor"]) == (
            "completion",
            "approved",
            8000,
        )
        _, voided = await page.post("/void-completion", {"stan": completed["stan"]})
        assert (voided["action"], voided["outcome"]) == ("completion_void", "approved")
        _, told = await page.post("/complete", {**by_code, "advice": True, "card": "credit", "how": "swipe"})
        assert (told["action"], told["outcome"]) == ("completion_advice", "approved")
        _, lifted = await page.post("/void-preauth", {"approval_code": "ABC123"})
        assert (lifted["action"], lifted["amount_minor"], lifted["money_moved"]) == ("preauth_void", 10_000, "no")
        _, offline = await page.post("/offline-sale", {"card": "normal", "how": "insert", "amount_minor": 300})
        assert (offline["action"], offline["outcome"]) == ("offline_sale", "approved")
        _, balance = await page.post("/balance", card)
        assert (balance["outcome"], balance["balance_minor"], balance["money_moved"]) == ("approved", 12345, "no")
        page.host.mood.code = "55"
        _, wrong = await page.post("/balance", card)
        assert (wrong["outcome"], wrong["balance_minor"]) == ("declined", None)

    visit(story, tmp_path)


def test_the_line_drops_and_the_state_tells_how_it_ended(tmp_path: Path) -> None:
    async def story(page: Page) -> None:
        await page.post("/sign-in")
        status, set_ = await page.post("/faults", {"fault": "line-drops"})
        assert (status, set_["faults"]) == (200, ["after-send", "before-send"])
        _, sale = await page.post("/sale", {"card": "normal", "how": "tap", "amount_minor": 1250})
        assert (sale["outcome"], sale["owes"], sale["money_moved"]) == ("unknown", True, "unknown")
        await page.terminal.put_right()
        state = await page.state()
        assert isinstance(state["put_right"], dict)
        assert state["put_right"]["stan"] == sale["stan"]
        assert state["put_right"]["action"] == "reversal"
        assert (state["owes"], state["unresolved"]) == (False, 0)

    visit(story, tmp_path)


def test_faults_are_set_and_lifted(tmp_path: Path) -> None:
    async def story(page: Page) -> None:
        assert (await page.post("/faults", {"fault": "late-answer", "times": 2}))[1]["faults"] == ["late-answer"] * 2
        async with page.session.delete(page.root + "/faults") as answer:
            assert (await answer.json())["faults"] == []
        assert (await page.state())["faults"] == []

    visit(story, tmp_path)


@pytest.mark.parametrize(
    ("path", "body", "names"),
    [
        ("/sale", {"card": "normal", "how": "tap", "amount_minor": 0}, "amount_minor"),
        ("/sale", {"card": "normal", "how": "tap", "amount_minor": True}, "amount_minor"),
        ("/sale", {"card": "normal", "how": "tap", "amount_minor": 1.5}, "amount_minor"),
        ("/sale", {"card": "gold", "how": "tap", "amount_minor": 1}, "card"),
        ("/sale", {"card": "normal", "how": "manual", "amount_minor": 1}, "how"),
        ("/sale", {"card": "normal", "how": "tap", "amount_minor": 1, "pin": "12a4"}, "pin"),
        ("/sale", [], "JSON object"),
        ("/void", {}, "stan"),
        ("/refund", {"amount_minor": 1, "rrn": "1"}, "rrn"),
        ("/refund", {"amount_minor": 1, "rrn": "000000000001", "on": "9999"}, "MMDD"),
        ("/refund", {"amount_minor": 1, "rrn": "000000000001", "approval_code": "1"}, "approval_code"),
        ("/complete", {"amount_minor": 1, "approval_code": "AB 123"}, "approval_code"),
        ("/complete", {"amount_minor": -1, "approval_code": "ABC123"}, "amount_minor"),
        ("/void-preauth", {"amount_minor": 1}, "approval_code"),
        ("/void-completion", {"stan": "0"}, "stan"),
        ("/balance", {"card": "normal", "how": "tap", "pin": "1"}, "pin"),
        ("/faults", {"fault": "fire"}, "fault"),
        ("/faults", {"fault": "late-answer", "times": 21}, "times"),
    ],
)
def test_bodies_that_cannot_be_read(tmp_path: Path, path: str, body: object, names: str) -> None:
    async def story(page: Page) -> None:
        status, said = await page.post(path, body)
        assert status == 400
        assert names in str(said["error"])

    visit(story, tmp_path)


def test_a_body_that_is_no_json(tmp_path: Path) -> None:
    async def story(page: Page) -> None:
        async with page.session.post(page.root + "/sale", data=b"{") as answer:
            assert answer.status == 400

    visit(story, tmp_path)


def test_somebody_elses_page_may_not_sell(tmp_path: Path) -> None:
    async def story(page: Page) -> None:
        body = {"card": "normal", "how": "tap", "amount_minor": 1}
        assert (await page.post("/sale", body, Origin="http://evil.example"))[0] == 403
        assert (await page.post("/sale", body, Origin=page.own))[0] == 200
        assert len(page.host.heard) == 2

    visit(story, tmp_path)


def test_telling_the_card_network_to_decline(tmp_path: Path) -> None:
    told: list[object] = []

    async def take(request: web.Request) -> web.Response:
        told.append(await request.json())
        return web.json_response({}, status=200 if len(told) == 1 else 400)

    async def all_of_it() -> None:
        app = web.Application()
        app.router.add_post("/moods", take)
        runner = web.AppRunner(app)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        url = f"http://127.0.0.1:{runner.addresses[0][1]}/moods"
        server = TerminalServer({IDENTITY.terminal_id: terminal_at(1, tmp_path)}, PageSettings(network_moods_url=url))
        port = await server.start("127.0.0.1", 0)
        target = f"http://127.0.0.1:{port}/terminals/{IDENTITY.terminal_id}/decline-next"
        async with ClientSession() as session:
            statuses = [(await session.post(target, json={"code": "51"})).status for _ in range(2)]
            await runner.cleanup()
            statuses.append((await session.post(target)).status)
        await server.stop()
        assert statuses == [200, 502, 502]
        assert told[0] == {"trouble": "answer_code", "code": "51", "times": 1}

    asyncio.run(all_of_it())


def test_without_a_card_network_to_tell(tmp_path: Path) -> None:
    async def story(page: Page) -> None:
        assert (await page.post("/decline-next"))[0] == 503

    visit(story, tmp_path)


def test_a_port_that_is_taken_is_told(tmp_path: Path) -> None:
    async def story(page: Page) -> None:
        other = TerminalServer({}, PageSettings())
        with pytest.raises(OSError, match="address already in use"):
            await other.start("127.0.0.1", int(page.own.rsplit(":", 1)[1]))

    visit(story, tmp_path)
