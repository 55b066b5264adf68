"""Fill orders for devices: order one for a shop, set a device aside, let it go again, call the order off.

What may live here: those verbs, what is checked, the role of whoever keeps stock and orders, the one step that moves a device and
its order together. What may not: storage, packing (pack_order), parcels (follow_delivery), words (web).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Protocol

from xiaopos.fleet.activation import phone_of, plain_serial
from xiaopos.fleet.stock.states import (
    DEVICE_LIFE,
    ORDER_LIFE,
    WHAT_BECOMES_OF_THE_ORDER,
    DeviceEvent,
    DeviceState,
    OrderEvent,
    OrderState,
)
from xiaopos.usecases.actors import Actor

LONGEST_ADDRESS = 120


class StockFault(Enum):
    """Why nothing was changed."""

    NO_REASON = "no_reason"
    SHOP_UNKNOWN = "shop_unknown"
    MODEL_UNKNOWN = "model_unknown"
    PROFILE_UNKNOWN = "profile_unknown"
    """The model does not speak this interface."""
    PHONE = "phone"
    ADDRESS = "address"
    ORDER_UNKNOWN = "order_unknown"
    DEVICE_UNKNOWN = "device_unknown"
    NONE_IN_STOCK = "none_in_stock"
    OTHER_MODEL = "other_model"
    PAPERS_MISSING = "papers_missing"
    """Nobody has entered the merchant's licence and account, or the approval of its application."""
    NUMBER = "number"
    """No terminal can be registered under this number."""
    NOT_NOW = "not_now"
    """Its state does not allow it, or somebody else was first."""


@dataclass(frozen=True, slots=True)
class OrderDraft:
    """A device for a shop. `phone` is the merchant's, to which activation is tied; `address` where the device will stand."""

    merchant_id: str
    shop_id: str
    model: str
    profile: str
    phone: str
    address: str


class DeviceFacts(Protocol):
    """A device as the stock keeps it, as far as verbs need it."""

    @property
    def serial(self) -> str:
        """Its serial number."""
        ...

    @property
    def model(self) -> str:
        """The name of its model in the catalogue."""
        ...

    @property
    def state(self) -> str:
        """A DeviceState by its value."""
        ...

    @property
    def order_id(self) -> str:
        """The order that it fills; empty for none."""
        ...


class OrderFacts(Protocol):
    """An order as the stock keeps it."""

    @property
    def order_id(self) -> str:
        """Its number."""
        ...

    @property
    def merchant_id(self) -> str:
        """Whose it is."""
        ...

    @property
    def shop_id(self) -> str:
        """For which shop."""
        ...

    @property
    def model(self) -> str:
        """Of which model."""
        ...

    @property
    def profile(self) -> str:
        """By which interface the device will be spoken to."""
        ...

    @property
    def phone(self) -> str:
        """The merchant's phone."""
        ...

    @property
    def address(self) -> str:
        """Where the device will stand."""
        ...

    @property
    def state(self) -> str:
        """An OrderState by its value."""
        ...

    @property
    def serial(self) -> str:
        """The device that fills it now; empty for none."""
        ...

    @property
    def terminal_id(self) -> str:
        """The terminal's number, once one was packed for it."""
        ...


@dataclass(frozen=True, slots=True)
class StockStep:
    """One event of a device, and what it is to its order: both move, or neither. `order` is None for a device without one."""

    device: DeviceFacts
    event: DeviceEvent
    actor: Actor
    at: datetime
    order: OrderFacts | None = None

    @property
    def device_after(self) -> DeviceState:
        """Where the device then is. Raises IllegalMove."""
        return DEVICE_LIFE.move(DeviceState(self.device.state), self.event)

    @property
    def order_event(self) -> OrderEvent | None:
        """What it is to the order; None without one, or when it concerns none."""
        return WHAT_BECOMES_OF_THE_ORDER.get(self.event) if self.order is not None else None

    @property
    def order_after(self) -> OrderState | None:
        """Where the order then is; None when it stays where it is. Raises IllegalMove."""
        if self.order is None or self.order_event is None:
            return None
        return ORDER_LIFE.move(OrderState(self.order.state), self.order_event)


