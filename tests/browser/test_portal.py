"""Merchant portal and operator console in a real Chromium, over the real demo."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from support.demo import Demo
from support.shop_floor import NARROW, Floor, Phone

LANGUAGES = pytest.mark.parametrize("language", ["zh-hans", "en"])

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def sale(floor: Floor, demo: Demo) -> str:
    """The number of a payment that Zhou has just taken."""
    till = floor.till()
    till.opens()
    till.keys(16_01)
    till.wedge(Phone(demo.told["phone"].removesuffix("/phone")).code())
    till.result("approved")
    number = str(till.page.get_attribute("#detail", "href")).rpartition("/")[2]
    till.page.context.close()
    return number


def test_today_is_drawn_with_its_numbers_beneath(floor: Floor, sale: str) -> None:
    desk = floor.till("lin")
    page = desk.opens("/portal/")
    assert page.locator("svg rect.today").count() >= 1
    page.click("summary")
    rows = page.locator(".hours-table tbody tr")
    expect(rows).to_have_count(24)
    assert re.search(r"¥\d+\.\d\d", page.inner_text(".hours-table"))
    assert desk.wrong() == []
    page.context.close()


def test_a_payments_time_line_and_its_pdf(floor: Floor, sale: str) -> None:
    desk = floor.till("lin")
    page = desk.opens(f"/portal/payments/{sale}/")
    expect(page.locator("main")).to_contain_text("16.01")
    assert page.locator("main ol li").count() >= 2
    pdf = page.request.get(f"{desk.demo.told['web']}/portal/payments/{sale}/receipt.pdf")
    assert pdf.headers["content-type"] == "application/pdf"
    assert pdf.body().startswith(b"%PDF")
    assert desk.wrong() == []
    page.context.close()


@pytest.mark.parametrize("path", ["/portal/", "/console/"])
def test_a_cashier_may_not_and_is_told_so(floor: Floor, path: str) -> None:
    desk = floor.till("zhou")
    page = desk.page
    answer = page.goto(desk.demo.told["web"] + path)
    assert answer is not None
    assert answer.status == 403
    assert len(page.inner_text("main")) > 10
    assert desk.barriers() == []
    page.context.close()


def test_the_ledger_balances_and_the_audit_trail_is_whole(floor: Floor, sale: str) -> None:
    desk = floor.till("gao")
    page = desk.opens("/console/ledger")
    expect(page.locator("main")).to_contain_text("借贷相等，差额为零")
    expect(page.locator("tfoot")).to_contain_text("¥0.00")
    page = desk.opens("/console/audit")
    page.get_by_role("button", name="核对整条链").click()
    expect(page.locator("main")).to_contain_text("链是完整的")
    assert desk.wrong() == []
    page.context.close()


@LANGUAGES
def test_axe_finds_nothing(floor: Floor, sale: str, language: str) -> None:
    for who, path in (("", "/"), ("lin", "/portal/"), ("lin", f"/portal/payments/{sale}/"), ("gao", "/console/")):
        desk = floor.till(who, language=language)
        desk.opens(path)
        assert desk.barriers() == [], path
        assert desk.too_small(24) == [], path
        desk.page.set_viewport_size({"width": NARROW[0], "height": NARROW[1]})
        assert desk.sideways() == [], path
        assert desk.wrong() == [], path
        desk.page.context.close()


@LANGUAGES
def test_support_pastes_a_recorded_frame_and_hears_that_its_mac_is_right(floor: Floor, language: str) -> None:
    recorded = json.loads((Path(__file__).parents[1] / "vectors" / "unionpay_real_qr_sale_mac.json").read_text("utf8"))
    desk = floor.till("sun", language=language, size=NARROW)
    page = desk.opens("/console/messages/")
    page.fill("#message", recorded["frame_hex"])
    page.get_by_role("button", name="Read" if language == "en" else "解读", exact=True).click()
    expect(page.locator("main")).to_contain_text("The MAC is right" if language == "en" else "MAC 正确")
    expect(page.locator("tbody tr").last).to_contain_text("报文鉴别码")
    assert page.input_value("#message") == ""
    assert desk.barriers() == []
    assert desk.sideways() == []
    assert desk.wrong() == []
    page.context.close()
