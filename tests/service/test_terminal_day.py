"""Every transaction of the terminal interface at a running demo: a noodle shop's terminal, its host, its issuers."""

from __future__ import annotations

import asyncio
import json
import sqlite3
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from support.demo import Demo, eventually
from support.shop_day import PIN, SIGNED, issuers_disagree, unknown
from xiaopos.fleet.asks import TerminalAsk
from xiaopos.kernel.refusal import Reason, Refused
from xiaopos.kernel.secret import Pan, Secret
from xiaopos.simulator.chip_lists import BLACKLIST, CHIP_PARAMETERS, PUBLIC_KEYS
from xiaopos.simulator.terminals import Line, PretendTerminal, Result, deck_card
from xiaopos.simulator.terminals.signing import sample_signature
from xiaopos.simulator.town import NOODLES
from xiaopos.terminal.cards import CardRead, How
from xiaopos.terminal.lists import ListKind
from xiaopos.terminal.messages import Original
from xiaopos.terminal.outcome import Outcome

CHENS = NOODLES.terminals[0].terminal_id
CHENS_SECOND = NOODLES.terminals[1].terminal_id
DEBIT = deck_card("debit").read
Story = Callable[[PretendTerminal], Awaitable[None]]

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    running = Demo.start(tmp_path_factory.mktemp("demo") / "var")
    try:
        yield running
    finally:
        running.stop()


