"""Money: whole minor units of one currency; rates in parts per million."""

from __future__ import annotations

import doctest
from typing import Any

import pytest

from xiaopos.kernel import ids, money, secret
from xiaopos.kernel.money import Money, Rate, Rounding, divide


@pytest.mark.parametrize("module", [ids, money, secret])
def test_the_examples_in_the_docstrings_are_true(module: Any) -> None:
    result = doctest.testmod(module)
    assert result.attempted > 0
    assert result.failed == 0


def test_amounts_of_one_currency_add_subtract_and_compare() -> None:
    assert Money(1_00) + Money(25) == Money(1_25)
    assert Money(1_00) - Money(1_25) == Money(-25)
    assert -Money(5) == Money(-5)
    assert Money(1) < Money(2)
    assert Money(2) <= Money(2)
    assert Money(3) > Money(2)


@pytest.mark.parametrize("deed", ["__add__", "__sub__", "__lt__", "__le__"])
def test_two_currencies_never_meet(deed: str) -> None:
    with pytest.raises(ValueError, match="cannot mix CNY and HKD"):
        getattr(Money(1), deed)(Money(1, "HKD"))


@pytest.mark.parametrize("minor", [1.0, True, "1", None])
def test_minor_units_are_whole_numbers_and_nothing_else(minor: Any) -> None:
    with pytest.raises(TypeError, match="must be an int"):
        Money(minor)


def test_a_currency_must_be_known() -> None:
    with pytest.raises(ValueError, match="unknown currency 'XXX'"):
        Money(1, "XXX")


def test_amounts_print_with_the_digits_of_their_currency() -> None:
    assert str(Money(12_50)) == "12.50 CNY"
    assert str(Money(-5)) == "-0.05 CNY"
    assert str(Money(120, "JPY")) == "120 JPY"


@pytest.mark.parametrize(
    ("rounding", "results"),
    [
        (Rounding.HALF_UP, (0, 1, 1, 2, -1, -2)),
        (Rounding.HALF_EVEN, (0, 0, 1, 2, 0, -2)),
        (Rounding.DOWN, (0, 0, 0, 1, 0, -1)),
        (Rounding.UP, (1, 1, 1, 2, -1, -2)),
    ],
)
def test_each_rounding_does_what_its_name_says(rounding: Rounding, results: tuple[int, ...]) -> None:
    assert tuple(divide(tenths, 10, rounding) for tenths in (4, 5, 6, 15, -5, -15)) == results


@pytest.mark.parametrize("denominator", [0, -3])
def test_a_denominator_must_be_positive(denominator: int) -> None:
    with pytest.raises(ValueError, match="must be positive"):
        divide(1, denominator, Rounding.DOWN)


def test_what_is_left_over_goes_to_the_earliest_parts_that_have_a_weight() -> None:
    assert [part.minor for part in Money(100).split([1, 1, 1])] == [34, 33, 33]
    assert [part.minor for part in Money(2).split([0, 1, 1, 1])] == [0, 1, 1, 0]
    assert [part.minor for part in Money(-100).split([1, 1, 1])] == [-34, -33, -33]


@pytest.mark.parametrize("weights", [[], [0, 0], [3, -1], [-1]])
def test_weights_that_divide_nothing_are_refused(weights: list[int]) -> None:
    with pytest.raises(ValueError, match="weights"):
        Money(100).split(weights)


@pytest.mark.parametrize("ppm", [-1, 1_000_001])
def test_a_rate_is_a_share(ppm: int) -> None:
    with pytest.raises(ValueError, match="between 0 and 1000000"):
        Rate(ppm)


def test_half_a_cent_is_rounded_as_named() -> None:
    assert Rate(5_000).of(Money(1_00)) == Money(1)
    assert Rate(5_000).of(Money(1_00), Rounding.HALF_EVEN) == Money(0)
    assert Rate(5_000).of(Money(99)) == Money(0)
    assert Rate(1_000_000).of(Money(77, "HKD")) == Money(77, "HKD")
