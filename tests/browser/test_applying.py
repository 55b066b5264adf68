"""Getting a POS on a telephone in a real browser, in both languages: from the site to the queue, and its review."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import expect

from support.applicants import PERSON, a_picture
from support.shop_floor import NARROW, SMALL, Floor, Till
from xiaopos.merchants.applications.fields import Field

pytestmark = pytest.mark.slow

WORDS = {
    "zh-hans": {"begin": "按小微商户申请", "done": "等待审核"},
    "en": {"begin": "Apply as: Person", "done": "Waiting for review"},
}
TYPED = (Field.SHOP_NAME, Field.SHOP_ADDRESS, Field.PERSON_NAME, Field.RESIDENT_ID, Field.ID_UNTIL, Field.CARD_NUMBER)


@pytest.fixture
def photograph(tmp_path: Path) -> Path:
    """A picture on the telephone."""
    file = tmp_path / "photo.png"
    file.write_bytes(a_picture(1200, 900))
    return file


def looked_at(phone: Till, seen: list[str]) -> None:
    """Nothing keeps anybody from using this page."""
    here = phone.page.url
    seen += [f"{here}: {one}" for one in (*phone.barriers(), *phone.too_small(), *phone.sideways())]


def begins(floor: Floor, language: str, number: str, size: tuple[int, int] = NARROW) -> Till:
    """Lin opens the site and begins."""
    phone = floor.till("", size, language)
    phone.opens("/apply/")
    phone.page.get_by_role("link", name=WORDS[language]["begin"]).click()
    phone.page.select_option("#category", "5812")
    phone.page.select_option("#region", "310115")
    phone.page.fill("#phone", number)
    phone.page.locator("main form button.big").click()
    expect(phone.page.locator("ol.steps")).to_be_visible()
    return phone


def fills(phone: Till, photograph: Path, seen: list[str]) -> None:
    """Every step, one after the other."""
    page = phone.page
    page.locator("main a.button.big").click()
    for _step in range(3):
        looked_at(phone, seen)
        for field in TYPED:
            if page.locator(f"input#{field.value}").count():
                page.fill(f"input#{field.value}", PERSON[field])
        if page.locator("input[name=monthly]").count():
            page.check("input[name=monthly][value=under_10k]")
        page.locator("main form button.big").click()
        page.wait_for_load_state()
    looked_at(phone, seen)
    for picture in ("id_front", "id_back"):
        page.set_input_files(f"#{picture}", photograph)
        page.locator(f"#{picture}-form button").click()
        expect(page.locator(f"#{picture}-form .chip.good")).to_be_visible()
    page.locator("main a.button.big").click()
    looked_at(phone, seen)


def hands_in(phone: Till, photograph: Path, seen: list[str] | None = None) -> None:
    """Everything, and agreeing to what must be agreed to."""
    fills(phone, photograph, [] if seen is None else seen)
    for consent in ("review", "contact"):
        phone.page.check(f"input[name=agree_{consent}]")
    phone.page.locator("main form button.big").click()
    expect(phone.page.locator("ol.timeline")).to_have_count(1)


@pytest.mark.parametrize(("language", "number"), [("zh-hans", "13811110001"), ("en", "13811110002")])
def test_a_person_without_a_licence_applies_on_a_telephone(
    floor: Floor, photograph: Path, language: str, number: str
) -> None:
    seen: list[str] = []
    phone = begins(floor, language, number)
    for path in ("/apply/", "/apply/start/", "/apply/now/"):
        phone.opens(path)
        looked_at(phone, seen)
    hands_in(phone, photograph, seen)
    expect(phone.page.locator("main")).to_contain_text(WORDS[language]["done"])
    looked_at(phone, seen)
    assert seen == []
    assert phone.wrong() == []
    phone.page.context.close()


def test_somebody_who_comes_back_on_another_telephone(floor: Floor) -> None:
    first = begins(floor, "zh-hans", "13811110003", SMALL)
    first.page.locator("main a.button.big").click()
    first.page.fill("#shop_name", "林晓茶摊")
    first.page.locator("main form button.big").click()
    first.allowed.append("422")
    expect(first.page.locator("[role=alert]")).to_be_visible()
    seen: list[str] = []
    looked_at(first, seen)
    first.opens("/apply/now/")
    link = first.page.locator("#link").input_value()

    other = floor.till("", SMALL)
    other.page.goto(link)
    looked_at(other, seen)
    other.page.get_by_role("button", name="发验证码").click()
    looked_at(other, seen)
    telephone = floor.till("", SMALL)
    telephone.page.goto(link.replace("/a/", "/phone/"))
    code = telephone.page.inner_text("output.code")
    looked_at(telephone, seen)
    other.page.fill("#code", code)
    other.page.get_by_role("button", name="继续").click()
    other.page.locator("main a.button.big").click()
    expect(other.page.locator("#shop_name")).to_have_value("林晓茶摊")
    assert seen == []
    assert first.wrong() == other.wrong() == []


def test_the_review_of_it(floor: Floor, photograph: Path) -> None:
    """Lin has handed one in before: what is known twice needs two people."""
    earlier = begins(floor, "zh-hans", "13811110005")
    hands_in(earlier, photograph)
    phone = begins(floor, "zh-hans", "13811110004")
    hands_in(phone, photograph)
    he, seen = floor.till("he"), list[str]()
    page = he.opens("/console/applications/")
    looked_at_console(he, seen)
    page.locator("tbody tr", has_text="等待审核").last.locator("a").click()
    page.get_by_role("button", name="领取，开始审核").click()
    looked_at_console(he, seen)
    page.fill("#look-reason", "核对身份证")
    page.get_by_role("button", name="看完整资料和照片").click()
    expect(page.locator("figure img").first).to_be_visible()
    looked_at_console(he, seen)
    page.go_back()
    page.get_by_role("button", name="要打电话核实").click()
    looked_at_console(he, seen)
    page.check("input[name=outcome][value=confirmed]")
    page.fill("#call-reason", "本人说是自己的茶摊")
    page.get_by_role("button", name="记下这次通话").click()
    page.fill("#approve-reason", "资料和通话都对")
    page.get_by_role("button", name="通过", exact=True).click()
    expect(page.locator("main")).to_contain_text("已转给第二个人复核")
    gao = floor.till("gao")
    gao.page.goto(page.url)
    looked_at_console(gao, seen)
    gao.page.fill("#approve-reason", "两份申请是同一个人，第一份已撤回")
    gao.page.get_by_role("button", name="通过", exact=True).click()
    expect(gao.page.locator("main")).to_contain_text("商户、门店和协议已建立")
    assert seen == []
    assert he.wrong() == gao.wrong() == []
    phone.opens("/apply/now/")
    expect(phone.page.locator("main")).to_contain_text("已通过")


def looked_at_console(desk: Till, seen: list[str]) -> None:
    """The console's measure: targets of 24 pixels."""
    seen += [f"{desk.page.url}: {one}" for one in (*desk.barriers(), *desk.too_small(24), *desk.sideways())]
