"""Changes at the console: each names who and why, and is made once."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest

from xiaopos.kernel.ids import MerchantId, PaymentId, TerminalId
from xiaopos.kernel.refusal import Reason, Refused
from xiaopos.usecases.actors import Actor
from xiaopos.usecases.close_discrepancy import DiscrepancyClosing, close_discrepancy
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
