"""What is asked of terminals, as the database keeps it: once each, with who and why, until it ends."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from xiaopos.fleet.asks import TerminalAsk
from xiaopos.kernel.ids import TerminalId
from xiaopos.store.audit.models import AuditRow
from xiaopos.store.fleet.asks import AskRows, asks_of
from xiaopos.store.fleet.models import Terminal, TerminalModel
from xiaopos.usecases.actors import Actor
from xiaopos.usecases.ask_terminal import Asked, AskedTerminal, TerminalAsking, ask_terminal, withdraw_ask

pytestmark = pytest.mark.django_db
AT = datetime(2026, 3, 14, 4, 0, tzinfo=UTC)
SUN = Actor("sun", "support", " keys may be known ")
TID = TerminalId("10000001")


@pytest.fixture(autouse=True)
def terminal() -> None:
    model = TerminalModel.objects.create(model_id="m", maker="Maker", name="Model", year=2024, capabilities=[])
    Terminal.objects.create(
        terminal_id=TID, merchant_id="898110058120001", shop_id="shop", model=model, serial="1", active=True,
        profile="unionpay-3des-2012", batch_number=1,
    )  # fmt: skip


def wanted(ask: TerminalAsk, minutes: int = 0) -> TerminalAsking:
    return TerminalAsking(TID, ask, SUN, AT + timedelta(minutes=minutes))


def test_a_terminal_is_asked_and_the_trail_says_who_and_why() -> None:
    book = AskRows()
    assert book.find(TerminalId("19999999")) is None
    assert ask_terminal(wanted(TerminalAsk.SIGN_IN), book) == Asked(TerminalAsk.SIGN_IN, changed=True)
    assert book.find(TID) == AskedTerminal("unionpay-3des-2012", frozenset({TerminalAsk.SIGN_IN}))
    row = AuditRow.objects.get()
    assert (row.actor, row.action, row.object_id, row.merchant_id) == ("sun", "ask_terminal", TID, "898110058120001")
    assert (row.reason, row.detail) == ("keys may be known", {"ask": "sign_in"})


def test_what_is_asked_already_is_not_asked_twice() -> None:
    book = AskRows()
    assert book.ask(wanted(TerminalAsk.SIGN_IN))
    assert not book.ask(wanted(TerminalAsk.SIGN_IN, minutes=1))
    assert ask_terminal(wanted(TerminalAsk.SIGN_IN, minutes=2), book) == Asked(TerminalAsk.SIGN_IN, changed=False)
    assert AuditRow.objects.count() == 1


def test_an_ask_is_withdrawn_once_and_can_be_asked_again() -> None:
    book = AskRows()
    ask_terminal(wanted(TerminalAsk.STATUS), book)
    assert withdraw_ask(wanted(TerminalAsk.STATUS, minutes=1), book) == Asked(TerminalAsk.STATUS, changed=True)
    assert not book.withdraw(wanted(TerminalAsk.STATUS, minutes=2))
    assert ask_terminal(wanted(TerminalAsk.STATUS, minutes=3), book).changed  # type: ignore[union-attr]  # not refused
    assert [row.action for row in AuditRow.objects.order_by("seq")] == ["ask_terminal", "withdraw_ask", "ask_terminal"]
    now, before = asks_of(TID)
    assert (now.ended, now.done_at, now.reason) == ("", None, "keys may be known")
    assert (before.ended, before.done_at, before.asked_by) == ("withdrawn", AT + timedelta(minutes=1), "sun")
