"""The life of a parcel, as couriers tell it or a person writes it down.

What may live here: the states, the events, the table, what a parcel's event is to the device in it. What may not: anything else.
"""

from __future__ import annotations

from enum import Enum

from xiaopos.fleet.stock.states import DeviceEvent
from xiaopos.kernel.machine import Machine


class ParcelState(Enum):
    """Where a parcel is."""

    ORDERED = "ordered"
    """A courier was asked for."""
    PICKED_UP = "picked_up"
    IN_TRANSIT = "in_transit"
    OUT_FOR_DELIVERY = "out_for_delivery"
    DELIVERED = "delivered"
    REFUSED = "refused"
    """Nobody took it at the door."""
    LOST = "lost"
    RETURNING = "returning"
    RETURNED = "returned"
    CANCELLED = "cancelled"


class ParcelEvent(Enum):
    """What happens to a parcel."""

    PICK_UP = "pick_up"
    MOVE_ON = "move_on"
    """Seen at another place, or back at the depot after nobody was at home."""
    GO_OUT = "go_out"
    DELIVER = "deliver"
    REFUSE = "refuse"
    LOSE = "lose"
    TURN_BACK = "turn_back"
    COME_BACK = "come_back"
    CANCEL = "cancel"


_S, _E = ParcelState, ParcelEvent

PARCEL_LIFE: Machine[ParcelState, ParcelEvent] = Machine(
    "parcel",
    starts=_S.ORDERED,
    table={
        (_S.ORDERED, _E.PICK_UP): _S.PICKED_UP,
        (_S.ORDERED, _E.CANCEL): _S.CANCELLED,
        (_S.PICKED_UP, _E.MOVE_ON): _S.IN_TRANSIT,
        (_S.PICKED_UP, _E.GO_OUT): _S.OUT_FOR_DELIVERY,
        (_S.PICKED_UP, _E.DELIVER): _S.DELIVERED,
        (_S.PICKED_UP, _E.LOSE): _S.LOST,
        (_S.IN_TRANSIT, _E.MOVE_ON): _S.IN_TRANSIT,
        (_S.IN_TRANSIT, _E.GO_OUT): _S.OUT_FOR_DELIVERY,
        (_S.IN_TRANSIT, _E.DELIVER): _S.DELIVERED,
        (_S.IN_TRANSIT, _E.LOSE): _S.LOST,
        (_S.IN_TRANSIT, _E.TURN_BACK): _S.RETURNING,
        (_S.OUT_FOR_DELIVERY, _E.MOVE_ON): _S.IN_TRANSIT,
        (_S.OUT_FOR_DELIVERY, _E.DELIVER): _S.DELIVERED,
        (_S.OUT_FOR_DELIVERY, _E.REFUSE): _S.REFUSED,
        (_S.OUT_FOR_DELIVERY, _E.LOSE): _S.LOST,
        (_S.REFUSED, _E.TURN_BACK): _S.RETURNING,
        (_S.REFUSED, _E.LOSE): _S.LOST,
        (_S.RETURNING, _E.COME_BACK): _S.RETURNED,
        (_S.RETURNING, _E.LOSE): _S.LOST,
        (_S.LOST, _E.COME_BACK): _S.RETURNED,
    },
)

WHAT_BECOMES_OF_THE_DEVICE: dict[ParcelEvent, DeviceEvent] = {
    _E.PICK_UP: DeviceEvent.SEND,
    _E.DELIVER: DeviceEvent.DELIVER,
    _E.REFUSE: DeviceEvent.TURN_BACK,
    _E.TURN_BACK: DeviceEvent.TURN_BACK,
    _E.LOSE: DeviceEvent.LOSE,
    _E.COME_BACK: DeviceEvent.COME_BACK,
    _E.CANCEL: DeviceEvent.UNPACK,
}
"""What a parcel's event is to the device in it, where the device's own state allows it; the others are only told."""
