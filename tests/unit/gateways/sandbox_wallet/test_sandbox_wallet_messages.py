"""What is said to the sandbox wallet and how its answers are read, without a wallet."""

from __future__ import annotations

from dataclasses import replace

import pytest

from support.channels import Shop, new_vault, wallet_key_in
from xiaopos.gateways.sandbox_wallet import messages
from xiaopos.gateways.sandbox_wallet.codes import REASONS_OF_ERRORS, REASONS_OF_STATES, TradeState
from xiaopos.gateways.sandbox_wallet.signing import Signed, fits, sign
from xiaopos.kernel.refusal import REASONS, MoneyMoved, Reason
from xiaopos.kernel.secret import Secret
from xiaopos.payments.answers import Approved, Declined, OutcomeUnknown, PayerAsked
from xiaopos.payments.payment import Method, Payment

SALE: Payment = Shop().payment(2_500, method=Method.PAYER_CODE)


def trade(state: str, **more: object) -> dict[str, object]:
    """An answer about SALE."""
    told = {
        "code": "OK",
        "trade_state": state,
        "out_trade_no": SALE.payment_id,
        "amount_minor": 2_500,
        "currency": "CNY",
    }
    return {**told, **more}


@pytest.mark.parametrize(
    ("state", "kind"),
    [
        (TradeState.SUCCESS, Approved),
        (TradeState.REFUNDED, Approved),
        (TradeState.USERPAYING, PayerAsked),
        (TradeState.NOTPAY, PayerAsked),
        (TradeState.CLOSED, Declined),
        (TradeState.PAYERROR, Declined),
        (TradeState.REVOKED, Declined),
    ],
)
def test_every_state_of_an_order_has_a_meaning(state: TradeState, kind: type) -> None:
    assert isinstance(messages.read_trade(trade(state.value), SALE), kind)


@pytest.mark.parametrize("reason", [*REASONS_OF_ERRORS.values(), *REASONS_OF_STATES.values()])
def test_a_refusal_never_says_that_money_moved(reason: Reason) -> None:
    assert REASONS[reason].money_moved is MoneyMoved.NO


@pytest.mark.parametrize(
    "told",
    [
        trade("SUCCESS", amount_minor=2_501),
        trade("SUCCESS", currency="USD"),
        trade("SUCCESS", out_trade_no="another"),
        trade("DREAMING"),
        trade(""),
        {"code": "ERROR"},
        {"code": "ERROR", "error": "SYSTEM_ERROR"},
        {"code": "ERROR", "error": "REQUEST_STALE"},
        {"code": "ERROR", "error": 7},
        {},
    ],
)
def test_an_answer_that_cannot_be_about_this_order_leaves_it_unknown(told: dict[str, object]) -> None:
    assert isinstance(messages.read_pay(told, SALE), OutcomeUnknown)


def test_an_error_that_nobody_knows_is_the_wallets_no() -> None:
    answer = messages.read_pay({"code": "ERROR", "error": "MOON_PHASE"}, SALE)
    assert isinstance(answer, Declined)
    assert answer.reason is Reason.CHANNEL_DECLINED


def test_an_order_without_a_code_to_show_is_refused() -> None:
    assert isinstance(messages.read_precreate(trade("NOTPAY"), SALE), Declined)
    assert isinstance(messages.read_precreate(trade("NOTPAY", code_url="xiaopos-sandbox:pay/1"), SALE), PayerAsked)


@pytest.mark.parametrize("state", ["SUCCESS", "USERPAYING", ""])
def test_a_reversal_that_was_not_done_is_asked_again(state: str) -> None:
    assert isinstance(messages.read_reverse(trade(state), SALE), OutcomeUnknown)
    assert isinstance(messages.read_reverse(trade("REVOKED", out_trade_no="another"), SALE), OutcomeUnknown)
    assert isinstance(messages.read_reverse({"code": "ERROR"}, SALE), OutcomeUnknown)


def test_a_refund_is_believed_only_about_itself() -> None:
    done = {"code": "OK", "refund_state": "SUCCESS", "out_refund_no": SALE.payment_id, "amount_minor": 2_500}
    assert isinstance(messages.read_refund_query(done, SALE), Approved)
    assert isinstance(messages.read_refund_query({**done, "out_refund_no": "another"}, SALE), OutcomeUnknown)
    assert isinstance(messages.read_refund_query({**done, "amount_minor": 1}, SALE), OutcomeUnknown)
    assert isinstance(messages.read_refund_query({**done, "refund_state": "PROCESSING"}, SALE), OutcomeUnknown)
    assert isinstance(messages.read_refund_query({"code": "ERROR"}, SALE), OutcomeUnknown)


def test_a_payer_code_is_in_the_request_and_nowhere_else() -> None:
    body = messages.pay_body(SALE, Secret(b"990000000000000001"))
    assert body["auth_code"] == "990000000000000001"
    assert "auth_code" not in messages.order_body(SALE)


@pytest.mark.parametrize("raw", [b"", b"[]", b"\xff", b'"text"'])
def test_a_body_that_is_no_object_cannot_be_read(raw: bytes) -> None:
    assert messages.load(raw) is None


def test_a_signature_fits_what_it_covers_and_nothing_else() -> None:
    ours, theirs = new_vault(), new_vault()
    signed = Signed("request", "/wallet/v1/pay", "1767000000", "nonce", b"{}")
    signature = sign(ours, wallet_key_in(ours), signed)
    key = wallet_key_in(theirs)
    assert fits(theirs, key, signed, signature)
    for other in (
        replace(signed, direction="answer"),
        replace(signed, path="/wallet/v1/refund"),
        replace(signed, timestamp="1767000001"),
        replace(signed, nonce="other"),
        replace(signed, body=b"{} "),
    ):
        assert not fits(theirs, key, other, signature)
    for broken in ("", "zz", signature[:-2], signature + "00", "ü"):
        assert not fits(theirs, key, signed, broken)
