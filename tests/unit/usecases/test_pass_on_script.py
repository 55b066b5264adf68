"""A script's result goes on to the payment's network, until it has it, whatever it answers."""

from __future__ import annotations

from dataclasses import replace as changed

import pytest
from msgspec import structs

from support.pretend_channels import Mood
from support.world import World, at_once
from xiaopos.payments.payment import Payment
from xiaopos.usecases.notices import ScriptNotice, ScriptPassedOn
from xiaopos.usecases.pass_on_script import PASS_ON_SCRIPT, pass_on_script
from xiaopos.usecases.ports import Change, JobAsk, LeasedJob, Overtaken, Record
from xiaopos.usecases.reverse_payment import NotYet


def told_of(world: World, payment: Payment, *stans: int) -> None:
    notice = ScriptNotice(
        payment.merchant_id, payment.payment_id, payment.terminal_id, 1, 0, world.clock.now(), "2000000001"
    )
    job = JobAsk(PASS_ON_SCRIPT, payment.merchant_id, payment.payment_id, world.clock.now())
    at_once(
        world.books.record(Change(notices=tuple(structs.replace(notice, stan=stan) for stan in stans), jobs=(job,)))
    )


def passed(world: World) -> list[tuple[int, str]]:
    return [(one.stan, one.response_code) for one in world.books.notices if isinstance(one, ScriptPassedOn)]


def job_of(world: World, payment: Payment) -> LeasedJob:
    return LeasedJob(PASS_ON_SCRIPT, payment.merchant_id, payment.payment_id, 1, world.clock.now())


def test_every_result_is_passed_on_once() -> None:
    world = World()
    sale = world.zhou.sells(12_50).by_card().payment
    told_of(world, sale, 8, 9)
    assert at_once(pass_on_script(job_of(world, sale), world.house)) is None
    assert passed(world) == [(8, "00"), (9, "00")]
    asked = len(world.acquirer.asked)
    assert at_once(pass_on_script(job_of(world, sale), world.house)) is None
    assert len(world.acquirer.asked) == asked, "there is nothing left to tell"
    world.the_machine_works()
    world.the_books_balance()


def test_the_result_of_what_follows_another_payment_is_told_with_it() -> None:
    world = World()
    sale = world.zhou.sells(12_50).by_card()
    refund = world.lin.refunds(sale, 12_50, card="Mei").payment
    told_of(world, refund, 9)
    assert at_once(pass_on_script(job_of(world, refund), world.house)) is None
    assert world.acquirer.asked[-1] == f"script 9 of {refund.rrn}"


@pytest.mark.parametrize("mood", [Mood.LOSE_REQUEST, Mood.LOSE_ANSWER])
def test_what_was_not_answered_is_told_again(mood: Mood) -> None:
    world = World()
    sale = world.zhou.sells(12_50).by_card().payment
    told_of(world, sale, 9)
    world.acquirer.moods.append(mood)
    assert isinstance(at_once(pass_on_script(job_of(world, sale), world.house)), NotYet)
    assert passed(world) == []
    assert at_once(pass_on_script(job_of(world, sale), world.house)) is None
    assert passed(world) == [(9, "00")]


def test_a_network_that_does_not_want_it_is_not_asked_for_ever() -> None:
    world = World()
    sale = world.zhou.sells(12_50).by_card().payment
    told_of(world, sale, 9)
    world.acquirer.moods.append(Mood.DECLINE)
    assert at_once(pass_on_script(job_of(world, sale), world.house)) is None
    assert passed(world) == [(9, "25")]


class Overtaking:
    """Books that take nothing."""

    def __init__(self, world: World) -> None:
        self._books = world.books

    def __getattr__(self, name: str) -> object:
        return getattr(self._books, name)

    async def record(self, change: Change) -> Record:
        assert change.notices
        return Overtaken()


def test_what_the_books_did_not_take_is_told_again() -> None:
    world = World()
    sale = world.zhou.sells(12_50).by_card().payment
    told_of(world, sale, 9)
    house = changed(world.house, books=Overtaking(world))  # type: ignore[arg-type]  # the rest is handed on
    assert isinstance(at_once(pass_on_script(job_of(world, sale), house)), NotYet)
    assert passed(world) == []
