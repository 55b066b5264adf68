"""Somebody offers a merchant a POS: the badge is scanned with a phone, its bearer answers a number, a false one is caught."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from support.shop_floor import NARROW, WIDE, WITHIN_MS, Floor, Till

pytestmark = pytest.mark.slow


def badge_of(tao: Till) -> str:
    """The path of the badge that Tao carries now."""
    page = tao.opens("/agent/badge/")
    return str(page.get_by_role("link", name="看商户看到的").get_attribute("href"))


def edited(path: str) -> str:
    """The same badge with another letter in its signature."""
    place = -10
    return path[:place] + ("A" if path[place] != "A" else "B") + path[place + 1 :]


def test_a_merchant_checks_a_badge_and_the_person_who_carries_it(floor: Floor) -> None:
    tao, mei = floor.till("tao", NARROW), floor.till("", NARROW)
    path = badge_of(tao)
    expect(tao.page.get_by_role("img", name="我的工牌二维码").locator("svg")).to_be_visible()
    assert (tao.barriers(), tao.sideways()) == ([], [])
    page = mei.opens(path)
    expect(page.locator(".verdict.good h1")).to_have_text("工牌有效，已授权")
    expect(page.locator("#own-check")).to_contain_text("您的手机自己也验过签名")
    assert (mei.barriers(), mei.sideways()) == ([], [])
    page.get_by_role("button", name="核对本人").click()
    number = page.locator(".number").inner_text()
    assert (mei.barriers(), mei.sideways()) == ([], [])
    tao.page.fill("#number", number)
    tao.page.keyboard.press("Enter")
    expect(tao.page.locator(".notice")).to_contain_text("核对成功")
    expect(page.locator(".verdict.good")).to_contain_text("是本人", timeout=WITHIN_MS)
    page.get_by_role("link", name="返回工牌").click()
    page.locator("summary").click()
    page.select_option("#at", "31")
    page.get_by_role("button", name="核对", exact=True).click()
    expect(page.locator(".verdict.bad h1")).to_have_text("超出授权地区")
    assert (tao.wrong(), mei.wrong()) == ([], [])
    for till in (tao, mei):
        till.page.context.close()


def test_a_false_badge_is_caught_and_reported_in_three_taps(floor: Floor) -> None:
    tao, mei = floor.till("tao", NARROW), floor.till("", NARROW)
    path = badge_of(tao)
    mei.allowed.append("404")
    page = mei.opens(edited(path))
    expect(page.locator(".verdict.bad h1")).to_have_text("伪造的工牌，签名不对")
    expect(page.locator(".verdict")).to_contain_text("不要付钱")
    assert mei.barriers() == []
    page.get_by_role("link", name="举报").click()
    page.get_by_text("向我要钱").click()
    assert mei.barriers() == []
    page.get_by_role("button", name="提交举报").click()
    expect(page.locator(".notice.good")).to_contain_text("案号")
    case = page.locator(".notice.good .what").inner_text().split()[-1]
    gao = floor.till("gao", WIDE)
    queue = gao.opens("/console/agents/reports/")
    expect(queue.locator(".card", has_text=case)).to_contain_text("不是我们发的工牌")
    assert (gao.barriers(), gao.sideways()) == ([], [])
    queue.locator(".card", has_text=case).get_by_label("调查结果").fill("somebody printed a picture")
    queue.locator(".card", has_text=case).get_by_role("button", name="查实").click()
    expect(queue.locator(".notice.success, .notice").first).to_contain_text("查实")
    assert mei.wrong() == []
    for till in (tao, mei, gao):
        till.page.context.close()


def test_the_page_checks_a_badge_by_itself_without_a_connection(floor: Floor) -> None:
    tao, mei = floor.till("tao", NARROW), floor.till("", NARROW, "en")
    path = badge_of(tao)
    page = mei.opens("/badge/verify/")
    page.context.set_offline(True)
    page.fill("#text", f"https://pay.example{path}")
    page.get_by_role("button", name="Check it").click()
    expect(page.locator("#result .verdict.good h2")).to_have_text("The signature is right, nothing was changed")
    page.fill("#text", edited(path))
    page.get_by_role("button", name="Check it").click()
    expect(page.locator("#result .verdict.bad")).to_be_visible()
    assert (mei.barriers(), mei.wrong()) == ([], [])
    for till in (tao, mei):
        till.page.context.close()


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_every_page_of_badges_and_agents_is_usable_on_a_phone(floor: Floor, language: str) -> None:
    tao = floor.till("tao", NARROW)
    path = badge_of(tao)
    tao.page.context.close()
    visits = [("", path), ("", "/badge/"), ("", "/badge/scans/"), ("", "/badge/report/"), ("", "/badge/verify/")]
    visits += [
        ("tao", "/agent/badge/"),
        ("feng", "/agent/"),
        ("gao", "/console/agents/"),
        ("gao", "/console/agents/reports/"),
    ]
    for who, address in visits:
        till = floor.till(who, NARROW, language)
        till.opens(address)
        assert till.barriers() == [], address
        assert till.sideways() == [], address
        till.page.context.close()
