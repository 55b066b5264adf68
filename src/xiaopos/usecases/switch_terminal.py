"""Switch a terminal on or off from the console: who, why, and a line in the audit trail in the same commit.

What may live here: the rule and the role it needs played. What may not: storage, who has the permission (roles).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from xiaopos.kernel.ids import TerminalId
from xiaopos.kernel.refusal import Reason, Refused
from xiaopos.usecases.actors import Actor


@dataclass(frozen=True, slots=True)
class TerminalSwitch:
    """What is wanted: the terminal taking money, or not."""

    terminal_id: TerminalId
    active: bool
    actor: Actor
    at: datetime


class Switchboard(Protocol):
    """The registry of terminals, as far as switching needs it."""

    def is_active(self, terminal_id: TerminalId) -> bool | None:
        """Whether a terminal may take money; None for an unknown number."""
        ...

    def switch(self, wanted: TerminalSwitch) -> bool:
        """Switch it and write the audit trail, both or neither; False when somebody else switched it first."""
        ...


@dataclass(frozen=True, slots=True)
class Switched:
    """The terminal stands as wanted. `changed` is False when it did before."""

    active: bool
    changed: bool


def switch_terminal(wanted: TerminalSwitch, switchboard: Switchboard) -> Switched | Refused:
    """Switch a terminal. It may not take money from the next request on; payments under way are finished."""
    if not wanted.actor.gives_a_reason:
        return Refused(Reason.NOTE_MISSING)
    active = switchboard.is_active(wanted.terminal_id)
    if active is None:
        return Refused(Reason.TERMINAL_UNKNOWN, wanted.terminal_id)
    if active is wanted.active:
        return Switched(active, changed=False)
    return Switched(wanted.active, changed=switchboard.switch(wanted))
