"""The worker: back-off, one job's failure or slowness harms no other, a database that is away is waited for, the sweep."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from support.books import KeptJob
from support.pretend_channels import Mood
from support.world import World, at_once
from xiaopos.hosts.worker import Worker, WorkerSettings, pause_before
from xiaopos.kernel.ids import PaymentId
from xiaopos.kernel.money import Money
from xiaopos.payments.answers import Answer
from xiaopos.payments.payment import Payment
from xiaopos.payments.states import KNOWN, State
from xiaopos.usecases.ports import BooksLost, House, JobAsk, LeasedJob

QUICK = WorkerSettings(poll_s=0.01, sweep_every_s=0.02, first_pause_s=0.01, longest_pause_s=0.05, orphan_after_s=60)


@pytest.mark.parametrize(
    ("attempt", "chance", "pause"),
    [(1, 0, 3), (10, 0, 3), (11, 0, 6), (12, 0, 12), (18, 0, 600), (10_000, 0, 600), (1, 1, 3.6), (18, 0.5, 660)],
)
def test_the_pause_is_steady_at_first_then_doubles_up_to_a_limit(attempt: int, chance: float, pause: float) -> None:
    assert pause_before(attempt, WorkerSettings(), chance) == pytest.approx(pause)


@dataclass
class RunningClock:
    """The world's clock, hurried along each time that somebody looks."""

    world: World

    def now(self) -> Any:
        self.world.clock.at += timedelta(milliseconds=200)
        return self.world.clock.at


def house_of(world: World) -> House:
    return replace(world.house, process="worker", clock=RunningClock(world))


def work(
    world: World, until: Callable[[], object], settings: WorkerSettings = QUICK, house: House | None = None
) -> None:
    """Let a worker work until something is true, then stop it."""

    async def story() -> None:
        worker = Worker(house or house_of(world), world.books, settings)
        running = asyncio.create_task(worker.run())
        for _ in range(1_000):
            if until() or running.done():
                break
            await asyncio.sleep(0.005)
        assert until()
        worker.stop()
        await asyncio.wait_for(running, 5)

    asyncio.run(story())


def all_known(world: World) -> bool:
    return all(payment.state in KNOWN for payment in world.books.payments.values()) and not world.books.waiting_jobs


def test_unknown_outcomes_are_put_right_card_and_code() -> None:
    world = World()
    for _ in range(3):
        world.the_answer_gets_lost()
        world.lin.sells(25_00).by_card()
        world.acquirer.moods.clear()
        world.wallet.moods.clear()
        world.wallet.moods.append(Mood.LOSE_ANSWER)
        world.zhou.sells(25_00).by_code()
    assert not all_known(world)
    work(world, lambda: all_known(world))
    world.the_books_balance()


def test_a_channel_that_is_away_is_asked_again() -> None:
    world = World()
    world.the_answer_gets_lost()
    world.lin.sells(25_00).by_card()
    world.the_line_stays_down()
    work(world, lambda: any(job.attempts > 2 and job.last_error for job in world.books.jobs.values()))
    world.the_line_is_back()
    work(world, lambda: all_known(world))
    world.the_books_balance()


def test_a_customer_who_takes_time_is_looked_at_at_the_same_pace_all_along() -> None:
    world = World()
    sale = world.lin.sells(25_00).by_shown_code().payment
    looks = 0

    def looked_twenty_times() -> bool:
        nonlocal looks
        looks = sum(one.startswith("query") for one in world.wallet.asked)
        return looks >= 20

    work(world, looked_twenty_times)
    assert world.clock.at - sale.received_at < timedelta(seconds=60)
    (job,) = world.books.waiting_jobs
    assert (job.attempts, job.last_error) == (0, "the customer has not paid yet")
    world.wallet.payer_confirms(sale.payment_id)
    work(world, lambda: all_known(world))
    world.the_books_balance()


def lost_sale(world: World, minor: int) -> Payment:
    world.acquirer.moods.append(Mood.LOSE_ANSWER)
    return world.lin.sells(minor).by_card().payment


def test_a_job_that_fails_does_not_stop_the_others() -> None:
    world = World()
    bad, good = lost_sale(world, 11_00), lost_sale(world, 22_00)
    world.books.jobs["898110058120001", "0" * 32, "reverse_payment"] = _job(world, "reverse_payment", "0" * 32)
    world.books.jobs["898110058120001", bad.payment_id, "nonsense"] = _job(world, "nonsense", bad.payment_id)

    def settled() -> bool:
        kept = {(job.ask.kind, job.ask.payment_id): job for job in world.books.jobs.values()}
        return (
            world.books.payments[good.merchant_id, good.payment_id].state is State.REVERSED
            and kept["reverse_payment", PaymentId("0" * 32)].attempts > 1
            and kept["nonsense", bad.payment_id].attempts > 1
        )

    work(world, settled)
    errors = {job.last_error for job in world.books.waiting_jobs}
    assert errors == {"fault: AssertionError", "fault: KeyError"}


def _job(world: World, kind: str, payment_id: str) -> Any:
    merchant = next(iter(world.books.payments.values())).merchant_id
    ask = JobAsk(kind, merchant, payment_id, world.clock.at)  # type: ignore[arg-type]  # an id as text is enough here
    return KeptJob(ask, ask.due_at)


