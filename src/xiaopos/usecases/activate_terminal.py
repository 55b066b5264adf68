"""Activate a terminal: serial, one-time code, the merchant's phone, and a person who has learned how; then prove that it works.

What may live here: those verbs, the roles they need played. What may not: storage, keys (they come by key_ceremony and
sign_in_terminal, as ever), pages, limits of addresses (merchants.tries, web).

Whoever tries is told one thing alone when something does not match: that it does not. Whether a serial exists, whose it is, where
its parcel is and which of the three was wrong stays unsaid. Only who had all three right learns more.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Protocol

from xiaopos.fleet.activation import KeptCode, Keyed, digest_of, is_right, plain_serial
from xiaopos.fleet.bindings import BINDING_LIFE, BindingEvent, BindingState, SixParts
from xiaopos.fleet.stock.states import DeviceEvent, DeviceState
from xiaopos.kernel.ids import PaymentId
from xiaopos.kernel.money import Money
from xiaopos.payments.payment import Payment
from xiaopos.payments.states import State
from xiaopos.usecases.actors import Actor
from xiaopos.usecases.fill_orders import DeviceFacts, OrderFacts, StockStep, is_possible
from xiaopos.usecases.follow_payment import FollowAsk, refund_payment
from xiaopos.usecases.ports import House
from xiaopos.usecases.steps import Request, Result
from xiaopos.usecases.take_payment import SaleAsk, take_payment

CENT = 1
"""What a proof takes and gives back, in minor units."""


class ActivationFault(Enum):
    """Why a terminal was not activated."""

    LESSON_MISSING = "lesson_missing"
    """This person has not passed the short lesson."""
    NOT_MATCHED = "not_matched"
    """Serial, code and phone do not go together, or not any more, or not at this merchant."""
    PAPERS_MISSING = "papers_missing"
    """One of the six that a terminal is bound to does not stand."""
    NOT_NOW = "not_now"
    """Somebody else was first."""


@dataclass(frozen=True, slots=True)
class ActivationAsk:
    """What somebody of a merchant types, and who that is."""

    serial: str
    code: str
    phone: str
    merchant_id: str
    actor: Actor
    at: datetime


class WaitingCode(KeptCode, Protocol):
    """A code that waits, and for which terminal and merchant."""

    @property
    def terminal_id(self) -> str:
        """The terminal that it activates."""
        ...

    @property
    def merchant_id(self) -> str:
        """Who may use it."""
        ...


class KeptBinding(Protocol):
    """A terminal's binding as it stands."""

    @property
    def terminal_id(self) -> str:
        """The terminal's number."""
        ...

    @property
    def merchant_id(self) -> str:
        """Whose it is."""
        ...

    @property
    def shop_id(self) -> str:
        """At which shop it stands."""
        ...

    @property
    def phone(self) -> str:
        """The merchant's phone, to which codes are tied."""
        ...

    @property
    def state(self) -> str:
        """A BindingState by its value."""
        ...

    @property
    def parts(self) -> SixParts:
        """The six."""
        ...


@dataclass(frozen=True, slots=True)
class BindingStep:
    """One event of a binding: what it leads to, the six as they then stand, and what it is to the device."""

    binding: KeptBinding
    event: BindingEvent
    parts: SixParts
    actor: Actor
    at: datetime
    stock: StockStep | None = None

    @property
    def after(self) -> BindingState:
        """Where the binding then is. Raises IllegalMove."""
        return BINDING_LIFE.move(BindingState(self.binding.state), self.event)


@dataclass(frozen=True, slots=True)
class Activated:
    """A terminal that was activated. Without a master key it cannot sign in yet."""

    terminal_id: str
    has_master_key: bool


class Lessons(Protocol):
    """Whoever knows who has learned what."""

    def has_passed(self, username: str) -> bool:
        """Whether this person has passed the short lesson of whoever is given a terminal."""
        ...


class ActivationBook(Protocol):
    """Whoever keeps codes and bindings."""

    def code_of(self, serial: str) -> WaitingCode | None:
        """The code of a device that was not used."""
        ...

    def count_wrong(self, serial: str, asked: ActivationAsk) -> None:
        """Write a wrong try into the audit trail, and count it at the serial's code where that is the merchant's own.

        Others could not use the code if they had it, and shall not be able to end it.
        """
        ...

    def recall_binding(self, terminal_id: str) -> KeptBinding | None:
        """A terminal's binding; None for one that was not packed here."""
        ...

    def recall(self, serial: str) -> DeviceFacts | None:
        """A device."""
        ...

    def recall_order(self, order_id: str) -> OrderFacts | None:
        """An order."""
        ...

    def move(self, step: StockStep) -> bool:
        """See StockBook."""
        ...

    def has_master_key(self, terminal_id: str) -> bool:
        """Whether a terminal has its master key."""
        ...

    def follow_binding(self, step: BindingStep) -> bool:
        """Write a binding, its history, its report as due, the device and its order, the code as used, the audit trail.

        All or nothing; False when somebody was first.
        """
        ...


