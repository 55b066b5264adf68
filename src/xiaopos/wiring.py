"""The composition root of everything that takes money: adapters built from the deployment, handed to hosts and pages.

What may live here: building and starting. What may not: rules, SQL, pages. Nobody imports this but other root modules.
"""

from __future__ import annotations

import asyncio
import functools
import gc
import os
import random
import signal
import socket
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from concurrent.futures import Future
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any, TypeVar

import structlog
import uvloop

from xiaopos.deployment import Deployment, TokenPlace
from xiaopos.gateways.card_networks import CardNetworks
from xiaopos.gateways.unionpay import (
    LateAnswer,
    LineTerms,
    Membership,
    UnionPayAcquirer,
    faces_by_books,
)
from xiaopos.hosts.card_desk import CardDesk
from xiaopos.hosts.card_host import CardHost, HostLimits
from xiaopos.hosts.frame_keeper import FrameKeeper
from xiaopos.hosts.key_watch import KeyPlaces, KeyWatch
from xiaopos.hosts.late_answers import noting_late_answers
from xiaopos.hosts.order_watch import OrderWatch
from xiaopos.hosts.route_watch import RouteWatch
from xiaopos.hosts.speaker_door import SpeakerDoor
from xiaopos.hosts.status import StatusDoor
from xiaopos.hosts.webhook_courier import Courier
from xiaopos.hosts.worker import Worker, WorkerSettings
from xiaopos.kernel.ids import make_id
from xiaopos.keys import KeyRefused, SoftwareVault, Vault, WrappedKey
from xiaopos.keys.wider_vault import WiderVault
from xiaopos.network_plan import DEFAULT_KEY, NetworkPlace, NetworkPlan, plan_of
from xiaopos.store.writer.books import BatchedBooks
from xiaopos.store.writer.engines import Engine
from xiaopos.store.writer.frames import forget_frames, keep_frames
from xiaopos.store.writer.house_keys import read_house_keys, read_key_states, write_key_uses
from xiaopos.store.writer.outcomes import forget_outcomes
from xiaopos.store.writer.postgres import PostgresEngine
from xiaopos.store.writer.queue import JobQueue
from xiaopos.store.writer.routes import read_drained
from xiaopos.store.writer.shop_orders import ShopOrders
from xiaopos.store.writer.speakers import SpeakerQueue
from xiaopos.store.writer.sqlite import SqliteEngine
from xiaopos.store.writer.webhooks import DeliveryQueue
from xiaopos.usecases.ports import BooksLost, House, HouseKeys
from xiaopos.usecases.recover_payments import recover_payments
from xiaopos.wallet_plan import open_wallets
from xiaopos.web.asking import StillUnderWay
from xiaopos.webhook_plan import books_that_tell, open_courier
from xiaopos.wire.iso8583.card_network import spec_for
from xiaopos.wire.qr.payment_codes import DEFAULT_RULES, route

T = TypeVar("T")

log = structlog.get_logger("wiring")

PAN_SEAL, PAN_TOKEN, NETWORK_ZMK, WALLET_KEY = "pan_seal", "pan_token", DEFAULT_KEY, "wallet_key"
ASK_TIMEOUT_S = 15.0
MACHINE_LENGTH = 24
OPEN_AGAIN_S = 1.0
CLOSE_WITHIN_S = 10.0
MISSING_TIMEOUT_S = 10.0


class MissingSetUp(Exception):
    """The database has not been set up for taking money; the text says what to run."""


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """The present instant, in UTC."""
        return datetime.now(UTC)


class PooledEntropy:
    """Random bytes of the operating system, asked for a page at a time: one call into the kernel serves many payments."""

    def __init__(self) -> None:
        self._turn = threading.Lock()
        self._page = b""
        self._used = 0

    def __call__(self, count: int) -> bytes:
        """That many fresh bytes; no byte is ever given out twice."""
        with self._turn:
            if self._used + count > len(self._page):
                self._page, self._used = os.urandom(max(count, ENTROPY_PAGE)), 0
            self._used += count
            return self._page[self._used - count : self._used]


ENTROPY_PAGE = 4096
entropy = PooledEntropy()


def new_id(at: datetime) -> str:
    """A new 128-bit id for an instant."""
    return make_id(int(at.timestamp() * 1000), entropy(10))


