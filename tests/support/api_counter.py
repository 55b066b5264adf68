"""A merchant's own till, calling the API in process: the real views and books over SQLite, pretend channels behind.

What may live here: the house in a loop of its own, the till that calls. What may not: what a test expects.
"""

from __future__ import annotations

import asyncio
import json
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

from django.core.management import call_command
from django.db import connections
from django.test import Client

from support.make_books import NAMES, TERMINALS
from support.pretend_channels import Mood, PretendWallet
from support.world import CODES, LIMIT, PLAN, TEA, ZONE, StandingClock, World, card_of
from xiaopos.kernel.ids import PaymentId, TerminalId
from xiaopos.kernel.money import Money
from xiaopos.payments.payment import Kind
from xiaopos.payments.states import State
from xiaopos.store.api_keys.keys import make_api_key
from xiaopos.store.fleet.models import Terminal, TerminalModel
from xiaopos.store.merchants.models import Merchant, MerchantTerms, PricePlan
from xiaopos.store.writer.books import BatchedBooks
from xiaopos.store.writer.sqlite import SqliteEngine
from xiaopos.usecases.ports import BooksLost, House
from xiaopos.usecases.steps import Request
from xiaopos.usecases.take_payment import SaleAsk, take_payment
from xiaopos.web import asking
from xiaopos.web.api import limits, waiting
from xiaopos.web.api.limits import Limits
from xiaopos.web.api.waiting import Waiting
from xiaopos.web.asking import StillUnderWay, Verb

START = datetime(2026, 1, 1, tzinfo=UTC)
TODAY = "2026-03-14"
ALL = ("take", "refund", "read")


@contextmanager
def database_at(path: Path) -> Iterator[None]:
    """Django on a SQLite file of its own, in every thread. The suite's own connection stays open meanwhile: closing it
    would drop the tables of a database in memory.
    """
    words, suites = connections.settings["default"], connections["default"]
    before, words["NAME"] = words["NAME"], str(path)
    connections["default"] = own = connections.create_connection("default")
    try:
        yield
    finally:
        own.close()
        words["NAME"] = before
        connections["default"] = suites


def make_template(path: Path) -> None:
    """A file with every table, three merchants and their terminals."""
    with database_at(path):
        call_command("migrate", verbosity=0)
        _register()


def _register() -> None:
    prices = {kind: {"ppm": price.rate.ppm, "cap_minor": price.cap_minor} for kind, price in PLAN.prices.items()}
    plan = PricePlan.objects.create(
        plan_id=PLAN.plan_id, name_zh="标准", name_en="Standard", prices=prices, refund_returns_fee=True
    )
    model = TerminalModel.objects.create(model_id="m", maker="Maker", name="Model", year=2024, capabilities=[])
    for merchant_id, name in NAMES.items():
        Merchant.objects.create(
            merchant_id=merchant_id, name=name, name_en=name, category_code="5812", active=True, zone=ZONE,
            cut_over_hour=24, created_at=START,
        )  # fmt: skip
        MerchantTerms.objects.create(
            merchant_id=merchant_id, valid_from=date(2026, 1, 1), plan=plan, currency="CNY", payment_limit_minor=LIMIT,
            author="Gao", approver="Qian",
        )  # fmt: skip
    for terminal_id, merchant_id in TERMINALS.items():
        Terminal.objects.create(
            terminal_id=terminal_id, merchant_id=merchant_id, shop_id=f"shop-{terminal_id}", model=model,
            serial=terminal_id, active=True, profile="unionpay-3des-2012", batch_number=1, signed_in_at=START,
        )  # fmt: skip


