"""Advice on devices: who gets which, what is never advised, what would have to give, and that less never stands higher."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xiaopos.fleet.advice import (
    Advice,
    Line,
    Mobility,
    Needs,
    NeedsFault,
    Place,
    Printing,
    Tongue,
    Way,
    advise,
    fault_of,
    judge,
    what_gives,
)
from xiaopos.fleet.advice_rules import (
    ALWAYS_RULE_OUT,
    BUSY_MINOR,
    HOUSE_RULES,
    AdviceRules,
    Point,
    Rule,
    RulesFault,
    unfit,
)
from xiaopos.fleet.catalogue import CATALOGUE, Capability, DeviceModel

DAY = date(2026, 6, 1)
TEA = Needs(
    turnover_minor=3_000_000,
    ways=frozenset({Way.CARDS, Way.PAYER_CODES}),
    place=Place.COUNTER,
    mobility=Mobility.FIXED,
    lines=frozenset({Line.WIFI, Line.ETHERNET}),
    printing=Printing.WISHED,
    tongue=Tongue.ZH,
    budget_minor=120_000,
)
STALL = replace(
    TEA, place=Place.STALL, mobility=Mobility.ON_THE_ROAD, lines=frozenset({Line.MOBILE}), printing=Printing.NONE
)


def names(advice: Advice) -> list[str]:
    return [each.model.key for each in advice.advised]


def advised(needs: Needs, models: tuple[DeviceModel, ...] = CATALOGUE) -> Advice:
    return advise(needs, models, HOUSE_RULES, DAY)


def test_a_tea_shop_is_given_a_counter_terminal_before_a_handheld() -> None:
    advice = advised(TEA)
    assert names(advice) == ["XP-C4", "XP-A3"]
    assert [each.rank for each in advice.advised] == [1, 2]
    assert advice.nearest == ()


def test_a_stall_is_given_what_has_a_battery_and_a_network_of_its_own() -> None:
    assert names(advised(STALL)) == ["XP-M2", "XP-A3"]
    assert names(advised(replace(STALL, budget_minor=50_000))) == ["XP-M2"]
    assert names(advised(replace(STALL, tongue=Tongue.EN))) == ["XP-A3"]


def test_who_only_takes_codes_is_given_the_small_box() -> None:
    codes = replace(
        TEA, ways=frozenset({Way.PAYER_CODES, Way.SHOP_CODES}), lines=frozenset({Line.WIFI}), budget_minor=30_000
    )
    best = advised(codes).advised[0]
    assert best.model.key == "XP-Q1"
    assert best.speaks_for[0].point is Point.PAYER_CODES
    assert [ground.point for ground in best.speaks_against] == [Point.PRINTER]


def test_a_busy_shop_is_told_of_the_scan_engine_and_the_screen() -> None:
    busy = replace(TEA, turnover_minor=HOUSE_RULES.busy_from_minor)
    points = {each.model.key: {ground.point for ground in each.speaks_against} for each in advised(busy).advised}
    assert points["XP-C4"] == {Point.FAST_SCAN}
    assert Point.FAST_SCAN not in points["XP-A3"]
    quiet = {ground.point for ground in advised(TEA).advised[0].grounds}
    assert quiet.isdisjoint({Point.FAST_SCAN, Point.LARGE_SCREEN})
    cards = replace(busy, ways=frozenset({Way.CARDS}))
    assert Point.FAST_SCAN not in {ground.point for ground in advised(cards).advised[0].grounds}


def test_a_needed_printer_rules_out_and_a_wished_one_does_not() -> None:
    printing = replace(STALL, printing=Printing.WISHED)
    assert "XP-M2" in names(advised(printing))
    assert "XP-M2" not in names(advised(replace(printing, printing=Printing.NEEDED)))


def test_an_unsteady_line_asks_for_offline_cards_only() -> None:
    points = [ground.point for ground in advised(replace(TEA, unsteady=True)).advised[0].grounds]
    assert Point.OFFLINE in points
    codes = replace(TEA, unsteady=True, ways=frozenset({Way.PAYER_CODES}))
    assert Point.OFFLINE not in [ground.point for ground in advised(codes).advised[0].grounds]


def test_an_old_certificate_and_an_old_network_are_never_advised() -> None:
    old = next(model for model in CATALOGUE if model.key == "XP-K6")
    found = judge(replace(STALL, ways=frozenset({Way.STRIPE})), old, HOUSE_RULES, DAY)
    failed = {ground.point: (ground.has, ground.asked) for ground in found.ruled_out_by}
    assert failed == {Point.CERTIFICATE: (213, 365), Point.CONNECTION: (0, 1), Point.ON_THE_ROAD: (0, 0)}


def test_when_nothing_fits_it_says_what_would_have_to_give() -> None:
    advice = advised(replace(STALL, tongue=Tongue.EN, budget_minor=50_000))
    assert advice.advised == ()
    assert [each.model.key for each in advice.nearest] == ["XP-M2", "XP-A3"]
    gives = {ground.point: (ground.has, ground.asked) for ground in what_gives(advice.nearest)}
    assert gives == {Point.LANGUAGE: (0, 0), Point.BUDGET: (99_900, 50_000)}


def test_the_smallest_step_is_told_and_an_empty_catalogue_has_none() -> None:
    advice = advised(replace(TEA, budget_minor=10_000))
    steps = [ground for ground in what_gives(advice.ruled_out) if ground.point is Point.BUDGET]
    assert [ground.has for ground in steps] == [15_900]
    empty = advised(TEA, ())
    assert (empty.advised, empty.nearest) == ((), ())


@pytest.mark.parametrize(
    ("needs", "fault"),
    [
        (TEA, None),
        (replace(TEA, turnover_minor=0), None),
        (replace(TEA, turnover_minor=-1), NeedsFault.TURNOVER),
        (replace(TEA, ways=frozenset()), NeedsFault.WAYS),
        (replace(TEA, lines=frozenset()), NeedsFault.LINES),
        (replace(TEA, budget_minor=0), NeedsFault.BUDGET),
        (replace(TEA, budget_minor=10**12 + 1), NeedsFault.BUDGET),
    ],
)
def test_what_cannot_be_meant(needs: Needs, fault: NeedsFault | None) -> None:
    assert fault_of(needs) is fault


@pytest.mark.parametrize(
    ("rules", "fault"),
    [
        (HOUSE_RULES, None),
        (replace(HOUSE_RULES, rules={Point.CHEAP: Rule(1)}), RulesFault.POINTS),
        (replace(HOUSE_RULES, rules={**HOUSE_RULES.rules, Point.LOUD: Rule(101)}), RulesFault.WEIGHT),
        (replace(HOUSE_RULES, rules={point: Rule(0) for point in Point}), RulesFault.NOTHING_COUNTS),
        (replace(HOUSE_RULES, rules={**HOUSE_RULES.rules, Point.CHEAP: Rule(1, must=True)}), RulesFault.MUST),
        (replace(HOUSE_RULES, rules={**HOUSE_RULES.rules, Point.CERTIFICATE: Rule(1)}), RulesFault.MUST),
        (replace(HOUSE_RULES, busy_from_minor=0), RulesFault.BUSY),
        (replace(HOUSE_RULES, certificate_days=-1), RulesFault.CERTIFICATE_DAYS),
    ],
)
def test_which_rules_are_acceptable(rules: AdviceRules, fault: RulesFault | None) -> None:
    assert unfit(rules) is fault


# -- what holds for every merchant, every catalogue and every acceptable set of rules -----------------------------------

SOME_RULES = st.builds(
    lambda weights, musts, busy, days: AdviceRules(
        DAY,
        {
            point: Rule(weights[point], point in ALWAYS_RULE_OUT or (musts[point] and point is not Point.CHEAP))
            for point in Point
        },
        busy,
        days,
    ),
    st.fixed_dictionaries({point: st.integers(1, 100) for point in Point}),
    st.fixed_dictionaries({point: st.booleans() for point in Point}),
    st.integers(BUSY_MINOR[0], 20_000_000),
    st.integers(0, 1000),
)
SOME_NEEDS = st.builds(
    Needs,
    turnover_minor=st.integers(0, 30_000_000),
    ways=st.frozensets(st.sampled_from(Way), min_size=1),
    place=st.sampled_from(Place),
    mobility=st.sampled_from(Mobility),
    lines=st.frozensets(st.sampled_from(Line), min_size=1),
    printing=st.sampled_from(Printing),
    tongue=st.sampled_from(Tongue),
    budget_minor=st.integers(1, 300_000),
    unsteady=st.booleans(),
)


def place_of(key: str, advice: Advice) -> int:
    """The rank of a model; one that is not advised stands behind all."""
    return next((each.rank for each in advice.advised if each.model.key == key), len(CATALOGUE) + 1)


@given(needs=SOME_NEEDS, rules=SOME_RULES)
def test_whatever_fails_a_must_is_never_advised_and_everything_is_judged_once(needs: Needs, rules: AdviceRules) -> None:
    assert unfit(rules) is None
    advice = advise(needs, CATALOGUE, rules, DAY)
    for each in advice.advised:
        assert all(ground.met for ground in each.grounds if rules.rules[ground.point].must)
        assert 0 <= each.share <= 100
    assert all(each.ruled_out_by and not each.rank for each in advice.ruled_out)
    judged = [each.model.key for each in (*advice.advised, *advice.ruled_out)]
    assert sorted(judged) == sorted(model.key for model in CATALOGUE)
    assert bool(advice.nearest) is not bool(advice.advised)
    earned = [each.earned for each in advice.advised]
    assert earned == sorted(earned, reverse=True)


@given(needs=SOME_NEEDS, rules=SOME_RULES, data=st.data())
def test_a_device_that_can_do_less_never_stands_higher(needs: Needs, rules: AdviceRules, data: st.DataObject) -> None:
    model = data.draw(st.sampled_from(CATALOGUE))
    lost = data.draw(st.sampled_from(sorted(model.capabilities, key=lambda each: each.value)))
    less = replace(model, capabilities=model.capabilities - {lost})
    others = tuple(each for each in CATALOGUE if each is not model)
    before = place_of(model.key, advise(needs, (model, *others), rules, DAY))
    after = place_of(model.key, advise(needs, (less, *others), rules, DAY))
    assert after >= before


@given(needs=SOME_NEEDS, rules=SOME_RULES, more=st.integers(1, 100_000), data=st.data())
def test_a_device_that_costs_more_never_stands_higher(
    needs: Needs, rules: AdviceRules, more: int, data: st.DataObject
) -> None:
    model = data.draw(st.sampled_from(CATALOGUE))
    dearer = replace(model, price_minor=model.price_minor + more)
    others = tuple(each for each in CATALOGUE if each is not model)
    before = place_of(model.key, advise(needs, (model, *others), rules, DAY))
    assert place_of(model.key, advise(needs, (dearer, *others), rules, DAY)) >= before


@given(needs=SOME_NEEDS, more=st.integers(1, 500_000))
def test_a_larger_budget_rules_out_no_more(needs: Needs, more: int) -> None:
    before = {each.model.key for each in advised(needs).advised}
    after = {each.model.key for each in advised(replace(needs, budget_minor=needs.budget_minor + more)).advised}
    assert before <= after


def test_every_capability_of_the_words_is_had_by_a_model() -> None:
    assert set(Capability) == {capability for model in CATALOGUE for capability in model.capabilities}
