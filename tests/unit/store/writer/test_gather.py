"""Natural batching: what waits goes together, in order, bounded; a failure is heard by whom it concerns."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

import pytest

from xiaopos.store.writer.gather import Gatherer, TooMuchWaits


@dataclass
class Rounds:
    """A round that can be held; it answers each number with its double. -1 is answered with an exception, -2 breaks the round."""

    taken: list[list[int]] = field(default_factory=list)
    gate: asyncio.Event = field(default_factory=asyncio.Event)

    async def run(self, asks: list[int]) -> list[int | BaseException]:
        self.taken.append(asks)
        await self.gate.wait()
        if -2 in asks:
            raise RuntimeError("the round broke")
        return [ValueError("this one only") if ask == -1 else 2 * ask for ask in asks]


def test_what_waits_goes_into_the_next_round_in_order_up_to_its_size() -> None:
    async def story() -> None:
        rounds = Rounds()
        gatherer = Gatherer(rounds.run, most=3, bound=10)
        asks = [asyncio.create_task(gatherer.ask(number)) for number in range(8)]
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        assert gatherer.waiting in (5, 8)
        rounds.gate.set()
        assert await asyncio.gather(*asks) == [2 * number for number in range(8)]
        assert [number for taken in rounds.taken for number in taken] == list(range(8))
        assert max(map(len, rounds.taken)) == 3
        assert gatherer.waiting == 0

    asyncio.run(story())


def test_the_first_who_asks_of_an_idle_gatherer_waits_for_no_timer() -> None:
    async def story() -> None:
        rounds = Rounds()
        rounds.gate.set()
        gatherer = Gatherer(rounds.run, most=3, bound=10)
        assert [await gatherer.ask(number) for number in (1, 2)] == [2, 4]
        assert rounds.taken == [[1], [2]]

    asyncio.run(story())


def test_a_full_queue_takes_nothing_more_unless_it_must() -> None:
    async def story() -> None:
        rounds = Rounds()
        gatherer = Gatherer(rounds.run, most=1, bound=2)
        asks = [asyncio.create_task(gatherer.ask(0))]
        await asyncio.sleep(0.01)
        asks += [asyncio.create_task(gatherer.ask(number)) for number in (1, 2)]
        await asyncio.sleep(0.01)
        with pytest.raises(TooMuchWaits):
            await gatherer.ask(3)
        asks.append(asyncio.create_task(gatherer.ask(4, bounded=False)))
        await asyncio.sleep(0.01)
        rounds.gate.set()
        assert await asyncio.gather(*asks) == [0, 2, 4, 8]

    asyncio.run(story())


def test_one_failure_is_heard_by_its_own_asker_and_a_broken_round_by_all_of_it() -> None:
    async def story() -> None:
        rounds = Rounds()
        rounds.gate.set()
        gatherer = Gatherer(rounds.run, most=3, bound=10)
        heard = await asyncio.gather(*map(gatherer.ask, (1, -1, 2)), return_exceptions=True)
        assert (heard[0], type(heard[1]), heard[2]) == (2, ValueError, 4)
        heard = await asyncio.gather(*map(gatherer.ask, (1, -2, 2, 5)), return_exceptions=True)
        assert [type(one) for one in heard[:3]] == [RuntimeError] * 3
        assert heard[3] == 10, "the next round goes on"

    asyncio.run(story())


def test_an_asker_who_gives_up_spoils_nothing_for_the_others() -> None:
    async def story() -> None:
        rounds = Rounds()
        gatherer = Gatherer(rounds.run, most=9, bound=10)
        first = asyncio.create_task(gatherer.ask(1))
        await asyncio.sleep(0.01)
        tasks = [asyncio.create_task(gatherer.ask(number)) for number in (2, 3, -1)]
        await asyncio.sleep(0.01)
        tasks[0].cancel()
        tasks[2].cancel()
        first.cancel()
        rounds.gate.set()
        assert await tasks[1] == 6
        assert await gatherer.ask(4) == 8

    asyncio.run(story())
