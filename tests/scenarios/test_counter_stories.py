"""Stories at the counter that pass between a terminal, the host and the people at the operator, frame by frame."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import pytest

from support.card_counter import TID, CardCounter
from support.world import TEA, at_once
from xiaopos.fleet.asks import TerminalAsk
from xiaopos.fleet.downloads import DownloadKind, DownloadRow
from xiaopos.kernel.ids import TerminalId
from xiaopos.kernel.refusal import Refused
from xiaopos.kernel.secret import Secret
from xiaopos.simulator.chip_lists import PUBLIC_KEYS
from xiaopos.terminal.outcome import Outcome
from xiaopos.usecases.actors import Actor
from xiaopos.usecases.ask_terminal import Asked, AskedTerminal, TerminalAsking, ask_terminal, withdraw_ask
from xiaopos.usecases.keep_signature import SignatureLook, show_signature
from xiaopos.wire.iso8583 import Message
from xiaopos.wire.iso8583.terminal_downloads import ListAnswer, entry_in, query


@dataclass
class Shop:
    """Lin's counter, and the people of the operator: what they ask of the terminal, and what is written down of it."""

    counter: CardCounter = field(default_factory=CardCounter)
    trail: list[tuple[str, str]] = field(default_factory=list)

    def find(self, terminal_id: TerminalId) -> AskedTerminal | None:
        facts = self.counter.world.books.terminals.get(terminal_id)
        waiting = frozenset(ask for terminal, ask in self.counter.world.books.asks if terminal == terminal_id)
        return AskedTerminal(facts.profile, waiting) if facts else None

    def ask(self, wanted: TerminalAsking) -> bool:
        self.counter.world.books.asks[wanted.terminal_id, wanted.ask] = wanted.at
        self.trail.append((wanted.actor.username, wanted.actor.reason))
        return True

    def withdraw(self, wanted: TerminalAsking) -> bool:
        del self.counter.world.books.asks[wanted.terminal_id, wanted.ask]
        self.trail.append((wanted.actor.username, wanted.actor.reason))
        return True

    def note(self, look: SignatureLook) -> None:
        self.trail.append((look.actor.username, look.actor.reason))

    def sun(self, verb: Callable[..., Any], ask: TerminalAsk, because: str) -> Asked:
        """Sun, of the operator's support, asks the terminal for something or takes it back."""
        actor = Actor("sun", "support", because)
        asked = verb(TerminalAsking(TerminalId(TID), ask, actor, self.counter.world.clock.now()), self)
        assert isinstance(asked, Asked)
        return asked

    def terminal_sells(self, minor: int = 12_50) -> Outcome:
        sold = self.counter.sells(minor)
        assert sold.approved
        return sold

    def terminal_fetches_public_keys(self) -> list[str]:
        names = ListAnswer.parse(self.terminal_says("0820", "372", query(0)).raw(62)).names
        entries = [entry_in(self.terminal_says("0800", "370", name).raw(62)) for name in names]
        self.terminal_says("0800", "371")
        return [entry.hex().upper() for entry in entries if entry]

    def terminal_says(self, mti: str, network: str, body: bytes = b"") -> Message:
        fields: dict[int, str | bytes] = {41: TID, 42: TEA, 60: f"00000001{network}"}
        answer = self.counter.asks(Message(mti, fields | ({62: body} if body else {})), seal=False)
        assert answer is not None
        assert answer.text(39) == "00"
        return answer


@pytest.fixture
def shop() -> Shop:
    made = Shop()
    assert made.counter.signs_in().approved
    return made


def test_a_terminal_whose_keys_may_be_known_signs_in_again_with_its_next_sale(shop: Shop) -> None:
    old = shop.counter.world.books.terminals[TID].tak
    assert shop.sun(ask_terminal, TerminalAsk.SIGN_IN, "its cable was opened").changed
    shop.terminal_sells()
    assert shop.counter.wanted == "3"
    assert shop.counter.signs_in().approved
    shop.terminal_sells()
    assert shop.counter.wanted == "0"
    assert shop.counter.world.books.terminals[TID].tak != old
    assert shop.trail == [("sun", "its cable was opened")]
    shop.counter.world.the_books_balance()


def test_a_new_card_network_key_reaches_a_terminal_without_anybody_visiting_it(shop: Shop) -> None:
    rows = [DownloadRow(DownloadKind.PUBLIC_KEYS, key, "", date(2026, 1, 1), text) for key, text in PUBLIC_KEYS.items()]
    shop.counter.world.books.downloads += rows
    shop.sun(ask_terminal, TerminalAsk.PUBLIC_KEYS, "a key was added")
    shop.terminal_sells()
    assert shop.counter.wanted == "4"
    assert shop.terminal_fetches_public_keys() == [PUBLIC_KEYS[key] for key in sorted(PUBLIC_KEYS)]
    shop.terminal_sells()
    assert shop.counter.wanted == "0"


def test_an_old_terminal_that_cannot_tell_its_status_is_left_in_peace(shop: Shop) -> None:
    shop.sun(ask_terminal, TerminalAsk.STATUS, "its battery?")
    for _ in range(3):
        shop.terminal_sells()
        assert shop.counter.wanted == "2"
    assert shop.sun(withdraw_ask, TerminalAsk.STATUS, "it is of 2012 and cannot").changed
    shop.terminal_sells()
    assert shop.counter.wanted == "0"
    assert [actor for actor, _ in shop.trail] == ["sun", "sun"]


def test_a_customer_disputes_a_payment_and_qian_looks_at_how_it_was_signed(shop: Shop) -> None:
    sold = shop.terminal_sells(88_00)
    drawn = b"a picture of strokes"
    upload = Message(
        "0820",
        {4: "000000008800", 11: f"{sold.stan:06d}", 41: TID, 42: TEA, 60: "07000001301", 62: drawn},
    )
    answer = shop.counter.asks(upload)
    assert answer is not None
    assert answer.text(39) == "00"
    assert drawn not in repr(shop.counter.world.books).encode()
    (payment,) = shop.counter.world.books.payments.values()
    qian = Actor("qian", "finance", "Mei says she was not there")
    look = SignatureLook(payment.merchant_id, payment.payment_id, qian, shop.counter.world.clock.now())
    shown = show_signature(look, shop, lambda opening: at_once(opening(shop.counter.world.house)))
    assert not isinstance(shown, Refused)
    assert shown == Secret(drawn)
    assert shop.trail == [("qian", "Mei says she was not there")]
