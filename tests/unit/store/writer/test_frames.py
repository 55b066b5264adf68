"""Kept frames on both databases: written, found by their payment, forgotten after their days."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from xiaopos.kernel.ids import make_id
from xiaopos.store.writer.engines import Engine
from xiaopos.store.writer.frames import forget_frames, keep_frames
from xiaopos.store.writer.postgres import PostgresEngine
from xiaopos.store.writer.sqlite import SqliteEngine
from xiaopos.store.writer.statements import Row, Select

NOON = datetime(2026, 3, 14, 4, 0, tzinfo=UTC)
ALL = Select("SELECT rrn, title FROM kept_frame ORDER BY frame_id", ())


@pytest.fixture(params=["sqlite", "postgres"])
def engine(request: pytest.FixtureRequest) -> Engine:
    if request.param == "sqlite":
        path: Path = request.getfixturevalue("sqlite_file")
        return SqliteEngine(path)
    return PostgresEngine(request.getfixturevalue("postgres_url"))


def row(at: datetime, rrn: str) -> Row:
    return make_id(int(at.timestamp() * 1000), bytes(10)), at, rrn, "card-host", "", True, "0210", "[]"


def test_frames_are_kept_for_their_days(engine: Engine) -> None:
    async def story() -> None:
        try:
            await keep_frames(engine, [row(NOON, "607300000001"), row(NOON + timedelta(days=2), "607500000001")])
            await forget_frames(engine, NOON + timedelta(days=7), 7)
            assert len(await engine.select(ALL)) == 2
            await forget_frames(engine, NOON + timedelta(days=8), 7)
            assert [tuple(found) for found in await engine.select(ALL)] == [("607500000001", "0210")]
        finally:
            await engine.close()

    asyncio.run(asyncio.wait_for(story(), 30))
