"""The cashier's pages: what is listed, shown and offered, in both languages, and nothing of another merchant's."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from django.urls import reverse

from support.desk_town import Town
from support.pretend_channels import PretendWallet
from support.world import NOODLES, TEA
from unit.web.console.test_reading_page import CountersHouse
from xiaopos.payments.payment import Method
from xiaopos.store.fleet.models import Terminal
from xiaopos.store.people.models import User

CHINESE = re.compile(r"[\u3400-\u9fff]+")


def page_of(town: Town, name: str, *args: str, language: str = "zh-hans", who: str = "zhou") -> str:
    answer = town.browser(who, language).get(reverse(name, args=args))
    assert answer.status_code == 200
    return str(answer.content.decode())


def test_the_counter_has_its_keys_and_means(town: Town) -> None:
    page = page_of(town, "cashier")
    assert len(re.findall(r"data-digit=", page)) == 11
    assert len(re.findall(r"data-means=", page)) == 3
    assert "10000001" in page


def test_which_wallets_code_is_shown_can_be_chosen_where_there_are_several(town: Town, house: CountersHouse) -> None:
    assert 'id="wallet"' not in page_of(town, "cashier")
    others = {"alipay": PretendWallet("alipay"), "alipay-trial": PretendWallet("alipay-trial")}
    house.house = replace(house.house, wallets={**house.house.wallets, **others})
    page = page_of(town, "cashier")
    assert 'id="wallet"' in page
    assert "支付宝" in page
    assert "trial" not in page, "test payments are the owner's"
    house.slow = True
    assert 'id="wallet"' not in page_of(town, "cashier"), "the counter opens all the same"


def test_large_text_puts_away_what_is_not_for_taking_money(town: Town) -> None:
    browser = town.browser("zhou")
    browser.cookies["xiaopos_size"] = "large"
    page = browser.get(reverse("cashier")).content.decode()
    shown, put_away = page.partition("<details>")[0], page.partition("<details>")[2]
    for name in ("voice", "language", 'action="/sign-out/"'):
        assert name not in shown.partition("<main")[0] + shown.partition("<main")[2].partition("<script")[0]
        assert name in put_away
    assert reverse("cashier_close") not in page
    assert reverse("cashier_close") in browser.get(reverse("cashier_today")).content.decode()
    Terminal.objects.update(active=False)
    page = browser.get(reverse("cashier")).content.decode()
    assert "本店没有可用的终端" in page.partition("<details>")[0]


def test_today_lists_every_kind_of_payment(town: Town) -> None:
    town.approved(25_00)
    town.declined(26_00)
    town.unknown(27_00)
    town.refunded(town.approved(100_00, method=Method.PAYER_CODE), 30_00)
    town.approved(88_00, merchant_id=NOODLES)
    page = page_of(town, "cashier_today")
    for said in ("¥25.00", "¥26.00", "¥27.00", "¥100.00", "¥30.00"):
        assert said in page
    assert "¥88.00" not in page


def test_an_empty_day_says_so(town: Town) -> None:
    assert "今天还没有交易" in page_of(town, "cashier_today")
    assert "¥0.00" in page_of(town, "cashier_close")


def test_a_payment_offers_what_can_be_done(town: Town) -> None:
    approved, declined = town.approved(25_00), town.declined(26_00)
    page = page_of(town, "cashier_payment", approved.payment_id)
    assert "撤销整笔" in page
    assert 'value="25.00"' in page
    page = page_of(town, "cashier_payment", declined.payment_id)
    assert "撤销整笔" not in page
    assert 'name="approval"' not in page


def test_after_the_batch_only_a_refund_is_offered(town: Town) -> None:
    payment = town.approved(25_00)
    Terminal.objects.filter(merchant_id=TEA).update(batch_number=2)
    page = page_of(town, "cashier_payment", payment.payment_id)
    assert "撤销整笔" not in page
    assert 'id="refund-amount"' in page


def test_an_unknown_payment_looks_again_by_itself(town: Town) -> None:
    page = page_of(town, "cashier_payment", town.unknown().payment_id)
    assert 'id="refreshing"' in page
    assert "waiting.js" in page
    stuck = page_of(town, "cashier_payment", town.stuck().payment_id)
    assert CHINESE.search(stuck)


def test_a_receipt_and_its_reprint(town: Town) -> None:
    payment = town.approved(25_00)
    assert "25.00" in page_of(town, "cashier_receipt", payment.payment_id)
    again = town.browser("zhou").get(reverse("cashier_receipt", args=[payment.payment_id]) + "?reprint=1")
    assert "重打印" in again.content.decode()


def test_another_merchants_payment_is_not_there(town: Town) -> None:
    theirs = town.approved(25_00, merchant_id=NOODLES)
    for name in ("cashier_payment", "cashier_receipt", "cashier_state"):
        assert town.browser("zhou").get(reverse(name, args=[theirs.payment_id])).status_code == 404


def test_who_may_not_take_money_sees_no_counter(town: Town) -> None:
    assert town.browser("he").get(reverse("cashier")).status_code == 403
    assert town.browser().get(reverse("cashier")).status_code == 302


def test_a_cashier_of_no_known_merchant_has_no_day(town: Town) -> None:
    User.objects.filter(username="zhou").update(merchant_id="898110058129999")
    assert town.browser("zhou").get(reverse("cashier_today")).status_code == 404


@pytest.mark.parametrize("name", ["cashier", "cashier_today", "cashier_close", "cashier_payment"])
def test_english_is_english_throughout(town: Town, name: str) -> None:
    payment = town.approved(25_00, issuer="")
    town.refunded(payment, 5_00)
    args = (payment.payment_id,) if name == "cashier_payment" else ()
    page = page_of(town, name, *args, language="en").partition("<main")[2].partition("</main>")[0]
    allowed = {"示例机具厂", "小林茶铺"}
    assert set(CHINESE.findall(page)) <= allowed
