"""Change what a terminal is bound to: move it, replace its device, close it, suspend it and let it go on.

What may live here: those verbs and the role they need played. What may not: storage, the ceremony that gives a terminal its next
master key (key_ceremony), words (web).

Whatever takes keys away or gives a terminal back is asked for by one person and approved by another. Suspending is not: it only
stops money, and a stolen terminal waits for nobody. A terminal that was moved, or whose device was replaced, has no key, and is
activated anew with another code: nobody carries a terminal elsewhere and goes on (移机).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import Enum
from typing import Protocol

from xiaopos.fleet.activation import LIVES, Keyed, code_of, digest_of
from xiaopos.fleet.bindings import BINDING_LIFE, BindingEvent, BindingState, SixParts
from xiaopos.fleet.stock.states import DeviceEvent
from xiaopos.usecases.activate_terminal import BindingStep, KeptBinding
from xiaopos.usecases.actors import Actor
from xiaopos.usecases.fill_orders import LONGEST_ADDRESS, DeviceFacts, StockStep, is_possible
from xiaopos.usecases.pack_order import NewCode


class ChangeKind(Enum):
    """What one person asks for and another approves."""

    MOVE = "move"
    """To another address, or another of the merchant's shops."""
    REPLACE = "replace"
    """Another device under the same number: the old one goes back, or is lost."""
    CLOSE = "close"
    """The number ends; the device goes back, or is lost."""
    RESUME = "resume"


_EVENTS = {
    ChangeKind.MOVE: BindingEvent.REBIND,
    ChangeKind.REPLACE: BindingEvent.REBIND,
    ChangeKind.CLOSE: BindingEvent.CLOSE,
    ChangeKind.RESUME: BindingEvent.RESUME,
}


class ChangeFault(Enum):
    """Why nothing was changed."""

    NO_REASON = "no_reason"
    TERMINAL_UNKNOWN = "terminal_unknown"
    """No terminal of this number was packed here."""
    SHOP_UNKNOWN = "shop_unknown"
    ADDRESS = "address"
    UNCHANGED = "unchanged"
    WAITING = "waiting"
    """Another change waits for a second person."""
    NOT_WAITING = "not_waiting"
    SAME_PERSON = "same_person"
    NOT_NOW = "not_now"


@dataclass(frozen=True, slots=True)
class ChangeAsk:
    """A change that is asked for. `shop_id` and `address` are a move's; `lost` says that the device is not coming back."""

    terminal_id: str
    kind: ChangeKind
    actor: Actor
    at: datetime
    shop_id: str = ""
    address: str = ""
    lost: bool = False


@dataclass(frozen=True, slots=True)
class Changed:
    """A change that was approved. A move has the code with which the terminal is activated anew, shown now and never again;
    a replacement the number of the order that brings the new device."""

    kind: ChangeKind
    code: str = ""
    order_id: str = ""


class ChangeBook(Protocol):
    """Whoever keeps bindings and their changes. Each change writes its line in the audit trail, all or nothing."""

    def recall_binding(self, terminal_id: str) -> KeptBinding | None:
        """A terminal's binding; None for one that was not packed here."""
        ...

    def recall(self, serial: str) -> DeviceFacts | None:
        """A device."""
        ...

    def has_shop(self, merchant_id: str, shop_id: str) -> bool:
        """Whether this merchant has this shop."""
        ...

    def waiting_change(self, terminal_id: str) -> ChangeAsk | None:
        """The change that waits for a second person."""
        ...

    def ask(self, asked: ChangeAsk) -> bool:
        """Let a change wait; False when one does already."""
        ...

    def drop_change(self, asked: ChangeAsk, actor: Actor, at: datetime) -> bool:
        """Take a waiting change away; False when it does not wait any more."""
        ...

    def carry_out(self, asked: ChangeAsk, step: BindingStep, code: NewCode | None, order_id: str) -> bool:
        """Write an approved change: the binding, its terminal and keys, the device, a new code or a new order; all or nothing.

        False when somebody was first.
        """
        ...

    def follow_binding(self, step: BindingStep) -> bool:
        """See ActivationBook."""
        ...


def suspend_terminal(terminal_id: str, actor: Actor, at: datetime, book: ChangeBook) -> ChangeFault | None:
    """Stop a terminal's money at once."""
    binding = book.recall_binding(terminal_id)
    if binding is None:
        return ChangeFault.TERMINAL_UNKNOWN
    if not actor.gives_a_reason:
        return ChangeFault.NO_REASON
    if not BINDING_LIFE.allows(BindingState(binding.state), BindingEvent.SUSPEND):
        return ChangeFault.NOT_NOW
    step = BindingStep(binding, BindingEvent.SUSPEND, binding.parts, actor, at)
    return None if book.follow_binding(step) else ChangeFault.NOT_NOW


