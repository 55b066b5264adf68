"""The pretend terminal's page in a real Chromium, framed by a page that plays the cashier's."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

from aiohttp import web
from playwright.async_api import FrameLocator, Page, async_playwright, expect

from support import machine
from support.terminal_host import TerminalHost
from support.terminal_line import IDENTITY, listening, terminal_at
from xiaopos.simulator.terminals import PageSettings, TerminalServer

CASHIER = """<!doctype html><title>till</title><link rel="icon" href="data:,"><iframe id="terminal" src="{url}"></iframe>
<script>
window.said = [];
window.addEventListener("message", (event) => said.push({{ ...event.data, origin: event.origin }}));
window.ask = (message) => document.getElementById("terminal").contentWindow.postMessage(message, "*");
</script>"""


class Till:
    """The cashier's page and the terminal in its frame."""

    def __init__(self, page: Page, host: TerminalHost) -> None:
        self.page = page
        self.host = host
        self.terminal: FrameLocator = page.frame_locator("#terminal")

    async def asks(self, **message: object) -> None:
        await self.page.evaluate("message => ask(message)", message)

    async def presses(self, selector: str) -> None:
        await self.terminal.locator(selector).click()

    async def hears(self, reference: str, outcome: str) -> dict[str, object]:
        """Wait for a result and return it."""
        match = "said.find(m => m.type === 'xiaopos.result' && m.reference === '%s' && m.outcome === '%s')"
        found = await self.page.wait_for_function(match % (reference, outcome))
        held: dict[str, object] = await found.json_value()
        return held


def at_the_till(story: Callable[[Till], Awaitable[None]], folder: Path, *, stranger: bool = False) -> None:
    """Run a story in a browser. A `stranger` frames the page without being the configured origin."""

    async def all_of_it() -> None:
        host = TerminalHost()
        pages: dict[str, str] = {}

        async def cashier(_: web.Request) -> web.Response:
            return web.Response(text=CASHIER.format(url=pages["terminal"]), content_type="text/html")

        app = web.Application()
        app.router.add_get("/", cashier)
        runner = web.AppRunner(app)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        shop = f"http://127.0.0.1:{runner.addresses[0][1]}"
        async with listening(host) as line_port, async_playwright() as playwright:
            terminal = terminal_at(line_port, folder)
            origins = ("http://127.0.0.1:1",) if stranger else (shop,)
            server = TerminalServer({IDENTITY.terminal_id: terminal}, PageSettings(origins))
            port = await server.start("127.0.0.1", 0)
            pages["terminal"] = f"http://127.0.0.1:{port}/terminals/{IDENTITY.terminal_id}?origin={shop}"
            browser = await playwright.chromium.launch(
                executable_path=machine.chromium(), args=machine.CHROMIUM_OPTIONS
            )
            page = await browser.new_page()
            page.set_default_timeout(10_000)
            await page.goto(shop)
            try:
                await story(Till(page, host))
            finally:
                await browser.close()
                await server.stop()
                await runner.cleanup()

    asyncio.run(asyncio.wait_for(all_of_it(), 60))


def test_a_sale_with_a_pin_then_a_void(tmp_path: Path) -> None:
    async def story(till: Till) -> None:
        await till.page.wait_for_function("said.some(m => m.step === 'ready')")
        await till.asks(type="xiaopos.sale", amount_minor=1250, lang="zh", reference="r1")
        await till.presses("[data-how=insert]")
        for digit in "123456":
            await till.presses(f'[data-digit="{digit}"]')
        await till.presses("#pin-done")
        sale = await till.hears("r1", "approved")
        assert sale["money_moved"] == "yes"
        assert till.host.pins_right == [True]
        await till.asks(type="xiaopos.void", stan=sale["stan"], batch_number=sale["batch_number"], reference="r2")
        await till.hears("r2", "approved")
        steps = await till.page.evaluate("said.filter(m => m.reference === 'r1' && m.step).map(m => m.step)")
        assert steps == ["present_card", "enter_pin", "sending"]

    at_the_till(story, tmp_path)


