"""Changes at the console: each names who and why, and is made once."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest

from xiaopos.kernel.ids import MerchantId, PaymentId, TerminalId
from xiaopos.kernel.refusal import Reason, Refused
from xiaopos.usecases.actors import Actor
from xiaopos.usecases.close_discrepancy import DiscrepancyClosing, close_discrepancy
from xiaopos.usecases.switch_network import NetworkSwitch, NetworkSwitched, switch_network
from xiaopos.usecases.switch_terminal import Switched, TerminalSwitch, switch_terminal

AT = datetime(2026, 3, 14, 4, 0, tzinfo=UTC)
HE = Actor("he", "risk", "stolen from the counter")


@dataclass
class PretendSwitchboard:
    """A registry of one terminal."""

    active: bool = True
    overtaken: bool = False
    switched: list[TerminalSwitch] = field(default_factory=list)

    def is_active(self, terminal_id: TerminalId) -> bool | None:
        return self.active if terminal_id == "10000001" else None

    def switch(self, wanted: TerminalSwitch) -> bool:
        if self.overtaken:
            return False
        self.active = wanted.active
        self.switched.append(wanted)
        return True


def wanted(active: bool, terminal_id: str = "10000001", actor: Actor = HE) -> TerminalSwitch:
    return TerminalSwitch(TerminalId(terminal_id), active, actor, AT)


def test_a_terminal_is_switched_once():
    board = PretendSwitchboard()
    assert switch_terminal(wanted(False), board) == Switched(False, changed=True)
    assert switch_terminal(wanted(False), board) == Switched(False, changed=False)
    assert switch_terminal(wanted(True), board) == Switched(True, changed=True)
    assert [one.active for one in board.switched] == [False, True]


def test_somebody_else_was_faster():
    assert switch_terminal(wanted(False), PretendSwitchboard(overtaken=True)) == Switched(False, changed=False)


def test_an_unknown_terminal_is_refused():
    refused = switch_terminal(wanted(False, "19999999"), PretendSwitchboard())
    assert isinstance(refused, Refused)
    assert refused.reason is Reason.TERMINAL_UNKNOWN


@pytest.mark.parametrize("reason", ["", "  \n"])
def test_nothing_is_changed_without_a_reason(reason):
    board, book = PretendSwitchboard(), PretendBook()
    actor = Actor("he", "risk", reason)
    assert switch_terminal(wanted(False, actor=actor), board) == Refused(Reason.NOTE_MISSING)
    assert close_discrepancy(closing(actor), book) == Refused(Reason.NOTE_MISSING)
    assert board.active
    assert not book.closed


@dataclass
class PretendBook:
    """A list of discrepancies in which everything is open once."""

    closed: list[DiscrepancyClosing] = field(default_factory=list)

    def close(self, closing: DiscrepancyClosing) -> bool:
        self.closed.append(closing)
        return True


def closing(actor: Actor = HE) -> DiscrepancyClosing:
    return DiscrepancyClosing(MerchantId("898110058120001"), PaymentId("0" * 32), "late_approval", actor, AT)


def test_a_discrepancy_is_closed_with_what_was_found():
    book = PretendBook()
    assert close_discrepancy(closing(), book) is None
    assert book.closed == [closing()]


@dataclass
class PretendNetworks:
    """Which networks are drained, in memory."""

    held: set[str] = field(default_factory=set)
    overtaken: bool = False

    def drained(self) -> set[str]:
        return set(self.held)

    def switch(self, wanted: NetworkSwitch) -> bool:
        if self.overtaken:
            return False
        (self.held.discard if wanted.open else self.held.add)(wanted.network)
        return True


NETWORKS = ("unionpay", "spare")
ROUTES = (("unionpay", "spare"),)


def drain(
    network: str = "unionpay", *, back: bool = False, actor: Actor = HE, even_last: bool = False
) -> NetworkSwitch:
    return NetworkSwitch(network, back, actor, AT, even_last)


def test_a_network_is_drained_once_and_resumed_once():
    board = PretendNetworks()
    assert switch_network(drain(), NETWORKS, ROUTES, board) == NetworkSwitched(False, changed=True)
    assert switch_network(drain(), NETWORKS, ROUTES, board) == NetworkSwitched(False, changed=False)
    assert board.held == {"unionpay"}
    assert switch_network(drain(back=True), NETWORKS, ROUTES, board) == NetworkSwitched(True, changed=True)
    assert switch_network(drain(back=True), NETWORKS, ROUTES, board) == NetworkSwitched(True, changed=False)
    assert not board.held


def test_the_last_network_is_drained_only_when_that_is_meant():
    board = PretendNetworks({"spare"})
    assert switch_network(drain(), NETWORKS, ROUTES, board) == Refused(Reason.LAST_NETWORK, "unionpay")
    assert board.held == {"spare"}
    assert switch_network(drain(even_last=True), NETWORKS, ROUTES, board) == NetworkSwitched(False, changed=True)
    assert switch_network(drain("spare", back=True), NETWORKS, ROUTES, board) == NetworkSwitched(True, changed=True)


def test_the_only_network_of_some_cards_is_the_last_for_them():
    board = PretendNetworks()
    routes = (("spare",), *ROUTES)
    assert switch_network(drain("spare"), NETWORKS, routes, board) == Refused(Reason.LAST_NETWORK, "spare")
    assert switch_network(drain(), NETWORKS, routes, board) == NetworkSwitched(False, changed=True)


def test_a_network_of_another_installation_and_a_change_without_a_reason_are_refused():
    board = PretendNetworks()
    assert switch_network(drain("elsewhere"), NETWORKS, ROUTES, board) == Refused(Reason.NETWORK_UNKNOWN, "elsewhere")
    mute = drain(actor=Actor("he", "risk", " "))
    assert switch_network(mute, NETWORKS, ROUTES, board) == Refused(Reason.NOTE_MISSING)
    assert switch_network(drain(), NETWORKS, ROUTES, PretendNetworks(overtaken=True)) == NetworkSwitched(
        False, changed=False
    )
    assert not board.held
