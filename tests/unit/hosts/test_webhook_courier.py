"""The courier over a real database, real signatures and real sockets: from a sale to the example receiver of the documentation.

The worker is stopped at the worst moment, merchants' servers fail, the database goes away: every event arrives, under one id.
"""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import sqlite3
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from support.channels import StandingClock, new_vault
from support.payments import a_sale
from support.stores import make_database
from support.webhooks import ENDPOINT, SECRET, a_server, do, enter_endpoint, rows
from support.world import TEA
from xiaopos.gateways.webhooks import LineTerms, WebhookMessenger
from xiaopos.gateways.webhooks.line import WebhookLine
from xiaopos.gateways.webhooks.signing import secret_text
from xiaopos.hosts.webhook_courier import Courier, CourierSettings, ListeningWatch
from xiaopos.kernel.ids import MerchantId, PaymentId
from xiaopos.keys import KeyFault, KeyRefused
from xiaopos.payments.payment import Payment
from xiaopos.payments.states import Event
from xiaopos.store.writer.books import BatchedBooks
from xiaopos.store.writer.sqlite import SqliteEngine
from xiaopos.store.writer.webhooks import DeliveryQueue, read_listening, spread_events
from xiaopos.usecases.ports import BooksLost, Change, Recorded
from xiaopos.usecases.tell_merchant import tell_merchant

RECEIVER = Path(__file__).resolve().parents[3] / "docs" / "examples" / "webhook_receiver.py"
FAST = CourierSettings(poll_s=0.01, away_s=0.01)


class RealClock:
    """The machine's clock, for a receiver that looks at its own."""

    def now(self) -> datetime:
        """Now."""
        return datetime.now(UTC)


@dataclass
class House:
    """Everything between a payment and a merchant's server, on one SQLite file."""

    engine: SqliteEngine
    clock: Any = field(default_factory=StandingClock)
    vault: Any = field(default_factory=new_vault)
    number: int = 0

    def __post_init__(self) -> None:
        self.books = BatchedBooks(self.engine, listening=lambda: frozenset({MerchantId(TEA)}))

    def courier(self, messenger: Any, queue: Any = None, spread: Any = None) -> Courier:
        """A worker's courier."""
        return Courier(
            queue or DeliveryQueue(self.engine),
            messenger,
            spread or (lambda now: spread_events(self.engine, now)),
            process="worker",
            clock=self.clock,
            settings=FAST,
            chance=lambda: 0,
        )

    @asynccontextmanager
    async def messenger(self) -> AsyncIterator[WebhookMessenger]:
        """The real one, in a demo."""
        line = WebhookLine(LineTerms(demo=True))
        made = WebhookMessenger(line, vault=self.vault, pair=None, clock=self.clock, demo=True)
        await made.start()
        try:
            yield made
        finally:
            await made.stop()

    @asynccontextmanager
    async def working(self, **parts: Any) -> AsyncIterator[Courier]:
        """The courier at work."""
        async with self.messenger() as messenger:
            courier = self.courier(parts.pop("messenger", messenger), **parts)
            task = asyncio.create_task(courier.run())
            try:
                yield courier
            finally:
                courier.stop()
                await task

    async def sells(self) -> Payment:
        """A sale that is approved."""
        self.number += 1
        claim = a_sale(payment_id=PaymentId(f"{self.number:032x}"), stan=self.number, rrn="")
        recorded = await self.books.record(Change(claim=claim))
        assert isinstance(recorded, Recorded)
        assert recorded.claim is not None
        approved = recorded.claim.moved(Event.ANSWERED_YES, self.clock.now())
        assert isinstance(await self.books.record(Change(moves=(approved,))), Recorded)
        return approved

    async def states(self) -> list[str]:
        """How far each delivery is."""
        return [row[0] for row in await rows(self.engine, "SELECT state FROM webhook_delivery ORDER BY number")]


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("courier") / "template.sqlite3"
    make_database(str(path))
    return path


@pytest.fixture
def tell(template: Path, tmp_path: Path) -> Callable[..., None]:
    def told(story: Callable[[House], Awaitable[None]], **parts: Any) -> None:
        shutil.copyfile(template, tmp_path / "books.sqlite3")

        async def open_and_tell() -> None:
            house = House(SqliteEngine(tmp_path / "books.sqlite3"), **parts)
            try:
                await asyncio.wait_for(story(house), 60)
            finally:
                await house.engine.close()

        asyncio.run(open_and_tell())

    return told


async def until(true: Callable[[], Awaitable[bool]]) -> None:
    """Wait for a condition, as long as the story may take."""
    while not await true():
        await asyncio.sleep(0.01)


async def all_delivered(house: House, count: int) -> None:
    async def delivered() -> bool:
        return await house.states() == ["delivered"] * count

    await until(delivered)


