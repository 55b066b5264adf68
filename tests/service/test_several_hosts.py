"""Two card hosts on one PostgreSQL, behind a connector: stopped and started in turn under load, and asked the same at once."""

from __future__ import annotations

import asyncio
import json
import urllib.request
from collections.abc import Coroutine, Iterator
from pathlib import Path
from random import Random
from typing import Any, TypeVar

import psycopg
import pytest

from devtools.postgres import temporary_server
from support.card_hosts import BothAtOnce, Connector, OwnHost, SecondHost
from support.demo import Demo, eventually
from support.shop_day import PIN, Day, differences, play, unknown
from xiaopos.kernel.secret import Secret
from xiaopos.simulator.terminals import PretendTerminal, deck_card
from xiaopos.simulator.terminals.line import Line
from xiaopos.terminal.cards import How
from xiaopos.terminal.messages import Original
from xiaopos.terminal.outcome import Kind, Outcome

pytestmark = pytest.mark.slow

T = TypeVar("T")

ROUNDS = 2
CARD = deck_card("credit").read


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    with temporary_server() as url:
        with psycopg.connect(f"{url}/postgres", autocommit=True) as server:
            server.execute("CREATE DATABASE pos")
        running = Demo.start(tmp_path_factory.mktemp("hosts") / "var", database=f"{url}/pos")
        try:
            yield running
        finally:
            running.stop()