@pytest.fixture(scope="module")
def memories(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the terminals of all stories remember: a terminal that forgot would begin its numbers anew."""
    return tmp_path_factory.mktemp("memories")


def tell(demo: Demo, memories: Path, story: Story, terminal_id: str = CHENS) -> None:
    """Play a story on a terminal, and compare the books and the cards afterwards."""

    async def all_of_it() -> None:
        host, _, port = demo.told["card_host"].rpartition(":")
        terminal = demo.terminal(terminal_id, memories, Line(host, int(port), timeout_s=30))
        try:
            await story(terminal)
        finally:
            await terminal.close()

    asyncio.run(all_of_it())
    asyncio.run(eventually(lambda: unknown(demo) == [], 60, "every payment has an outcome"))
    assert demo.rows(f"SELECT {SIGNED} FROM ledger_leg")[0][0] in (0, None)
    assert issuers_disagree(demo) == []


def done(result: Result) -> Outcome:
    assert isinstance(result, Outcome), result
    assert result.approved, result.as_json("en")
    return result


async def sells(terminal: PretendTerminal, minor: int, how: How = How.INSERT) -> Outcome:
    return done(await terminal.sale(minor, DEBIT, how, Secret(PIN.encode())))


def test_a_morning_without_money(demo: Demo, memories: Path) -> None:
    async def story(terminal: PretendTerminal) -> None:
        for verb in (terminal.sign_in, terminal.echo):
            done(await verb())
        for kind in ListKind:
            done(await terminal.fetch(kind))
        held = {kind: set(terminal.device.remembered.kept_list(kind).entries) for kind in ListKind}
        assert held[ListKind.PUBLIC_KEYS] == set(PUBLIC_KEYS.values())
        assert held[ListKind.CHIP_PARAMETERS] == set(CHIP_PARAMETERS.values())
        assert held[ListKind.BLACKLIST] == set(BLACKLIST)
        settings = terminal.device.settings
        assert (settings.merchant_name, settings.tip_percent) == (NOODLES.name, NOODLES.tip_percent)
        done(await terminal.tell_status())
        assert done(await terminal.balance(DEBIT, How.INSERT, Secret(PIN.encode()))).balance is not None
        done(await terminal.sign_off())
        done(await terminal.echo())

    tell(demo, memories, story)
    ((content,),) = demo.rows(f"SELECT content FROM terminal_status WHERE terminal_id = '{CHENS}'")
    assert f"public_keys={len(PUBLIC_KEYS)}/" in content


def test_sales_with_all_that_follows_them(demo: Demo, memories: Path) -> None:
    async def story(terminal: PretendTerminal) -> None:
        sold, voided, returned = [await sells(terminal, minor) for minor in (100_00, 20_00, 30_00)]
        tip = done(await terminal.tip(10_00, sold.stan))
        too_much = await terminal.tip(5_01, sold.stan)
        assert isinstance(too_much, Refused)
        assert too_much.reason is Reason.TIP_WRONG
        done(await terminal.sign(sold.stan, sample_signature(sold.stan)))
        done(await terminal.tell_script_result(sold.stan, bytes.fromhex("2000000001")))
        assert done(await terminal.query(sold.rrn)).amount == sold.amount
        done(await terminal.void(voided.stan))
        gone = await terminal.query(stan=voided.stan)
        assert isinstance(gone, Outcome)
        assert not gone.approved
        done(await terminal.refund(10_00, Original(returned.rrn)))
        done(await terminal.offline_sale(8_00, DEBIT, How.INSERT))
        done(await terminal.void(tip.stan))
        assert done(await terminal.settle()).balanced is True

    tell(demo, memories, story)
    kinds = demo.rows(f"SELECT kind, COUNT(*) FROM payment WHERE terminal_id = '{CHENS}' GROUP BY kind")
    assert dict(kinds) == {"sale": 4, "tip": 1, "void": 2, "refund": 1}
    assert demo.rows("SELECT COUNT(*) FROM signature") == [(1,)]
    assert demo.rows("SELECT result FROM script_notice") == [("2000000001",)]


def test_holds_with_all_that_follows_them(demo: Demo, memories: Path) -> None:
    async def story(terminal: PretendTerminal) -> None:
        first, second, third = [
            done(await terminal.preauth(50_00, DEBIT, How.INSERT, Secret(PIN.encode()))) for _ in range(3)
        ]
        completed = done(await terminal.complete(40_00, first.approval_code))
        done(await terminal.complete(45_00, second.approval_code, advice=True))
        done(await terminal.void_preauth(third.approval_code))
        done(await terminal.void_completion(completed.stan))
        assert done(await terminal.settle()).balanced is True

    tell(demo, memories, story)


def test_a_batch_that_does_not_balance_is_uploaded(demo: Demo, memories: Path) -> None:
    async def story(terminal: PretendTerminal) -> None:
        await sells(terminal, 10_00)
        await sells(terminal, 20_00)
        device = terminal.device
        device._keep(replace(device.remembered, vouchers=device.remembered.vouchers[1:]))
        assert done(await terminal.settle()).balanced is False
        assert (device.remembered.upload_batch, device.remembered.uploads) == (0, ())

    tell(demo, memories, story)


def test_a_listed_card_never_reaches_the_host(demo: Demo, memories: Path) -> None:
    async def story(terminal: PretendTerminal) -> None:
        done(await terminal.fetch(ListKind.BLACKLIST))
        before = terminal.device.remembered.next_stan
        refused = await terminal.sale(1_00, CardRead(Pan(f"{BLACKLIST[0]}00000000000"[:19]), "3012"), How.SWIPE)
        assert isinstance(refused, Refused)
        assert refused.reason is Reason.CARD_RESTRICTED
        assert terminal.device.remembered.next_stan == before

    tell(demo, memories, story)


def ask_for(demo: Demo, terminal_id: str, *asks: TerminalAsk) -> None:
    """What the console writes when somebody of the operator's asks a terminal for something."""
    at = datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")
    books = sqlite3.connect(demo.data / "xiaopos.sqlite3", timeout=60)
    try:
        for ask in asks:
            books.execute(
                "INSERT INTO terminal_ask (terminal_id, ask, asked_at, asked_by, reason, urgency, ended) "
                "VALUES (?, ?, ?, 'sun', 'a story', ?, '')",
                (terminal_id, ask.value, at, ask.urgency),
            )
        books.commit()
    finally:
        books.close()


def open_asks(demo: Demo, terminal_id: str) -> list[str]:
    rows = demo.rows(f"SELECT ask FROM terminal_ask WHERE terminal_id = '{terminal_id}' AND done_at IS NULL")
    return [str(ask) for (ask,) in rows]


def test_a_terminal_does_all_that_it_is_asked_for_and_is_asked_no_more(demo: Demo, memories: Path) -> None:
    async def story(terminal: PretendTerminal) -> None:
        await sells(terminal, 1_00)
        ask_for(demo, CHENS_SECOND, *TerminalAsk)
        for _ in TerminalAsk:
            await sells(terminal, 1_00, How.SWIPE)
            await terminal.run_errands()
        assert open_asks(demo, CHENS_SECOND) == []
        assert terminal.device.remembered.wanted == ()
        assert {row.kind for row in terminal.device.remembered.lists} == {kind.value for kind in ListKind}
        heard = len(terminal.errands)
        await sells(terminal, 1_00)
        await terminal.run_errands()
        assert len(terminal.errands) == heard

    tell(demo, memories, story, CHENS_SECOND)


def on_the_command_line(demo: Demo, memories: Path, *verb: str) -> list[str]:
    _, _, port = demo.told["card_host"].rpartition(":")
    return [
        sys.executable, "-m", "xiaopos.cli", "terminal", *verb, "--json", "--port", port, "--timeout", "30",
        "--terminal", CHENS, "--merchant", NOODLES.merchant_id, "--memory", str(memories / f"{CHENS}.json"),
        "--key-components", demo.told["key_components"][CHENS],
    ]  # fmt: skip


def test_a_terminal_that_is_killed_while_it_fetches_has_the_old_list_or_the_new_one(demo: Demo, memories: Path) -> None:
    def lists() -> dict[str, int]:
        said = json.loads(subprocess.check_output(on_the_command_line(demo, memories, "status")))
        return {row["list"]: row["entries"] for row in said["lists"]}

    whole = {"parameters": 9, "public_keys": len(PUBLIC_KEYS), "chip_parameters": len(CHIP_PARAMETERS), "blacklist": 1}
    memory = memories / f"{CHENS}.json"
    for _ in range(3):
        fetching = subprocess.Popen(on_the_command_line(demo, memories, "fetch", "all"), stdout=subprocess.DEVNULL)
        while fetching.poll() is None and not (memory.exists() and json.loads(memory.read_bytes())["fetch"]):
            time.sleep(0.005)
        fetching.kill()
        fetching.wait()
        assert all(count in (0, whole[name]) for name, count in lists().items())
    last = subprocess.run(on_the_command_line(demo, memories, "fetch", "all"), stdout=subprocess.PIPE, check=True)
    assert json.loads(last.stdout)["outcome"] == "approved"
    assert lists() == whole
