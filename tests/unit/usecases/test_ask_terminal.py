"""Asking a terminal for something: with a reason, of a terminal that is known, once."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from types import MappingProxyType

import pytest

from xiaopos.fleet import profiles
from xiaopos.fleet.asks import TerminalAsk
from xiaopos.kernel.ids import TerminalId
from xiaopos.kernel.refusal import Reason, Refused
from xiaopos.usecases.actors import Actor
from xiaopos.usecases.ask_terminal import Asked, AskedTerminal, TerminalAsking, ask_terminal, withdraw_ask

AT = datetime(2026, 3, 14, 4, 0, tzinfo=UTC)
SUN = Actor("sun", "support", "its list is old")


@dataclass
class PretendAskBook:
    """What is asked of one terminal."""

    open: set[TerminalAsk] = field(default_factory=set)

    def find(self, terminal_id: TerminalId) -> AskedTerminal | None:
        return AskedTerminal("unionpay-3des-2012", frozenset(self.open)) if terminal_id == "10000001" else None

    def ask(self, wanted: TerminalAsking) -> bool:
        self.open.add(wanted.ask)
        return True

    def withdraw(self, wanted: TerminalAsking) -> bool:
        self.open.remove(wanted.ask)
        return True


def wanted(ask: TerminalAsk = TerminalAsk.SIGN_IN, terminal_id: str = "10000001", actor: Actor = SUN) -> TerminalAsking:
    return TerminalAsking(TerminalId(terminal_id), ask, actor, AT)


def test_a_terminal_is_asked_once_and_the_ask_taken_back_once() -> None:
    book = PretendAskBook()
    assert ask_terminal(wanted(), book) == Asked(TerminalAsk.SIGN_IN, changed=True)
    assert ask_terminal(wanted(), book) == Asked(TerminalAsk.SIGN_IN, changed=False)
    assert withdraw_ask(wanted(), book) == Asked(TerminalAsk.SIGN_IN, changed=True)
    assert withdraw_ask(wanted(), book) == Asked(TerminalAsk.SIGN_IN, changed=False)
    assert book.open == set()


@pytest.mark.parametrize("verb", [ask_terminal, withdraw_ask])
def test_nothing_is_asked_without_a_reason_or_of_nobody(verb) -> None:  # type: ignore[no-untyped-def]  # either verb
    book = PretendAskBook()
    assert verb(wanted(actor=Actor("sun", "support", " ")), book) == Refused(Reason.NOTE_MISSING)
    assert verb(wanted(terminal_id="19999999"), book) == Refused(Reason.TERMINAL_UNKNOWN, "19999999")
    assert book.open == set()


def test_what_a_profile_has_no_digit_for_is_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    profile = profiles.PROFILES["unionpay-3des-2012"]
    mute = replace(profile, downloads=replace(profile.downloads, asks=MappingProxyType({})))
    monkeypatch.setitem(profiles.PROFILES, profile.name, mute)
    refused = ask_terminal(wanted(), PretendAskBook())
    assert isinstance(refused, Refused)
    assert refused.reason is Reason.TRANSACTION_UNSUPPORTED
