"""Receipts in the portal: the page, the PDF, and the link that opens without signing in and expires."""

from __future__ import annotations

import json
import re
from datetime import timedelta

import pytest
from django.core import signing
from django.test import RequestFactory
from django.urls import reverse
from django.utils import timezone
from msgspec.structs import replace

from support.desk_town import CHIP_CARD, Town
from xiaopos.payments.payment import Method, Payment
from xiaopos.store.merchants.models import Merchant
from xiaopos.web import receipts

ELEMENTS = (
    "商户名称", "小林茶铺", "商户编号", "898110058120001", "终端编号", "10000001", "操作员号", "zhou", "发卡行", "测试银行",
    "收单行", "48020000", "卡号", "620000*********0018", "交易类型", "消费 SALE", "批次号", "000001", "凭证号", "授权码",
    "123456", "参考号", "日期时间", "金额", "RMB 25.00", "ARQC/TC", "0102030405060708", "AID", "PAN SN", "持卡人签名",
    "商户存根", "持卡人存根", "模拟交易,凭证无效", "重打印", "本人确认以上交易",
)  # fmt: skip


@pytest.fixture
def sale(town: Town) -> Payment:
    """A card sale with chip data."""
    return town.approved(25_00, card=CHIP_CARD)


def page_of(town: Town, name: str, payment: Payment, who: str = "lin") -> str:
    response = town.browser(who).get(reverse(name, args=[payment.payment_id]))
    assert response.status_code == 200
    return response.content.decode()


def test_the_page_has_every_element(town: Town, sale: Payment):
    page = page_of(town, "portal_receipt", sale)
    assert [element for element in ELEMENTS if element not in page] == []


def test_the_markup_gets_every_element_as_data_and_compiles(town: Town, sale: Payment):
    receipt = receipts.receipt_for(sale, reprint=True)
    assert receipt is not None
    data = receipts.markup_data(receipt, receipt.copies)
    assert [element for element in ELEMENTS if element not in data] == []
    assert receipts.pdf_of(receipt, receipt.copies).startswith(b"%PDF")


def test_a_name_that_looks_like_markup_is_only_a_name(town: Town, sale: Payment):
    Merchant.objects.filter(merchant_id=sale.merchant_id).update(name='#panic("x") $ "\\')
    receipt = receipts.receipt_for(sale)
    assert receipt is not None
    assert json.loads(receipts.markup_data(receipt, ()))["lines"][0][2] == '#panic("x") $ "\\'
    assert receipts.pdf_of(receipt, receipt.copies).startswith(b"%PDF")


def test_the_pdf_is_a_file_that_nobody_keeps(town: Town, sale: Payment):
    response = town.browser("lin").get(reverse("portal_receipt_pdf", args=[sale.payment_id]))
    assert response["Content-Type"] == "application/pdf"
    assert sale.rrn in response["Content-Disposition"]
    assert "no-store" in response["Cache-Control"]


def test_without_a_chinese_font_the_page_says_what_to_install(town: Town, sale: Payment, settings):
    settings.CHINESE_FONT_FOLDERS = []
    response = town.browser("lin").get(reverse("portal_receipt_pdf", args=[sale.payment_id]))
    assert response.status_code == 503
    assert "Noto Sans CJK" in response.content.decode()


@pytest.mark.parametrize("undo", ["refunded", "voided"])
def test_an_undoing_names_its_original(town: Town, sale: Payment, undo: str):
    undone = town.refunded(sale, 10_00) if undo == "refunded" else town.voided(sale)
    page = page_of(town, "portal_receipt", undone)
    assert "原参考号" in page
    assert sale.rrn in page
    if undo == "voided":
        assert "已撤销" in page_of(town, "portal_receipt", sale)


