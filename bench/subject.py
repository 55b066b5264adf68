"""The subject of the payment benchmark: the card host as the product runs it, with an issuer that answers at once.

What may live here: starting it as a process of its own. What may not: anything that the product does not do.
"""

from __future__ import annotations

import argparse
import asyncio
import functools
import os
from collections.abc import Sequence
from pathlib import Path
from zoneinfo import ZoneInfo

import structlog
import uvloop

from bench.variants import SlowSyncs, WithoutCommits
from bench.world import vault
from xiaopos import wiring
from xiaopos.hosts.card_desk import CardDesk
from xiaopos.hosts.card_host import CardHost, HostLimits
from xiaopos.hosts.frame_keeper import FrameKeeper
from xiaopos.kernel.money import Money
from xiaopos.kernel.secret import Pan
from xiaopos.keys import KeyAlgorithm, KeyUsage
from xiaopos.payments.answers import Answer, Approved, Balances
from xiaopos.payments.payment import Payment
from xiaopos.store.writer.books import BatchedBooks
from xiaopos.store.writer.engines import Engine
from xiaopos.store.writer.frames import keep_frames
from xiaopos.store.writer.postgres import PostgresEngine
from xiaopos.store.writer.sqlite import SqliteEngine
from xiaopos.usecases.notices import ScriptNotice
from xiaopos.usecases.ports import BalanceAsk, CardMeans, House, HouseKeys


class InstantIssuer:
    """An Acquirer that approves at once: what is measured is the house."""

    name = "unionpay"

    async def authorise(self, payment: Payment, card: CardMeans) -> Answer:
        """Approve."""
        return Approved("123456")

    async def complete(self, completion: Payment, preauth: Payment, card: CardMeans | None) -> Answer:
        """Approve."""
        return Approved("123456")

    async def advise(self, payment: Payment, card: CardMeans | None) -> Answer:
        """Approve."""
        return Approved("123456")

    async def balance(self, ask: BalanceAsk) -> Balances:
        """Always the same."""
        return Balances(Money(0, ask.currency))

    async def void(self, void: Payment, original: Payment, card: CardMeans | None) -> Answer:
        """Approve."""
        return Approved("123456")

    async def refund(self, refund: Payment, original: Payment, card: CardMeans | None) -> Answer:
        """Approve."""
        return Approved("123456")

    def route(self, card: Pan) -> Sequence[str]:
        """Itself."""
        return (self.name,)

    async def reverse(self, payment: Payment, original: Payment | None) -> Answer:
        """Approve."""
        return Approved()

    async def tell_script(self, notice: ScriptNotice, payment: Payment, original: Payment | None) -> Answer:
        """Take it."""
        return Approved()


def _engine(options: argparse.Namespace) -> Engine:
    database: str = options.database
    engine: Engine = PostgresEngine(database) if "://" in database else SqliteEngine(Path(database))
    if options.without_commits:
        engine = WithoutCommits(engine)
    if options.sync_ms:
        engine = SlowSyncs(engine, options.sync_ms)
    return engine


def _books(options: argparse.Namespace, engine: Engine) -> BatchedBooks:
    # As much may wait as in batches of the usual size, so that only the size of a batch differs.
    return BatchedBooks(engine, most=1, waiting_batches=2048) if options.one_by_one else BatchedBooks(engine)


def house_over(books: BatchedBooks) -> House:
    """The house under test: everything real but the issuer."""
    keys = vault()
    return House(
        process=f"bench-{os.getpid()}",
        books=books,
        acquirer=InstantIssuer(),
        wallets={},
        vault=keys,
        keys=HouseKeys(
            pan_seal=keys.generate(usage=KeyUsage.SEAL, algorithm=KeyAlgorithm.AES256),
            pan_token=keys.generate(usage=KeyUsage.TOKEN, algorithm=KeyAlgorithm.HMAC256),
        ),
        clock=wiring.SystemClock(),
        make_id=wiring.new_id,
        route_payer_code=lambda code: None,
        zone=ZoneInfo("Asia/Shanghai"),
    )


async def serve(options: argparse.Namespace) -> None:
    """Print the port, then serve until killed."""
    engine = _engine(options)
    books = _books(options, engine)
    house = house_over(books)
    desk = CardDesk(house, "00000001")
    frames = FrameKeeper(
        functools.partial(keep_frames, engine), process=house.process, now=house.clock.now, make_id=wiring.new_id
    )
    frames.start()
    host = CardHost(frames.around(desk.answer), HostLimits(), crowded=lambda: books.crowded and not options.one_by_one)
    wiring.calm_collector()
    print(await host.start("127.0.0.1", 0), flush=True)
    await asyncio.Event().wait()


def main() -> None:
    """Serve as the command line says."""
    parser = argparse.ArgumentParser(prog="python -m bench.subject")
    parser.add_argument("database", help="a SQLite file, or the URL of a PostgreSQL database")
    parser.add_argument("--without-commits", action="store_true", help="change nothing in the database")
    parser.add_argument("--one-by-one", action="store_true", help="one change in each commit")
    parser.add_argument("--sync-ms", type=float, default=0.0, help="how much longer each commit takes")
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(40))
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(serve(parser.parse_args()))


if __name__ == "__main__":
    main()
