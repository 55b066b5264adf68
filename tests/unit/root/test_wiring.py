"""The composition root: a house opens over a real database, waits for one that is late, and is asked from other threads."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from support.make_books import TERMINALS
from support.stores import make_database
from xiaopos import wiring
from xiaopos.deployment import Deployment, read_deployment
from xiaopos.kernel.ids import TerminalId
from xiaopos.kernel.secret import Pan, Secret
from xiaopos.keys import KeyAlgorithm, KeyRefused, KeyUsage, SoftwareVault, WrappedKey
from xiaopos.store.writer.house_keys import USE_COLUMNS
from xiaopos.store.writer.postgres import PostgresEngine
from xiaopos.store.writer.sqlite import SqliteEngine
from xiaopos.usecases.ports import BooksLost, House
from xiaopos.web.asking import StillUnderWay

MASTER = "ab" * 32


def deployment_in(folder: Path, **more: str) -> Deployment:
    return read_deployment(
        {
            "XIAOPOS_SECRET_KEY": "s" * 40, "XIAOPOS_MASTER_KEY": MASTER, "XIAOPOS_DATA_DIR": str(folder),
            "XIAOPOS_NETWORK_ADDRESS": "127.0.0.1:1", **more,
        }
    )  # fmt: skip


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("wiring") / "template.sqlite3"
    make_database(str(path))
    vault = SoftwareVault(Secret(bytes.fromhex(MASTER)), os.urandom)
    made = {
        wiring.PAN_SEAL: (KeyUsage.SEAL, KeyAlgorithm.AES256),
        wiring.PAN_TOKEN: (KeyUsage.TOKEN, KeyAlgorithm.HMAC256),
        wiring.NETWORK_ZMK: (KeyUsage.ZMK, KeyAlgorithm.TDES2),
        wiring.WALLET_KEY: (KeyUsage.ZAK, KeyAlgorithm.HMAC256),
    }
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE house_key (name TEXT PRIMARY KEY, wrapped TEXT)")
    connection.execute("CREATE TABLE key_record (vault_id TEXT, state TEXT)")
    connection.execute(f"CREATE TABLE key_use_count ({', '.join(USE_COLUMNS)})")
    rows = [(name, vault.generate(usage=usage, algorithm=kind).text()) for name, (usage, kind) in made.items()]
    connection.executemany("INSERT INTO house_key VALUES (?, ?)", rows)
    connection.commit()
    connection.close()
    return path


@pytest.fixture
def folder(template: Path, tmp_path: Path) -> Path:
    (tmp_path / "xiaopos.sqlite3").write_bytes(template.read_bytes())
    return tmp_path


@pytest.fixture
def opening(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[Deployment], wiring.HouseThread]]:
    """Opens houses in threads, and closes them after the test."""
    monkeypatch.setattr(wiring, "OPEN_AGAIN_S", 0.05)
    threads: list[wiring.HouseThread] = []

    def opened(deployment: Deployment) -> wiring.HouseThread:
        threads.append(wiring.HouseThread(deployment, "web"))
        return threads[-1]

    yield opened
    for thread in threads:
        thread.close()
        assert not thread._thread.is_alive()


def until(true: Callable[[], object], within_s: float = 10) -> None:
    deadline = time.monotonic() + within_s
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.02)


async def knows(house: House) -> bool:
    return (
        await house.books.recall_terminal(TerminalId(next(iter(TERMINALS))), house.day(house.clock.now())) is not None
    )


def test_the_database_decides_the_engine(tmp_path: Path) -> None:
    assert isinstance(wiring.build_engine(deployment_in(tmp_path)), SqliteEngine)
    address = "postgresql://lin@127.0.0.1:5432/pos"
    assert isinstance(wiring.build_engine(deployment_in(tmp_path, XIAOPOS_DATABASE=address)), PostgresEngine)


def test_the_processes_without_pages_stay_without_django_and_small() -> None:
    program = (
        "import sys, xiaopos.wiring, xiaopos.pretend, xiaopos.logs\n"
        "assert not [name for name in sys.modules if name.split('.')[0] == 'django'], 'django was imported'"
    )
    subprocess.run([sys.executable, "-c", program], check=True, timeout=60)


def test_ids_follow_the_clock_and_differ() -> None:
    clock = wiring.SystemClock()
    ids = [wiring.new_id(clock.now()) for _ in range(100)]
    assert len(set(ids)) == 100
    assert {len(one) for one in ids} == {32}


def test_a_house_in_a_thread_is_asked_from_outside(folder: Path, opening: Callable[..., wiring.HouseThread]) -> None:
    thread = opening(deployment_in(folder, XIAOPOS_WALLET_URL="http://127.0.0.1:1"))
    assert thread.ask(knows, wait_s=10) is True
    assert thread.missing() == "no card network's line is up"


def test_a_slow_verb_goes_on_and_a_failing_one_fails(folder: Path, opening: Callable[..., wiring.HouseThread]) -> None:
    thread, done = opening(deployment_in(folder)), list[str]()
    thread.ask(knows, wait_s=10)

    async def slow(house: House) -> None:
        await asyncio.sleep(0.3)
        done.append("slow")

    async def failing(house: House) -> None:
        raise TimeoutError("the verb's own")

    with pytest.raises(StillUnderWay):
        thread.ask(slow, wait_s=0.05)
    until(lambda: done)
    with pytest.raises(TimeoutError, match="the verb's own"):
        thread.ask(failing, wait_s=5)


def test_a_database_that_comes_later_is_waited_for(folder: Path, opening: Callable[..., wiring.HouseThread]) -> None:
    away = folder / "away"
    (folder / "xiaopos.sqlite3").rename(away)
    thread = opening(deployment_in(folder))
    with pytest.raises(BooksLost, match="still opening"):
        thread.ask(knows, wait_s=0.2)
    assert thread.missing() == "the house is still opening"
    away.rename(folder / "xiaopos.sqlite3")
    assert thread.ask(knows, wait_s=10) is True


def test_a_house_that_cannot_open_says_why(folder: Path, opening: Callable[..., wiring.HouseThread]) -> None:
    connection = sqlite3.connect(folder / "xiaopos.sqlite3")
    connection.execute("DELETE FROM house_key WHERE name = 'pan_token'")
    connection.commit()
    connection.close()
    thread = opening(deployment_in(folder))
    until(lambda: "pan_token" in thread.missing())
    with pytest.raises(BooksLost, match="pan_token"):
        thread.ask(knows, wait_s=5)


def test_a_network_of_another_suite_than_its_key_is_one_sentence(
    folder: Path, opening: Callable[..., wiring.HouseThread]
) -> None:
    thread = opening(deployment_in(folder, XIAOPOS_NETWORK_SUITE="gm"))
    said = "'unionpay' is set to suite gm, whose keys come under one of SM4, and 'network_zmk' is one of TDES2"
    until(lambda: said in thread.missing())


def test_a_damaged_key_is_no_traceback_in_the_monitors_answer(
    folder: Path, opening: Callable[..., wiring.HouseThread]
) -> None:
    connection = sqlite3.connect(folder / "xiaopos.sqlite3")
    connection.execute("UPDATE house_key SET wrapped = 'nonsense'")
    connection.commit()
    connection.close()
    thread = opening(deployment_in(folder))
    until(lambda: thread.missing().startswith("the house did not open ("))


def test_a_database_that_goes_away_is_missing(folder: Path) -> None:
    async def story() -> str:
        async with wiring.open_house(deployment_in(folder), "worker") as running:
            assert await running.missing() == "no card network's line is up"
            for name in ("", "-wal", "-shm"):
                (folder / f"xiaopos.sqlite3{name}").unlink(missing_ok=True)
            return await running.missing()

    assert asyncio.run(story()) == "the database cannot be reached"


def test_a_network_drained_at_the_console_gets_no_more_cards_in_a_house_that_is_open(folder: Path) -> None:
    (folder / "networks.toml").write_text(
        '[[network]]\nname = "unionpay"\naddress = "127.0.0.1:1"\n[[network]]\nname = "spare"\naddress = "127.0.0.1:2"\n'
    )
    deployment, card = deployment_in(folder, XIAOPOS_NETWORKS=str(folder / "networks.toml")), Pan("6200000000000000018")

    def drain(statement: str, *values: str) -> None:
        connection = sqlite3.connect(folder / "xiaopos.sqlite3")
        try:
            with connection:
                connection.execute(statement, values)
        finally:
            connection.close()

    async def until_routed(house: House, wanted: list[str]) -> None:
        deadline = time.monotonic() + 2.0
        while list(house.acquirer.route(card)) != wanted:
            assert time.monotonic() < deadline, "the change took longer than 2 s"
            await asyncio.sleep(0.05)

    async def story() -> None:
        added = "INSERT INTO drained_network VALUES (?, '2026-03-14', 'he', 'their maintenance')"
        drain(added, "unionpay")
        async with wiring.open_house(deployment, "card-host") as running:
            assert list(running.house.acquirer.route(card)) == ["spare"], "from before the first payment"
            drain("DELETE FROM drained_network")
            await until_routed(running.house, ["unionpay", "spare"])
            drain(added, "spare")
            await until_routed(running.house, ["unionpay"])

    asyncio.run(story())


def test_a_destroyed_key_stops_in_a_house_that_is_open_and_uses_are_written(folder: Path) -> None:
    def ask(sql: str, *values: str) -> list[tuple[Any, ...]]:
        connection = sqlite3.connect(folder / "xiaopos.sqlite3")
        try:
            with connection:
                return connection.execute(sql, values).fetchall()
        finally:
            connection.close()

    (text,) = ask("SELECT wrapped FROM house_key WHERE name = 'pan_token'")[0]
    key = WrappedKey.from_text(text)

    async def story() -> str:
        async with wiring.open_house(deployment_in(folder), "card-host") as running:
            vault = running.house.vault
            vault.token(key=key, data=b"6225")
            ask("INSERT INTO key_record VALUES (?, 'destroyed')", key.key_id)
            for _ in range(100):
                await asyncio.sleep(0.05)
                try:
                    vault.token(key=key, data=b"6225")
                except KeyRefused as refused:
                    return str(refused)
        return "served on"

    assert asyncio.run(story()) == "wrong_state: this TOKEN is destroyed: it does not token"
    ((operation, process, uses),) = ask("SELECT operation, process, uses FROM key_use_count")
    assert (operation, process, uses > 0) == ("token", "card-host", True)


def test_what_a_process_left_is_recovered_before_it_serves(folder: Path) -> None:
    from support.payments import a_sale
    from xiaopos.usecases.ports import Change

    async def story() -> tuple[str, int]:
        async with wiring.open_house(deployment_in(folder), "card-host") as running:
            sale = a_sale(rrn="", claimed_by="card-host")
            await running.house.books.record(Change(claim=sale))
            await wiring.recover_own(running)
            await wiring.recover_own(running)
            found = await running.house.books.recall_payment(sale.merchant_id, sale.payment_id)
            jobs = await running.jobs.lease(owner="w", now=running.house.clock.now(), limit=9, seconds=1)
            assert found is not None
            return found.state.value, len(jobs)

    assert asyncio.run(story()) == ("unknown", 1)


def test_no_two_processes_on_one_database_have_the_same_name(folder: Path) -> None:
    deployment = deployment_in(folder, XIAOPOS_MACHINE="pos-2")
    assert wiring.process_name(deployment, "card-host", 8583) == "card-host@pos-2:8583"
    assert wiring.process_name(deployment, "card-host", 8593) == "card-host@pos-2:8593"
    ours = wiring.process_name(deployment_in(folder), "web", 8000)
    assert ours == f"web@{socket.gethostname()[-24:]}:8000"
    assert len(wiring.process_name(deployment_in(folder, XIAOPOS_MACHINE="m" * 24), "card-host", 65_535)) <= 40


def test_a_host_that_is_started_twice_by_mistake_takes_nothing_from_the_first(folder: Path) -> None:
    from support.payments import a_sale
    from xiaopos.usecases.ports import Change

    async def story(port: int) -> str:
        deployment = replace(deployment_in(folder), card_port=0, card_status_port=port)
        name = wiring.process_name(deployment, "card-host", 0)
        async with wiring.open_house(deployment, name) as first:
            sale = a_sale(rrn="", claimed_by=name)
            await first.house.books.record(Change(claim=sale))
            with pytest.raises(OSError, match="address already in use"):
                await wiring.serve_cards(deployment)
            found = await first.house.books.recall_payment(sale.merchant_id, sale.payment_id)
            assert found is not None
            return found.state.value

    with socket.create_server(("127.0.0.1", 0)) as taken:
        assert asyncio.run(story(taken.getsockname()[1])) == "sent"


def test_a_card_host_is_ready_while_it_takes_terminals_and_not_while_it_stops(folder: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as door:
        port = door.getsockname()[1]
    deployment = replace(deployment_in(folder), card_port=0, card_status_port=port)

    async def page() -> str:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"GET /readyz HTTP/1.1\r\n\r\n")
        text = (await reader.read()).decode()
        writer.close()
        return text.splitlines()[-1]

    async def story() -> str:
        serving = asyncio.create_task(wiring.serve_cards(deployment))
        said = ""
        for _ in range(200):
            await asyncio.sleep(0.02)
            with suppress(OSError):
                said = await page()
            if said and "no terminals" not in said:
                break
        os.kill(os.getpid(), signal.SIGTERM)
        await asyncio.wait_for(serving, 10)
        return said

    # The pretend network of this house listens nowhere: that is what it says once it takes terminals.
    assert asyncio.run(story()) == "no card network's line is up"


class Falling:
    """A worker whose loop dies."""

    def __init__(self, *_: object, **__: object) -> None:
        self.stopped = False

    async def run(self) -> None:
        await asyncio.sleep(0.05)
        raise RuntimeError("a pretend bug")

    def stop(self) -> None:
        self.stopped = True


def test_a_worker_that_falls_ends_its_process(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wiring, "Worker", Falling)
    deployment = replace(deployment_in(folder), worker_status_port=0, speaker_port=0)
    with pytest.raises(RuntimeError, match="a pretend bug"):
        asyncio.run(asyncio.wait_for(wiring.serve_jobs(deployment), 10))