def test_a_wallets_receipt_has_both_order_numbers_and_no_signature(town: Town):
    paid = town.approved(25_00, method=Method.PAYER_CODE)
    page = page_of(town, "portal_receipt", paid)
    for said in ("付款方式", "付款码", "商户订单号", paid.payment_id, "渠道流水号", "T1", "顾客存根"):
        assert said in page
    assert "持卡人签名" not in page


def test_contactless_without_pin_says_that_no_signature_is_needed(town: Town):
    paid = town.approved(card=replace(CHIP_CARD, entry_mode="072"))
    page = page_of(town, "portal_receipt", paid)
    assert "免密免签" in page
    assert "持卡人签名" not in page


def test_only_the_merchants_copy_is_signed(town: Town, sale: Payment):
    assert page_of(town, "portal_receipt", sale).count("持卡人签名") == 1


def address_in(page: str) -> str:
    found = re.search(r'value="http://testserver([^"]+)"', page)
    assert found is not None
    return found[1]


def test_a_link_opens_the_customers_copy_without_signing_in(town: Town, sale: Payment):
    page = page_of(town, "portal_receipt_send", sale)
    assert "data:image/svg+xml" in page
    address = address_in(page)
    for path in (address, f"{address}receipt.pdf"):
        response = town.browser().get(path)
        assert response.status_code == 200
        assert response["Referrer-Policy"] == "no-referrer"
        assert response["X-Robots-Tag"] == "noindex"
    shown = town.browser().get(address).content.decode()
    assert "持卡人存根" in shown
    assert "商户存根" not in shown
    assert "重打印" not in shown


def test_a_link_shows_the_payment_as_it_is_now(town: Town, sale: Payment):
    address = address_in(page_of(town, "portal_receipt_send", sale))
    town.voided(sale)
    assert "已撤销" in town.browser().get(address).content.decode()


@pytest.mark.parametrize("path", ["{}", "{}receipt.pdf"])
def test_a_link_that_is_old_changed_or_of_another_make_opens_nothing(town: Town, sale: Payment, path: str):
    good = signing.dumps([sale.merchant_id, sale.payment_id], salt="xiaopos.receipt")
    token = {
        "changed": good[:-1] + ("a" if good[-1] != "a" else "b"),
        "of another purpose": signing.dumps([sale.merchant_id, sale.payment_id], salt="other"),
        "of another shape": signing.dumps({"all": True}, salt="xiaopos.receipt"),
        "of nothing": signing.dumps([sale.merchant_id, "0" * 32], salt="xiaopos.receipt"),
        "not an id": signing.dumps([sale.merchant_id, "%"], salt="xiaopos.receipt"),
        "of a declined payment": signing.dumps([sale.merchant_id, town.declined().payment_id], salt="xiaopos.receipt"),
    }
    for wrong in token.values():
        response = town.browser().get(path.format(reverse("receipt_shared", args=[wrong])))
        assert response.status_code == 404
        assert "链接已失效" in response.content.decode()


def test_a_link_lives_a_week(town: Town, sale: Payment):
    class Earlier(signing.TimestampSigner):
        def timestamp(self) -> str:
            past = timezone.now() - receipts.LINK_LIVES - timedelta(minutes=1)
            return signing.b62_encode(int(past.timestamp()))

    old = Earlier(salt="xiaopos.receipt").sign_object([sale.merchant_id, sale.payment_id])
    fresh = signing.TimestampSigner(salt="xiaopos.receipt").sign_object([sale.merchant_id, sale.payment_id])
    assert receipts.shared_payment(fresh) is not None
    assert receipts.shared_payment(old) is None


def test_a_receipt_can_be_shown_in_the_cashiers_shell(town: Town, sale: Payment):
    request = RequestFactory().get("/")
    request.user = type("Nobody", (), {"is_authenticated": False})()
    response = receipts.render_receipt(request, sale, around=receipts.Around("web/terminal.html", back="/cashier/"))
    page = response.content.decode()
    assert 'class="terminal"' in page
    assert 'href="/cashier/"' in page
    assert "重打印" not in page
