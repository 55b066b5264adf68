"""Price plans and fees."""

from __future__ import annotations

import pytest

from xiaopos.kernel.money import Money, Rate
from xiaopos.settlement.prices import Price, PricePlan

DEBIT = Price(Rate(5_000), 20_00)
PLAN = PricePlan("tea", {"unknown": Price(Rate(6_000)), "debit": DEBIT}, refund_returns_fee=True)
KEEPS = PricePlan("keeps", {"unknown": Price(Rate(6_000))}, refund_returns_fee=False)


@pytest.mark.parametrize(
    ("minor", "fee"),
    [(1, 0), (83, 0), (84, 1), (99, 1), (25_00, 15), (100_00, 60), (5_000_00, 30_00)],
)
def test_a_fee_is_rounded_half_up_to_the_cent(minor: int, fee: int) -> None:
    assert PLAN.fee("credit", Money(minor)) == Money(fee)


def test_a_fee_stops_at_its_cap() -> None:
    assert DEBIT.fee(Money(3_999_99)) == Money(20_00)
    assert DEBIT.fee(Money(4_000_00)) == Money(20_00)
    assert DEBIT.fee(Money(50_000_00)) == Money(20_00)
    assert DEBIT.fee(Money(3_000_00)) == Money(15_00)


def test_a_fee_is_never_more_than_the_amount() -> None:
    assert Price(Rate(1_000_000), 5).fee(Money(3)) == Money(3)


def test_a_cap_of_nothing_is_a_free_price_and_a_negative_one_is_refused() -> None:
    assert Price(Rate(6_000), 0).fee(Money(100_00)) == Money(0)
    with pytest.raises(ValueError, match="cannot be negative"):
        Price(Rate(6_000), -1)


def test_a_kind_without_a_price_pays_the_price_of_unknown_cards() -> None:
    assert PLAN.fee("wallet", Money(100_00)) == PLAN.fee("unknown", Money(100_00)) == Money(60)
    assert PLAN.fee("debit", Money(100_00)) == Money(50)


def test_a_plan_without_that_price_is_refused() -> None:
    with pytest.raises(ValueError, match="'half' has no price for cards of unknown kind"):
        PricePlan("half", {"debit": DEBIT}, refund_returns_fee=True)


def test_parts_of_a_fee_come_back_with_parts_of_a_payment() -> None:
    returned = []
    before = Money(0)
    for minor in (33_33, 33_33, 33_34):
        part = PLAN.fee_returned(fee=Money(1_00), amount=Money(100_00), refunded_before=before, refund=Money(minor))
        returned.append(part.minor)
        before += Money(minor)
    assert returned == [33, 34, 33]


def test_a_plan_may_keep_its_fee() -> None:
    kept = KEEPS.fee_returned(fee=Money(60), amount=Money(100_00), refunded_before=Money(0), refund=Money(100_00))
    assert kept == Money(0)
