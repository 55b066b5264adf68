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
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

import pytest

from support.demo import Demo, command, eventually
from xiaopos.kernel.refusal import Refused
from xiaopos.kernel.secret import Secret
from xiaopos.payments.states import KNOWN
from xiaopos.simulator.network import TEST_CARDS
from xiaopos.simulator.terminals import PretendTerminal, deck_card
from xiaopos.terminal.cards import How
from xiaopos.terminal.outcome import Kind, Outcome

TERMINALS = ("10000001", "10000002", "10000003", "10000004")
ROUNDS = 12
PIN = "123456"
CARDS = {card.pan.masked: card for card in TEST_CARDS}

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    running = Demo.start(tmp_path_factory.mktemp("demo") / "var")
    try:
        yield running
    finally:
        if running.process.poll() is None:
            running.stop()


@dataclass
class Day:
    """What the terminals were told while the host was killed again and again."""

    heard: list[Outcome] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)
    over: bool = False

    async def sells(self, terminal: PretendTerminal, chance: Random) -> None:
        """Sell until the day is over, with whatever card and however the customer likes."""
        while not self.over:
            card = deck_card(chance.choice(("debit", "credit", "poor"))).read
            how = chance.choice((How.TAP, How.INSERT, How.SWIPE))
            pin = None if how is How.TAP else Secret(PIN.encode())
            result = await terminal.sale(chance.randrange(200, 5_000), card, how, pin)
            (self.heard if isinstance(result, Outcome) else self.refused).append(result)  # type: ignore[arg-type]  # each list holds its own half of the union
            known = isinstance(result, Outcome) and result.kind is not Kind.UNKNOWN
            await asyncio.sleep(0.1 if known else 0.3)


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


async def a_day_of_kills(demo: Demo, folder: Path) -> Day:
    day, chance = Day(), Random(20_260_314)
    terminals = [demo.terminal(number, folder) for number in TERMINALS]
    selling = [asyncio.create_task(day.sells(terminal, chance)) for terminal in terminals]
    try:
        await kill_the_host(demo, chance)
        day.over = True
        await asyncio.wait_for(asyncio.gather(*selling), 30)
        await asyncio.wait_for(asyncio.gather(*(terminal.put_right() for terminal in terminals)), 30)
    finally:
        day.over = True
        for terminal in terminals:
            await terminal.close()
    await eventually(lambda: not _unknown(demo), 30, "every payment has an outcome")
    return day


def _unknown(demo: Demo) -> list[tuple[object, ...]]:
    known = ", ".join(f"'{state.value}'" for state in KNOWN)
    return demo.rows(f"SELECT payment_id, state FROM payment WHERE state NOT IN ({known})")


def test_a_host_that_is_killed_again_and_again_loses_nothing_and_charges_nothing_twice(
    demo: Demo, tmp_path: Path
) -> None:
    day = asyncio.run(a_day_of_kills(demo, tmp_path))
    books = {
        (terminal_id, batch, stan): (state, amount, rrn)
        for terminal_id, batch, stan, state, amount, rrn in demo.rows(
            "SELECT terminal_id, batch_number, stan, state, amount_minor, rrn FROM payment"
        )
    }
    told = Counter(outcome.kind for outcome in day.heard)
    assert told[Kind.APPROVED] > ROUNDS
    assert told[Kind.DECLINED]
    assert told[Kind.UNKNOWN], "no kill fell into a sale"
    for outcome in day.heard:
        state, amount, rrn = books.get((outcome.terminal_id, outcome.batch_number, outcome.stan), (None, 0, ""))
        if outcome.kind is Kind.APPROVED:
            assert outcome.amount is not None
            assert (state, amount, rrn) == ("approved", outcome.amount.minor, outcome.rrn)
        elif outcome.kind is Kind.DECLINED:
            assert state in ("declined", None)
        else:
            assert state in ("reversed", "declined", None), "the terminal took back what it did not hear of"
    the_books_balance(demo)
    the_issuers_agree(demo)


def the_books_balance(demo: Demo) -> None:
    """Every entry by itself, and all of them together."""
    signed = "SUM(CASE side WHEN 'D' THEN amount_minor ELSE -amount_minor END)"
    assert demo.rows(f"SELECT {signed} FROM ledger_leg") == [(0,)]
    assert not demo.rows(f"SELECT 1 FROM ledger_leg GROUP BY payment_id, entry_kind HAVING {signed} <> 0")


def the_issuers_agree(demo: Demo) -> None:
    """What left each card is what the books took with it."""
    taken = dict(
        demo.rows("SELECT card_masked, SUM(amount_minor) FROM payment WHERE state = 'approved' GROUP BY card_masked")
    )
    phone = demo.told["phone"].removesuffix("/phone")
    for card in demo.get(f"{phone}/control/network/cards")["cards"]:
        at_first = CARDS[card["pan"]].balance_minor
        assert at_first - card["balance_minor"] == taken.get(card["pan"], 0), card["label"]


def test_a_payment_code_is_taken_through_the_api(demo: Demo) -> None:
    phone = demo.told["phone"].removesuffix("/phone")
    code = _post(f"{phone}/phone/api/customers/mei/code", None)["code"]
    body = {
        "payment_id": "0" * 31 + "7", "terminal_id": "10000001", "amount_minor": 1250, "means": "payer_code",
        "payer_code": code,
    }  # fmt: skip
    paid = _post(f"{demo.told['web']}/api/v1/payments", body, Authorization=f"Bearer {demo.told['api_key']}")
    assert paid["state"] == "approved"
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
        the_issuers_agree(again)
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
