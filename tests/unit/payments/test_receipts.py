"""Receipts: every element that a receipt must have, for cards and codes, sales and undoings."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

import pytest
from msgspec.structs import replace

from support.payments import MEIS_CARD, an_approved_sale, an_undoing
from xiaopos.kernel.money import Money
from xiaopos.payments.payment import CardKind, Kind, Method
from xiaopos.payments.receipts import (
    CARDHOLDER_COPY,
    CUSTOMER_COPY,
    MERCHANT_COPY,
    REPRINTED,
    VOIDED,
    WATERMARK,
    Receipt,
    ReceiptFacts,
    Signing,
    Words,
    has_receipt,
    receipt_of,
)
from xiaopos.payments.states import State

FACTS = ReceiptFacts("小林茶铺", "48020000", Words("沙盒钱包", "Sandbox wallet"), ZoneInfo("Asia/Shanghai"))
CHIP = (("84", "A000000333010101"), ("50", "PBOC DEBIT"), ("9F26", "0102030405060708"), ("95", "0000000000"))


def told(receipt: Receipt) -> dict[str, str]:
    return {line.zh: line.value for line in (*receipt.lines, *receipt.remarks, *receipt.chip)}


def card_sale(**parts):
    values: dict[str, Any] = {
        "approval_code": "123456",
        "issuer": "测试银行",
        "cashier": "01",
        "stan": 17,
        "batch_number": 3,
    }
    return an_approved_sale(**(values | parts))


def test_a_card_sale_says_everything_that_a_slip_must_say():
    said = told(receipt_of(card_sale(), FACTS))
    assert said == {
        "商户名称": "小林茶铺",
        "商户编号": "898110058120001",
        "终端编号": "10000001",
        "操作员号": "01",
        "发卡行": "测试银行",
        "收单行": "48020000",
        "卡号": "620000*********0018 插卡 I",
        "交易类型": "消费 SALE",
        "批次号": "000003",
        "凭证号": "000017",
        "授权码": "123456",
        "参考号": "607300000001",
        "日期时间": "2026/03/14 12:00:00",
        "金额": "RMB 25.00",
    }


def test_whatever_is_missing_is_left_out_or_a_dash():
    said = told(receipt_of(an_approved_sale(stan=None, card=None), FACTS))
    assert said["发卡行"] == said["操作员号"] == "-"
    assert not {"凭证号", "授权码", "卡号"} & set(said)


def test_a_chip_transaction_shows_its_data_and_nothing_that_it_lacks():
    card = replace(MEIS_CARD, chip=(*CHIP, ("5F34", "01")))
    chip = {line.en: line.value for line in receipt_of(card_sale(card=card), FACTS).chip}
    assert chip == {
        "ARQC/TC": "0102030405060708",
        "TVR": "0000000000",
        "AID": "A000000333010101",
        "APP LABEL": "PBOC DEBIT",
        "PAN SN": "01",
    }
    assert receipt_of(card_sale(card=replace(MEIS_CARD, chip=CHIP)), FACTS).chip[-1].en == "APP LABEL"
    assert receipt_of(card_sale(), FACTS).chip == ()


@pytest.mark.parametrize(
    ("entry_mode", "signing"),
    [
        ("051", Signing.LINE),
        ("021", Signing.LINE),
        ("022", Signing.LINE),
        ("071", Signing.LINE),
        ("072", Signing.NOT_NEEDED),
        ("982", Signing.NOT_NEEDED),
        ("999", Signing.LINE),
    ],
)
def test_contactless_without_pin_needs_no_signature(entry_mode, signing):
    receipt = receipt_of(card_sale(card=replace(MEIS_CARD, entry_mode=entry_mode)), FACTS)
    assert receipt.signing is signing


def test_an_entry_mode_that_is_not_known_is_not_named():
    said = told(receipt_of(card_sale(card=replace(MEIS_CARD, entry_mode="999")), FACTS))
    assert said["卡号"] == "620000*********0018"


def test_two_copies_and_their_names():
    assert receipt_of(card_sale(), FACTS).copies == (MERCHANT_COPY, CARDHOLDER_COPY)
    assert receipt_of(code_sale(), FACTS).copies == (MERCHANT_COPY, CUSTOMER_COPY)


def test_marks_and_the_watermark_of_a_simulated_channel():
    plain = receipt_of(card_sale(), FACTS, simulated=False)
    assert (plain.marks, plain.watermark) == ((), None)
    again = receipt_of(card_sale(state=State.VOIDED), FACTS, reprint=True)
    assert (again.marks, again.watermark) == ((REPRINTED, VOIDED), WATERMARK)


def code_sale(**parts):
    values = {
        "method": Method.PAYER_CODE,
        "card": None,
        "card_kind": CardKind.WALLET,
        "channel": "sandbox",
        "channel_ref": "T2026031400001",
        "payer": "梅*",
        "stan": None,
    }
    return an_approved_sale(**(values | parts))


def test_a_code_sale_says_how_it_was_paid_and_both_order_numbers():
    receipt = receipt_of(code_sale(), FACTS)
    said = told(receipt)
    assert said["付款方式"] == "沙盒钱包 Sandbox wallet, 付款码 payment code"
    assert said["商户订单号"] == code_sale().payment_id
    assert said["渠道流水号"] == "T2026031400001"
    assert said["付款方"] == "梅*"
    assert said["交易类型"] == "扫码消费 QR SALE"
    assert receipt.signing is Signing.NONE
    assert not {"卡号", "发卡行"} & set(said)


def test_a_code_sale_without_payer_and_channel_number_leaves_them_out():
    said = told(receipt_of(code_sale(payer="", channel_ref="", method=Method.SHOP_CODE), FACTS))
    assert not {"渠道流水号", "付款方"} & set(said)
    assert said["付款方式"].endswith("收款码 shop's code")


@pytest.mark.parametrize(("kind", "words"), [(Kind.VOID, "消费撤销 VOID"), (Kind.REFUND, "退货 REFUND")])
def test_an_undoing_names_its_original(kind, words):
    undoing = an_undoing(kind, state=State.APPROVED, card=None)
    said = told(receipt_of(undoing, FACTS, card_sale()))
    assert said["交易类型"] == words
    assert said["卡号"].startswith("620000*********0018")
    assert {name: said[name] for name in said if name.startswith("原")} == {
        "原批次号": "000003",
        "原凭证号": "000017",
        "原参考号": "607300000001",
        "原授权码": "123456",
        "原交易日期": "2026/03/14",
        "原金额": "RMB 25.00",
    }


def test_a_wallets_refund_names_the_original_order():
    refund = replace(code_sale(), kind=Kind.REFUND, amount=Money(10_00))
    said = told(receipt_of(refund, FACTS, code_sale()))
    assert said["交易类型"] == "扫码退款 QR REFUND"
    assert said["金额"] == "RMB 10.00"
    assert said["原商户订单号"] == code_sale().payment_id
    assert not {"原凭证号", "原授权码"} & set(said)


@pytest.mark.parametrize("state", State)
def test_only_what_stands_or_stood_has_a_receipt(state):
    payment = card_sale(state=state)
    assert has_receipt(payment) is (state in {State.APPROVED, State.VOIDING, State.VOIDED})
    if not has_receipt(payment):
        with pytest.raises(AssertionError):
            receipt_of(payment, FACTS)