async def press_pin(till: Till) -> None:
    for digit in "123456":
        await till.presses(f'[data-digit="{digit}"]')
    await till.presses("#pin-done")


async def starts(till: Till, action: str, **fields: str) -> None:
    """Start one of the other transactions by its form."""
    await till.terminal.locator("#action").select_option(action)
    for name, value in fields.items():
        await till.terminal.locator(f"#{name}").fill(value)
    await till.presses("#others button.main")


async def reads(till: Till, words: str, seen: str = "") -> None:
    """The screen says these words, and shows this among its facts."""
    await expect(till.terminal.locator("#message")).to_have_text(words)
    if seen:
        await expect(till.terminal.locator("#facts")).to_contain_text(seen)


def test_a_hold_is_completed_and_voided_and_a_balance_asked_by_the_form(tmp_path: Path) -> None:
    async def story(till: Till) -> None:
        await till.presses("#more summary")
        await starts(till, "preauth", minor="abc")
        await reads(till, "请输入大于零的金额，最多两位小数")
        await starts(till, "preauth", minor="100")
        await till.presses("[data-how=insert]")
        await press_pin(till)
        await reads(till, "预授权成功，金额已冻结，未扣款", "授权码 ABC123")
        await starts(till, "complete", minor="80", code="ABC")
        await reads(till, "请输入 6 位授权码")
        await starts(till, "complete", minor="80", code="abc123")
        await reads(till, "预授权完成，已扣款")
        await starts(till, "void-completion", original="")
        await reads(till, "请输入原交易的凭证号")
        await starts(till, "void-completion", original="3")
        await reads(till, "预授权完成已撤销，冻结恢复")
        await starts(till, "complete-advice", minor="1", code="ZZZ999")
        await till.presses("[data-how=swipe]")
        await reads(till, "预授权完成通知已送达")
        await starts(till, "balance")
        await till.presses("[data-how=swipe]")
        await press_pin(till)
        await reads(till, "余额查询成功", "可用余额 ¥123.45")
        await starts(till, "offline-sale", minor="3")
        await till.presses("[data-how=insert]")
        await reads(till, "离线交易已送达")
        await starts(till, "settle")
        await reads(till, "交易成功")

    at_the_till(story, tmp_path)


def test_a_tip_a_signature_a_query_and_lists_by_the_form(tmp_path: Path) -> None:
    async def story(till: Till) -> None:
        await till.asks(type="xiaopos.sale", amount_minor=100_00, lang="zh", reference="r1")
        await till.presses("[data-how=tap]")
        stan = str((await till.hears("r1", "approved"))["stan"])
        await till.presses("#more summary")
        await starts(till, "tip", minor="10", original=stan)
        await reads(till, "小费已入账")
        await till.terminal.locator("#action").select_option("signature")
        await draws(till)
        await starts(till, "signature", original=stan)
        await reads(till, "电子签名已上送")
        mine = till.host.heard[-1].raw(62)
        assert (mine[:2], len(mine)) == (b"BM", 830)
        await starts(till, "signature", original=stan)
        await till.terminal.locator("#screen[data-outcome=approved]").wait_for()
        await until(lambda: till.host.heard[-1].raw(62) not in (b"", mine))
        await starts(till, "query", number="12-34")
        await reads(till, "请输入 12 位参考号，或凭证号")
        await starts(till, "query", number=stan)
        await reads(till, "所查交易：已成功")
        await starts(till, "script-notice", original=stan)
        await reads(till, "脚本处理结果已通知")
        await starts(till, "tell-status")
        await reads(till, "终端状态已上送")

    at_the_till(story, tmp_path)


