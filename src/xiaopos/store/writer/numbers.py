"""Retrieval reference numbers: last digit of the year, day of the year, eight digits of a series of that day.

What may live here: handing out numbers from blocks leased in the database, unique over processes and restarts.
What may not: what the numbers are for.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from xiaopos.store.writer.engines import Engine
from xiaopos.store.writer.statements import Execute, Insert, Select, Statement

BLOCK = 1_000
FIRST_YEAR = 2020


@dataclass(slots=True)
class _Block:
    prefix: str
    number: int
    end: int


class RrnSeries:
    """The RRNs of one process. A block that is not used up is given up at restart: numbers may have gaps."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._blocks: dict[date, _Block] = {}

    async def next(self, day: date) -> str:
        """The next RRN of a business day: twelve digits."""
        block = self._blocks.get(day)
        if block is None or block.number == block.end:
            first = await self._engine.run(lambda: _lease(f"rrn:{day.isoformat()}"))
            block = _Block(f"{day.year % 10}{day.timetuple().tm_yday:03d}", first, first + BLOCK)
            self._blocks = {kept: other for kept, other in self._blocks.items() if abs((kept - day).days) < 3}
            self._blocks[day] = block
        number, block.number = block.number, block.number + 1
        return f"{block.prefix}{number:08d}"


def days_of(rrn: str) -> list[date]:
    """The business days that an RRN of ours can belong to: it names the day of the year and the year's last digit."""
    if len(rrn) != 12 or not rrn.isascii() or not rrn.isdigit():
        return []
    starts = [date(year, 1, 1) for year in range(FIRST_YEAR, FIRST_YEAR + 100) if year % 10 == int(rrn[0])]
    return [start + timedelta(days=int(rrn[1:4]) - 1) for start in starts if 1 <= int(rrn[1:4]) <= 366]


def _lease(series: str) -> Generator[Statement, Any, int]:
    yield Insert("number_block", ("series", "next_number"), [(series, 1)], "DO NOTHING")
    yield Execute("UPDATE number_block SET next_number = next_number + ? WHERE series = ?", (BLOCK, series))
    rows = yield Select("SELECT next_number FROM number_block WHERE series = ?", (series,))
    return int(rows[0][0]) - BLOCK
