"""The door at which wallets tell of payments: anybody may knock, only what is the wallet's is seen to."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from django.test import Client

from support.pretend_desk import PretendDesk
from support.world import TEA, World
from unit.web.console.test_reading_page import CountersHouse
from xiaopos.payments.states import State
from xiaopos.usecases.ports import BooksLost
from xiaopos.web import asking
from xiaopos.web.asking import StillUnderWay

CONTRACT = "0192f0c1d2e370008000000000000000"


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def desk(world: World) -> Iterator[PretendDesk]:
    """Who speaks for wallets in the house that the pages ask."""
    before, desk = asking._players[:], PretendDesk()
    asking.install(CountersHouse(replace(world.house, contracts=desk)))
    yield desk
    asking._players[:] = before


def told(body: bytes = b"a=1", wallet: str = "sandbox", **headers: Any) -> tuple[int, bytes]:
    client = Client(enforce_csrf_checks=True)
    answer = client.post(
        f"/notices/{wallet}/{CONTRACT}/", body, content_type="application/x-www-form-urlencoded", **headers
    )
    return answer.status_code, answer.content


def test_a_notification_is_answered_in_the_wallets_word_once_its_payment_is_seen_to(
    world: World, desk: PretendDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("xiaopos.web.notices.views._KNOWN", frozenset({"sandbox"}))
    sale = world.lin.sells(25_00).by_shown_code()
    world.wallet.payer_confirms(sale.payment.payment_id)
    desk.says = (TEA, sale.payment.payment_id)
    assert told() == (200, b"success")
    assert world.state(sale) is State.APPROVED
    assert desk.asked == [CONTRACT]


def test_what_is_not_believed_is_to_come_again(desk: PretendDesk) -> None:
    assert told(wallet="alipay") == (403, b"fail")


def test_an_unknown_wallet_a_question_and_a_flood_are_turned_away(desk: PretendDesk) -> None:
    assert told(wallet="cash") == (404, b"fail")
    assert told(b"a" * 65_537, wallet="alipay") == (413, b"fail")
    assert Client().get(f"/notices/alipay/{CONTRACT}/").status_code == 405
    assert desk.asked == []


@pytest.mark.parametrize("trouble", [BooksLost("away"), StillUnderWay()])
def test_what_could_not_be_seen_to_now_is_to_come_again(trouble: Exception, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_: Any, **__: Any) -> None:
        raise trouble

    monkeypatch.setattr("xiaopos.web.notices.views.ask", away)
    assert told(wallet="wechat") == (503, b"fail")
