"""The virtual loop: time that only what is waited for moves, and processes that die without a word."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from xiaopos.simulation.loop import Process, Stuck, VirtualLoop


def new_loop() -> VirtualLoop:
    return VirtualLoop(lambda: 0.01)


def test_an_hour_passes_at_once() -> None:
    loop = new_loop()
    loop.run_until_complete(asyncio.sleep(3600))
    assert loop.time() == 3600


def test_what_happens_at_one_instant_happens_in_the_order_in_which_it_was_asked_for() -> None:
    seen: list[int] = []

    async def story() -> None:
        loop = asyncio.get_running_loop()
        for number in range(5):
            loop.call_at(1.0, seen.append, number)
        loop.call_later(0.5, seen.append, 9)
        loop.call_soon(seen.append, 7).cancel()
        await asyncio.sleep(2)

    new_loop().run_until_complete(story())
    assert seen == [9, 0, 1, 2, 3, 4]


def test_waiting_for_what_never_happens_is_noticed() -> None:
    with pytest.raises(Stuck):
        new_loop().run_until_complete(asyncio.Event().wait())


def test_a_dead_process_does_nothing_any_more_not_even_tidy_up() -> None:
    did: list[str] = []

    async def work() -> None:
        try:
            did.append("began")
            await asyncio.sleep(1)
            did.append("went on")
        finally:
            did.append("tidied up")

    async def story() -> None:
        process = Process("one")
        process.on_death.append(lambda: did.append("died"))
        process.spawn(work())
        await asyncio.sleep(0.5)
        process.die()
        process.die()
        await asyncio.sleep(5)

    new_loop().run_until_complete(story())
    assert did == ["began", "died"]


def dies_at(step: int) -> Callable[[Process], None]:
    steps = iter(range(1, 100))

    def at_point(process: Process) -> None:
        if next(steps) == step:
            process.die()

    return at_point


@pytest.mark.parametrize(("step", "did", "heard"), [(1, [], []), (2, ["work"], []), (3, ["work"], ["done"])])
def test_work_of_a_thread_can_be_killed_before_it_and_after_it(step: int, did: list[str], heard: list[str]) -> None:
    done: list[str] = []
    told: list[str] = []
    thread = ThreadPoolExecutor(1)

    async def work() -> None:
        await asyncio.get_running_loop().run_in_executor(thread, done.append, "work")
        told.append("done")

    async def story() -> None:
        Process("one", at_point=dies_at(step)).spawn(work())
        await asyncio.sleep(5)

    new_loop().run_until_complete(story())
    thread.shutdown()
    assert (done, told) == (did, heard)


def test_one_thread_does_one_thing_at_a_time_and_what_it_raises_is_raised() -> None:
    thread = ThreadPoolExecutor(1)
    loop = new_loop()

    def fails() -> None:
        raise OSError("no")

    async def story() -> None:
        first = loop.run_in_executor(thread, fails)
        second = loop.run_in_executor(thread, lambda: "yes")
        with pytest.raises(OSError, match="no"):
            await first
        assert loop.time() == pytest.approx(0.02)
        given_up = loop.run_in_executor(thread, lambda: "late")
        given_up.cancel()
        assert await second == "yes"
        assert loop.time() == pytest.approx(0.04)
        await asyncio.sleep(1)

    loop.run_until_complete(story())
    thread.shutdown()


def test_what_nobody_caught_is_kept() -> None:
    loop = new_loop()
    loop.call_exception_handler({"message": "never retrieved", "exception": ValueError()})
    loop.call_exception_handler({"message": "unclosed"})
    assert loop.complaints == ["never retrieved: ValueError", "unclosed: "]
    assert (loop.get_debug(), loop.is_running(), loop.is_closed()) == (False, True, False)