class LoopHouse:
    """Asking, in a loop and thread of its own. `slow`: the verb ends after the page stopped waiting. `stuck`: it never began.

    `lost`: the database is away. `broken`: a bug of ours.
    """

    def __init__(self, path: Path, world: World) -> None:
        self.slow = self.stuck = self.lost = self.broken = False
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self.books = BatchedBooks(SqliteEngine(path))
        self.house: House = replace(world.house, books=self.books)

    def ask(self, verb: Verb[Any], *, wait_s: float) -> Any:
        """See Asking."""
        if self.stuck:
            raise StillUnderWay
        if self.lost:
            raise BooksLost("the pretend database is away")
        assert not self.broken, "a pretend bug"
        result = asyncio.run_coroutine_threadsafe(verb(self.house), self._loop).result(wait_s)
        if self.slow:
            raise StillUnderWay
        return result

    def missing(self) -> str:
        """See Asking."""
        return ""

    def stop(self) -> None:
        """Let go of the database and the thread."""
        asyncio.run_coroutine_threadsafe(self.books.close(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()


@dataclass
class Counter:
    """The tea shop's till. `key` is the text of its API key; answers come in English unless a test says otherwise."""

    house: LoopHouse
    wallet: PretendWallet
    clock: StandingClock
    key: str
    client: Client = field(default_factory=Client)
    language: str = "en"

    def __post_init__(self) -> None:
        self._numbers = count(1)

    def new_id(self) -> str:
        """An id as a till makes one."""
        return f"{next(self._numbers):032x}"

    def call(self, method: str, path: str, body: Any = None, *, key: str | None = None, **headers: str) -> Any:
        """Call the API. A `bytes` body goes out as it is; an empty `key` goes without."""
        key = self.key if key is None else key
        given = {"Accept-Language": self.language, **({"Authorization": f"Bearer {key}"} if key else {}), **headers}
        kwargs: dict[str, Any] = {"headers": given}
        if body is not None:
            kwargs["data"] = body if isinstance(body, bytes) else json.dumps(body).encode()
            kwargs["content_type"] = headers.pop("content_type", "application/json")
            given.pop("content_type", None)
        self.clock.at += timedelta(seconds=1)
        return self.client.generic(method, "/api/v1" + path, **kwargs)

    def sale(self, **parts: Any) -> dict[str, Any]:
        """The body of a sale of 12.50 by payment code."""
        body = {
            "payment_id": self.new_id(),
            "terminal_id": "10000001",
            "amount_minor": 1250,
            "means": "payer_code",
            "payer_code": CODES["Mei"],
        }
        return {name: value for name, value in (body | parts).items() if value is not None}

    def shown(self, **parts: Any) -> dict[str, Any]:
        """The body of a sale by a code that the shop shows."""
        return self.sale(means="shop_code", payer_code=None, **parts)

    def takes(self, body: dict[str, Any] | None = None, **more: Any) -> Any:
        """Take a payment."""
        return self.call("POST", "/payments", body or self.sale(), **more)

    def took(self) -> str:
        """The id of a payment that was just taken."""
        return str(self.takes().json()["payment_id"])

    def held(self, minor: int = 100_00) -> str:
        """The id of a pre-authorisation that the tea shop's terminal has just made of Mei's card."""
        payment_id = PaymentId(self.new_id())
        request = Request(payment_id, TerminalId("10000001"), Money(minor, "CNY"), self.clock.now())
        sale = SaleAsk(request, card_of("Mei"), kind=Kind.PREAUTH)
        made = self.house.ask(lambda house: take_payment(sale, house), wait_s=60)
        assert made.state is State.APPROVED
        return payment_id


@contextmanager
def counter_at(template: Path, path: Path) -> Iterator[Counter]:
    """A till over a fresh copy of the template."""
    shutil.copyfile(template, path)
    world = World(process="web")
    with database_at(path):
        house = LoopHouse(path, world)
        before = asking._players[:]
        asking.install(house)
        places, before_limits = waiting.install(Waiting(longest_s=0.3)), limits.install(Limits(at_once=1_000_000))
        try:
            yield Counter(house, world.wallet, world.clock, make_api_key(TEA, ALL, at=START)[1])
        finally:
            waiting.install(places)
            limits.install(before_limits)
            asking._players[:] = before
            house.stop()


__all__ = ["ALL", "START", "TODAY", "Counter", "LoopHouse", "Mood", "counter_at", "make_template"]
