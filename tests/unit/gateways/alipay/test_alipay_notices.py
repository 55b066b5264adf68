"""Notifications: believed only when signed, for us, about the right amount."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from msgspec.structs import replace

from support.alipay_town import APP_ID, SELLER_ID, pkcs8, public_of
from support.channels import Shop, new_vault
from xiaopos.gateways.alipay import AlipayAccount
from xiaopos.gateways.alipay.notices import ACCEPTED, Notice, judge, read_notice
from xiaopos.gateways.alipay.signing import Distrusted, notified_text
from xiaopos.kernel.money import Money
from xiaopos.kernel.refusal import Reason
from xiaopos.kernel.secret import Secret
from xiaopos.keys import KeyAlgorithm
from xiaopos.keys.signatures import RsaSigningKey
from xiaopos.payments.answers import Approved, Declined, OutcomeUnknown, PayerAsked
from xiaopos.payments.payment import Method

SALE = Shop().payment(2_500, method=Method.SHOP_CODE, channel="alipay")


def account(**parts: Any) -> AlipayAccount:
    """What we know of Alipay."""
    pair = new_vault().import_pair(private=Secret(pkcs8("application")), algorithm=KeyAlgorithm.RSA2048)
    return AlipayAccount(APP_ID, pair, {"": public_of("alipay")}, **parts)


def signed(key: str = "alipay", **changed: str) -> dict[str, str]:
    """A notification as it comes as a form."""
    form = {
        "notify_time": "2026-03-14 09:30:05",
        "notify_type": "trade_status_sync",
        "notify_id": "2026031400222093000000000000000001",
        "app_id": APP_ID,
        "charset": "utf-8",
        "version": "1.0",
        "sign_type": "RSA2",
        "trade_no": "2026031422001400000000000001",
        "out_trade_no": SALE.payment_id,
        "seller_id": SELLER_ID,
        "buyer_logon_id": "mei***@example.com",
        "trade_status": "TRADE_SUCCESS",
        "total_amount": "25.00",
        "subject": "茶",
        "gmt_payment": "2026-03-14 09:30:04",
        "passback_params": "",
        **changed,
    }
    signature = RsaSigningKey(pkcs8(key)).sign(notified_text(form))
    return {**form, "sign": base64.b64encode(signature).decode()}


def believed(form: dict[str, str], **parts: Any) -> Notice:
    """A notification that is Alipay's."""
    notice = read_notice(form, account(**parts))
    assert isinstance(notice, Notice), notice
    return notice


def test_a_notification_says_what_a_query_would_say() -> None:
    notice = believed(signed(), seller_id=SELLER_ID)
    assert (notice.payment_id, notice.notify_id) == (SALE.payment_id, "2026031400222093000000000000000001")
    answer = judge(notice, SALE)
    assert isinstance(answer, Approved)
    assert (answer.payer, answer.channel_ref) == ("mei***@example.com", "2026031422001400000000000001")
    assert isinstance(judge(believed(signed(trade_status="WAIT_BUYER_PAY")), SALE), PayerAsked)
    closed = judge(believed(signed(trade_status="TRADE_CLOSED", gmt_payment="")), SALE)
    assert isinstance(closed, Declined)
    assert closed.reason is Reason.PAYER_TOO_SLOW
    assert ACCEPTED == b"success"
    assert "mei" not in repr(notice)


def test_a_notification_in_gbk_is_read() -> None:
    assert isinstance(judge(believed(signed(charset="GBK")), SALE), Approved)


def test_a_notification_about_another_amount_or_order_moves_nothing() -> None:
    assert isinstance(judge(believed(signed(total_amount="0.01")), SALE), OutcomeUnknown)
    assert isinstance(judge(believed(signed()), replace(SALE, amount=Money(2_501))), OutcomeUnknown)
    assert isinstance(judge(believed(signed(out_trade_no="other")), SALE), OutcomeUnknown)


@pytest.mark.parametrize(
    ("form", "cause"),
    [
        (signed(key="stranger"), "no valid signature"),
        ({**signed(), "total_amount": "0.01"}, "no valid signature"),
        ({**signed(), "extra": "1"}, "no valid signature"),
        ({**signed(), "sign": ""}, "no valid signature"),
        (signed(sign_type="RSA"), "not signed with RSA2"),
        ({**signed(), "charset": "utf-7"}, "character set"),
        (signed(app_id="2021999999999999"), "another application"),
        (signed(seller_id="2088999999999999"), "another merchant"),
        ({}, "not signed with RSA2"),
    ],
)
def test_a_forged_notification_is_not_believed(form: dict[str, str], cause: str) -> None:
    answer = read_notice(form, account(seller_id=SELLER_ID))
    assert isinstance(answer, Distrusted)
    assert cause in answer.cause


def test_a_text_that_its_character_set_cannot_say_is_not_believed() -> None:
    form = {**signed(), "charset": "gb2312", "subject": "😀"}
    assert isinstance(read_notice(form, account()), Distrusted)


def test_an_account_does_not_show_its_keys() -> None:
    assert (
        repr(account(app_auth_token="secret")) == f"AlipayAccount(app_id='{APP_ID}', url='https://openapi.alipay.com')"
    )
