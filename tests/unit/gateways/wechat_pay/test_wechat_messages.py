"""What WeChat Pay's words mean to the house."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from support.alipay_town import pkcs8
from support.channels import Shop
from support.wechat_town import API_V3_KEY, KEY_ID, named
from xiaopos.gateways.wechat_pay import messages
from xiaopos.gateways.wechat_pay.codes import CODES, FINDINGS, is_payer_code, reason_of, word_of
from xiaopos.gateways.wechat_pay.platform_keys import PlatformKeys
from xiaopos.gateways.wechat_pay.signing import NONCE, SERIAL, SIGNATURE, TIMESTAMP, Said, Seen, answer_text
from xiaopos.kernel.refusal import Reason
from xiaopos.payments.answers import Approved, Declined, OutcomeUnknown, PayerAsked
from xiaopos.payments.payment import Kind, Method

SHOP = Shop()
SALE = SHOP.payment(2_500, method=Method.PAYER_CODE)
REFUND = SHOP.undoing(Kind.REFUND, SALE, 500)


def refunded(status: str, **changed: Any) -> Said:
    """What WeChat Pay says of a refund."""
    body = {
        "out_refund_no": REFUND.payment_id,
        "out_trade_no": SALE.payment_id,
        "refund_id": "50",
        "status": status,
        "amount": {"refund": 500, "total": 2_500},
    }
    return Said(200, {**body, **changed})


def test_a_refund_is_done_when_wechat_pay_says_so() -> None:
    assert messages.read_refund(refunded("SUCCESS"), REFUND) == messages.read_refund_query(refunded("SUCCESS"), REFUND)
    assert isinstance(messages.read_refund(refunded("SUCCESS"), REFUND), Approved)
    assert isinstance(messages.read_refund(refunded("CLOSED"), REFUND), Declined)
    for said in (
        refunded("PROCESSING"),
        refunded("ABNORMAL"),
        refunded("A_WORD_OF_TOMORROW"),
        refunded("SUCCESS", out_refund_no=SALE.payment_id),
        refunded("SUCCESS", out_trade_no=REFUND.payment_id),
        refunded("SUCCESS", amount={"refund": 501}),
        refunded("SUCCESS", amount={"refund": True}),
        Said(500, {"code": "SYSTEM_ERROR"}),
        Said(404, {"code": 404}),
    ):
        assert isinstance(messages.read_refund(said, REFUND), OutcomeUnknown), said
    assert isinstance(messages.read_refund_query(Said(404, {"code": "RESOURCE_NOT_EXISTS"}), REFUND), OutcomeUnknown)


def test_codes_mean_the_same_with_and_without_underscores_and_only_below_500() -> None:
    assert reason_of("AUTH_CODE_EXPIRE") is reason_of("AUTHCODEEXPIRE") is Reason.PAYER_CODE_EXPIRED
    assert all(word_of(code) == code for code in (*CODES, *FINDINGS))
    assert isinstance(messages.refusal(Said(403, {"code": "NOT_ENOUGH"})), Declined)
    for said in (Said(500, {"code": "NOT_ENOUGH"}), Said(403, {}), Said(403, {"code": "NEW"}), Said(202, {})):
        assert messages.nobody_knows(said), said


def test_what_waits_for_the_customer() -> None:
    for said in (
        Said(202, {"code": "USERPAYING"}),
        Said(400, {"code": "USER_PAYING"}),
        Said(200, {"out_trade_no": SALE.payment_id, "trade_state": "USERPAYING"}),
        Said(200, {"out_trade_no": SALE.payment_id, "trade_state": "ACCEPT"}),
    ):
        assert isinstance(messages.read_pay(said, SALE), PayerAsked), said
    assert isinstance(messages.read_native(Said(200, {"code_url": "weixin://wxpay/bizpayurl?pr=1"})), PayerAsked)
    assert isinstance(messages.read_native(Said(200, {})), Declined)
    assert isinstance(messages.read_native(Said(500, {})), OutcomeUnknown)


def test_an_undoing_that_asks_to_be_asked_again_is_not_done() -> None:
    done = {"out_trade_no": SALE.payment_id}
    assert isinstance(messages.read_reverse(Said(200, done), SALE), Approved)
    assert isinstance(messages.read_reverse(Said(200, {**done, "recall": "N"}), SALE), Approved)
    for said in (Said(200, {**done, "recall": "Y"}), Said(200, {"out_trade_no": "x"}), Said(200, {}), Said(500, done)):
        assert isinstance(messages.read_reverse(said, SALE), OutcomeUnknown)


def test_a_payer_is_shown_in_part() -> None:
    assert messages.masked("o1234567") == ""
    for payer, shown in (
        ({"sp_openid": "oUpF8uMuAJO_M2pxb1Q9"}, "oUpF***b1Q9"),
        (None, ""),
        ({"openid": 7}, ""),
        ({}, ""),
    ):
        paid = {"out_trade_no": SALE.payment_id, "trade_state": "SUCCESS", "amount": {"total": 2_500}, "payer": payer}
        answer = messages.read_trade(Said(200, paid), SALE)
        assert isinstance(answer, Approved)
        assert answer.payer == shown


@pytest.mark.parametrize("code", ["10" + "0" * 16, "15" + "9" * 16])
def test_payment_codes_are_told_by_their_form(code: str) -> None:
    assert is_payer_code(code)
    assert not any(
        is_payer_code(other) for other in (code[:-1], code + "0", "9" + code[1:], "16" + code[2:], code + "\n")
    )


def test_no_more_than_the_newest_nonces_are_remembered() -> None:
    seen = Seen()
    for number in range(10_001):
        seen.add(str(number))
    assert ("0" in seen, "1" in seen, "10000" in seen) == (False, True, True)


def test_a_list_of_certificates_that_holds_none_is_not_believed() -> None:
    keys, signer = PlatformKeys({}), named()
    api_v3_key, now = SHOP.vault.import_aead(secret=API_V3_KEY), SHOP.clock.now()
    cipher = SHOP.vault.seal_aead(key=api_v3_key, nonce=b"twelve bytes", plaintext=b"no certificate", aad=b"")
    sealed = {"algorithm": "AEAD_AES_256_GCM", "nonce": "twelve bytes", "ciphertext": base64.b64encode(cipher).decode()}
    for body in (
        b"",
        b"[]",
        b'{"data":7}',
        b'{"data":[]}',
        b'{"data":[7]}',
        json.dumps({"data": [{"encrypt_certificate": sealed}]}).encode(),
        json.dumps({"data": [{"encrypt_certificate": {**sealed, "associated_data": "another"}}]}).encode(),
    ):
        timestamp = str(int(now.timestamp()))
        signature = base64.b64encode(signer.key.sign(answer_text(timestamp, "nonce", body))).decode()
        headers = {TIMESTAMP: timestamp, NONCE: "nonce", SIGNATURE: signature, SERIAL: KEY_ID}
        assert keys.take(body, headers, now, vault=SHOP.vault, api_v3_key=api_v3_key) is not None
    assert keys.at(now) == {}
    assert pkcs8("wechat").hex() not in repr(keys)
