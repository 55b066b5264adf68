"""Money and fees, whatever the numbers."""

from __future__ import annotations

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from xiaopos.kernel.ids import is_id, make_id
from xiaopos.kernel.money import Money, Rate, Rounding, divide
from xiaopos.settlement.prices import Price, PricePlan

AMOUNTS = st.integers(1, 10**12)
WEIGHTS = st.lists(st.integers(0, 10**6), min_size=1, max_size=12).filter(any)
RATES = st.integers(0, 1_000_000)
CAPS = st.none() | st.integers(0, 10**6)


@given(st.integers(-(10**12), 10**12), WEIGHTS)
def test_the_parts_of_a_split_sum_to_the_whole_and_are_fair_within_one(minor: int, weights: list[int]) -> None:
    parts = Money(minor).split(weights)
    assert sum(part.minor for part in parts) == minor
    for part, weight in zip(parts, weights, strict=True):
        assert abs(part.minor - Fraction(minor * weight, sum(weights))) < 1
        assert weight or part.minor == 0


@given(st.integers(-(10**9), 10**9), st.integers(1, 10**6), st.sampled_from(Rounding))
def test_rounding_stays_within_one_and_mirrors(numerator: int, denominator: int, rounding: Rounding) -> None:
    exact = Fraction(numerator, denominator)
    rounded = divide(numerator, denominator, rounding)
    assert abs(rounded - exact) < 1
    assert divide(-numerator, denominator, rounding) == -rounded
    if rounding in (Rounding.HALF_UP, Rounding.HALF_EVEN):
        assert abs(rounded - exact) <= Fraction(1, 2)
    if rounding is Rounding.HALF_EVEN:
        assert rounded == round(exact)


@given(AMOUNTS, RATES, CAPS)
def test_a_fee_is_never_negative_nor_above_the_amount_nor_above_the_cap(minor: int, ppm: int, cap: int | None) -> None:
    fee = Price(Rate(ppm), cap).fee(Money(minor)).minor
    assert 0 <= fee <= minor
    assert cap is None or fee <= cap


@given(AMOUNTS, AMOUNTS, RATES, CAPS)
def test_a_larger_amount_never_pays_a_smaller_fee(one: int, other: int, ppm: int, cap: int | None) -> None:
    price = Price(Rate(ppm), cap)
    small, large = sorted((one, other))
    assert price.fee(Money(small)) <= price.fee(Money(large))


@given(st.data(), AMOUNTS, RATES, CAPS, st.booleans())
def test_the_fee_given_back_over_any_refunds_never_exceeds_it_and_is_whole_at_the_end(
    data: st.DataObject, minor: int, ppm: int, cap: int | None, returns: bool
) -> None:
    plan = PricePlan("p", {"unknown": Price(Rate(ppm), cap)}, refund_returns_fee=returns)
    amount = Money(minor)
    fee = plan.fee("unknown", amount)
    before, given_back = Money(0), 0
    for _ in range(data.draw(st.integers(0, 5))):
        refund = Money(data.draw(st.integers(0, minor - before.minor)))
        part = plan.fee_returned(fee=fee, amount=amount, refunded_before=before, refund=refund).minor
        assert 0 <= part <= refund.minor
        given_back += part
        before += refund
        assert given_back <= fee.minor
    rest = amount - before
    given_back += plan.fee_returned(fee=fee, amount=amount, refunded_before=before, refund=rest).minor
    assert given_back == (fee.minor if returns else 0)


@given(st.integers(0, (1 << 48) - 1), st.integers(0, (1 << 48) - 1), st.binary(min_size=10, max_size=10))
def test_ids_are_ids_and_keep_the_order_of_their_instants(one: int, other: int, entropy: bytes) -> None:
    first, second = make_id(one, entropy), make_id(other, entropy)
    assert is_id(first)
    assert (first < second) is (one < other)
