"""The demo as a whole, in real processes: sales through a host that is killed again and again; starting and stopping."""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest

from support.demo import Demo, command, eventually
from support.shop_day import PIN, SIGNED, Day, differences, issuers_disagree, play
from xiaopos.kernel.secret import Secret
from xiaopos.simulator.network import TEST_CARDS
from xiaopos.simulator.terminals import deck_card
from xiaopos.terminal.cards import How
from xiaopos.terminal.outcome import Kind, Outcome
from xiaopos_client import Client, make_id

ROUNDS = 12

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    running = Demo.start(tmp_path_factory.mktemp("demo") / "var")
    try:
        yield running
    finally:
        if running.process.poll() is None:
            running.stop()


async def kill_the_host(demo: Demo, chance: Random) -> None:
    """Kill the card host at random moments; the supervisor starts it again each time."""
    ready = demo.told["card_host_status"] + "/readyz"
    for _ in range(ROUNDS):
        await eventually(lambda: _answers(ready), 20, "the card host is ready again")
        await asyncio.sleep(chance.uniform(0.05, 1.2))
        demo.kill("card-host")
    await eventually(lambda: _answers(ready), 20, "the card host is ready after the last kill")
    await asyncio.sleep(1)


def _answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(address, timeout=2):
            return True
    except OSError:
        return False


def test_a_host_that_is_killed_again_and_again_loses_nothing_and_charges_nothing_twice(
    demo: Demo, tmp_path: Path
) -> None:
    async def story() -> Day:
        return await play(demo, tmp_path, asyncio.ensure_future(kill_the_host(demo, Random(20_260_314))), 20_260_314)

    day = asyncio.run(story())
    assert day.told[Kind.APPROVED] > ROUNDS
    assert day.told[Kind.DECLINED]
    assert day.told[Kind.UNKNOWN], "no kill fell into a sale"
    assert Kind.APPROVED in day.voids.values()
    assert differences(demo, day) == []


def the_books_balance(demo: Demo) -> None:
    """All entries together."""
    assert demo.rows(f"SELECT {SIGNED} FROM ledger_leg") == [(0,)]


def test_a_payment_code_is_taken_through_the_api(demo: Demo) -> None:
    phone = demo.told["phone"].removesuffix("/phone")
    code = _post(f"{phone}/phone/api/customers/mei/code", None)["code"]
    with Client(demo.told["web"], demo.told["api_key"]) as till:
        taken = till.take(make_id(), terminal_id="10000001", amount_minor=1250, payer_code=code)
        assert till.await_outcome(taken).approved
        shown = till.show_code(make_id(), terminal_id="10000001", amount_minor=500)
        assert not shown.known
        given_up = till.await_outcome(till.cancel(shown.payment_id))
        assert given_up.state == "reversed"
        assert till.payment(shown.payment_id, wait_s=25, after_version=shown.version) == given_up
    the_books_balance(demo)
    nothing_sensitive_was_kept(demo, code)


def _post(address: str, body: object, **headers: str) -> dict[str, str]:
    request = urllib.request.Request(
        address, json.dumps(body).encode(), headers={"Content-Type": "application/json", **headers}
    )
    with urllib.request.urlopen(request, timeout=20) as answer:
        read: dict[str, str] = json.loads(answer.read())
        return read


def nothing_sensitive_was_kept(demo: Demo, payer_code: str) -> None:
    """Card numbers, tracks, PINs and payment codes are in no log and not in the database."""
    numbers = [card.pan.digits for card in TEST_CARDS]
    packed = [bytes.fromhex(digits + "F" * (len(digits) % 2)) for digits in numbers]
    canaries = [*(digits.encode() for digits in numbers), *packed, payer_code.encode()]
    looked_at = [*demo.data.glob("logs/*"), *demo.data.glob("xiaopos.sqlite3*")]
    assert len(looked_at) >= 5
    for path in looked_at:
        held = path.read_bytes()
        assert not [canary for canary in canaries if canary in held], path.name
        assert not re.search(rb"(?<![\d.])" + PIN.encode() + rb"(?!\d)", held), f"a PIN in {path.name}"


def test_a_second_start_keeps_the_data_and_stops_cleanly(demo: Demo, tmp_path: Path) -> None:
    before = demo.rows("SELECT payment_id, state, version FROM payment ORDER BY payment_id")
    assert before
    processes = demo.processes()
    assert demo.stop() == 0
    assert not [pid for pid in processes.values() if Path(f"/proc/{pid}").exists()]
    again = Demo.start(demo.data)
    try:
        assert again.told["password"] == demo.told["password"]
        assert again.rows("SELECT payment_id, state, version FROM payment ORDER BY payment_id") == before

        async def one_more() -> None:
            terminal = again.terminal("10000002", tmp_path)
            sold = await terminal.sale(12_50, deck_card("debit").read, How.INSERT, Secret(PIN.encode()))
            assert isinstance(sold, Outcome)
            # A terminal that lost its memory begins its numbers anew: told as a repeat of another sale, never sold twice.
            assert sold.approved or sold.response_code == "94"
            await terminal.close()

        asyncio.run(one_more())
        the_books_balance(again)
        assert issuers_disagree(again) == []
    finally:
        assert again.stop() == 0


def test_a_port_in_use_is_one_clear_sentence(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        ended = subprocess.run(command(tmp_path / "var", card=port), capture_output=True, text=True, timeout=30)
    assert ended.returncode == 2
    assert ended.stdout == ""
    assert ended.stderr.count("\n") == 1
    assert f"port {port} for --card-port" in ended.stderr


def test_ctrl_c_while_it_starts_leaves_no_process(tmp_path: Path) -> None:
    process = subprocess.Popen(command(tmp_path / "var"), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    deadline = time.monotonic() + 60
    while not (tmp_path / "var" / "logs" / "web.log").exists():
        assert time.monotonic() < deadline
        assert process.poll() is None
        time.sleep(0.05)
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
    os.kill(process.pid, signal.SIGINT)
    printed, complaints = process.communicate(timeout=30)
    assert (process.returncode, printed) == (0, "")
    assert "Traceback" not in complaints
    assert not [child for child in children if Path(f"/proc/{child}").exists()]
