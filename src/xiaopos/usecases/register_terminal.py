"""Register a terminal at a shop, or have it spoken to in another way: who, why, and a line in the audit trail in the same commit.

What may live here: the rules and the role they need played. What may not: storage, who has the permission (roles), keys.

A registered terminal has no key: it signs in once its master key was made for its number (usecases.key_ceremony). One that
is given another profile must sign in anew, because the keys it holds were made for the way it spoke before.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import Enum
from typing import Protocol

from xiaopos.fleet.fitness import Misfit, misfits
from xiaopos.fleet.profiles import PROFILES
from xiaopos.kernel.ids import MerchantId, ShopId, TerminalId
from xiaopos.usecases.actors import Actor

_NUMBER = re.compile(r"[0-9A-Z]{8}")
_SERIAL = re.compile(r"[0-9A-Za-z][0-9A-Za-z./_-]{2,39}")


class RegisterFault(Enum):
    """Why a terminal was not registered, or not changed."""

    NO_REASON = "no_reason"
    SHOP_UNKNOWN = "shop_unknown"
    MODEL_UNKNOWN = "model_unknown"
    PROFILE_UNKNOWN = "profile_unknown"
    NUMBER_WRONG = "number_wrong"
    """A terminal's number is eight digits or capital letters (field 41)."""
    NUMBER_TAKEN = "number_taken"
    SERIAL_WRONG = "serial_wrong"
    SERIAL_TAKEN = "serial_taken"
    UNFIT = "unfit"
    """The model and the profile do not go together, and nobody said that it is meant."""
    TERMINAL_UNKNOWN = "terminal_unknown"
    UNCHANGED = "unchanged"
    OVERTAKEN = "overtaken"
    """Somebody else changed the same at the same moment."""


@dataclass(frozen=True, slots=True)
class NotRegistered:
    """Why not, and what does not fit where that is the reason."""

    fault: RegisterFault
    unfit: Sequence[Misfit] = ()


@dataclass(frozen=True, slots=True)
class TerminalEntry:
    """A terminal to be registered. An empty number asks for the next free one. `even_unfit`: whatever does not fit is known."""

    terminal_id: TerminalId
    merchant_id: MerchantId
    shop_id: ShopId
    model_id: str
    serial: str
    profile: str
    actor: Actor
    at: datetime
    even_unfit: bool = False


@dataclass(frozen=True, slots=True)
class ProfileChange:
    """Another profile for a terminal that is registered."""

    terminal_id: TerminalId
    profile: str
    actor: Actor
    at: datetime
    even_unfit: bool = False


@dataclass(frozen=True, slots=True)
class Registered:
    """A terminal as far as its registration goes: its profile, and what its model can do."""

    profile: str
    capabilities: Collection[str]


class TerminalRegister(Protocol):
    """The registry of terminals, as far as registering needs it."""

    def has_shop(self, merchant_id: MerchantId, shop_id: ShopId) -> bool:
        """Whether this merchant has this shop."""
        ...

    def capabilities(self, model_id: str) -> Collection[str] | None:
        """What a model can do; None for a model that is not known."""
        ...

    def holder_of(self, serial: str) -> TerminalId | None:
        """The terminal that has this serial number, if any."""
        ...

    def recall(self, terminal_id: TerminalId) -> Registered | None:
        """A registered terminal, or None."""
        ...

    def next_number(self) -> TerminalId:
        """The number after the highest of eight digits."""
        ...

    def enter(self, entry: TerminalEntry) -> bool:
        """Write the terminal and the audit trail, both or neither; False when the number or the serial was taken meanwhile."""
        ...

    def change_profile(self, change: ProfileChange, before: str) -> bool:
        """Write the profile, take back the working keys, and the audit trail, all or nothing; False when it was not `before`."""
        ...


def register_terminal(entry: TerminalEntry, register: TerminalRegister) -> TerminalId | NotRegistered:
    """Register a terminal; returns its number."""
    fault = _fault_in(entry, register)
    if fault is not None:
        return NotRegistered(fault)
    unfit = misfits(register.capabilities(entry.model_id) or (), PROFILES[entry.profile])
    if unfit and not entry.even_unfit:
        return NotRegistered(RegisterFault.UNFIT, unfit)
    numbered = entry if entry.terminal_id else replace(entry, terminal_id=register.next_number())
    return numbered.terminal_id if register.enter(numbered) else NotRegistered(RegisterFault.OVERTAKEN)


def _fault_in(entry: TerminalEntry, register: TerminalRegister) -> RegisterFault | None:
    """The first thing that is wrong with an entry, in the order in which a form asks for it."""
    faults = {
        RegisterFault.SHOP_UNKNOWN: not register.has_shop(entry.merchant_id, entry.shop_id),
        RegisterFault.MODEL_UNKNOWN: register.capabilities(entry.model_id) is None,
        RegisterFault.SERIAL_WRONG: _SERIAL.fullmatch(entry.serial) is None,
        RegisterFault.SERIAL_TAKEN: register.holder_of(entry.serial) is not None,
        RegisterFault.NUMBER_WRONG: bool(entry.terminal_id) and _NUMBER.fullmatch(entry.terminal_id) is None,
        RegisterFault.NUMBER_TAKEN: bool(entry.terminal_id) and register.recall(entry.terminal_id) is not None,
        RegisterFault.PROFILE_UNKNOWN: entry.profile not in PROFILES,
        RegisterFault.NO_REASON: not entry.actor.gives_a_reason,
    }
    return next((fault for fault, there in faults.items() if there), None)


def change_profile(change: ProfileChange, register: TerminalRegister) -> Registered | NotRegistered:
    """Speak with a terminal in another way from now on; returns it as it stood before."""
    if not change.actor.gives_a_reason:
        return NotRegistered(RegisterFault.NO_REASON)
    before = register.recall(change.terminal_id)
    if before is None:
        return NotRegistered(RegisterFault.TERMINAL_UNKNOWN)
    if change.profile not in PROFILES:
        return NotRegistered(RegisterFault.PROFILE_UNKNOWN)
    if change.profile == before.profile:
        return NotRegistered(RegisterFault.UNCHANGED)
    unfit = misfits(before.capabilities, PROFILES[change.profile])
    if unfit and not change.even_unfit:
        return NotRegistered(RegisterFault.UNFIT, unfit)
    return before if register.change_profile(change, before.profile) else NotRegistered(RegisterFault.OVERTAKEN)