def activate_terminal(
    asked: ActivationAsk, keyed: Keyed, *, book: ActivationBook, lessons: Lessons
) -> Activated | ActivationFault:
    """Activate a terminal. Where serial, code, phone or merchant do not fit, the try counts and nothing else is told."""
    if not lessons.has_passed(asked.actor.username):
        return ActivationFault.LESSON_MISSING
    serial = plain_serial(asked.serial)
    kept, digest = book.code_of(serial), digest_of(serial, asked.code, asked.phone, keyed)
    right = is_right(kept, digest, asked.at)
    device = book.recall(serial)
    if not right or kept is None or device is None or kept.merchant_id != asked.merchant_id or not _is_there(device):
        book.count_wrong(serial, asked)
        return ActivationFault.NOT_MATCHED
    binding = book.recall_binding(kept.terminal_id)
    if binding is None or not BINDING_LIFE.allows(BindingState(binding.state), BindingEvent.ACTIVATE):
        return ActivationFault.NOT_NOW
    if binding.parts.missing:
        return ActivationFault.PAPERS_MISSING
    stock = _in_use(device, asked, book)
    if stock is None:
        return ActivationFault.NOT_NOW
    step = BindingStep(binding, BindingEvent.ACTIVATE, binding.parts, asked.actor, asked.at, stock)
    if not book.follow_binding(step):
        return ActivationFault.NOT_NOW
    return Activated(kept.terminal_id, book.has_master_key(kept.terminal_id))


def _is_there(device: DeviceFacts) -> bool:
    """Whether a device is where it may be activated: with its merchant, or on its way there for all that the courier has told.

    The code lies in the parcel. One that was lost or turned back is not there, whoever has it.
    """
    return device.state in (DeviceState.DELIVERED.value, DeviceState.SENT.value)


def _in_use(device: DeviceFacts, asked: ActivationAsk, book: ActivationBook) -> StockStep | None:
    """The step by which a device is in use; one of which the courier has told nothing yet is delivered first."""
    order = book.recall_order(device.order_id) if device.order_id else None
    if device.state == DeviceState.SENT.value:
        arrived = StockStep(device, DeviceEvent.DELIVER, asked.actor, asked.at, order)
        found = book.recall(device.serial) if is_possible(arrived) and book.move(arrived) else None
        if found is None:
            return None
        device, order = found, book.recall_order(device.order_id) if device.order_id else None
    step = StockStep(device, DeviceEvent.ACTIVATE, asked.actor, asked.at, order)
    return step if is_possible(step) else None


# -- the proof -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Proof:
    """What became of a cent that was taken and given back; `back` is None when nothing was taken."""

    taken: Result
    back: Result | None

    @property
    def is_good(self) -> bool:
        """Whether the cent came and went."""
        approved = isinstance(self.taken, Payment) and self.taken.state is State.APPROVED
        return approved and isinstance(self.back, Payment) and self.back.state is State.APPROVED


async def take_proof(sale: SaleAsk, refund_id: PaymentId, house: House) -> Proof:
    """Take a cent on a terminal and give it back, both as any other payment and refund. `sale` asks for a cent."""
    assert sale.request.amount.minor == CENT, "a proof costs a cent"
    taken = await take_payment(sale, house)
    if not isinstance(taken, Payment) or taken.state is not State.APPROVED:
        return Proof(taken, None)
    request = sale.request
    back = Request(
        refund_id,
        request.terminal_id,
        Money(CENT, request.amount.currency),
        house.clock.now(),
        merchant_id=request.merchant_id,
        cashier=request.cashier,
    )
    return Proof(taken, await refund_payment(FollowAsk(back, taken.payment_id), house))


class ProofBook(ActivationBook, Protocol):
    """Whoever keeps bindings, as far as proofs need it."""

    def was_proved(self, terminal_id: str) -> bool:
        """Whether, since its activation, a cent was taken on this terminal and given back."""
        ...


def note_proof(terminal_id: str, merchant_id: str, actor: Actor, at: datetime, book: ProofBook) -> bool:
    """Write that a terminal works, once its books say so; False while they do not."""
    binding = book.recall_binding(terminal_id)
    if binding is None or binding.merchant_id != merchant_id:
        return False
    state = BindingState(binding.state)
    if state is BindingState.PROVED:
        return True
    if not BINDING_LIFE.allows(state, BindingEvent.PROVE) or not book.was_proved(terminal_id):
        return False
    return book.follow_binding(BindingStep(binding, BindingEvent.PROVE, binding.parts, actor, at))
