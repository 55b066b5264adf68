"""A key's ceremony in two people's real browsers: Gao asks, He approves, a key leaves in a key block and comes back."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from support.shop_floor import NARROW, WIDE, Floor, Till

pytestmark = pytest.mark.slow


def plan(gao: Till, name: str, usage: str, algorithm: str, origin: str = "generated") -> str:
    """Gao plans a key; the address of its page."""
    page = gao.opens("/console/keys/")
    page.fill("#name", name)
    page.select_option("#usage", usage)
    page.select_option("#algorithm", algorithm)
    page.select_option("#origin", origin)
    page.fill("#reason", "a new partner")
    page.get_by_role("button", name="登记").click()
    expect(page.locator("h1")).to_have_text(name)
    return page.url.removeprefix(gao.demo.told["web"])


def change(gao: Till, he: Till, address: str, what: str, **more: str) -> Page:
    """Gao asks for a change, He approves it; He's page."""
    page = gao.opens(address)
    page.select_option("#change", what)
    for field, value in more.items():
        page.select_option(f"#{field}", value)
    page.fill("#reason", "a new partner")
    page.get_by_role("button", name="申请").click()
    expect(page.locator("main")).to_contain_text("需要另一个人来批准")
    expect(page.get_by_role("button", name="批准并执行")).to_have_count(0)
    his = he.opens(address)
    his.get_by_role("button", name="批准并执行").click()
    expect(his.get_by_role("button", name="批准并执行")).to_have_count(0)
    expect(his.locator("[role=status], [role=alert]").first).to_contain_text("已批准并执行")
    return his


def test_two_people_make_a_key_and_send_it_in_a_key_block(floor: Floor) -> None:
    gao, he = floor.till("gao"), floor.till("he")
    zmk = plan(gao, "partner_zmk", "ZMK", "AES256")
    for step in ("generate", "activate"):
        change(gao, he, zmk, step)
    zpk = plan(gao, "partner_zpk", "ZPK", "AES128")
    change(gao, he, zpk, "generate")
    page = change(gao, he, zpk, "export", kek="partner_zmk", form="block")
    block = re.search(r"\bD\d{4}P0AB00N0[0-9A-Z]{150,}", page.inner_text("main").replace("\n", ""))
    assert block is not None
    back = plan(gao, "partner_copy", "ZPK", "AES128", "imported")
    gao.page.fill("#block", block.group())
    gao.page.select_option("#kek", "partner_zmk")
    gao.page.fill("#reason", "the same key again")
    assert gao.barriers() == []
    gao.page.get_by_role("button", name="申请").click()
    page = he.opens(back)
    expect(page.locator("main")).to_contain_text(block.group())
    assert he.barriers() == []
    page.get_by_role("button", name="批准并执行").click()
    expect(page.locator("h1 + .chip")).to_have_text("已导入，未启用")
    assert gao.wrong() == he.wrong() == []
    for size, language in ((WIDE, "zh-hans"), (NARROW, "en")):
        looked = floor.till("gao", size, language)
        for address in ("/console/keys/", zmk, zpk):
            looked.opens(address)
            assert looked.barriers() == [], address
            assert looked.sideways() == [], address
        looked.page.context.close()
    gao.page.context.close()
    he.page.context.close()
