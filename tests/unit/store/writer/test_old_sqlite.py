"""Many rows are updated at once, and one after the other on a SQLite that cannot; the result is the same."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from xiaopos.store.writer import sqlite
from xiaopos.store.writer.sqlite import SqliteEngine
from xiaopos.store.writer.statements import Insert, Select, Update

ROWS = 150


@pytest.mark.parametrize("needed", [(3, 33), (99, 0)])
def test_as_many_rows_change_as_are_named(sqlite_file: Path, monkeypatch: pytest.MonkeyPatch, needed: tuple[int, int]):
    monkeypatch.setattr(sqlite, "_UPDATE_FROM", needed)
    engine = SqliteEngine(sqlite_file)

    def steps():
        yield Insert("number_block", ("series", "next_number"), [(f"s{number}", number) for number in range(ROWS)])
        changed = [(number + 1000, f"s{number}") for number in range(0, ROWS + 10, 2)]
        return (yield Update("number_block", ("next_number",), ("series",), changed))

    async def story():
        changed = await engine.run(steps)
        rows = await engine.select(Select("SELECT next_number FROM number_block ORDER BY series", ()))
        await engine.close()
        return changed, sorted(row[0] for row in rows)

    changed, numbers = asyncio.run(story())
    assert changed == ROWS // 2, "a row that is not there is not counted"
    assert numbers == sorted(number if number % 2 else number + 1000 for number in range(ROWS))
