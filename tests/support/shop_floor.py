"""A shop of the running demo as people see it: somebody's browser, the counter, the customer's phone, the pretend terminal.

What may live here: signing in, pressing, reading a page. What may not: what a test expects.
"""

from __future__ import annotations

import json
import re
import urllib.request
from dataclasses import dataclass, field
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, FrameLocator, Locator, Page, StorageState, expect

from support.demo import Demo

WIDE = (1280, 900)
NARROW = (360, 740)
SMALL = (320, 480)
WITHIN_MS = 15_000
_RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}
_TOO_SMALL = """least => [...document.querySelectorAll("button, a[href], input, select, textarea")]
  .map(one => [one, one.matches("input[type=checkbox], label input[type=radio]") ? one.closest("label") : one])
  .map(([one, place]) => ({one, box: place.getBoundingClientRect()}))
  .filter(({one, box}) => one.checkVisibility() && !one.matches(".skip") && box.width)
  .filter(({box}) => box.width < least || box.height < least)
  .map(({one, box}) => `${one.outerHTML.slice(0, 80)} ${Math.round(box.width)}x${Math.round(box.height)}`)"""

_TOO_WIDE = """() => {
  const width = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth <= width) return [];
  const wide = [...document.querySelectorAll("body *")].filter(one => one.getBoundingClientRect().right > width);
  return [`${document.documentElement.scrollWidth} of ${width}`, ...wide.map(one => one.outerHTML.slice(0, 80))];
}"""


@dataclass
class Phone:
    """The pretend phone of a customer, by its JSON endpoints; `app` is the app that is open on it."""

    base: str
    customer: str = "mei"
    app: str = "wallet"

    def _ask(self, path: str, body: object = None, method: str = "POST") -> Any:
        data = None if method == "GET" else json.dumps(body).encode()
        asked = urllib.request.Request(self.base + path, data, {"Content-Type": "application/json"}, method=method)
        with urllib.request.urlopen(asked, timeout=10) as answer:
            return json.load(answer)

    def code(self) -> str:
        """A fresh payment code."""
        return str(self._ask(f"/phone/{self.app}/api/customers/{self.customer}/code")["code"])

    def pays(self, content: str) -> None:
        """Scan the shop's code and pay."""
        path = f"/phone/{self.app}/api/customers/{self.customer}/scan"
        self.confirm(str(self._ask(path, {"content": content})["order"]["number"]))

    def confirm(self, number: str) -> None:
        """Pay an order that waits."""
        people = self._ask(f"/phone/{self.app}/api/customers", method="GET")["customers"]
        password = next(one["password"] for one in people if one["customer"] == self.customer)
        path = f"/phone/{self.app}/api/customers/{self.customer}/orders/{number}/confirm"
        self._ask(path, {"password": password})

    def waiting(self, amount_minor: int) -> str:
        """The number of the order of this amount that waits for the customer."""
        orders = self._ask(f"/phone/{self.app}/api/customers/{self.customer}/orders", method="GET")["orders"]
        return str(
            next(row["number"] for row in orders if (row["amount_minor"], row["state"]) == (amount_minor, "USERPAYING"))
        )

    def mood(self, trouble: str, **more: object) -> None:
        """Let the wallet have a trouble."""
        self._ask(f"/control/{self.app}/moods", {"trouble": trouble, **more})

    def well(self) -> None:
        """Lift every trouble."""
        self._ask(f"/control/{self.app}/moods", method="DELETE")


