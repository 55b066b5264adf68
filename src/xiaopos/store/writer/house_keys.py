"""Reading the house's keys and their states, and writing how often they were used, without Django.

What may live here: those statements. What may not: using a key.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from typing import Any

from xiaopos.keys import KeyState, WrappedKey
from xiaopos.store.writer.engines import Engine
from xiaopos.store.writer.statements import Insert, Row, Select, Statement


async def read_house_keys(engine: Engine) -> dict[str, WrappedKey]:
    """Every key of the house by its name."""
    rows = await engine.select(Select("SELECT name, wrapped FROM house_key", ()))
    return {str(name): WrappedKey.from_text(wrapped) for name, wrapped in rows}


async def read_key_states(engine: Engine) -> dict[str, KeyState]:
    """What keys are in another state than active, by the vault's own id of each."""
    query = Select(
        "SELECT vault_id, state FROM key_record WHERE state <> ? AND vault_id <> ''", (KeyState.ACTIVE.value,)
    )
    return {str(vault_id): KeyState(state) for vault_id, state in await engine.select(query)}


async def write_key_uses(engine: Engine, rows: Sequence[Row]) -> None:
    """Append a process's counts of a minute: id, vault's id, usage, check value, operation, process, uses, instant."""

    def steps() -> Generator[Statement, Any, None]:
        yield Insert("key_use_count", USE_COLUMNS, rows)

    await engine.run(steps)


USE_COLUMNS = ("count_id", "vault_id", "usage", "check_value", "operation", "process", "uses", "at")
