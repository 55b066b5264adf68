"""One code for every paying app, in a real browser: made by Chen, paid by Mei with two apps, once."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from support.shop_floor import NARROW, WITHIN_MS, Floor, Phone

pytestmark = pytest.mark.slow

UNIONPAY = "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Mobile Safari/537.36 UnionPay/1.0 CloudPay"
WECHAT = "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Mobile Safari/537.36 MicroMessenger/8.0"
FITS = "document.documentElement.scrollWidth <= document.documentElement.clientWidth"


def opened(floor: Floor, address: str, agent: str = "", language: str = "zh-CN") -> Page:
    """The page of a code as an app's own browser shows it."""
    size = {"width": NARROW[0], "height": NARROW[1]}
    given = {"user_agent": agent} if agent else {}
    page = floor.browser.new_context(viewport=size, locale=language, **given).new_page()  # type: ignore[arg-type] # its own words
    page.set_default_timeout(WITHIN_MS)
    page.goto(address)
    return page


def app(floor: Floor, name: str) -> Phone:
    """An app on Mei's phone."""
    return Phone(floor.demo.told["phone"].removesuffix("/phone"), app=name)


def test_an_order_is_begun_with_two_apps_and_paid_once(floor: Floor) -> None:
    chen = floor.till("chen")
    page = chen.opens("/portal/codes/")
    page.fill("#label", "1 号桌")
    page.locator("form[action$='/make/'] button").click()
    address = page.locator("code.long").first.inner_text()

    unionpay = opened(floor, address, UNIONPAY)
    unionpay.fill("#amount", "12.5")
    unionpay.locator("button.big").click()
    emvco = unionpay.locator("#content").input_value()
    assert emvco.startswith("000201010212")

    browser = opened(floor, unionpay.url, language="en-US")
    browser.get_by_role("button", name="Pay with").click()
    sandbox = browser.locator("#content").input_value()
    app(floor, "unionpay").pays(emvco)
    app(floor, "wallet").pays(sandbox)
    returned = re.compile("已自动退回|已原路退回")
    given_back = re.compile("given back automatically|has gone back")
    for shown, paid, besides in ((unionpay, "已付", returned), (browser, "Paid", given_back)):
        expect(shown.locator(".lines")).to_contain_text(besides, timeout=WITHIN_MS)
        expect(shown.locator(".lines")).to_contain_text(paid)
    page.reload()
    expect(page.locator("main")).to_contain_text(returned)

    wechat = opened(floor, address, WECHAT)
    expect(wechat.get_by_role("button", name="用微信支付付款")).to_be_visible()
    assert wechat.evaluate(FITS), "the page fits a narrow phone"
    page.on("dialog", lambda dialog: dialog.accept())
    page.locator("summary").first.click()
    page.locator("form[action$='/rotate/'] button").first.click()
    expect(page.locator("code.long").first).not_to_have_text(address)
    wechat.goto(address)
    expect(wechat.locator("h1")).to_contain_text("已停用")
    assert chen.wrong() == []


def test_an_app_that_the_shop_does_not_take_is_told_so(floor: Floor) -> None:
    wu = floor.till("wu")
    page = wu.opens("/portal/codes/")
    page.fill("#label", "收银台")
    page.locator("form[action$='/make/'] button").click()
    wechat = opened(floor, page.locator("code.long").first.inner_text(), WECHAT)
    expect(wechat.locator("main")).to_contain_text("不能用微信支付付款")
    expect(wechat.locator("main")).to_contain_text("没有动钱")
    assert wechat.evaluate(FITS), "the page fits a narrow phone"
    assert wu.wrong() == []


def test_zhou_shows_one_code_for_every_app(floor: Floor) -> None:
    zhou = floor.till("zhou", NARROW)
    page = zhou.opens("/cashier/code")
    assert page.evaluate(FITS), "the form fits a narrow screen"
    page.fill("#amount", "12.5")
    page.get_by_role("button", name="出示聚合码").click()
    expect(page.locator(".drawn svg")).to_be_visible()
    assert page.evaluate(FITS), "the code fits a narrow screen"
    address = page.url.replace("/cashier/code/", "/pay/")
    mei = opened(floor, address)
    mei.locator("button.big").click()
    app(floor, "wallet").pays(mei.locator("#content").input_value())
    expect(page.locator(".notice.good")).to_contain_text("收款成功", timeout=WITHIN_MS)
    assert zhou.wrong() == []
