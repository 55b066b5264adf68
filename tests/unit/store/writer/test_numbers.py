"""Reference numbers: twelve digits of a business day, from blocks that no two processes share."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import pytest

from xiaopos.store.writer.engines import StepsOf
from xiaopos.store.writer.numbers import BLOCK, RrnSeries, days_of
from xiaopos.store.writer.statements import Execute, Insert, Row, Select

DAY = date(2026, 3, 14)


class Blocks:
    """An engine that holds one table: the next number of each series."""

    def __init__(self) -> None:
        self.next_number: dict[str, int] = {}
        self.leased = 0

    async def run(self, steps: StepsOf[Any]) -> Any:
        generator, result = steps(), None
        self.leased += 1
        while True:
            try:
                statement = generator.send(result)
            except StopIteration as stop:
                return stop.value
            result = self._do(statement)

    def _do(self, statement: object) -> Any:
        if isinstance(statement, Insert):
            for series, number in statement.rows:
                self.next_number.setdefault(series, number)
            return 0
        if isinstance(statement, Execute):
            self.next_number[statement.values[1]] += statement.values[0]
            return 1
        assert isinstance(statement, Select)
        return [(self.next_number[statement.values[0]],)]

    async def select(self, query: Select) -> Sequence[Row]:
        raise AssertionError(query)

    async def close(self) -> None:
        return None


def test_numbers_follow_each_other_over_blocks_and_name_their_day() -> None:
    async def story() -> list[str]:
        series = RrnSeries(Blocks())
        return [await series.next(DAY) for _ in range(BLOCK + 2)]

    numbers = asyncio.run(story())
    assert numbers[0] == "607300000001"
    assert numbers[-1] == f"6073{BLOCK + 2:08d}"
    assert len(set(numbers)) == BLOCK + 2


def test_two_processes_never_hand_out_the_same_number() -> None:
    async def story() -> list[str]:
        blocks = Blocks()
        one, other = RrnSeries(blocks), RrnSeries(blocks)
        return [await series.next(DAY) for _ in range(BLOCK + 5) for series in (one, other)]

    numbers = asyncio.run(story())
    assert len(set(numbers)) == len(numbers)


def test_the_days_around_midnight_keep_their_blocks_and_old_days_are_let_go() -> None:
    async def story() -> int:
        blocks = Blocks()
        series = RrnSeries(blocks)
        for _ in range(3):
            await series.next(DAY)
            await series.next(DAY + timedelta(days=1))
        assert blocks.leased == 2
        await series.next(DAY + timedelta(days=9))
        await series.next(DAY)
        return blocks.leased

    assert asyncio.run(story()) == 4


@pytest.mark.parametrize("rrn", ["", "60730000001", "6073000000011", "6073000000O1", "６07300000001", "600000000001"])
def test_what_is_no_number_of_ours_has_no_day(rrn: str) -> None:
    assert days_of(rrn) == []


def test_a_number_belongs_to_a_day_of_each_year_that_ends_in_its_digit() -> None:
    days = days_of("607300000001")
    assert DAY in days
    assert {day.year % 10 for day in days} == {6}
    assert date(2028, 12, 31) in days_of("836600000001")
