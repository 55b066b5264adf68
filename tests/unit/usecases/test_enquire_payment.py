"""How often the channel is asked whether the customer has paid, and that waiting is no failure."""

from __future__ import annotations

from datetime import timedelta

import pytest

from support.world import World, at_once
from xiaopos.payments.states import State
from xiaopos.usecases.enquire_payment import enquire_payment
from xiaopos.usecases.ports import LeasedJob


def due(world: World) -> LeasedJob:
    (job,) = at_once(world.books.lease(owner="w", now=world.clock.now(), limit=9, seconds=1))
    return job


@pytest.mark.parametrize(("age_s", "again_s"), [(1, 1), (59, 1), (60, 3), (110, 3)])
def test_a_shown_code_is_looked_at_each_second_in_the_first_minute_and_less_often_after(
    age_s: int, again_s: int
) -> None:
    world = World()
    sale = world.lin.sells(25_00).by_shown_code()
    world.seconds_pass(age_s)
    left = at_once(enquire_payment(due(world), world.house))
    assert left is not None
    assert left.again_in == timedelta(seconds=again_s)
    assert world.state(sale) is State.PAYING


def test_the_first_look_comes_a_second_after_the_code_is_shown() -> None:
    world = World()
    world.lin.sells(25_00).by_shown_code()
    world.seconds_pass(0.9)
    assert at_once(world.books.lease(owner="w", now=world.clock.now(), limit=9, seconds=1)) == []
    world.seconds_pass(0.1)
    assert due(world).attempts == 1


def test_a_wallet_that_does_not_answer_is_asked_at_the_workers_pace() -> None:
    world = World()
    world.lin.sells(25_00).by_shown_code()
    world.seconds_pass(5)
    world.the_answer_gets_lost()
    left = at_once(enquire_payment(due(world), world.house))
    assert left is not None
    assert left.again_in is None


def test_waiting_for_the_customer_is_not_counted_as_an_attempt() -> None:
    world = World()
    sale = world.lin.sells(25_00).by_shown_code()
    for _ in range(50):
        world.seconds_pass(1)
        world.does(due(world))
    world.wallet.payer_confirms(sale.payment.payment_id)
    world.seconds_pass(1)
    job = due(world)
    assert job.attempts == 1
    world.does(job)
    assert world.state(sale) is State.APPROVED