def calm_collector() -> None:
    """Let Python look for garbage in circles less often: what was built at start stays, and payments make none.

    With its usual thresholds the collector took a tenth of the card host's time.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)


def build_vault(deployment: Deployment) -> WiderVault:
    """The vault of this deployment: the token that it names, or in the demo the software vault.

    Raises MissingSetUp for a token that cannot be opened or has not been prepared. A process opens its token once.
    """
    place = deployment.token
    if place is None:
        assert deployment.is_demo, "production without a token is refused with the settings"
        return SoftwareVault(deployment.master_key, entropy)
    return _token_vault(place)


@cache
def _token_vault(place: TokenPlace) -> WiderVault:
    from xiaopos.keys.pkcs11_vault import Pkcs11Vault, open_token  # the demo never loads the library

    try:
        vault = Pkcs11Vault(open_token(place.module, place.label, place.pin))
    except KeyRefused as refused:
        text = f"the keys' token cannot be used ({refused}); xiaopos keys prepare makes a new one ready"
        raise MissingSetUp(text) from None
    if not vault.is_hardware:
        log.warning("the keys' token is software, not a device: for rehearsals only")
    return vault


def process_name(deployment: Deployment, kind: str, port: int) -> str:
    """What a process is called in the books. Of the processes on one database no two have the same name: what was claimed
    under a process's own name is what it left behind when it last stopped."""
    return f"{kind}@{deployment.machine or socket.gethostname()[-MACHINE_LENGTH:]}:{port}"


def build_engine(deployment: Deployment) -> Engine:
    """The writer's engine on the deployment's database."""
    path = deployment.sqlite_path
    return PostgresEngine(deployment.database) if path is None else SqliteEngine(path)


@dataclass(slots=True)
class Running:
    """A house that is open: what a process asks, and whether it is ready to take money."""

    house: House
    books: BatchedBooks
    jobs: JobQueue
    acquirer: CardNetworks
    tidy: Callable[[datetime], Awaitable[None]]
    """Delete what nobody looks at any more. Raises BooksLost."""
    orders: ShopOrders
    """The orders of shops' codes that somebody must look after."""
    open_courier: Callable[[AsyncExitStack], Awaitable[Courier]]
    """The worker's, who tells merchants what happened; its line is open until the stack closes."""
    speakers: SpeakerQueue
    """What shops' speakers are to say; the worker has the door at which they ask."""
    frames: FrameKeeper | None = None
    """Keeps frames for the console; None when the installation keeps none."""

    async def missing(self) -> str:
        """What is missing before money can be taken, in one sentence; empty when nothing is."""
        try:
            await self.books.recall_open(claimed_by="", before=self.house.clock.now(), limit=1)
        except BooksLost:
            return "the database cannot be reached"
        return "" if self.acquirer.is_ready else "no card network's line is up"


def _terms(place: NetworkPlace, keys: dict[str, WrappedKey]) -> LineTerms:
    zmk, suite = _named(keys, place.key), place.suite
    if not suite.travels_under(zmk.algorithm):
        raise MissingSetUp(
            f"the card network {place.name!r} is set to suite {suite.name.value}, whose keys come under one of "
            f"{suite.carrier.value}, and {place.key!r} is one of {zmk.algorithm.value}"
        )
    return LineTerms(
        place.host,
        place.port,
        Membership(acquirer=place.acquirer, forwarder=place.acquirer),
        zmk,
        answer_timeout_s=ASK_TIMEOUT_S,
        suite=suite,
    )


def _named(keys: dict[str, WrappedKey], name: str) -> WrappedKey:
    if name not in keys:
        raise MissingSetUp(f"the house has no key {name!r}; run the set-up first")
    return keys[name]