def test_the_example_receiver_of_the_documentation_takes_every_event_once(tell, tmp_path: Path) -> None:
    async def story(house: House) -> None:
        environment = os.environ | {"XIAOPOS_WEBHOOK_SECRET": secret_text(SECRET)}
        file = tmp_path / "events.sqlite3"
        receiver = await asyncio.create_subprocess_exec(
            sys.executable, RECEIVER, "0", file, env=environment, stdout=asyncio.subprocess.PIPE
        )
        assert receiver.stdout is not None
        try:
            port = (await receiver.stdout.readline()).split()[-1].decode()
            await enter_endpoint(house.engine, house.vault, f"http://127.0.0.1:{port}/", house.clock)
            sales = [await house.sells() for _ in range(3)]
            async with house.working():
                await all_delivered(house, 3)
                asked = "UPDATE webhook_delivery SET state = 'waiting', tries = 0, due_at = ? WHERE number = 2"
                await do(house.engine, asked, house.clock.now())  # told again: taken, and not done a second time
                await all_delivered(house, 3)
            lines = [(await receiver.stdout.readline()).decode().split() for _ in sales]
            assert lines == [
                [str(place), "payment.approved", f"evt-{sale.payment_id}-2"] for place, sale in enumerate(sales, 1)
            ]
            kept = sqlite3.connect(file)
            assert kept.execute("SELECT COUNT(*) FROM event").fetchone() == (3,)
            assert kept.execute("SELECT state, version FROM payment").fetchall() == [("approved", 2)] * 3
            kept.close()
        finally:
            receiver.terminate()
            await receiver.wait()

    tell(story, clock=RealClock())


def test_the_example_receiver_believes_nobody_else(tell, tmp_path: Path) -> None:
    async def refused(house: House, secret: bytes) -> None:
        environment = os.environ | {"XIAOPOS_WEBHOOK_SECRET": secret_text(secret)}
        receiver = await asyncio.create_subprocess_exec(
            sys.executable, RECEIVER, "0", tmp_path / "e", env=environment, stdout=asyncio.subprocess.PIPE
        )
        assert receiver.stdout is not None
        try:
            port = (await receiver.stdout.readline()).split()[-1].decode()
            await do(house.engine, "DELETE FROM webhook_endpoint")
            await do(house.engine, "DELETE FROM webhook_delivery")
            await do(house.engine, "DELETE FROM webhook_attempt")
            await enter_endpoint(house.engine, house.vault, f"http://127.0.0.1:{port}/", house.clock)
            await house.sells()

            async def tried() -> bool:
                found = await rows(house.engine, "SELECT outcome, status FROM webhook_delivery")
                return [tuple(row) for row in found] == [("refused", 401)]

            async with house.working():
                await until(tried)
        finally:
            receiver.terminate()
            await receiver.wait()

    async def story(house: House) -> None:
        await refused(house, bytes(32))  # signed with another secret
        house.clock = StandingClock()  # signed long ago: a replay
        await refused(house, SECRET)

    tell(story, clock=RealClock())


def test_a_worker_that_stops_between_telling_and_noting_tells_again_under_the_same_id(tell) -> None:
    class Dies(DeliveryQueue):
        async def note(self, *_: Any) -> bool:
            raise asyncio.CancelledError

        async def release(self, *_: Any) -> None:
            """It is dead: nothing is let go of."""

    async def story(house: House) -> None:
        async with a_server() as server:
            await enter_endpoint(house.engine, house.vault, server.url, house.clock)
            await house.sells()
            async with house.messenger() as messenger:
                courier = house.courier(messenger, Dies(house.engine))
                dying = asyncio.create_task(courier.run())

                async def heard() -> bool:
                    return len(server.told) == 1

                await until(heard)
                dying.cancel()
                await asyncio.gather(dying, return_exceptions=True)
            assert await house.states() == ["waiting"]
            house.clock.pass_seconds(61)
            async with house.working():
                await all_delivered(house, 1)
            first, second = server.told
            assert first.headers["webhook-id"] == second.headers["webhook-id"]
            assert first.body == second.body
            assert first.headers["webhook-timestamp"] != second.headers["webhook-timestamp"]
            assert first.headers["webhook-signature"] != second.headers["webhook-signature"]

    tell(story)


def test_a_server_that_fails_hears_it_later_and_in_order(tell) -> None:
    async def story(house: House) -> None:
        async with a_server() as server:
            server.statuses = [500, 500]
            await enter_endpoint(house.engine, house.vault, server.url, house.clock)
            for _ in range(4):
                await house.sells()
            async with house.working():

                async def two_wait() -> bool:
                    return await house.states() == ["waiting", "waiting", "delivered", "delivered"]

                await until(two_wait)
                house.clock.pass_seconds(6)
                await all_delivered(house, 4)
            assert [told.message["sequence"] for told in server.told] == [1, 2, 3, 4, 1, 2]
            assert {told.message["endpoint"] for told in server.told} == {ENDPOINT}

    tell(story)


