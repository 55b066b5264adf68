"""The town: every process of the service, its terminals, its card network and its wallet, on the virtual network.

What may live here: building them as the composition root does, starting them anew after they died. What may not: what people do
(people), judging (judgement).
"""

from __future__ import annotations

import asyncio
import shutil
import sqlite3
from collections.abc import Callable, Coroutine
from contextlib import suppress
from contextvars import Context
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from xiaopos.gateways.sandbox_wallet import SandboxWallet, WalletAccount
from xiaopos.gateways.unionpay import LateAnswer, LineTerms, Membership, UnionPayAcquirer
from xiaopos.hosts.card_desk import CardDesk
from xiaopos.hosts.card_host import CardHost, HostLimits
from xiaopos.hosts.late_answers import noting_late_answers
from xiaopos.hosts.worker import Worker, WorkerSettings
from xiaopos.kernel.ids import make_id
from xiaopos.kernel.secret import Secret
from xiaopos.keys import KeyAlgorithm, KeyUsage, SoftwareVault, WrappedKey
from xiaopos.simulation.disk import SimulatedDisk
from xiaopos.simulation.faults import Troubles
from xiaopos.simulation.loop import Process, Stuck, VirtualLoop
from xiaopos.simulation.network import ADDRESS, VirtualNetwork
from xiaopos.simulation.plan import TERMINALS, Plan
from xiaopos.simulation.witness import Witness
from xiaopos.simulator.network import CardNetwork
from xiaopos.simulator.wallet import CUSTOMERS, SandboxWalletServer, Trades, WalletTerms
from xiaopos.store.writer.books import BatchedBooks
from xiaopos.store.writer.queue import JobQueue
from xiaopos.store.writer.sqlite import SqliteEngine
from xiaopos.usecases.ports import House, HouseKeys
from xiaopos.usecases.recover_payments import recover_payments
from xiaopos.wire.qr.payment_codes import DEFAULT_RULES, route

BEGINS_AT = datetime(2026, 6, 1, 1, 0, tzinfo=UTC)
CARD_PORT, NETWORK_PORT, WALLET_PORT = 1, 2, 3
PORTS = {CARD_PORT: "terminals", NETWORK_PORT: "network", WALLET_PORT: "wallet"}
ACQUIRER, WALLET = "48020000", "sandbox"
COMMIT_S = (0.0005, 0.006)
BACK_AFTER_S = (0.5, 6.0)
PUT_RIGHT_AFTER_S = 400.0
SETTINGS = WorkerSettings(poll_s=1.0, sweep_every_s=10.0, longest_pause_s=60.0)

Alter = Callable[[House], House]


class SkewedClock:
    """A machine's clock over virtual time, right or wrong."""

    def __init__(self, loop: VirtualLoop) -> None:
        self.wrong_s = 0.0
        self._loop = loop

    def put_right(self) -> None:
        """Let somebody set it."""
        self.wrong_s = 0.0

    def now(self) -> datetime:
        """What this machine believes that the time is."""
        return BEGINS_AT + timedelta(seconds=self._loop.time() + self.wrong_s)


