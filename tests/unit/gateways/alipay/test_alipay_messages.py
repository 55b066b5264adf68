"""What Alipay's answers mean, one by one."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from support.channels import Shop
from xiaopos.gateways.alipay import messages
from xiaopos.gateways.alipay.codes import SCENES, SUB_CODES, Source, reason_of, scene_of
from xiaopos.kernel.money import Money
from xiaopos.kernel.refusal import Reason
from xiaopos.payments.answers import Answer, Approved, Declined, OutcomeUnknown, PayerAsked
from xiaopos.payments.payment import CardKind, Kind, Method, Payment
from xiaopos.payments.states import State

SHOP = Shop()
SALE = SHOP.payment(2_000, method=Method.PAYER_CODE, channel="alipay")
SHOWN = SHOP.payment(2_000, method=Method.SHOP_CODE, channel="alipay", shown_code="https://qr.alipay.com/bax1")
REFUND = SHOP.undoing(Kind.REFUND, SALE, 500)
PAID = Approved(channel_ref="2017032121001004070200176846", payer="csq***@sandbox.com", card_kind=CardKind.WALLET)


def said(payment: Payment = SALE, **parts: Any) -> dict[str, Any]:
    """A body in the shape of a recorded answer of the official sandbox, about our payment."""
    return {
        "code": "10000",
        "msg": "Success",
        "trade_no": "2017032121001004070200176846",
        "out_trade_no": payment.payment_id,
        "buyer_logon_id": "csq***@sandbox.com",
        "total_amount": "20.00",
        "receipt_amount": "20.00",
        "fund_bill_list": [{"amount": "20.00", "fund_channel": "ALIPAYACCOUNT"}],
        **parts,
    }


def failed(sub_code: str = "", code: str = "40004", **parts: Any) -> dict[str, Any]:
    """A body that refuses."""
    return {"code": code, "msg": "Business Failed", "sub_code": sub_code, **parts}


def reason(answer: Answer) -> Reason:
    """Why it is declined."""
    assert isinstance(answer, Declined), answer
    return answer.reason


def test_a_payment_is_paid_waits_or_is_refused() -> None:
    assert messages.read_pay(said(), SALE) == PAID
    assert messages.read_pay(said(total_amount=20), SALE) == PAID
    waiting = messages.read_pay(said(code="10003"), SALE)
    assert waiting == PayerAsked(channel_ref=PAID.channel_ref)
    for sub_code, row in SUB_CODES.items():
        answer = messages.read_pay(failed(sub_code), SALE)
        assert isinstance(answer, OutcomeUnknown) if row.reason is None else reason(answer) is row.reason
    assert reason(messages.read_pay(failed("ACQ.NEVER_HEARD_OF"), SALE)) is Reason.CHANNEL_DECLINED
    assert reason(messages.read_pay(failed("aop.invalid-app-auth-token", "20001"), SALE)) is Reason.WALLET_NOT_ACCEPTED


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"code": 10000},
        failed(code="20000"),
        failed("ACQ.PAYMENT_FAIL", "20000"),
        failed("isp.unknow-error", "20000"),
        failed("ACQ.SYSTEM_ERROR"),
        failed("ACQ.PAYMENT_FAIL", "10001"),
        said(total_amount="20.01"),
        said(total_amount="20.001"),
        said(total_amount=True),
        said(total_amount=None),
        said(out_trade_no="other"),
    ],
)
def test_what_is_in_doubt_leaves_a_payment_unknown(body: dict[str, Any]) -> None:
    assert isinstance(messages.read_pay(body, SALE), OutcomeUnknown)
    assert isinstance(messages.read_trade(body, SALE), OutcomeUnknown)


def test_a_code_to_show_is_shown_or_refused() -> None:
    shown = {"code": "10000", "out_trade_no": SHOWN.payment_id, "qr_code": "https://qr.alipay.com/bax1"}
    assert messages.read_precreate(shown, SHOWN) == PayerAsked(shown_code="https://qr.alipay.com/bax1")
    for wrong in ({**shown, "qr_code": ""}, {**shown, "out_trade_no": "other"}):
        assert reason(messages.read_precreate(wrong, SHOWN)) is Reason.CHANNEL_DECLINED
    assert reason(messages.read_precreate(failed("ACQ.TOTAL_FEE_EXCEED"), SHOWN)) is Reason.AMOUNT_OVER_LIMIT


def test_an_orders_state_says_what_became_of_it() -> None:
    assert messages.read_trade(said(trade_status="TRADE_SUCCESS"), SALE) == PAID
    assert messages.read_trade(said(trade_status="TRADE_FINISHED"), SALE) == PAID
    assert isinstance(messages.read_trade(said(trade_status="WAIT_BUYER_PAY"), SALE), PayerAsked)
    assert isinstance(messages.read_trade(said(trade_status="TRADE_LOST"), SALE), OutcomeUnknown)
    assert isinstance(messages.read_trade(said(), SALE), OutcomeUnknown)


def test_a_closed_order_was_too_slow_cancelled_or_paid_back() -> None:
    closed = said(trade_status="TRADE_CLOSED")
    assert reason(messages.read_trade(closed, SALE)) is Reason.PAYER_TOO_SLOW
    cancelled = {**closed, "ext_infos": '{"action": "cancel"}'}
    assert reason(messages.read_trade(cancelled, SALE)) is Reason.REVERSED_BEFORE
    paid_back = {**closed, "send_pay_date": "2026-03-14 09:30:00"}
    for state in (State.SENT, State.UNKNOWN, State.PAYING):
        assert reason(messages.read_trade(paid_back, replace(SALE, state=state))) is Reason.REVERSED_BEFORE
    assert messages.read_trade(paid_back, replace(SALE, state=State.APPROVED)) == PAID


def test_a_shown_code_that_nobody_scanned_waits() -> None:
    body = failed("ACQ.TRADE_NOT_EXIST")
    assert messages.read_trade(body, SHOWN) == PayerAsked(shown_code="https://qr.alipay.com/bax1")
    assert isinstance(messages.read_trade(body, SALE), OutcomeUnknown)


def test_a_cancellation_is_done_or_asked_for_again() -> None:
    done = {"code": "10000", "out_trade_no": SALE.payment_id, "retry_flag": "N"}
    for action in ({}, {"action": "close"}, {"action": "refund", "trade_no": "2017"}):
        assert isinstance(messages.read_cancel({**done, **action}, SALE), Approved)
    for wrong in (
        {**done, "retry_flag": "Y"},
        {**done, "action": "wait"},
        {**done, "out_trade_no": "other"},
        failed("ACQ.SYSTEM_ERROR", retry_flag="Y"),
        failed("ACQ.REASON_TRADE_BEEN_FREEZEN", retry_flag="N"),
        {},
    ):
        assert isinstance(messages.read_cancel(wrong, SALE), OutcomeUnknown)


def test_a_refund_is_done_when_the_wallet_says_that_it_moved_money() -> None:
    assert messages.read_refund(said(fund_change="Y"), REFUND) == PAID
    assert isinstance(messages.read_refund(said(fund_change="N"), REFUND), OutcomeUnknown)
    assert isinstance(messages.read_refund(said(code="10003", fund_change="Y"), REFUND), OutcomeUnknown)
    assert isinstance(messages.read_refund({"code": "10000", "fund_change": "Y"}, REFUND), OutcomeUnknown)
    assert reason(messages.read_refund(failed("ACQ.REFUND_AMT_NOT_EQUAL_TOTAL"), REFUND)) is Reason.REFUND_TOO_MUCH


def test_a_refund_that_is_asked_for_is_this_refund() -> None:
    done = said(refund_status="REFUND_SUCCESS", out_request_no=REFUND.payment_id, refund_amount="5.00")
    assert messages.read_refund_query(done, REFUND) == PAID
    for wrong in (
        {**done, "refund_status": "REFUND_PROCESSING"},
        {**done, "out_request_no": "other"},
        {**done, "refund_amount": "5.01"},
        failed("ACQ.TRADE_NOT_EXIST"),
    ):
        assert isinstance(messages.read_refund_query(wrong, REFUND), OutcomeUnknown)
    assert messages.is_not_done({"code": "10000"})
    assert messages.is_not_done(failed("ACQ.TRADE_NOT_EXIST"))
    assert not messages.is_not_done(done)
    assert not messages.is_not_done(failed("ACQ.SYSTEM_ERROR"))


def test_an_order_is_closed_only_when_the_wallet_says_so() -> None:
    assert isinstance(messages.read_close({"code": "10000", "out_trade_no": SALE.payment_id}, SALE), Approved)
    assert isinstance(messages.read_close({"code": "10000", "out_trade_no": "other"}, SALE), OutcomeUnknown)
    assert reason(messages.read_close(failed("ACQ.TRADE_STATUS_ERROR"), SALE)) is Reason.ORIGINAL_NOT_APPROVED


def test_contents_speak_of_yuan_and_our_numbers() -> None:
    order = messages.order_content(SALE, subject="茶", lives="2m")
    assert (order["total_amount"], order["out_trade_no"], order["timeout_express"]) == ("20.00", SALE.payment_id, "2m")
    assert messages.precreate_content(order) == {**order, "qr_code_timeout_express": "2m"}
    back = messages.refund_content(REFUND, SALE)
    assert back == {"out_trade_no": SALE.payment_id, "refund_amount": "5.00", "out_request_no": REFUND.payment_id}
    assert messages.refund_query_content(SALE)["out_trade_no"] == SALE.payment_id
    assert messages.dump({"subject": "茶"}) == '{"subject":"茶"}'
    assert messages.currency_fits(SALE)
    assert not messages.currency_fits(replace(SALE, amount=Money(1, "HKD")))


@pytest.mark.parametrize(
    ("code", "scene"),
    [
        ("2512345678901234", "bar_code"),
        ("301234567890123456789012", "bar_code"),
        ("28123456789012345x", None),
        ("２８1234567890123456", None),
        ("251234567890123", None),
        ("3112345678901234", None),
        ("134567890123456789", None),
        ("fp" + "0123456789abcdefghijklmnopqrstuvw", "security_code"),
        ("fp0123", None),
        ("", None),
    ],
)
def test_a_payment_code_tells_its_scene(code: str, scene: str | None) -> None:
    assert scene_of(code) == scene


def test_every_row_says_where_it_is_known_from() -> None:
    sources = [row.source for row in SUB_CODES.values()] + [row.source for row in SCENES]
    assert all(isinstance(source, Source) and source.value for source in sources)
    assert reason_of("ACQ.SYSTEM_ERROR") is None
    assert reason_of("ACQ.ANOTHER_SYSTEM_ERROR") is None
    assert reason_of("isp.unknown-fault") is None