@asynccontextmanager
async def open_house(deployment: Deployment, process: str) -> AsyncIterator[Running]:
    """Build the house for one process, open its lines, and close them afterwards. Raises BooksLost, MissingSetUp."""
    vault, clock = build_vault(deployment), SystemClock()
    engine = build_engine(deployment)
    async with AsyncExitStack() as closing:
        books, listening = books_that_tell(engine)
        closing.push_async_callback(books.close)
        keys = await read_house_keys(engine)
        house_keys = HouseKeys(pan_seal=_named(keys, PAN_SEAL), pan_token=_named(keys, PAN_TOKEN))
        closing.push_async_callback(listening.stop)
        await listening.start()
        places = KeyPlaces(lambda: read_key_states(engine), lambda rows: write_key_uses(engine, rows))
        watch = KeyWatch(vault, places, process=process, now=clock.now, make_id=new_id)
        closing.push_async_callback(watch.stop)
        await watch.start()
        routes = RouteWatch(lambda: read_drained(engine))
        closing.push_async_callback(routes.stop)
        await routes.start()
        frames = _frames(deployment, engine, clock, process)
        if frames is not None:
            frames.start()
            closing.push_async_callback(frames.stop)
        late: list[Callable[[str, LateAnswer], None]] = []
        plan = plan_of(deployment)
        lines = _build_lines(plan, vault, clock, keys, lambda rrn, answer: late[0](rrn, answer), frames)
        acquirer = CardNetworks(lines, plan.rules, clock=clock, bins=plan.bins, drained=routes.drained)
        sandbox_key = _named(keys, WALLET_KEY) if deployment.wallet_url else None
        wallets, desk = await closing.enter_async_context(
            open_wallets(deployment, vault=vault, clock=clock, engine=engine, sandbox_key=sandbox_key)
        )
        if deployment.unionpay_qr_city:
            own = plan.networks[0].name
            faces = faces_by_books(books, deployment.unionpay_qr_city)
            qr = lines[own].qr_wallet(faces, takes_new=lambda: own not in routes.drained())
            closing.push_async_callback(qr.stop)
            await qr.start()
            wallets = {**wallets, qr.name: qr}
        house = House(
            process=process,
            books=books,
            acquirer=acquirer,
            wallets=wallets,
            vault=vault,
            keys=house_keys,
            clock=clock,
            make_id=new_id,
            route_payer_code=lambda code: route(code, DEFAULT_RULES, on=clock.now().astimezone(deployment.zone).date()),
            zone=deployment.zone,
            contracts=desk,
        )
        late.append(noting_late_answers(house))
        for line in lines.values():
            closing.push_async_callback(line.stop)
            await line.start()
        tidy = _tidying(engine, deployment.frames_days)
        courier = functools.partial(
            open_courier, deployment, vault=vault, clock=clock, engine=engine, keys=keys, process=process
        )
        jobs, orders, speakers = JobQueue(engine), ShopOrders(engine), SpeakerQueue(engine)
        yield Running(house, books, jobs, acquirer, tidy, orders, courier, speakers, frames)


def _frames(deployment: Deployment, engine: Engine, clock: SystemClock, process: str) -> FrameKeeper | None:
    if not deployment.frames_days:
        return None
    return FrameKeeper(functools.partial(keep_frames, engine), process=process, now=clock.now, make_id=new_id)


def _tidying(engine: Engine, frames_days: int) -> Callable[[datetime], Awaitable[None]]:
    async def tidy(now: datetime) -> None:
        await forget_outcomes(engine, now)
        await forget_frames(engine, now, frames_days)
        await DeliveryQueue(engine).forget(now)

    return tidy


def _build_lines(
    plan: NetworkPlan,
    vault: Vault,
    clock: SystemClock,
    keys: dict[str, WrappedKey],
    on_late_answer: Callable[[str, LateAnswer], None],
    frames: FrameKeeper | None,
) -> dict[str, UnionPayAcquirer]:
    return {
        place.name: UnionPayAcquirer(
            _terms(place, keys),
            vault=vault,
            pan_seal=_named(keys, PAN_SEAL),
            clock=clock,
            jitter=random.random,
            on_late_answer=on_late_answer,
            heard=frames.of_network(place.name, spec_for(place.suite.pin_block_bytes)) if frames else None,
            name=place.name,
        )
        for place in plan.networks
    }


async def recover_own(running: Running) -> None:
    """Before serving: give the machine whatever this process left unfinished when it last stopped."""
    house = running.house
    found = await recover_payments(house, claimed_by=house.process, before=house.clock.now() + timedelta(seconds=1))
    if found:
        log.warning("payments without an outcome", found=found)


