"""A restore drill: the books are copied while terminals sell, the machine is lost, and a new one goes on from the copy."""

from __future__ import annotations

import asyncio
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from support.demo import Demo
from support.shop_day import PIN, SIGNED, Day, play
from xiaopos import demo as demo_command
from xiaopos.kernel.secret import Secret
from xiaopos.simulator.terminals import deck_card
from xiaopos.terminal.cards import How
from xiaopos.terminal.outcome import Outcome

pytestmark = pytest.mark.slow


def copied(verb: str, data: Path, file: Path) -> str:
    """Run `xiaopos backup` or `restore` as the operator of this installation would."""
    settings = demo_command._environment(data, dict(demo_command.PORTS))
    done = subprocess.run(
        [sys.executable, "-m", "xiaopos.cli", verb, str(file)],
        env=settings, capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_a_new_machine_goes_on_from_a_copy_that_was_made_under_load(tmp_path: Path) -> None:
    lost, new, copy = tmp_path / "lost", tmp_path / "new", tmp_path / "copy"
    running = Demo.start(lost)

    async def copying() -> None:
        await asyncio.sleep(3)
        assert "every entry balances" in await asyncio.to_thread(copied, "backup", lost, copy)
        await asyncio.sleep(2)

    async def story() -> Day:
        return await play(running, tmp_path, asyncio.ensure_future(copying()), 7)

    try:
        asyncio.run(story())
        sold = running.rows("SELECT COUNT(*) FROM payment")
    finally:
        running.stop()
    new.mkdir()
    for kept in ("demo-secrets.json", "simulated-network.sqlite3", "simulated-wallet.sqlite3"):
        shutil.copy(lost / kept, new / kept)
    said = copied("restore", new, copy)
    shutil.rmtree(lost)
    again = Demo.start(new)
    try:
        (held,) = again.rows("SELECT COUNT(*) FROM payment")
        assert said.startswith(f"{held[0]} payments, the newest of ")
        assert 0 < held[0] < sold[0][0]
        assert again.rows(f"SELECT {SIGNED} FROM ledger_leg") == [(0,)]

        async def one_more() -> None:
            terminal = again.terminal("10000001", tmp_path)
            await terminal.sign_in()
            result = await terminal.sale(12_50, deck_card("debit").read, How.INSERT, Secret(PIN.encode()))
            assert isinstance(result, Outcome)
            assert result.approved
            await terminal.close()

        asyncio.run(one_more())
        for _ in range(60):
            left = again.rows(
                "SELECT state, COUNT(*) FROM payment WHERE state IN ('sent', 'unknown', 'reversing') GROUP BY state"
            )
            if not left:
                break
            time.sleep(0.5)
        assert left == []
    finally:
        assert again.stop() == 0
