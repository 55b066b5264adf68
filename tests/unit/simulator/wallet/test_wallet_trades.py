"""The pretend wallet's rules at their edges; what the gateway can meet is in the contract suite."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from support.channels import StandingClock
from xiaopos.simulator.wallet import Trades, WalletTerms
from xiaopos.simulator.wallet.trades import SHOP_CODE_SCHEME

ORDER: dict[str, object] = {"out_trade_no": "order-1", "amount_minor": 100, "currency": "CNY", "shop_id": "tea"}


@pytest.fixture
def trades() -> Iterator[Trades]:
    made = Trades(":memory:", clock=StandingClock(), entropy=os.urandom, terms=WalletTerms(confirm_above_minor=50))
    yield made
    made.close()


def clock_of(trades: Trades) -> StandingClock:
    clock = trades._clock
    assert isinstance(clock, StandingClock)
    return clock


@pytest.mark.parametrize(
    ("part", "error"),
    [
        ({"out_trade_no": "short"}, "REQUEST_INVALID"),
        ({"out_trade_no": None}, "REQUEST_INVALID"),
        ({"out_trade_no": "x" * 33}, "REQUEST_INVALID"),
        ({"currency": "USD"}, "CURRENCY_WRONG"),
        ({"amount_minor": 0}, "AMOUNT_WRONG"),
        ({"amount_minor": True}, "AMOUNT_WRONG"),
        ({"amount_minor": "100"}, "AMOUNT_WRONG"),
    ],
)
def test_an_order_that_is_not_one_is_refused(trades: Trades, part: dict[str, object], error: str) -> None:
    for verb in (trades.pay, trades.precreate):
        assert verb({**ORDER, **part})["error"] == error
    assert not trades.records.orders()


def test_a_payment_code_has_eighteen_digits_and_its_prefix(trades: Trades) -> None:
    codes = {trades.make_code("mei") for _ in range(20)}
    assert len(codes) == 20
    assert all(len(code) == 18 and code.isdigit() and code.startswith("99") for code in codes)
    with pytest.raises(KeyError):
        trades.make_code("nobody")


def test_old_codes_are_forgotten(trades: Trades) -> None:
    code = trades.make_code("mei")
    clock_of(trades).pass_seconds(601)
    trades.make_code("mei")
    assert trades.pay({**ORDER, "auth_code": code})["error"] == "AUTH_CODE_UNKNOWN"


def test_a_shop_code_asked_twice_is_one_order(trades: Trades) -> None:
    first = trades.precreate(ORDER)
    assert trades.precreate(ORDER) == first
    assert trades.pay({**ORDER, "auth_code": trades.make_code("mei")})["error"] == "OUT_TRADE_NO_USED"


def test_only_a_living_shop_code_can_be_scanned(trades: Trades) -> None:
    shown = str(trades.precreate(ORDER)["code_url"])
    for content in (
        "",
        SHOP_CODE_SCHEME,
        "https://example.com/",
        SHOP_CODE_SCHEME + "00",
        shown.removeprefix(SHOP_CODE_SCHEME),
    ):
        assert trades.scan("mei", content) is None
    assert trades.scan("mei", shown) is not None
    assert trades.scan("mei", shown) is not None
    clock_of(trades).pass_seconds(301)
    assert trades.scan("mei", shown) is None
    assert trades.records.orders()[0].state == "CLOSED"


def test_a_confirmation_without_the_money_fails(trades: Trades) -> None:
    trades.pay({**ORDER, "amount_minor": 3_001, "auth_code": trades.make_code("tao")})
    order = trades.confirm("tao", "order-1")
    assert order is not None
    assert (order.state, order.error) == ("PAYERROR", "BALANCE_TOO_LOW")
    assert trades.confirm("tao", "order-1") is None
    assert trades.decline("tao", "order-1") is None
    assert trades.reverse({"out_trade_no": "order-1"})["trade_state"] == "REVOKED"


def test_only_the_customer_who_was_asked_can_confirm(trades: Trades) -> None:
    trades.pay({**ORDER, "auth_code": trades.make_code("mei")})
    assert trades.confirm("tao", "order-1") is None
    assert trades.confirm("mei", "order-2") is None


def test_a_closed_order_stays_closed_when_it_is_reversed(trades: Trades) -> None:
    trades.precreate(ORDER)
    clock_of(trades).pass_seconds(301)
    assert trades.reverse({"out_trade_no": "order-1"})["trade_state"] == "CLOSED"


def test_what_was_paid_back_in_full_is_not_paid_back_again(trades: Trades) -> None:
    trades.pay({**ORDER, "auth_code": trades.make_code("mei")})
    trades.confirm("mei", "order-1")
    refund: dict[str, object] = {"out_trade_no": "order-1", "out_refund_no": "refund-1", "amount_minor": 100}
    assert trades.refund(refund)["refund_state"] == "SUCCESS"
    assert trades.refund({**refund, "amount_minor": 50})["error"] == "OUT_TRADE_NO_USED"
    assert trades.refund({**refund, "out_refund_no": "refund-2"})["error"] == "REFUND_TOO_MUCH"
    assert trades.reverse({"out_trade_no": "order-1"})["error"] == "ORDER_NOT_PAID"
    assert trades.records.balance("mei") == 2_000_000


def test_a_partly_refunded_order_gives_only_the_rest_back_when_reversed(trades: Trades) -> None:
    trades.pay({**ORDER, "auth_code": trades.make_code("mei")})
    trades.confirm("mei", "order-1")
    trades.refund({"out_trade_no": "order-1", "out_refund_no": "refund-1", "amount_minor": 30})
    trades.reverse({"out_trade_no": "order-1"})
    assert trades.records.balance("mei") == 2_000_000


@pytest.mark.parametrize("part", [{"out_refund_no": ""}, {"amount_minor": 0}, {"amount_minor": None}])
def test_a_refund_that_is_not_one_is_refused(trades: Trades, part: dict[str, object]) -> None:
    refund: dict[str, object] = {"out_trade_no": "order-1", "out_refund_no": "refund-1", "amount_minor": 1}
    assert trades.refund({**refund, **part})["error"] == "REQUEST_INVALID"


def test_a_question_without_a_number_is_refused(trades: Trades) -> None:
    assert trades.reverse({})["error"] == "REQUEST_INVALID"
    assert trades.query({})["error"] == "ORDER_NOT_FOUND"
    assert trades.refund_query({})["error"] == "REFUND_NOT_FOUND"


def test_records_keep_nothing_of_what_fails(trades: Trades) -> None:
    def fails() -> None:
        with trades.records.together():
            trades.records.move("mei", -1)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fails()
    assert trades.records.balance("mei") == 2_000_000
