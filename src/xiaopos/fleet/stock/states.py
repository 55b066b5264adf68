"""The lives of a device, by its serial number, and of an order for one.

What may live here: the states, the events, the tables. What may not: anything else.
"""

from __future__ import annotations

from enum import Enum

from xiaopos.kernel.machine import Machine


class DeviceState(Enum):
    """Where a device is in its life."""

    IN_STOCK = "in_stock"
    RESERVED = "reserved"
    """Set aside for an order."""
    PACKED = "packed"
    """In its parcel, tied to the merchant's terminal number."""
    SENT = "sent"
    DELIVERED = "delivered"
    """The merchant has it; it takes no money before it is activated."""
    ACTIVE = "active"
    RETURNING = "returning"
    RETURNED = "returned"
    """Back, and not yet looked at: it may have been opened."""
    LOST = "lost"
    SCRAPPED = "scrapped"
    """Its keys' memory was destroyed; the serial number never comes back."""


class DeviceEvent(Enum):
    """What happens to a device."""

    RESERVE = "reserve"
    RELEASE = "release"
    PACK = "pack"
    UNPACK = "unpack"
    SEND = "send"
    DELIVER = "deliver"
    ACTIVATE = "activate"
    REST = "rest"
    """Its terminal is to be bound anew; the device stays where it is."""
    TURN_BACK = "turn_back"
    """It was refused, or is on its way back from a merchant."""
    COME_BACK = "come_back"
    LOSE = "lose"
    INSPECT = "inspect"
    """It was looked at, found whole and emptied of its keys."""
    SCRAP = "scrap"


_S, _E = DeviceState, DeviceEvent

DEVICE_LIFE: Machine[DeviceState, DeviceEvent] = Machine(
    "device",
    starts=_S.IN_STOCK,
    table={
        (_S.IN_STOCK, _E.RESERVE): _S.RESERVED,
        (_S.IN_STOCK, _E.LOSE): _S.LOST,
        (_S.IN_STOCK, _E.SCRAP): _S.SCRAPPED,
        (_S.RESERVED, _E.RELEASE): _S.IN_STOCK,
        (_S.RESERVED, _E.PACK): _S.PACKED,
        (_S.RESERVED, _E.LOSE): _S.LOST,
        (_S.PACKED, _E.UNPACK): _S.RESERVED,
        (_S.PACKED, _E.SEND): _S.SENT,
        (_S.PACKED, _E.LOSE): _S.LOST,
        (_S.SENT, _E.DELIVER): _S.DELIVERED,
        (_S.SENT, _E.TURN_BACK): _S.RETURNING,
        (_S.SENT, _E.LOSE): _S.LOST,
        (_S.DELIVERED, _E.ACTIVATE): _S.ACTIVE,
        (_S.DELIVERED, _E.TURN_BACK): _S.RETURNING,
        (_S.DELIVERED, _E.LOSE): _S.LOST,
        (_S.ACTIVE, _E.REST): _S.DELIVERED,
        (_S.ACTIVE, _E.TURN_BACK): _S.RETURNING,
        (_S.ACTIVE, _E.LOSE): _S.LOST,
        (_S.RETURNING, _E.COME_BACK): _S.RETURNED,
        (_S.RETURNING, _E.LOSE): _S.LOST,
        (_S.RETURNED, _E.INSPECT): _S.IN_STOCK,
        (_S.RETURNED, _E.SCRAP): _S.SCRAPPED,
        (_S.LOST, _E.COME_BACK): _S.RETURNED,
        (_S.LOST, _E.SCRAP): _S.SCRAPPED,
    },
)


class OrderState(Enum):
    """Where an order for a device is."""

    OPEN = "open"
    """Nothing is set aside for it, or no more."""
    RESERVED = "reserved"
    PACKED = "packed"
    SENT = "sent"
    DELIVERED = "delivered"
    DONE = "done"
    """Its device is active."""
    CANCELLED = "cancelled"


class OrderEvent(Enum):
    """What happens to an order."""

    RESERVE = "reserve"
    RELEASE = "release"
    PACK = "pack"
    UNPACK = "unpack"
    SEND = "send"
    DELIVER = "deliver"
    COME_TO_NOTHING = "come_to_nothing"
    """Its device was lost or turned back: another one is due."""
    ACTIVATE = "activate"
    CANCEL = "cancel"


_O, _V = OrderState, OrderEvent

ORDER_LIFE: Machine[OrderState, OrderEvent] = Machine(
    "device_order",
    starts=_O.OPEN,
    table={
        (_O.OPEN, _V.RESERVE): _O.RESERVED,
        (_O.OPEN, _V.CANCEL): _O.CANCELLED,
        (_O.RESERVED, _V.RELEASE): _O.OPEN,
        (_O.RESERVED, _V.PACK): _O.PACKED,
        (_O.RESERVED, _V.COME_TO_NOTHING): _O.OPEN,
        (_O.PACKED, _V.UNPACK): _O.RESERVED,
        (_O.PACKED, _V.SEND): _O.SENT,
        (_O.PACKED, _V.COME_TO_NOTHING): _O.OPEN,
        (_O.SENT, _V.DELIVER): _O.DELIVERED,
        (_O.SENT, _V.COME_TO_NOTHING): _O.OPEN,
        (_O.DELIVERED, _V.ACTIVATE): _O.DONE,
        (_O.DELIVERED, _V.COME_TO_NOTHING): _O.OPEN,
    },
)

WHAT_BECOMES_OF_THE_ORDER: dict[DeviceEvent, OrderEvent] = {
    _E.RESERVE: _V.RESERVE,
    _E.RELEASE: _V.RELEASE,
    _E.PACK: _V.PACK,
    _E.UNPACK: _V.UNPACK,
    _E.SEND: _V.SEND,
    _E.DELIVER: _V.DELIVER,
    _E.ACTIVATE: _V.ACTIVATE,
    _E.LOSE: _V.COME_TO_NOTHING,
    _E.TURN_BACK: _V.COME_TO_NOTHING,
}
"""What a device's event is to the order that it fills; the others concern no order."""