class StockBook(Protocol):
    """Whoever keeps stock and orders. Each change writes its line in the audit trail, both or neither."""

    def has_shop(self, merchant_id: str, shop_id: str) -> bool:
        """Whether this merchant has this shop."""
        ...

    def recall(self, serial: str) -> DeviceFacts | None:
        """A device, whatever its state."""
        ...

    def recall_order(self, order_id: str) -> OrderFacts | None:
        """An order, whatever its state."""
        ...

    def next_in_stock(self, model: str) -> DeviceFacts | None:
        """The device of this model that came in first and is in stock."""
        ...

    def add_order(self, order_id: str, draft: OrderDraft, actor: Actor, at: datetime) -> None:
        """Write a new order."""
        ...

    def move(self, step: StockStep) -> bool:
        """Write a device's new state and its order's; False when somebody was first.

        A device that leaves its parcel or its way loses its code.
        """
        ...

    def cancel(self, order: OrderFacts, actor: Actor, at: datetime) -> bool:
        """Write that an open order is called off, and close the terminal that it had; False when it is not open any more."""
        ...


def order_device(
    draft: OrderDraft,
    profiles: tuple[str, ...],
    actor: Actor,
    at: datetime,
    *,
    book: StockBook,
    make_id: Callable[[datetime], str],
) -> str | StockFault:
    """Order a device for a shop; its number. `profiles` are the interfaces of the model, none for one that is not known."""
    address = draft.address.strip()
    faults = {
        StockFault.SHOP_UNKNOWN: not book.has_shop(draft.merchant_id, draft.shop_id),
        StockFault.MODEL_UNKNOWN: not profiles,
        StockFault.PROFILE_UNKNOWN: draft.profile not in profiles,
        StockFault.PHONE: not phone_of(draft.phone),
        StockFault.ADDRESS: not 0 < len(address) <= LONGEST_ADDRESS or not address.isprintable(),
        StockFault.NO_REASON: not actor.gives_a_reason,
    }
    fault = next((fault for fault, there in faults.items() if there), None)
    if fault is not None:
        return fault
    order_id = make_id(at)
    book.add_order(order_id, draft, actor, at)
    return order_id


def reserve_device(order_id: str, serial: str, actor: Actor, at: datetime, book: StockBook) -> str | StockFault:
    """Set a device aside for an order: this one, or the one of its model that came in first. Its serial number."""
    order = book.recall_order(order_id)
    if order is None:
        return StockFault.ORDER_UNKNOWN
    if not actor.gives_a_reason:
        return StockFault.NO_REASON
    wanted = plain_serial(serial)
    device = book.recall(wanted) if wanted else book.next_in_stock(order.model)
    if device is None:
        return StockFault.DEVICE_UNKNOWN if wanted else StockFault.NONE_IN_STOCK
    if device.model != order.model:
        return StockFault.OTHER_MODEL
    fault = move_device(StockStep(device, DeviceEvent.RESERVE, actor, at, order), book)
    return fault if fault is not None else device.serial


def release_device(order_id: str, actor: Actor, at: datetime, book: StockBook) -> StockFault | None:
    """Put a device that was set aside, and not packed, back into stock. The order is open again."""
    found = device_of(order_id, actor, book)
    if isinstance(found, StockFault):
        return found
    device, order = found
    return move_device(StockStep(device, DeviceEvent.RELEASE, actor, at, order), book)


def cancel_order(order_id: str, actor: Actor, at: datetime, book: StockBook) -> StockFault | None:
    """Call an open order off. One with a device is first made open again."""
    order = book.recall_order(order_id)
    if order is None:
        return StockFault.ORDER_UNKNOWN
    if not actor.gives_a_reason:
        return StockFault.NO_REASON
    possible = ORDER_LIFE.allows(OrderState(order.state), OrderEvent.CANCEL)
    return None if possible and book.cancel(order, actor, at) else StockFault.NOT_NOW


def device_of(order_id: str, actor: Actor, book: StockBook) -> tuple[DeviceFacts, OrderFacts] | StockFault:
    """An order and the device that fills it; what keeps somebody from changing them."""
    order = book.recall_order(order_id)
    if order is None:
        return StockFault.ORDER_UNKNOWN
    if not actor.gives_a_reason:
        return StockFault.NO_REASON
    device = book.recall(order.serial) if order.serial else None
    return (device, order) if device is not None else StockFault.NOT_NOW


def move_device(step: StockStep, book: StockBook) -> StockFault | None:
    """Make one step where the device's state allows it, and its order's."""
    return None if is_possible(step) and book.move(step) else StockFault.NOT_NOW


def is_possible(step: StockStep) -> bool:
    """Whether both the device and its order allow a step."""
    if not DEVICE_LIFE.allows(DeviceState(step.device.state), step.event):
        return False
    if step.order is None or step.order_event is None:
        return True
    return ORDER_LIFE.allows(OrderState(step.order.state), step.order_event)
