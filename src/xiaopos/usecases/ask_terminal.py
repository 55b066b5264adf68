"""Ask a terminal for something from the console (远程指令): sign in again, fetch a list, tell its status; or take that back.

What may live here: the rules and the role they need played. What may not: storage, telling the terminal (the host does, in the
header of its answers, until the terminal has complied), who has the permission (roles).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from xiaopos.fleet.asks import TerminalAsk
from xiaopos.fleet.profiles import PROFILES
from xiaopos.kernel.ids import TerminalId
from xiaopos.kernel.refusal import Reason, Refused
from xiaopos.usecases.actors import Actor


@dataclass(frozen=True, slots=True)
class TerminalAsking:
    """What is wanted of which terminal, by whom and why."""

    terminal_id: TerminalId
    ask: TerminalAsk
    actor: Actor
    at: datetime


@dataclass(frozen=True, slots=True)
class AskedTerminal:
    """A terminal as far as asking needs it: its profile, and what is asked of it already."""

    profile: str
    open: frozenset[TerminalAsk]


class AskBook(Protocol):
    """What is asked of terminals."""

    def find(self, terminal_id: TerminalId) -> AskedTerminal | None:
        """The terminal; None for an unknown number."""
        ...

    def ask(self, wanted: TerminalAsking) -> bool:
        """Write it down with its line in the audit trail, both or neither; False when it was asked already."""
        ...

    def withdraw(self, wanted: TerminalAsking) -> bool:
        """End it with a line in the audit trail, both or neither; False when it was not open any more."""
        ...


@dataclass(frozen=True, slots=True)
class Asked:
    """It is asked of the terminal now, or no more. `changed` is False when that was so before."""

    ask: TerminalAsk
    changed: bool


def ask_terminal(wanted: TerminalAsking, book: AskBook) -> Asked | Refused:
    """Ask a terminal for something. It hears of it with its next answer, and again until it has complied."""
    found = _found(wanted, book)
    if isinstance(found, Refused):
        return found
    if wanted.ask.value not in PROFILES[found.profile].downloads.asks:
        return Refused(Reason.TRANSACTION_UNSUPPORTED, f"profile {found.profile} knows no {wanted.ask.value}")
    return Asked(wanted.ask, changed=wanted.ask not in found.open and book.ask(wanted))


def withdraw_ask(wanted: TerminalAsking, book: AskBook) -> Asked | Refused:
    """Take back what was asked of a terminal: one that cannot comply would be asked for ever, and hear of nothing else."""
    found = _found(wanted, book)
    if isinstance(found, Refused):
        return found
    return Asked(wanted.ask, changed=wanted.ask in found.open and book.withdraw(wanted))


def _found(wanted: TerminalAsking, book: AskBook) -> AskedTerminal | Refused:
    if not wanted.actor.gives_a_reason:
        return Refused(Reason.NOTE_MISSING)
    return book.find(wanted.terminal_id) or Refused(Reason.TERMINAL_UNKNOWN, wanted.terminal_id)
