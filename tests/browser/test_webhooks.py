"""An owner's webhooks in a real browser, told by the demo's own worker: entered, tested, looked at, told again."""

from __future__ import annotations

import base64
import hmac
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from playwright.sync_api import Page, expect

from support.shop_floor import NARROW, WIDE, Floor, Phone

pytestmark = pytest.mark.slow
Told = list[tuple[dict[str, str], bytes]]


@pytest.fixture
def server() -> Iterator[tuple[str, Told]]:
    """Chen's own server: its address, and what it was told."""
    told: Told = []

    class Door(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            told.append(({name.lower(): value for name, value in self.headers.items()}, body))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """A test says enough."""

    http = HTTPServer(("127.0.0.1", 0), Door)
    thread = threading.Thread(target=http.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{http.server_port}/hook", told
    http.shutdown()
    thread.join()
    http.server_close()


def shows(page: Page, words: str) -> None:
    """Load the page again until it says so."""
    for _ in range(60):
        if page.locator("main").get_by_text(words).count():
            return
        page.wait_for_timeout(500)
        page.reload()
    raise AssertionError(page.locator("main").inner_text())


def test_an_endpoint_is_entered_tested_and_told_again(floor: Floor, server: tuple[str, Told]) -> None:
    url, told = server
    chen = floor.till("chen")
    page = chen.opens("/portal/webhooks/")
    page.fill("#url", url)
    chen.confirms()
    page.get_by_role("button", name="保存，并显示签名密钥").click()
    secret = base64.b64decode(page.input_value("#secret").removeprefix("whsec_"))
    assert chen.barriers() == []
    page.get_by_role("link", name="已保存好，继续").click()
    address = page.url.removeprefix(chen.demo.told["web"])
    page.get_by_role("button", name="发一条测试通知").click()
    expect(page.locator("main")).to_contain_text("测试通知")
    shows(page, "已送达")
    headers, body = told[0]
    text = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    mine = base64.b64encode(hmac.digest(secret, text, "sha256")).decode()
    assert f"v1,{mine}" in headers["webhook-signature"].split()
    assert " v1a," in headers["webhook-signature"]
    page.get_by_role("link", name="1", exact=True).click()
    expect(page.locator("main")).to_contain_text("对方收下了")
    page.get_by_role("button", name="重发").click()
    for _ in range(60):
        if len(told) > 1:
            break
        page.wait_for_timeout(500)
    assert [(one["webhook-id"], what) for one, what in told] == [(headers["webhook-id"], body)] * 2
    assert page.content().count("whsec_") == 0
    chen.opens()
    chen.keys(18_31)
    chen.means("payer_code")
    chen.wedge(Phone(chen.demo.told["phone"].removesuffix("/phone")).code())
    chen.result("approved")
    for _ in range(60):
        if json.loads(told[-1][1])["type"] == "payment.approved":
            break
        page.wait_for_timeout(500)
    message = json.loads(told[-1][1])
    assert (message["type"], message["data"]["amount_minor"]) == ("payment.approved", 18_31)
    assert chen.wrong() == []
    for size, language in ((WIDE, "en"), (NARROW, "zh-hans")):
        looked = floor.till("chen", size, language)
        for path in ("/portal/webhooks/", address, f"{address}1/"):
            looked.opens(path)
            assert looked.barriers() == [], path
            assert looked.sideways() == [], path
        looked.page.context.close()
    chen.opens(address)
    page.get_by_text("删除", exact=True).click()
    page.get_by_role("button", name="删除接收地址").click()
    expect(page.locator("main")).to_contain_text("还没有接收地址")
    page.context.close()
