"""Keeping decoded frames for the console, and forgetting them, without Django.

What may live here: those statements. What may not: decoding, masking (hosts.frame_keeper).
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from datetime import datetime, timedelta
from typing import Any

from xiaopos.kernel.ids import make_id
from xiaopos.store.writer.engines import Engine
from xiaopos.store.writer.statements import Execute, Insert, Row, Statement

FRAME_COLUMNS = ("frame_id", "at", "rrn", "process", "peer", "ours", "title", "lines")


async def keep_frames(engine: Engine, rows: Sequence[Row]) -> None:
    """Add rows in a commit of their own. Raises BooksLost."""

    def steps() -> Generator[Statement, Any, None]:
        yield Insert("kept_frame", FRAME_COLUMNS, rows)

    await engine.run(steps)


async def forget_frames(engine: Engine, now: datetime, days: int) -> None:
    """Delete what is older than so many days: ids begin with their instant, so this is one end of the key. Raises BooksLost."""
    oldest = make_id(int((now - timedelta(days=days)).timestamp() * 1000), bytes(10))

    def steps() -> Generator[Statement, Any, None]:
        yield Execute("DELETE FROM kept_frame WHERE frame_id < ?", (oldest,))

    await engine.run(steps)