@dataclass
class SlowChannel:
    """The world's acquirer, which keeps one payment waiting until it is let go."""

    world: World
    slow_minor: int
    let_go: asyncio.Event = field(default_factory=asyncio.Event)
    name: str = "unionpay"

    async def reverse(self, payment: Payment, original: Payment | None) -> Answer:
        if payment.amount == Money(self.slow_minor):
            await self.let_go.wait()
        return await self.world.acquirer.reverse(payment, original)


def test_a_slow_job_holds_up_no_other_and_is_finished_before_the_end() -> None:
    world = World()
    slow = lost_sale(world, 11_00)
    channel = SlowChannel(world, 11_00)
    house = replace(house_of(world), acquirer=channel)  # type: ignore[arg-type]  # only reversals are asked of it

    async def story() -> None:
        worker = Worker(house, world.books, replace(QUICK, lease_s=10_000))
        running = asyncio.create_task(worker.run())
        await asyncio.sleep(0.1)
        later = lost_sale(world, 22_00)
        for _ in range(500):
            if world.books.payments[later.merchant_id, later.payment_id].state is State.REVERSED:
                break
            await asyncio.sleep(0.01)
        assert world.books.payments[later.merchant_id, later.payment_id].state is State.REVERSED
        assert world.books.payments[slow.merchant_id, slow.payment_id].state is not State.REVERSED
        worker.stop()
        await asyncio.sleep(0.05)
        assert not running.done()
        channel.let_go.set()
        await asyncio.wait_for(running, 5)

    asyncio.run(story())
    assert all_known(world)


def test_no_more_jobs_are_held_than_there_are_hands() -> None:
    world = World()
    for number in range(9):
        lost_sale(world, 10_00 + number)
    work(world, lambda: all_known(world), replace(QUICK, at_once=2))
    world.the_books_balance()


def test_a_database_that_is_away_is_waited_for() -> None:
    world = World()
    lost_sale(world, 11_00)

    async def story() -> None:
        worker = Worker(house_of(world), world.books, QUICK)
        world.books.lost = True
        running = asyncio.create_task(worker.run())
        await asyncio.sleep(0.1)
        assert not running.done()
        world.books.lost = False
        for _ in range(500):
            if all_known(world):
                break
            await asyncio.sleep(0.01)
        worker.stop()
        await running

    asyncio.run(story())
    world.the_books_balance()


@dataclass
class LostOnReturn:
    """The world's jobs; the database goes away whenever a job is given back."""

    world: World
    tried: int = 0

    async def lease(self, **words: Any) -> Any:
        return await self.world.books.lease(**words)

    async def put_back(self, job: LeasedJob, **words: Any) -> None:
        self.tried += 1
        raise BooksLost("away")

    async def finish(self, job: LeasedJob) -> None:
        raise BooksLost("away")


def test_a_job_that_can_be_neither_finished_nor_given_back_is_freed_by_its_lease() -> None:
    world = World()
    lost_sale(world, 11_00)
    jobs = LostOnReturn(world)

    async def story() -> None:
        worker = Worker(house_of(world), jobs, QUICK)
        running = asyncio.create_task(worker.run())
        for _ in range(500):
            if jobs.tried:
                break
            await asyncio.sleep(0.01)
        worker.stop()
        await running

    asyncio.run(story())
    assert jobs.tried
    assert [payment.state for payment in world.books.payments.values()] == [State.REVERSED]


def test_the_sweep_recovers_what_a_dead_process_left_and_leaves_the_young_alone() -> None:
    world = World()
    world.acquirer.while_asked = _die
    with pytest.raises(RuntimeError):
        world.lin.sells(25_00).by_card()
    world.acquirer.while_asked = None
    (left,) = world.books.payments.values()
    assert left.state is State.SENT

    async def story() -> None:
        worker = Worker(replace(world.house, process="worker"), world.books, QUICK)
        running = asyncio.create_task(worker.run())
        await asyncio.sleep(0.2)
        assert world.books.payments[left.merchant_id, left.payment_id].state is State.SENT
        world.clock.at += timedelta(seconds=61)
        for _ in range(500):
            if all_known(world):
                break
            world.clock.at += timedelta(seconds=1)
            await asyncio.sleep(0.01)
        worker.stop()
        await running

    asyncio.run(story())
    world.the_books_balance()


def _die() -> None:
    raise RuntimeError("the process died")


def test_stopping_before_anything_is_due_ends_at_once() -> None:
    world = World()

    async def story() -> None:
        worker = Worker(house_of(world), world.books, WorkerSettings(poll_s=60))
        running = asyncio.create_task(worker.run())
        await asyncio.sleep(0.02)
        worker.stop()
        await asyncio.wait_for(running, 2)

    asyncio.run(story())
    assert at_once(world.books.lease(owner="x", now=world.clock.at, limit=1, seconds=1)) == []


def test_it_tidies_up_again_and_again_whatever_happens() -> None:
    world = World()
    asked: list[datetime] = []

    async def tidy(now: datetime) -> None:
        asked.append(now)
        if len(asked) == 2:
            raise BooksLost("away")

    async def story() -> None:
        worker = Worker(house_of(world), world.books, replace(QUICK, tidy_every_s=0.01), tidy=tidy)
        running = asyncio.create_task(worker.run())
        while len(asked) < 4:
            await asyncio.sleep(0.005)
        worker.stop()
        await running

    asyncio.run(asyncio.wait_for(story(), 10))
    assert sorted(asked) == asked