@dataclass
class Till:
    """The counter in somebody's browser. `complaints` is what the browser's console said that no test allowed."""

    page: Page
    demo: Demo
    complaints: list[str] = field(default_factory=list)
    allowed: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.set_default_timeout(WITHIN_MS)
        self.page.on(
            "console", lambda said: self.complaints.append(said.text) if said.type in ("error", "warning") else None
        )
        self.page.on("pageerror", lambda fault: self.complaints.append(str(fault)))

    def wrong(self) -> list[str]:
        """The complaints that no test allowed."""
        return [said for said in self.complaints if not any(part in said for part in self.allowed)]

    def opens(self, path: str = "/cashier/") -> Page:
        """Open a page of the house."""
        self.page.goto(self.demo.told["web"] + path)
        return self.page

    def keys(self, minor: int) -> None:
        """Key in an amount with the keypad's buttons."""
        for digit in str(minor):
            self.page.click(f'[data-digit="{digit}"]')

    def means(self, name: str) -> None:
        """Press one of the three buttons."""
        self.page.click(f"[data-means={name}]")

    def wedge(self, code: str) -> None:
        """Scan with a scanner that types."""
        self.page.keyboard.type(code)
        self.page.keyboard.press("Enter")

    def shown_code(self) -> str:
        """What the code on the screen says."""
        expect(self.page.locator("#shown-code")).to_be_visible(timeout=WITHIN_MS)
        return str(self.page.get_attribute("#shown-code", "data-content"))

    def result(self, outcome: str, *words: str, within_ms: int = WITHIN_MS) -> Locator:
        """Wait until the screen tells an outcome, in these words."""
        place = self.page.locator("#outcome")
        expect(place).to_have_attribute("data-outcome", outcome, timeout=within_ms)
        for said in words:
            expect(place).to_contain_text(said)
        return place

    def after(self) -> None:
        """On to the next sale."""
        self.page.click("#next")
        expect(self.page.locator("#keypad")).to_be_visible()

    @property
    def terminal(self) -> FrameLocator:
        """The pretend terminal beside the page."""
        return self.page.frame_locator("#terminal-frame")

    def fault(self, name: str) -> None:
        """Press one of the terminal's trouble buttons."""
        self.terminal.locator(f"[data-fault={name}]").click()
        expect(self.terminal.locator("#fault-now")).not_to_be_empty()

    def card(self, minor: int, how: str = "tap") -> None:
        """Key in an amount and present a card."""
        self.keys(minor)
        self.means("card")
        self.terminal.locator(f"[data-how={how}]").click()

    def confirms(self, form: str = "main form") -> None:
        """Type the code that the demo shows beside the field; nothing where it was shown just now."""
        field = self.page.locator(f"{form} input[name=second_factor]")
        if field.count():
            field.first.fill(self.page.locator(f"{form} .hint code").first.inner_text())

    def in_books(self, minor: int) -> list[str]:
        """The states of the sales of this amount: a test uses an amount of its own."""
        return [
            state
            for (state,) in self.demo.rows(f"SELECT state FROM payment WHERE kind = 'sale' AND amount_minor = {minor}")
        ]

    def sideways(self) -> list[str]:
        """What makes the page scroll sideways, once it is there."""
        self.page.wait_for_load_state()
        return list(self.page.evaluate(_TOO_WIDE))

    def too_small(self, least: int = 48) -> list[str]:
        """What a finger would miss, once the page is there."""
        self.page.wait_for_load_state()
        return list(self.page.evaluate(_TOO_SMALL, least))

    def barriers(self) -> list[str]:
        """What axe finds."""
        found = Axe().run(self.page, options=_RULES).response["violations"]
        return [
            f"{one['id']}: {node['html'][:160]} {node['failureSummary'][:300]}"
            for one in found
            for node in one["nodes"]
        ]


@dataclass
class Floor:
    """Who is signed in, and their browsers. Signing in is done once a person; tests get contexts of their own."""

    browser: Browser
    demo: Demo
    signed_in: dict[str, StorageState]

    def context(self, who: str = "", size: tuple[int, int] = WIDE, language: str = "zh-hans") -> BrowserContext:
        """A browser context in which `who` is signed in, nobody for an empty name."""
        if who and who not in self.signed_in:
            self.signed_in[who] = self._sign_in(who)
        state = self.signed_in[who] if who else None
        context = self.browser.new_context(
            viewport={"width": size[0], "height": size[1]}, storage_state=state, locale="zh-CN", reduced_motion="reduce"
        )
        context.add_cookies([{"name": "xiaopos_language", "value": language, "url": self.demo.told["web"]}])
        return context

    def till(self, who: str = "zhou", size: tuple[int, int] = WIDE, language: str = "zh-hans") -> Till:
        """A page of somebody who is signed in."""
        return Till(self.context(who, size, language).new_page(), self.demo)

    def _sign_in(self, who: str) -> StorageState:
        context = self.browser.new_context(locale="zh-CN")
        page = context.new_page()
        page.set_default_timeout(WITHIN_MS)
        page.goto(self.demo.told["web"])
        page.fill("input[name=username]", who)
        page.fill("input[name=password]", self.demo.told["password"])
        page.keyboard.press("Enter")
        expect(page.locator("input[name=password]")).to_have_count(0, timeout=WITHIN_MS)
        if page.locator("input[name=code]").count():
            code = re.search(r"\d{6}", page.inner_text("output.code"))
            assert code is not None
            page.fill("input[name=code]", code.group())
            page.keyboard.press("Enter")
            expect(page.locator("input[name=code]")).to_have_count(0, timeout=WITHIN_MS)
        state = context.storage_state()
        context.close()
        return state