@pytest.fixture(scope="module")
def memories(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the terminals' memories are: they count on from one story to the next."""
    return tmp_path_factory.mktemp("memories")


@pytest.fixture
def second(demo: Demo) -> Iterator[SecondHost]:
    host = SecondHost.beside(demo)
    try:
        yield host
    finally:
        host.kill()


def within(seconds: float, story: Coroutine[Any, Any, T]) -> T:
    """Play a story that must come to its end."""
    return asyncio.run(asyncio.wait_for(story, seconds))


def left_behind(demo: Demo) -> list[str]:
    """What the hosts' logs say of payments that a stop left without an outcome."""
    logs = [path.read_text("utf8") for path in demo.data.glob("logs/*card-host.log")]
    return [line for log in logs for line in log.splitlines() if "payments without an outcome" in line]


def test_hosts_that_are_stopped_and_started_in_turn_under_load_lose_nothing(
    demo: Demo, second: SecondHost, memories: Path
) -> None:
    hosts = OwnHost(demo), second

    async def restarts() -> None:
        for _ in range(ROUNDS):
            for host in hosts:
                await asyncio.sleep(1)
                await host.restart()
        await asyncio.sleep(1)

    async def story() -> Day:
        connector = Connector([host.door for host in hosts])
        await second.start()
        direct = demo.told["card_host"]
        demo.told["card_host"] = await connector.start()
        try:
            return await play(demo, memories, asyncio.ensure_future(restarts()), 20_261_123, pace_s=0.02)
        finally:
            demo.told["card_host"] = direct
            await connector.stop()

    day = within(60, story())
    assert day.told[Kind.APPROVED] > 100
    assert Kind.APPROVED in day.voids.values()
    assert differences(demo, day) == []
    assert left_behind(demo) == []
    both_hosts_took_part(demo)


def both_hosts_took_part(demo: Demo) -> None:
    """And no number or id was given out twice."""
    rows = demo.rows("SELECT claimed_by, payment_id, business_on, rrn FROM payment WHERE claimed_by LIKE 'card-host@%'")
    assert len({row[0] for row in rows}) == 2
    assert len({row[1] for row in rows}) == len(rows)
    assert len({row[2:] for row in rows}) == len(rows)
    blocks = {(row[2], row[3][:-3]): set[str]() for row in rows}
    for claimed_by, _, day, rrn in rows:
        blocks[day, rrn[:-3]].add(claimed_by)
    assert all(len(owners) == 1 for owners in blocks.values()), "two processes numbered from one block"


def slowly(demo: Demo, seconds: float) -> None:
    """The pretend network answers the next request late."""
    phone = demo.told["phone"].removesuffix("/phone")
    mood = json.dumps({"trouble": "late", "seconds": seconds}).encode()
    request = urllib.request.Request(
        f"{phone}/control/network/moods", mood, headers={"Content-Type": "application/json"}
    )
    with urllib.request.urlopen(request, timeout=5) as told:
        assert told.status == 200


def at(demo: Demo, host: OwnHost | SecondHost, folder: Path, number: str, patience_s: float = 10) -> PretendTerminal:
    """A terminal whose line leads to one host."""
    name, _, port = host.door.rpartition(":")
    return demo.terminal(number, folder, Line(name, int(port), timeout_s=patience_s))


async def sells(terminal: PretendTerminal, amount: int) -> Outcome:
    """A sale by inserted card."""
    result = await terminal.sale(amount, CARD, How.INSERT, Secret(PIN.encode()))
    assert isinstance(result, Outcome), result
    return result


async def under_way(demo: Demo) -> None:
    """Wait until a payment waits for the network's answer."""
    await eventually(lambda: bool(demo.rows("SELECT 1 FROM payment WHERE state = 'sent'")), 10, "a payment is sent")


def test_a_host_that_is_told_to_stop_answers_what_it_has_under_way(
    demo: Demo, second: SecondHost, memories: Path
) -> None:
    async def story() -> tuple[Outcome, int]:
        await second.start()
        terminal = at(demo, second, memories, "10000005")
        await terminal.sign_in()
        slowly(demo, 5)
        selling = asyncio.create_task(sells(terminal, 12_34))
        await under_way(demo)
        second.ask_to_stop()
        sold, code = await selling, await second.stopped()
        await terminal.close()
        return sold, code

    sold, code = within(60, story())
    assert (sold.kind, code) == (Kind.APPROVED, 0)
    assert left_behind(demo) == []


def test_a_host_that_starts_beside_another_leaves_what_that_has_under_way_alone(
    demo: Demo, second: SecondHost, memories: Path
) -> None:
    async def story() -> tuple[Outcome, int, bool]:
        slowly(demo, 13)
        selling = asyncio.create_task(sells(terminal, 23_45))
        await under_way(demo)
        code, _ = await asyncio.gather(asyncio.to_thread(second.twin), OwnHost(demo).restart())
        waited = bool(demo.rows("SELECT 1 FROM payment WHERE state = 'sent'"))
        return await selling, code, waited

    async def stories() -> list[tuple[Outcome, int, bool]]:
        """On a busy machine the starts may take longer than the network: then the story is played again."""
        await second.start()
        await terminal.sign_in()
        told = [await story()]
        while not told[-1][2] and len(told) < 4:
            told.append(await story())
        await terminal.close()
        return told

    terminal = at(demo, second, memories, "10000006", patience_s=30)
    told = within(240, stories())
    assert [(sold.kind, code) for sold, code, _ in told] == [(Kind.APPROVED, 2)] * len(told)
    assert told[-1][2], "it was always answered too early to tell"
    assert left_behind(demo) == []


def test_the_same_message_at_both_hosts_at_once_is_one_payment(demo: Demo, second: SecondHost, memories: Path) -> None:
    day, chance = Day(), Random(4)
    voids: list[Outcome] = []

    async def story() -> None:
        await second.start()
        line = BothAtOnce([OwnHost(demo).door, second.door])
        terminal = demo.terminal("10000004", memories, line)
        await terminal.sign_in()
        for _ in range(20):
            sale = await sells(terminal, chance.randrange(100, 900))
            assert all(line.heard), "a host did not answer"
            await terminal.put_right()
            day.heard.append(sale)
            if sale.approved and chance.random() < 0.5:
                void = await terminal.void(sale.stan)
                assert isinstance(void, Outcome), void
                await terminal.put_right()
                day.voids[sale.terminal_id, sale.batch_number, sale.stan] = void.kind
                voids.append(void)
        await terminal.close()

    within(60, story())
    assert day.told[Kind.APPROVED] > 5
    assert Kind.APPROVED in day.voids.values()
    for one in (*day.heard, *voids):
        voucher = f"terminal_id = '10000004' AND batch_number = {one.batch_number} AND stan = {one.stan}"
        assert len(demo.rows(f"SELECT 1 FROM payment WHERE {voucher}")) == 1
    within(60, eventually(lambda: not unknown(demo), 60, "every payment has an outcome"))
    assert differences(demo, day) == []


def test_no_more_than_was_paid_is_paid_back_by_two_hosts_at_once(
    demo: Demo, second: SecondHost, memories: Path
) -> None:
    async def story() -> list[list[str]]:
        await second.start()
        shops = at(demo, OwnHost(demo), memories, "10000001"), at(demo, second, memories, "10000002")
        for terminal in shops:
            await terminal.sign_in()
        refunded = []
        for _ in range(8):
            sale = await sells(shops[0], 50_00)
            assert sale.approved, sale
            back = await asyncio.gather(
                *(terminal.refund(30_00, Original(sale.rrn), CARD, How.INSERT) for terminal in shops)
            )
            refunded.append([one.kind.value for one in back if isinstance(one, Outcome)])
        for terminal in shops:
            await terminal.close()
        return refunded

    refunded = within(60, story())
    assert [sorted(pair) for pair in refunded] == [["approved", "declined"]] * 8
    assert demo.rows("SELECT COUNT(*) FROM payment WHERE refunded_minor + refunding_minor > amount_minor") == [(0,)]
