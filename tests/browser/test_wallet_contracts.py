"""An owner's own contract with Alipay in a real browser: refused by its field, tested, a cent there and back, taking money."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from support.shop_floor import NARROW, WIDE, WITHIN_MS, Floor, Phone, Till

pytestmark = pytest.mark.slow


def registered(chen: Till, public: str) -> dict[str, str]:
    """What the pretend open platform gives for a public key."""
    platform = chen.page.context.new_page()
    platform.goto(chen.demo.told["alipay_platform"])
    platform.fill("#public_key", public)
    platform.get_by_role("button", name="登记").click()
    given = platform.locator("[data-given]")
    expect(given).to_have_count(3)
    found = {str(one.get_attribute("data-given")): one.inner_text() for one in given.all()}
    platform.close()
    return found


def entered(chen: Till) -> str:
    """Chen enters a contract, the first time with his own key where Alipay's belongs; the address of its page."""
    page = chen.opens("/portal/wallets/alipay/enter/")
    page.get_by_role("button", name="生成一对密钥").click()
    public = page.input_value("#public")
    given = registered(chen, public)
    page.fill("#app_id", given["app_id"])
    page.fill("#wallet_public_key", public)
    chen.confirms("form.card")
    page.get_by_role("button", name="保存，先试用").click()
    expect(page.locator("#wallet_public_key-told")).to_contain_text("这是您自己的公钥")
    chen.allowed.append("422")
    assert page.input_value("#app_id") == given["app_id"]
    page.fill("#wallet_public_key", given["alipay_key"])
    chen.confirms("form.card")
    page.get_by_role("button", name="保存，先试用").click()
    expect(page.locator("h1")).to_contain_text("试用中")
    return page.url.removeprefix(chen.demo.told["web"])


def test_a_contract_is_entered_tested_and_takes_money(floor: Floor) -> None:
    chen = floor.till("chen")
    alipay = Phone(chen.demo.told["phone"].removesuffix("/phone"), app="alipay")
    address = entered(chen)
    page = chen.page
    page.get_by_role("button", name="测试连接").click()
    expect(page.locator(".notice.good").first).to_contain_text("连接正常")
    page.get_by_role("button", name="收 0.01 元").click()
    tried = page.locator("#tried")
    alipay.pays(tried.locator("code.long").inner_text())
    expect(tried).to_contain_text("已收款", timeout=WITHIN_MS)
    page.get_by_role("button", name="退回 0.01 元").click()
    expect(tried).to_contain_text("已退款", timeout=WITHIN_MS)
    page.fill("#code", alipay.code())
    page.get_by_role("button", name="收 0.01 元").click()
    expect(tried).to_contain_text("已收款", timeout=WITHIN_MS)
    assert chen.barriers() == []
    chen.confirms()
    page.get_by_role("button", name="开始收款").click()
    expect(page.locator("h1")).to_contain_text("正在收款")
    rows = chen.demo.rows("SELECT kind, state FROM payment WHERE channel = 'alipay-trial' ORDER BY received_at")
    assert rows == [("sale", "approved"), ("refund", "approved"), ("sale", "approved")]
    assert re.search("PRIVATE KEY", page.content()) is None
    assert chen.wrong() == []
    for size, language in ((WIDE, "en"), (NARROW, "zh-hans")):
        looked = floor.till("chen", size, language)
        for path in ("/portal/wallets/", "/portal/wallets/alipay/enter/?mode=certificate", address):
            looked.opens(path)
            assert looked.barriers() == [], path
            assert looked.sideways() == [], path
        looked.page.context.close()
    page.context.close()


def test_a_contract_with_wechat_pay_is_entered_from_what_its_platform_gives(floor: Floor) -> None:
    chen = floor.till("chen")
    wechat = Phone(chen.demo.told["phone"].removesuffix("/phone"), app="wechat")
    platform = chen.page.context.new_page()
    platform.goto(chen.demo.told["wechat_platform"])
    platform.get_by_role("button", name="开通商户号").click()
    given = {str(one.get_attribute("data-given")): one.inner_text() for one in platform.locator("[data-given]").all()}
    platform.close()
    page = chen.opens("/portal/wallets/wechat/enter/")
    for name, value in given.items():
        page.fill(f"#{name}", value)
    chen.confirms("form.card")
    page.get_by_role("button", name="保存，先试用").click()
    expect(page.locator("h1")).to_contain_text("试用中")
    page.get_by_role("button", name="测试连接").click()
    expect(page.locator(".notice.good").first).to_contain_text("连接正常")
    page.fill("#code", wechat.code())
    page.get_by_role("button", name="收 0.01 元").click()
    expect(page.locator("#tried")).to_contain_text("已收款", timeout=WITHIN_MS)
    page.get_by_role("button", name="退回 0.01 元").click()
    expect(page.locator("#tried")).to_contain_text("已退款", timeout=WITHIN_MS)
    assert chen.wrong() == []
    page.context.close()


def test_a_till_takes_wechat_pay_both_ways(floor: Floor) -> None:
    zhou = floor.till()
    wechat = Phone(zhou.demo.told["phone"].removesuffix("/phone"), app="wechat")
    zhou.opens()
    zhou.keys(17_33)
    zhou.means("payer_code")
    zhou.wedge(wechat.code())
    zhou.result("approved")
    zhou.after()
    zhou.page.select_option("#wallet", "wechat")
    zhou.keys(17_34)
    zhou.means("shop_code")
    zhou.result("waiting")
    wechat.pays(zhou.shown_code())
    zhou.result("approved")
    rows = zhou.demo.rows("SELECT channel, state FROM payment WHERE amount_minor IN (1733, 1734)")
    assert rows == [("wechat", "approved")] * 2
    assert zhou.wrong() == []
    zhou.page.context.close()


def test_a_till_takes_alipay_under_the_shops_own_contract(floor: Floor) -> None:
    zhou = floor.till()
    alipay = Phone(zhou.demo.told["phone"].removesuffix("/phone"), app="alipay")
    zhou.opens()
    zhou.keys(17_31)
    zhou.means("payer_code")
    zhou.wedge(alipay.code())
    zhou.result("approved")
    assert zhou.in_books(17_31) == ["approved"]
    assert zhou.demo.rows("SELECT channel FROM payment WHERE amount_minor = 1731") == [("alipay",)]
    assert zhou.wrong() == []
    zhou.page.context.close()


def test_a_till_shows_the_code_of_the_wallet_that_was_chosen(floor: Floor) -> None:
    zhou = floor.till()
    alipay = Phone(zhou.demo.told["phone"].removesuffix("/phone"), app="alipay")
    page = zhou.opens()
    page.select_option("#wallet", "alipay")
    page.reload()
    expect(page.locator("#wallet")).to_have_value("alipay")
    zhou.keys(17_32)
    zhou.means("shop_code")
    zhou.result("waiting")
    alipay.pays(zhou.shown_code())
    zhou.result("approved")
    assert zhou.demo.rows("SELECT channel, state FROM payment WHERE amount_minor = 1732") == [("alipay", "approved")]
    assert zhou.wrong() == []
    page.context.close()