class HouseThread:
    """The house in a loop and a thread of its own, for a process whose other threads serve pages."""

    def __init__(self, deployment: Deployment, process: str) -> None:
        self._deployment = deployment
        self._process = process
        self._running: Future[Running] = Future()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._serve, name="house", daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._opening = self._loop.create_task(self._open())
        with suppress(asyncio.CancelledError):
            self._loop.run_until_complete(self._opening)
        self._loop.close()

    def close(self) -> None:
        """Close the house's lines and its books, and end the thread. What is under way stays for the recovery."""
        with suppress(RuntimeError):  # the loop has ended by itself: the house did not open
            self._loop.call_soon_threadsafe(lambda: self._opening.cancel())
        self._thread.join(CLOSE_WITHIN_S)

    async def _open(self) -> None:
        while True:
            try:
                async with open_house(self._deployment, self._process) as running:
                    await recover_own(running)
                    self._running.set_result(running)
                    await asyncio.Event().wait()
            except BooksLost as error:  # a database that starts later than this process is waited for
                log.warning("house not opened yet", why=str(error))
                await asyncio.sleep(OPEN_AGAIN_S)
            except Exception as error:
                log.exception("house not opened")
                self._running.set_exception(error)
                return

    def ask(self, verb: Callable[[House], Coroutine[Any, Any, T]], *, wait_s: float) -> T:
        """Run a verb in the house's loop. Raises StillUnderWay after `wait_s`; the verb goes on.

        Raises BooksLost while the house is not open: nothing was begun.
        """
        running = self._opened(wait_s)
        future = asyncio.run_coroutine_threadsafe(verb(running.house), self._loop)
        try:
            return future.result(timeout=wait_s)
        except TimeoutError:
            if future.done():  # at the last moment, or the verb's own time ran out
                return future.result()
            raise StillUnderWay from None

    def _opened(self, wait_s: float) -> Running:
        try:
            return self._running.result(timeout=wait_s)
        except TimeoutError:
            raise BooksLost("the house is still opening") from None
        except MissingSetUp as missing:
            raise BooksLost(str(missing)) from None

    def missing(self) -> str:
        """What is missing before money can be taken, in one sentence; empty when nothing is."""
        if not self._running.done():
            return "the house is still opening"
        if (error := self._running.exception()) is not None:
            return str(error) if isinstance(error, MissingSetUp) else f"the house did not open ({type(error).__name__})"
        asked = asyncio.run_coroutine_threadsafe(self._running.result().missing(), self._loop)
        try:
            return asked.result(timeout=MISSING_TIMEOUT_S)
        except TimeoutError:
            return "the house does not answer"


async def until_told_to_stop() -> None:
    """Return when the process is asked to end (SIGINT, SIGTERM)."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(name, stop.set)
    await stop.wait()


async def serve_cards(deployment: Deployment) -> None:
    """The card host, until told to stop."""
    name = process_name(deployment, "card-host", deployment.card_port)
    async with open_house(deployment, name) as running:
        desk = CardDesk(running.house, deployment.acquirer_id)
        answer = running.frames.around(desk.answer) if running.frames else desk.answer
        host = CardHost(answer, HostLimits(), crowded=lambda: running.books.crowded)

        async def missing() -> str:
            return await running.missing() if host.serving else "no terminals are taken: starting, or stopping"

        door = StatusDoor(missing)
        try:
            # The door first: a second process that was started by mistake ends here, before it takes what the first
            # has under way for left behind.
            await door.start(deployment.listen, deployment.card_status_port)
            await recover_own(running)
            calm_collector()
            await host.start(deployment.listen, deployment.card_port)
            log.info("card host listens", port=deployment.card_port)
            await until_told_to_stop()
        finally:
            await host.stop()
            await door.stop()


async def serve_jobs(deployment: Deployment) -> None:
    """The worker, until told to stop."""
    name = process_name(deployment, "worker", deployment.worker_status_port)
    async with open_house(deployment, name) as running, AsyncExitStack() as closing:
        worker = Worker(running.house, running.jobs, WorkerSettings(), tidy=running.tidy)
        courier = await running.open_courier(closing)
        door = StatusDoor(running.missing)
        orders = OrderWatch(running.house, running.orders)
        speakers = SpeakerDoor(running.speakers, running.house.vault, running.house.clock)
        await door.start(deployment.listen, deployment.worker_status_port)
        closing.push_async_callback(speakers.stop)
        await speakers.start(deployment.listen, deployment.speaker_port)
        await orders.start()
        working, telling = asyncio.create_task(worker.run()), asyncio.create_task(courier.run())
        told = asyncio.create_task(until_told_to_stop())
        # A worker that falls must not stay up without working: the process ends, and is started again.
        await asyncio.wait((working, telling, told), return_when=asyncio.FIRST_COMPLETED)
        told.cancel()
        worker.stop()
        courier.stop()
        try:
            await asyncio.gather(working, telling)
        finally:
            await orders.stop()
            await door.stop()


def run(serving: Callable[[Deployment], Coroutine[Any, Any, None]], deployment: Deployment) -> None:
    """Run one of the above on uvloop."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(serving(deployment))
