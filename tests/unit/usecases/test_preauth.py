"""Pre-authorisations: held, completed once and in time, voided, taken back, and what that leaves of each."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from support.pretend_channels import Mood
from support.world import CODES, Told, World, at_once
from xiaopos.kernel.refusal import Reason
from xiaopos.kernel.secret import Secret
from xiaopos.payments.payment import Kind, Payment
from xiaopos.payments.states import State
from xiaopos.usecases.reverse_payment import carry_out_reversal
from xiaopos.usecases.take_payment import SaleAsk, take_payment


def now(world: World, told: Told) -> Payment:
    return world.now(told)


def held(world: World, minor: int = 100_00) -> Told:
    told = world.lin.holds(minor)
    assert told.approved
    return told


def test_holding_moves_no_money_and_posts_nothing() -> None:
    world = World()
    preauth = held(world)
    assert world.acquirer.held == {preauth.payment.payment_id: 100_00}
    assert (world.acquirer.takings, world.books.entries, preauth.payment.fee.minor) == (0, {}, 0)


@pytest.mark.parametrize("minor", [1, 60_00, 100_00, 115_00])
def test_a_completion_takes_up_to_the_agreed_share_with_its_fee(minor: int) -> None:
    world = World()
    preauth = held(world)
    completion = world.lin.completes(preauth, minor)
    assert completion.approved
    assert (now(world, preauth).state, now(world, completion).state) == (State.COMPLETED, State.APPROVED)
    assert (world.acquirer.takings, world.acquirer.held) == (minor, {})
    assert completion.payment.fee.minor == world.lin.sells(minor).by_card().payment.fee.minor
    assert world.books.trial_balance().balances


@pytest.mark.parametrize(
    ("minor", "reason"),
    [(115_01, Reason.COMPLETION_TOO_MUCH), (0, Reason.AMOUNT_ZERO)],
)
def test_more_than_the_share_and_nothing_at_all_are_refused(minor: int, reason: Reason) -> None:
    world = World()
    preauth = held(world)
    assert world.lin.completes(preauth, minor).reason is reason
    assert now(world, preauth).state is State.APPROVED
    assert world.acquirer.takings == 0


def test_the_share_is_rounded_down() -> None:
    world = World()
    assert world.lin.completes(held(world, 9), 11).reason is Reason.COMPLETION_TOO_MUCH
    assert world.lin.completes(held(world, 9), 10).approved


def test_a_completion_is_made_once() -> None:
    world = World()
    preauth = held(world)
    assert world.lin.completes(preauth, 50_00).approved
    assert world.lin.completes(preauth, 10_00).reason is Reason.PREAUTH_COMPLETED
    assert world.lin.voids(preauth).reason is Reason.PREAUTH_COMPLETED
    assert world.acquirer.takings == 50_00


def test_a_completion_comes_in_time_or_not_at_all() -> None:
    world = World()
    early, late = held(world), held(world)
    world.clock.at += timedelta(days=30)
    assert world.lin.completes(early, 50_00).approved
    world.clock.at += timedelta(seconds=1)
    assert world.lin.completes(late, 50_00).reason is Reason.PREAUTH_EXPIRED


def test_the_terms_of_the_merchant_say_how_much_and_how_long() -> None:
    world = World()
    facts = world.books.terminals["10000001"]
    world.books.terminals["10000001"] = replace(
        facts, limits=replace(facts.limits, completion_percent=100, preauth_days=1)
    )
    preauth = held(world)
    assert world.lin.completes(preauth, 100_01).reason is Reason.COMPLETION_TOO_MUCH
    world.clock.at += timedelta(days=2)
    assert world.lin.completes(preauth, 100_00).reason is Reason.PREAUTH_EXPIRED


def test_another_terminal_names_the_hold_by_its_code_and_the_card() -> None:
    world = World()
    preauth = held(world)
    code = preauth.payment.approval_code
    assert world.zhou.completes_by_code(code, 50_00, card=None).reason is Reason.ORIGINAL_UNKNOWN
    assert world.zhou.completes_by_code(code, 50_00, card="Tao").reason is Reason.ORIGINAL_UNKNOWN
    assert world.zhou.completes_by_code("XXXXXX", 50_00).reason is Reason.ORIGINAL_UNKNOWN
    assert world.chen.completes_by_code(code, 50_00).reason is Reason.ORIGINAL_UNKNOWN
    assert world.zhou.completes_by_code(code, 50_00).approved
    assert now(world, preauth).state is State.COMPLETED


def test_only_a_hold_is_completed_and_only_what_took_money_is_refunded() -> None:
    world = World()
    sale, preauth = world.lin.sells(10_00).by_card(), held(world)
    assert world.lin.completes(sale, 10_00).reason is Reason.ORIGINAL_UNKNOWN
    assert world.lin.refunds(preauth, 10_00).reason is Reason.ORIGINAL_UNKNOWN


def test_a_completion_is_refunded_in_parts_like_a_sale() -> None:
    world = World()
    completion = world.lin.completes(held(world), 80_00)
    assert world.lin.refunds(completion, 30_00).approved
    assert world.lin.refunds(completion, 50_01).reason is Reason.REFUND_TOO_MUCH
    assert world.lin.refunds(completion, 50_00).approved
    assert world.acquirer.takings == 0
    assert world.books.trial_balance().balances


def test_a_hold_is_let_go_on_any_terminal_after_any_batch() -> None:
    world = World()
    preauth = held(world)
    world.lin.settles()
    assert world.zhou.voids(preauth).approved
    assert now(world, preauth).state is State.VOIDED
    assert (world.acquirer.held, world.acquirer.takings, world.books.entries) == ({}, 0, {})


def test_a_voided_completion_gives_the_money_back_and_the_hold_can_be_completed_again() -> None:
    world = World()
    preauth = held(world)
    completion = world.lin.completes(preauth, 90_00)
    assert world.lin.voids(completion).approved
    assert (now(world, completion).state, now(world, preauth).state) == (State.VOIDED, State.APPROVED)
    assert world.acquirer.takings == 0
    assert world.lin.completes(preauth, 70_00).approved
    assert world.acquirer.takings == 70_00
    assert world.books.trial_balance().balances


def test_a_completion_is_voided_only_in_its_batch_on_its_terminal() -> None:
    world = World()
    completion = world.lin.completes(held(world), 90_00)
    assert world.zhou.voids(completion).reason is Reason.ORIGINAL_OTHER_TERMINAL
    world.lin.settles()
    assert world.lin.voids(completion).reason is Reason.ORIGINAL_SETTLED


def test_a_refused_completion_leaves_the_hold() -> None:
    world = World()
    preauth = held(world)
    world.acquirer.moods.append(Mood.DECLINE)
    assert world.lin.completes(preauth, 50_00).reason is Reason.BALANCE_TOO_LOW
    assert now(world, preauth).state is State.APPROVED
    assert world.lin.completes(preauth, 50_00).approved


@pytest.mark.parametrize("lost", [Mood.LOSE_REQUEST, Mood.LOSE_ANSWER])
def test_a_completion_that_nobody_answered_is_taken_back_and_the_hold_stands(lost: Mood) -> None:
    world = World()
    preauth = held(world)
    world.acquirer.moods.append(lost)
    completion = world.lin.completes(preauth, 50_00)
    assert completion.reason is Reason.OUTCOME_UNKNOWN
    assert now(world, preauth).state is State.COMPLETING
    assert world.lin.voids(preauth).reason is Reason.ORIGINAL_BUSY
    world.the_machine_works()
    assert (now(world, completion).state, now(world, preauth).state) == (State.REVERSED, State.APPROVED)
    assert world.acquirer.takings == 0
    assert world.books.trial_balance().balances


def test_a_completion_that_the_terminal_takes_back_is_undone_in_the_books_too() -> None:
    world = World()
    preauth = held(world)
    completion = world.lin.completes(preauth, 50_00)
    assert world.lin.reverses(completion, kind=Kind.COMPLETION).payment.state is State.REVERSING
    world.the_machine_works()
    assert (now(world, completion).state, now(world, preauth).state) == (State.REVERSED, State.APPROVED)
    assert (world.acquirer.takings, world.books.trial_balance().balances) == (0, True)


@pytest.mark.parametrize("lost", [Mood.LOSE_REQUEST, Mood.LOSE_ANSWER])
def test_a_void_of_a_completion_that_nobody_answered_leaves_both_as_they_were(lost: Mood) -> None:
    world = World()
    preauth = held(world)
    completion = world.lin.completes(preauth, 50_00)
    world.acquirer.moods.append(lost)
    void = world.lin.voids(completion)
    assert void.reason is Reason.OUTCOME_UNKNOWN
    world.the_machine_works()
    assert now(world, void).state is State.REVERSED
    assert (now(world, completion).state, now(world, preauth).state) == (State.APPROVED, State.COMPLETED)
    assert world.acquirer.takings == 50_00


def test_a_void_of_a_completion_that_the_terminal_takes_back_completes_the_hold_again() -> None:
    world = World()
    preauth = held(world)
    completion = world.lin.completes(preauth, 50_00)
    void = world.lin.voids(completion)
    assert world.lin.reverses(void, kind=Kind.VOID).payment.state is State.REVERSING
    world.the_machine_works()
    assert (now(world, completion).state, now(world, preauth).state) == (State.APPROVED, State.COMPLETED)
    assert world.books.trial_balance().balances


def test_a_hold_that_was_used_again_meanwhile_is_shown_to_a_person() -> None:
    world = World()
    preauth = held(world)
    completion = world.lin.completes(preauth, 50_00)
    void = world.lin.voids(completion)
    again = world.zhou.completes(preauth, 40_00)
    world.lin.reverses(void, kind=Kind.VOID)
    world.the_machine_works()
    assert (now(world, completion).state, now(world, again).state) == (State.APPROVED, State.APPROVED)
    assert world.found() == ["preauth_used_twice"]


def test_a_hold_that_the_terminal_takes_back_is_let_go() -> None:
    world = World()
    preauth = held(world)
    assert world.lin.reverses(preauth, kind=Kind.PREAUTH).payment.state is State.REVERSING
    world.the_machine_works()
    assert now(world, preauth).state is State.REVERSED
    assert (world.acquirer.held, world.books.entries) == ({}, {})


def test_a_completed_hold_is_not_taken_back() -> None:
    world = World()
    preauth = held(world)
    world.lin.completes(preauth, 50_00)
    assert world.lin.reverses(preauth, kind=Kind.PREAUTH).reason is Reason.PREAUTH_COMPLETED


def test_an_advice_is_told_again_until_the_network_has_taken_it_and_never_reversed() -> None:
    world = World()
    preauth = held(world)
    world.acquirer.moods.extend([Mood.LOSE_ANSWER, Mood.LOSE_REQUEST])
    completion = world.lin.completes(preauth, 50_00, advice=True)
    assert completion.reason is Reason.OUTCOME_UNKNOWN
    assert world.lin.reverses(completion, kind=Kind.COMPLETION).reason is Reason.TRANSACTION_UNSUPPORTED
    world.the_machine_works()
    assert (now(world, completion).state, now(world, preauth).state) == (State.APPROVED, State.COMPLETED)
    assert world.acquirer.takings == 50_00
    assert not [line for line in world.acquirer.asked if line.startswith("reverse")]


def test_a_sale_taken_offline_is_told_until_it_is_known_and_posted_once() -> None:
    world = World()
    world.acquirer.moods.extend([Mood.LOSE_REQUEST, Mood.LOSE_ANSWER])
    sale = world.lin.sold_offline(20_00)
    assert sale.reason is Reason.OUTCOME_UNKNOWN
    world.the_machine_works()
    assert now(world, sale).state is State.APPROVED
    assert (world.acquirer.takings, world.books.trial_balance().balances) == (20_00, True)
    assert world.lin.refunds(Told(now(world, sale), sale.request), 20_00).approved


def test_a_wallet_neither_holds_nor_sells_offline() -> None:
    world = World()
    code = Secret(CODES["Mei"].encode())
    for ask in (
        SaleAsk(world.lin._request(1_00), code, kind=Kind.PREAUTH),
        SaleAsk(world.lin._request(1_00), code, offline=True),
    ):
        refused = Told(at_once(take_payment(ask, world.house)), ask.request)
        assert refused.reason is Reason.TRANSACTION_UNSUPPORTED


def test_a_reversal_job_for_a_finished_payment_does_nothing() -> None:
    world = World()
    preauth = held(world)
    world.lin.reverses(preauth, kind=Kind.PREAUTH)
    now_at = world.clock.now() + timedelta(minutes=1)
    [job] = at_once(world.books.lease(owner="worker", now=now_at, limit=9, seconds=60))
    assert at_once(carry_out_reversal(job, world.house)) is None
    assert at_once(carry_out_reversal(job, world.house)) is None
