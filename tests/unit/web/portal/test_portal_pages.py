"""The portal's pages: what a merchant's people read, in both languages, and nothing of another merchant's."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from support.desk_town import CHIP_CARD, Town
from support.world import NOODLES
from xiaopos.payments.answers import Approved
from xiaopos.payments.payment import Method

CHINESE = re.compile(r"[\u3400-\u9fff]+")
PLAIN = ("portal_today", "portal_payments", "portal_payments_csv", "portal_terminals", "portal_staff")
OF_A_PAYMENT = ("portal_payment", "portal_receipt", "portal_receipt_pdf", "portal_receipt_send")


def text_of(response) -> str:
    content = b"".join(response.streaming_content) if response.streaming else response.content
    return content.decode("utf-8-sig")


def main_of(page: str) -> str:
    """What a page says between its bars; a file is taken whole."""
    return page.partition("<main")[2].partition("</main>")[0] or page


def seen(town: Town, name: str, *args: str, who: str = "lin", query: str = "", language: str = "zh-hans") -> str:
    response = town.browser(who, language).get(reverse(name, args=args) + query)
    assert response.status_code == 200
    return text_of(response)


def test_today_shows_sales_refunds_methods_and_yesterday(town: Town):
    refunded = town.approved(100_00)
    town.approved(25_00, method=Method.PAYER_CODE)
    town.refunded(refunded, 30_00)
    town.voided(town.approved(77_00))
    town.declined(88_00)
    town.approved(10_00, at=timezone.now() - timedelta(days=1, minutes=1))
    page = seen(town, "portal_today")
    for said in ("¥125.00", "2 笔", "¥30.00", "1 笔", "¥95.00", "+¥115.00", "¥10.00", "付款码", "<svg", "小林茶铺"):
        assert said in page
    assert "¥77.00" not in page
    assert "¥88.00" not in page
    assert page.count("<tr>") == 1 + 24 + 1 + 3


def test_today_without_any_payment_is_a_page_too(town: Town):
    assert "¥0.00" in seen(town, "portal_today")


def test_payments_are_listed_newest_first_and_turned(town: Town):
    now = timezone.now()
    for minutes in range(53):
        town.approved(1_00 + minutes, at=now - timedelta(seconds=minutes))
    first = seen(town, "portal_payments")
    assert first.index("¥1.00") < first.index("¥1.49")
    assert "¥1.50" not in first
    assert 'rel="next"' in first
    second = seen(town, "portal_payments", query="?page=2")
    assert "¥1.52" in second
    assert 'rel="prev"' in second
    assert 'rel="next"' not in second


@pytest.mark.parametrize("query", ["?page=x", "?page=-1", "?page=99999999", "?first=never&state=odd", "?q=%00%F0"])
def test_nonsense_in_the_address_is_a_page_in_words(town: Town, query: str):
    town.approved()
    response = town.browser("lin").get(reverse("portal_payments") + query)
    assert response.status_code == 200


def test_a_condition_that_makes_no_sense_is_named(town: Town):
    assert "有的条件看不懂" in seen(town, "portal_payments", query="?state=odd")


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("?q=25.5", "¥25.50"),
        ("?q=¥25.50", "¥25.50"),
        ("?q=1,280", "¥1,280.00"),
        ("?q=0018", "¥25.50"),
        ("?q=000000000002", "¥1,280.00"),
        ("?q=123456", "¥25.50"),
        ("?q=1", "¥25.50"),
        ("?state=declined", "¥3.00"),
        ("?method=shop_code", "¥1,280.00"),
        ("?kind=sale", "¥3.00"),
        ("?q=zhou", "¥3.00"),
    ],
)
def test_a_payment_is_found_by_what_people_know_of_it(town: Town, query: str, found: str):
    town.approved(25_50, stan=1)
    town.approved(1_280_00, method=Method.SHOP_CODE)
    town.declined(3_00)
    assert found in seen(town, "portal_payments", query=query)


def test_what_nobody_paid_is_not_found(town: Town):
    town.approved()
    assert "没有找到交易" in seen(town, "portal_payments", query="?q=99.99")


def test_the_default_is_a_week_and_a_name_looks_at_every_day(town: Town):
    old = town.approved(12_34, at=timezone.now() - timedelta(days=30))
    assert "¥12.34" not in seen(town, "portal_payments")
    assert "¥12.34" in seen(town, "portal_payments", query=f"?q={old.rrn}")
    assert "¥12.34" in seen(town, "portal_payments", query=f"?q={old.payment_id}")
    assert "¥12.34" in seen(town, "portal_payments", query=f"?first={old.business_on}&last={old.business_on}")


def test_the_file_opens_in_a_spreadsheet_and_runs_nothing(town: Town):
    payment = town.approved(25_50, cashier="=cmd()")
    rows = seen(town, "portal_payments_csv").splitlines()
    assert rows[0].startswith("日期时间,营业日,类型")
    assert "'=cmd()" in rows[1]
    assert "25.50" in rows[1]
    assert payment.payment_id in rows[1]


def test_a_payment_tells_its_whole_story(town: Town):
    sale = town.approved(25_00, card=CHIP_CARD)
    refund = town.refunded(sale, 10_00)
    page = seen(town, "portal_payment", sale.payment_id)
    for said in (
        "收到请求",
        "渠道批准",
        "登记退款金额",
        "收银员 zhou",
        "终端 10000001",
        "620000*********0018",
        "123456",
    ):
        assert said in page
    assert refund.payment_id in page
    assert "应付商户" in page
    assert sale.payment_id in seen(town, "portal_payment", refund.payment_id)


def test_a_payment_page_holds_no_secret_of_the_card(town: Town):
    sale = town.approved(25_00, card=CHIP_CARD)
    for name in ("portal_payment", "portal_receipt"):
        page = seen(town, name, sale.payment_id)
        assert "never-shown" not in page


def test_a_declined_payment_says_why_and_has_no_receipt(town: Town):
    sale = town.declined()
    page = seen(town, "portal_payment", sale.payment_id)
    assert "渠道拒绝" in page
    assert "没有动钱" in page
    assert "发送签购单" not in page
    assert "这笔交易没有记账" in page
    for name, status in (("portal_receipt", 404), ("portal_receipt_pdf", 404), ("portal_receipt_send", 404)):
        assert town.browser("lin").get(reverse(name, args=[sale.payment_id])).status_code == status


def test_stories_of_voids_and_of_what_was_stuck(town: Town):
    sale = town.approved()
    town.voided(sale)
    assert "已撤销，全额退回" in seen(town, "portal_payment", sale.payment_id)
    assert "多次冲正没有答复" in seen(town, "portal_payment", town.stuck().payment_id)


def test_a_void_that_was_itself_reversed_and_a_payment_that_came_through_late(town: Town):
    sale = town.approved()
    void = town.voided(sale)
    undone = town.reversed_void(void, sale)
    assert "冲正完成，这次撤销不算数" in seen(town, "portal_payment", undone.payment_id)
    assert "撤销被冲正，交易恢复有效" in seen(town, "portal_payment", sale.payment_id)
    late = town.answered(town.unknown(cashier="", terminal_id="", claimed_by=""), Approved("1", "T", "00"))
    assert "查到结果：渠道已批准" in seen(town, "portal_payment", late.payment_id)


def test_terminals_and_staff_in_words(town: Town):
    page = seen(town, "portal_terminals")
    for said in ("10000001", "示例机具厂 A1", "银联终端，双倍长密钥", "芯片卡 · 4G · new-thing", "未签到", "000001"):
        assert said in page
    staff = seen(town, "portal_staff")
    assert "lin" in staff
    assert "zhou" in staff
    assert "chen" not in staff


@pytest.mark.parametrize("name", PLAIN)
def test_only_people_who_may_see_the_shop_see_it(town: Town, name: str):
    assert town.browser().get(reverse(name)).status_code == 302
    for who in ("zhou", "gao", "sun", "qian"):
        assert town.browser(who).get(reverse(name)).status_code == 403


@pytest.mark.parametrize("name", PLAIN)
def test_a_manager_without_a_merchant_is_told_no(town: Town, name: str):
    from xiaopos.store.people.models import User

    User.objects.create(username="nobody", password="!", role="manager", name_zh="无", name_en="None")
    assert town.browser("nobody").get(reverse(name)).status_code == 403


@pytest.mark.parametrize("name", PLAIN)
def test_no_list_holds_anything_of_another_merchant(town: Town, name: str):
    theirs = town.approved(66_66, merchant_id=NOODLES, cashier="chens-cashier")
    page = main_of(seen(town, name, query=f"?merchant={NOODLES}&merchant_id={NOODLES}"))
    page = re.sub(r'\?[^"]*"', '"', page)  # addresses keep what was asked for
    for trace in (NOODLES, "66.66", theirs.payment_id, theirs.terminal_id, "陈记", "chen"):
        assert trace not in page


@pytest.mark.parametrize("name", OF_A_PAYMENT)
def test_no_payment_of_another_merchant_opens(town: Town, name: str):
    theirs = town.approved(merchant_id=NOODLES)
    assert town.browser("chen").get(reverse(name, args=[theirs.payment_id])).status_code == 200
    assert town.browser("lin").get(reverse(name, args=[theirs.payment_id])).status_code == 404
    assert town.browser("zhou").get(reverse(name, args=[theirs.payment_id])).status_code == 403
    assert town.browser().get(reverse(name, args=[theirs.payment_id])).status_code == 302


def test_a_merchants_void_of_the_same_id_as_anothers_sale_shows_its_own(town: Town):
    mine = town.approved(11_00)
    town.approved(22_00, merchant_id=NOODLES, payment_id=mine.payment_id)
    assert "¥22.00" not in seen(town, "portal_payment", mine.payment_id)


@pytest.mark.parametrize("name", PLAIN)
def test_lists_are_english_for_english_readers(town: Town, name: str):
    town.approved(payer="Mei", method=Method.PAYER_CODE)
    page = seen(town, name, language="en")
    assert set(CHINESE.findall(main_of(page))) <= {"示例机具厂"}


def test_pages_ask_the_database_only_a_few_times(town: Town, django_assert_max_num_queries):
    sale = town.approved()
    town.refunded(sale, 1_00)
    for _ in range(20):
        town.approved()
    browser = town.browser("lin")
    for name, most in (("portal_today", 6), ("portal_payments", 5), ("portal_terminals", 6), ("portal_staff", 5)):
        with django_assert_max_num_queries(most):
            browser.get(reverse(name))
    with django_assert_max_num_queries(7):
        browser.get(reverse("portal_payment", args=[sale.payment_id]))