def ask_for_change(asked: ChangeAsk, book: ChangeBook) -> ChangeFault | None:
    """Ask for a change; nothing is done until another person approves."""
    binding = book.recall_binding(asked.terminal_id)
    if binding is None:
        return ChangeFault.TERMINAL_UNKNOWN
    if not asked.actor.gives_a_reason:
        return ChangeFault.NO_REASON
    fault = _fault_of_move(asked, binding, book) if asked.kind is ChangeKind.MOVE else None
    if fault is not None:
        return fault
    if not _possible(binding, asked, book):
        return ChangeFault.NOT_NOW
    return None if book.ask(asked) else ChangeFault.WAITING


def _fault_of_move(asked: ChangeAsk, binding: KeptBinding, book: ChangeBook) -> ChangeFault | None:
    if not book.has_shop(binding.merchant_id, asked.shop_id):
        return ChangeFault.SHOP_UNKNOWN
    address = asked.address.strip()
    if not 0 < len(address) <= LONGEST_ADDRESS or not address.isprintable():
        return ChangeFault.ADDRESS
    same = (asked.shop_id, address) == (binding.shop_id, binding.parts.address)
    return ChangeFault.UNCHANGED if same else None


def approve_change(
    terminal_id: str,
    approver: Actor,
    at: datetime,
    entropy: bytes,
    keyed: Keyed,
    *,
    book: ChangeBook,
    make_id: Callable[[datetime], str],
) -> Changed | ChangeFault:
    """A second person approves the waiting change, and it is carried out. `entropy` is 8 random bytes for a code."""
    binding, asked = book.recall_binding(terminal_id), book.waiting_change(terminal_id)
    if binding is None or asked is None:
        return ChangeFault.NOT_WAITING
    if asked.actor.username == approver.username:
        return ChangeFault.SAME_PERSON
    if not _possible(binding, asked, book):
        return ChangeFault.NOT_NOW
    said = Actor(approver.username, approver.role, approver.reason or asked.actor.reason)
    stock = _stock_step(binding, asked, said, at, book)
    parts = _parts_after(binding.parts, asked)
    step = BindingStep(binding, _EVENTS[asked.kind], parts, said, at, stock)
    code, order_id, kept = "", "", None
    if asked.kind is ChangeKind.MOVE:
        code = code_of(entropy)
        digest = digest_of(parts.serial, code, binding.phone, keyed)
        kept = NewCode(terminal_id, parts.serial, binding.merchant_id, digest, at, at + LIVES)
    if asked.kind is ChangeKind.REPLACE:
        order_id = make_id(at)
    done = book.carry_out(asked, step, kept, order_id)
    return Changed(asked.kind, code, order_id) if done else ChangeFault.NOT_NOW


def drop_change(terminal_id: str, actor: Actor, at: datetime, book: ChangeBook) -> ChangeFault | None:
    """Take a waiting change away: whoever asked, or whoever would have approved."""
    asked = book.waiting_change(terminal_id)
    if asked is None:
        return ChangeFault.NOT_WAITING
    return None if book.drop_change(asked, actor, at) else ChangeFault.NOT_WAITING


def possible_changes(binding: KeptBinding, book: ChangeBook, actor: Actor, at: datetime) -> tuple[ChangeKind, ...]:
    """What may be asked for now: the buttons that a console shows."""
    asks = (ChangeAsk(binding.terminal_id, kind, actor, at) for kind in ChangeKind)
    return tuple(asked.kind for asked in asks if _possible(binding, asked, book))


def _possible(binding: KeptBinding, asked: ChangeAsk, book: ChangeBook) -> bool:
    """Whether the binding's state allows a change, and its device's. What fills an order changes by its order."""
    state = BindingState(binding.state)
    if not BINDING_LIFE.allows(state, _EVENTS[asked.kind]):
        return False
    if asked.kind is ChangeKind.RESUME:
        return True
    step = _stock_step(binding, asked, asked.actor, asked.at, book)
    return step is not None and not step.device.order_id and is_possible(step)


def _stock_step(
    binding: KeptBinding, asked: ChangeAsk, actor: Actor, at: datetime, book: ChangeBook
) -> StockStep | None:
    device = book.recall(binding.parts.serial)
    if device is None or asked.kind is ChangeKind.RESUME:
        return None
    leaves = DeviceEvent.LOSE if asked.lost else DeviceEvent.TURN_BACK
    return StockStep(device, DeviceEvent.REST if asked.kind is ChangeKind.MOVE else leaves, actor, at)


def _parts_after(parts: SixParts, asked: ChangeAsk) -> SixParts:
    if asked.kind is ChangeKind.MOVE:
        return replace(parts, address=asked.address.strip())
    return replace(parts, serial="") if asked.kind is ChangeKind.REPLACE else parts
