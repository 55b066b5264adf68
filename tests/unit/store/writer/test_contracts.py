"""Contracts as a process that takes money reads them, on both databases."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Generator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from xiaopos.merchants.wallet_contracts import ContractState
from xiaopos.store.writer.contracts import contracts_mark, read_contracts
from xiaopos.store.writer.engines import Engine
from xiaopos.store.writer.postgres import PostgresEngine
from xiaopos.store.writer.sqlite import SqliteEngine
from xiaopos.store.writer.statements import Execute, Statement

NOON = datetime(2026, 3, 14, 4, 0, tzinfo=UTC)
COLUMNS = (
    "contract_id, merchant_id, wallet, settings, keys, state, entered_by, finding, said, "
    "entered_at, active_from, ended_from, changed_at"
)


@pytest.fixture(params=["sqlite", "postgres"])
def engine(request: pytest.FixtureRequest) -> Engine:
    if request.param == "sqlite":
        path: Path = request.getfixturevalue("sqlite_file")
        return SqliteEngine(path)
    return PostgresEngine(request.getfixturevalue("postgres_url"))


def literal(engine: Engine, at: datetime | None) -> str:
    """An instant as Django writes it into this database."""
    text = (
        "" if at is None else at.strftime("%Y-%m-%d %H:%M:%S.%f") + ("" if isinstance(engine, SqliteEngine) else "+00")
    )
    return f"'{text}'" if text else "NULL"


async def enter(engine: Engine, number: int, active_from: datetime | None) -> None:
    settings, keys = json.dumps({"mode": "public_key", "app_id": "茶"}), json.dumps({"private_key": "wrapped"})
    state = ContractState.ACTIVE if active_from else ContractState.TRIAL
    texts = (f"{number:032x}", "898110058120001", "alipay", settings, keys, state.value, "lin", "", "")
    changed_at = NOON + timedelta(microseconds=number)
    instants = ", ".join(literal(engine, at) for at in (NOON, active_from, None, changed_at))

    def steps() -> Generator[Statement, Any, None]:
        yield Execute(f"INSERT INTO wallet_contract ({COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, {instants})", texts)

    await engine.run(steps)


def test_what_was_entered_is_read_as_it_is_and_every_change_has_another_mark(engine: Engine) -> None:
    async def story() -> None:
        try:
            marks = [await contracts_mark(engine)]
            assert await read_contracts(engine) == []
            for number, active_from in ((1, None), (2, NOON + timedelta(seconds=10))):
                await enter(engine, number, active_from)
                marks.append(await contracts_mark(engine))
            assert len(set(marks)) == 3
            trial, active = sorted(await read_contracts(engine), key=lambda one: one.contract_id)
            assert (trial.state, trial.active_from, trial.entered_at) == (ContractState.TRIAL, None, NOON)
            assert (active.state, active.active_from) == (ContractState.ACTIVE, NOON + timedelta(seconds=10))
            assert (active.settings["app_id"], active.keys) == ("茶", {"private_key": "wrapped"})
        finally:
            await engine.close()

    asyncio.run(asyncio.wait_for(story(), 60))
