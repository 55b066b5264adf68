"""An owner's API keys in a real browser, and a till that uses one until it is taken back."""

from __future__ import annotations

from datetime import date

import pytest
from playwright.sync_api import expect

from support.shop_floor import NARROW, Floor
from xiaopos_client import Client, KeyRefused

pytestmark = pytest.mark.slow
DAY = date(2026, 3, 14)


def test_a_key_is_made_used_seen_and_taken_back(floor: Floor) -> None:
    chen = floor.till("chen", size=NARROW)
    page = chen.opens("/portal/api-keys/")
    page.fill("#label", "前台收银机")
    chen.confirms()
    page.get_by_role("button", name="生成，并显示密钥").click()
    key = page.input_value("#key")
    assert chen.barriers() == []
    page.get_by_role("link", name="已保存好，继续").click()
    card = page.locator("main section.card").filter(has_text=key[:13])
    expect(card).to_contain_text("没有用过")
    assert key not in page.content()
    with Client(chen.demo.told["web"], key) as till:
        assert till.page(DAY).payments == ()
        page.reload()
        expect(card).not_to_contain_text("没有用过")
        card.get_by_text("作废这把密钥").click()
        for looked in (chen.barriers(), chen.sideways()):
            assert looked == []
        card.get_by_role("button", name="作废", exact=True).click()
        expect(card).to_contain_text("已作废")
        with pytest.raises(KeyRefused):
            till.page(DAY)
    assert chen.wrong() == []
    page.context.close()
