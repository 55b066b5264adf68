"""A code on Lin's wall, in front of a house with two pretend wallets."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from support.api_counter import Counter, counter_at, make_template
from support.pretend_channels import PretendWallet
from support.world import TEA
from xiaopos.hosts.worker import VERBS
from xiaopos.kernel.ids import MerchantId, ShopId, TerminalId
from xiaopos.kernel.money import Money
from xiaopos.merchants.shop_codes import StandingCode, token_of
from xiaopos.store.people.models import AttemptRow
from xiaopos.store.shop_codes.book import CodeRows
from xiaopos.store.writer.queue import JobQueue
from xiaopos.store.writer.shop_orders import ShopOrders
from xiaopos.store.writer.sqlite import SqliteEngine
from xiaopos.usecases.actors import Actor
from xiaopos.usecases.pay_order import look_after_order

ALIPAY = "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Mobile AliApp(AP/10.5) AlipayClient/10.5 Language/zh-Hans"
WECHAT = "Mozilla/5.0 (iPhone) AppleWebKit/605.1 Mobile MicroMessenger/8.0 NetType/4G Language/zh_CN"
BROWSER = "Mozilla/5.0 (X11; Linux x86_64) Gecko/20100101 Firefox/140.0"


@dataclass
class Wall:
    """The code, and customers who scan it. `alipay` and `sandbox` are the shop's wallets."""

    counter: Counter
    alipay: PretendWallet
    sandbox: PretendWallet
    path: Path
    clients: dict[str, Client] = field(default_factory=dict)

    def code(self, minor: int | None = None) -> str:
        """A new code's token."""
        number = AttemptRow.objects.count() + len(self.clients) + 1
        code = StandingCode(
            token=token_of(bytes(15) + number.to_bytes(2, "big")),
            merchant_id=MerchantId(TEA),
            shop_id=ShopId("shop-10000001"),
            terminal_id=TerminalId("10000001"),
            label="1 号桌",
            currency="CNY",
            locked=Money(minor) if minor else None,
            made_by="lin",
            made_at=datetime(2026, 3, 14, tzinfo=UTC),
        )
        CodeRows().make(code, Actor("lin", "owner", ""))
        return code.token

    def get(self, path: str, agent: str = ALIPAY) -> Any:
        """Open a page with an app."""
        return self._client(agent).get(path, headers={"User-Agent": agent})

    def post(self, path: str, agent: str = ALIPAY, **form: str) -> Any:
        """Press the button of a page."""
        return self._client(agent).post(path, form, headers={"User-Agent": agent})

    def _client(self, agent: str) -> Client:
        return self.clients.setdefault(agent, Client())

    def begins(self, token: str, agent: str = ALIPAY, amount: str = "25") -> str:
        """Key in an amount at a code; the order's address."""
        answer = self.post(f"/pay/{token}", agent, amount=amount)
        assert answer.status_code == 302, answer.content.decode()
        return str(answer["Location"])

    def looks_after(self) -> None:
        """What the worker does for every order, once."""

        async def verb(house: Any) -> None:
            engine = SqliteEngine(self.path)
            try:
                orders = ShopOrders(engine)
                for order in await orders.to_look_after(house.clock.now()):
                    await look_after_order(order, orders, house)
            finally:
                await engine.close()

        self.counter.house.ask(verb, wait_s=20)

    def the_machine_works(self) -> None:
        """The worker does what is due a little later."""
        self.counter.clock.at += timedelta(seconds=4)

        async def verb(house: Any) -> None:
            engine = SqliteEngine(self.path)
            try:
                jobs = JobQueue(engine)
                for job in await jobs.lease(owner="worker", now=house.clock.now(), limit=32, seconds=60):
                    left = await VERBS[job.kind](job, house)
                    if left is None:
                        await jobs.finish(job)
                    else:
                        await jobs.put_back(job, due_at=house.clock.now(), error=left.cause, failed=False)
            finally:
                await engine.close()

        self.counter.house.ask(verb, wait_s=20)


@pytest.fixture(scope="session")
def wall_template(tmp_path_factory: pytest.TempPathFactory, django_db_blocker: Any) -> Path:
    path = tmp_path_factory.mktemp("wall") / "town.sqlite3"
    with django_db_blocker.unblock():
        make_template(path)
    return path


@pytest.fixture
def wall(wall_template: Path, tmp_path: Path, django_db_blocker: Any) -> Iterator[Wall]:
    """Lin's wall, where nothing has happened yet."""
    path = tmp_path / "books.sqlite3"
    with django_db_blocker.unblock(), counter_at(wall_template, path) as counter:
        alipay = PretendWallet("alipay")
        held = counter.house.house
        counter.house.house = replace(held, wallets={**held.wallets, "alipay": alipay})
        yield Wall(counter, alipay, counter.wallet, path)