async def draws(till: Till) -> None:
    """The customer draws a stroke on the paper."""
    box = await till.terminal.locator("#paper").bounding_box()
    assert box is not None
    await till.page.mouse.move(box["x"] + 10, box["y"] + 10)
    await till.page.mouse.down()
    await till.page.mouse.move(box["x"] + box["width"] - 10, box["y"] + box["height"] - 10, steps=5)
    await till.page.mouse.up()


async def until(true: Callable[[], bool]) -> None:
    """Wait until something is true, for as long as a page may take."""
    while not true():
        await asyncio.sleep(0.05)


def test_lists_are_fetched_by_keyboard_and_shown_in_english_too(tmp_path: Path) -> None:
    async def story(till: Till) -> None:
        await till.terminal.locator("#more summary").focus()
        await till.page.keyboard.press("Enter")
        await till.terminal.locator("#action").select_option("fetch")
        for name in ("parameters", "blacklist"):
            await till.terminal.locator("#list").select_option(name)
            await till.terminal.locator("#others button.main").focus()
            await till.page.keyboard.press("Enter")
            await till.terminal.locator(
                "#facts", has_text={"parameters": "终端参数", "blacklist": "黑名单"}[name]
            ).wait_for()
            await reads(till, "下载完成，新清单已启用")
        await expect(till.terminal.locator("#shop")).to_have_text("小林茶铺")
        await till.presses("#held summary")
        await expect(till.terminal.locator("#held-rows")).to_contain_text("黑名单: 5 · 版本")
        await till.terminal.locator("#other-language").focus()
        await till.page.keyboard.press("Enter")
        await expect(till.terminal.locator("h1")).to_contain_text("Simulated terminal")
        await till.presses("#held summary")
        await expect(till.terminal.locator("#held-rows")).to_contain_text("Blacklist: 5 · version")

    at_the_till(story, tmp_path)


def test_the_line_drops_and_is_put_right(tmp_path: Path) -> None:
    async def story(till: Till) -> None:
        await till.presses("[data-fault=line-drops]")
        await till.terminal.locator("#fault-now:not(:empty)").wait_for()
        await till.asks(type="xiaopos.sale", amount_minor=990, lang="zh", reference="r1")
        await till.presses("[data-how=tap]")
        unknown = await till.hears("r1", "unknown")
        assert unknown["money_moved"] == "unknown"
        righted = await till.hears("r1", "reversed")
        assert righted["stan"] == unknown["stan"]
        assert "未扣款" in str(await till.terminal.locator("#message").text_content())

    at_the_till(story, tmp_path)


def test_a_refund_of_a_held_voucher_needs_no_card_and_an_older_one_does(tmp_path: Path) -> None:
    async def story(till: Till) -> None:
        await till.asks(type="xiaopos.sale", amount_minor=990, lang="zh", reference="r1")
        await till.presses("[data-how=swipe]")
        sale = await till.hears("r1", "approved")
        await till.asks(type="xiaopos.refund", amount_minor=100, rrn=sale["rrn"], reference="r2")
        await till.hears("r2", "approved")
        await till.asks(type="xiaopos.refund", amount_minor=100, rrn="000000000077", reference="r3")
        await till.presses("[data-how=swipe]")
        await till.hears("r3", "approved")
        await till.asks(type="xiaopos.sale", amount_minor=1, reference="r4")
        await till.presses("#reader [data-cancel]")
        assert (await till.hears("r4", "cancelled"))["money_moved"] == "no"

    at_the_till(story, tmp_path)


def test_a_stranger_cannot_frame_the_terminal(tmp_path: Path) -> None:
    async def story(till: Till) -> None:
        await till.asks(type="xiaopos.sale", amount_minor=990, lang="zh", reference="r1")
        await till.page.wait_for_timeout(300)
        assert await till.page.evaluate("said.length") == 0
        assert await till.terminal.locator("#screen").count() == 0
        assert till.host.heard == []

    at_the_till(story, tmp_path, stranger=True)