class Town:
    """Everything of a play. `alter` may put another part into the house: how a test breaks it on purpose."""

    def __init__(self, plan: Plan, tables: Path, folder: Path, alter: Alter = lambda house: house) -> None:
        self.plan = plan
        self.dice = Random(f"town {plan.seed}")
        self.troubles = Troubles(plan.faults)
        self.books_file = folder / "books.sqlite3"
        shutil.copyfile(tables, self.books_file)
        self.loop = VirtualLoop(lambda: self.dice.uniform(*COMMIT_S))
        self.witness = Witness(self.books_file)
        self.loop.network = VirtualNetwork(self.loop, self.dice, self.troubles, PORTS, self.witness.hear)
        self.disk = SimulatedDisk(self.troubles)
        self.clocks = {name: SkewedClock(self.loop) for name in ("card-host", "worker", "town")}
        self.processes: list[Process] = []
        self.fallen: list[str] = []
        self._wallets: list[SandboxWallet] = []
        self._alter = alter
        self._begin_keys()
        self._begin_channels()

    def entropy(self, count: int) -> bytes:
        """Random bytes of this play."""
        return self.dice.randbytes(count)

    # -- keys --------------------------------------------------------------------------------------------------------

    def _begin_keys(self) -> None:
        """Everybody's master keys, and those that two sides share."""
        self.master = Secret(self.entropy(32))
        self.outer = SoftwareVault(Secret(self.entropy(32)), self.entropy)
        vault = SoftwareVault(self.master, self.entropy)
        self.keys = HouseKeys(
            vault.generate(usage=KeyUsage.SEAL, algorithm=KeyAlgorithm.AES256),
            vault.generate(usage=KeyUsage.TOKEN, algorithm=KeyAlgorithm.HMAC256),
        )
        self.zmk, self._outer_zmk = self._shared(vault, KeyUsage.ZMK, KeyAlgorithm.TDES2, 16)
        self.wallet_key, self._outer_wallet_key = self._shared(vault, KeyUsage.ZAK, KeyAlgorithm.HMAC256, 32)
        self.tmks: dict[str, WrappedKey] = {}
        with sqlite3.connect(self.books_file) as books:
            for terminal_id, _, _ in TERMINALS:
                inner, self.tmks[terminal_id] = self._shared(vault, KeyUsage.TMK, KeyAlgorithm.TDES2, 16)
                books.execute("UPDATE terminal SET tmk = ? WHERE terminal_id = ?", (inner.text(), terminal_id))
        books.close()

    def _shared(
        self, vault: SoftwareVault, usage: KeyUsage, algorithm: KeyAlgorithm, length: int
    ) -> tuple[WrappedKey, WrappedKey]:
        parts = (Secret(self.entropy(length)), Secret(self.entropy(length)))
        inner, outer = (one.combine(components=parts, usage=usage, algorithm=algorithm) for one in (vault, self.outer))
        self.witness.secrets.extend(part.value for part in parts)
        return inner, outer

    # -- channels ----------------------------------------------------------------------------------------------------

    def _begin_channels(self) -> None:
        clock = self.clocks["town"]
        self.network = CardNetwork(":memory:", vault=self.outer, zmk=self._outer_zmk, clock=clock)
        self.trades = Trades(":memory:", customers=CUSTOMERS, clock=clock, entropy=self.entropy, terms=WalletTerms())
        merchants = {"xiaopos": self._outer_wallet_key}
        self.wallet = SandboxWalletServer(self.trades, vault=self.outer, merchants=merchants, clock=clock)

    async def open_channels(self) -> None:
        """The card network and the wallet begin to listen."""
        await self.network.start(ADDRESS, NETWORK_PORT)
        await self.wallet.start(ADDRESS, WALLET_PORT)

    # -- processes ---------------------------------------------------------------------------------------------------

    async def keep_up(self, name: str, place: str, work: Callable[[Process], Coroutine[Any, Any, None]]) -> None:
        """Run a process, and run it again whenever it died, until its work is done."""
        while True:
            gone = asyncio.Event()
            process = Process(name, at_point=lambda one: self._at_point(one, place), on_death=[gone.set])
            self.processes.append(process)
            task = process.spawn(work(process))
            dying = asyncio.ensure_future(gone.wait())
            await asyncio.wait((task, dying), return_when=asyncio.FIRST_COMPLETED)
            dying.cancel()
            if task.done():
                if task.exception() is None:
                    return
                self.fallen.append(f"{name}: {type(task.exception()).__name__}: {task.exception()}")
                process.die()
            await asyncio.sleep(self.dice.uniform(*BACK_AFTER_S))

    def _at_point(self, process: Process, place: str) -> None:
        clock = self.clocks.get(process.name)
        if clock is not None:
            wrong = self.troubles.at(f"{place}.clock")
            if wrong is not None:
                clock.wrong_s += wrong.value
                self.loop.call_later(PUT_RIGHT_AFTER_S, clock.put_right, context=Context())
        if self.troubles.at(place) is not None:
            process.die()

    def calm(self) -> None:
        """No more trouble: what waits to go wrong is let be, and clocks are put right."""
        self.troubles.over = True
        for clock in self.clocks.values():
            clock.put_right()

    # -- the service -------------------------------------------------------------------------------------------------

    async def _open_house(self, name: str) -> tuple[House, BatchedBooks, JobQueue]:
        """What `wiring.open_house` builds, from the play's parts."""
        vault = SoftwareVault(self.master, self.entropy)
        clock = self.clocks[name]
        engine = SqliteEngine(self.books_file, connect_to=self.disk.connecting())
        books = BatchedBooks(engine)
        late: list[Callable[[str, LateAnswer], None]] = []
        member = Membership(acquirer=ACQUIRER, forwarder=ACQUIRER)
        acquirer = UnionPayAcquirer(
            LineTerms(ADDRESS, NETWORK_PORT, member, self.zmk),
            vault=vault,
            pan_seal=self.keys.pan_seal,
            clock=clock,
            jitter=self.dice.random,
            on_late_answer=lambda rrn, answer: late[0](rrn, answer),
        )
        account = WalletAccount(f"http://{ADDRESS}:{WALLET_PORT}", "xiaopos", self.wallet_key)
        wallet = SandboxWallet(
            account, vault=vault, clock=clock, make_nonce=lambda: self.entropy(16).hex(), name=WALLET
        )
        house = self._alter(
            House(
                process=name,
                books=books,
                acquirer=acquirer,
                wallets={WALLET: wallet},
                vault=vault,
                keys=self.keys,
                clock=clock,
                make_id=lambda at: make_id(int(at.timestamp() * 1000), self.entropy(10)),
                route_payer_code=lambda code: route(code, DEFAULT_RULES),
                zone=ZoneInfo("Asia/Shanghai"),
            )
        )
        late.append(noting_late_answers(house))
        self._wallets.append(wallet)
        await acquirer.start()
        await wallet.start()
        before = clock.now() + timedelta(seconds=1)
        await recover_payments(house, claimed_by=house.process, before=before)
        return house, books, JobQueue(engine)

    async def serve_cards(self, _process: Process) -> None:
        """The card host."""
        house, books, _ = await self._open_house("card-host")
        host = CardHost(CardDesk(house, ACQUIRER).answer, HostLimits(), crowded=lambda: books.crowded)
        await host.start(ADDRESS, CARD_PORT)
        await asyncio.get_running_loop().create_future()

    async def serve_jobs(self, _process: Process) -> None:
        """The worker."""
        house, _, jobs = await self._open_house("worker")
        await Worker(house, jobs, SETTINGS, chance=self.dice.random).run()

    async def _let_go(self) -> None:
        """Sessions of the living and the dead are closed; the dead have nobody who would hear that it is done."""
        for wallet in self._wallets:
            with suppress(TimeoutError):
                async with asyncio.timeout(1):
                    await wallet.stop()
        await self.network.stop()
        await self.wallet.stop()

    def close(self) -> None:
        """Give everything back."""
        with suppress(Stuck):
            self.loop.run_until_complete(self._let_go())
        self.loop.bury(self.processes)
        self.disk.close()
        self.witness.close()