def test_after_three_days_it_is_given_up_and_the_endpoint_disabled(tell) -> None:
    async def story(house: House) -> None:
        async with a_server() as server:
            server.statuses = [503] * 200
            await enter_endpoint(house.engine, house.vault, server.url, house.clock)
            await house.sells()
            began, queue = house.clock.now(), DeliveryQueue(house.engine)
            await spread_events(house.engine, began)
            async with house.messenger() as messenger:
                while await house.states() != ["given_up"]:
                    for held in await queue.lease(owner="worker", now=house.clock.now(), limit=1, seconds=60):
                        await tell_merchant(held, queue, messenger, house.clock, lambda: 0)
                    house.clock.pass_seconds(600)
                    assert house.clock.now() - began < timedelta(days=4)
            assert 12 <= len(server.told) <= 20
            tried = await rows(house.engine, "SELECT at FROM webhook_attempt ORDER BY attempt")
            last = datetime.fromisoformat(str(tried[-1][0])).replace(tzinfo=UTC)
            assert last - began >= timedelta(days=3)
            assert await rows(house.engine, "SELECT state, disabled_why FROM webhook_endpoint") == [
                ("disabled", "failing")
            ]
            assert await read_listening(house.engine) == frozenset()

    tell(story)


def test_a_server_that_wants_no_more_is_told_no_more(tell) -> None:
    async def story(house: House) -> None:
        async with a_server() as server:
            server.statuses = [410]
            await enter_endpoint(house.engine, house.vault, server.url, house.clock)
            await house.sells()

            async def disabled() -> bool:
                found = await rows(house.engine, "SELECT state, disabled_why FROM webhook_endpoint")
                return found == [("disabled", "gone")]

            async with house.working():
                await until(disabled)
            assert len(server.told) == 1

    tell(story)


def test_a_slow_server_holds_up_nobody_else(tell) -> None:
    async def story(house: House) -> None:
        async with a_server() as slow, a_server() as quick:
            slow.holds = asyncio.Event()
            await enter_endpoint(house.engine, house.vault, slow.url, house.clock, endpoint_id="slow")
            await enter_endpoint(house.engine, house.vault, quick.url, house.clock, endpoint_id="quick")
            async with house.working():
                await house.sells()

                async def heard() -> bool:
                    return bool(quick.told and slow.told)

                await until(heard)
                slow.holds.set()

    tell(story)


def test_a_database_that_is_away_and_a_bug_are_survived(tell) -> None:
    class Vault:
        def __init__(self) -> None:
            self.faults: list[Exception] = [KeyRefused(KeyFault.OUT_OF_REACH, "away"), RuntimeError("a bug")]

        async def tell(self, *_: Any) -> Any:
            if self.faults:
                raise self.faults.pop(0)
            raise BooksLost("away")

    async def story(house: House) -> None:
        async with a_server() as server:
            await enter_endpoint(house.engine, house.vault, server.url, house.clock)
            await house.sells()
            faults: list[Exception] = [BooksLost("away"), RuntimeError("a bug")]

            async def spread(now: datetime) -> int:
                if faults:
                    raise faults.pop(0)
                await spread_events(house.engine, now)
                return 0

            broken = Vault()
            async with house.working(messenger=broken, spread=spread):

                async def fallen() -> bool:
                    return not faults and not broken.faults

                await until(fallen)
            assert server.told == []
            async with house.working():
                await all_delivered(house, 1)

    tell(story)


def test_who_listens_is_known_from_the_start_and_soon_after() -> None:
    async def story() -> None:
        known: list[frozenset[MerchantId]] = [frozenset()]
        looked = 0

        async def read() -> frozenset[MerchantId]:
            nonlocal looked
            looked += 1
            if looked == 2:
                raise BooksLost("away")
            return known[0]

        watch = ListeningWatch(read, every_s=0.001)
        await watch.start()
        assert watch.listening() == frozenset()
        known[0] = frozenset({MerchantId(TEA)})
        while watch.listening() != known[0]:
            await asyncio.sleep(0.001)
        assert looked > 2
        await watch.stop()
        await watch.stop()

    asyncio.run(asyncio.wait_for(story(), 20))


def test_the_message_is_what_the_documentation_shows(tell) -> None:
    async def story(house: House) -> None:
        async with a_server() as server:
            await enter_endpoint(house.engine, house.vault, server.url, house.clock)
            await house.sells()
            async with house.working():
                await all_delivered(house, 1)
            page = (RECEIVER.parents[1] / "webhooks.md").read_text(encoding="utf8")
            shown = json.loads(page.partition("```json\n")[2].partition("```")[0])
            got = server.told[0].message
            assert list(got) == list(shown)
            assert list(got["data"]) == list(shown["data"])

    tell(story)
