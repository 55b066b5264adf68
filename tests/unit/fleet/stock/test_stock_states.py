"""The lives of devices and orders: every pair of state and event, and that a device and its order never part."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from support.machines import walk_whole_table
from xiaopos.fleet.deliveries.states import PARCEL_LIFE, WHAT_BECOMES_OF_THE_DEVICE, ParcelEvent, ParcelState
from xiaopos.fleet.stock.lists import LineFault, read_list
from xiaopos.fleet.stock.states import (
    DEVICE_LIFE,
    ORDER_LIFE,
    WHAT_BECOMES_OF_THE_ORDER,
    DeviceEvent,
    DeviceState,
    OrderEvent,
    OrderState,
)
from xiaopos.kernel.machine import Machine

D, V, P = DeviceState, OrderState, ParcelState

TOGETHER = {
    V.RESERVED: {D.RESERVED},
    V.PACKED: {D.PACKED},
    V.SENT: {D.SENT},
    V.DELIVERED: {D.DELIVERED},
}
"""Where a device is while it fills an order."""


@pytest.mark.parametrize("machine", [DEVICE_LIFE, ORDER_LIFE, PARCEL_LIFE], ids=lambda machine: machine.name)
def test_every_move_that_the_table_does_not_hold_is_refused(machine: Machine[Any, Any]) -> None:
    walk_whole_table(machine)


def test_what_ends() -> None:
    assert DEVICE_LIFE.ends() == {D.SCRAPPED}
    assert ORDER_LIFE.ends() == {V.DONE, V.CANCELLED}
    assert PARCEL_LIFE.ends() == {P.DELIVERED, P.RETURNED, P.CANCELLED}


def walks() -> Iterator[tuple[DeviceState, OrderState]]:
    """Every pair that a device and the order it fills can come to together, as `is_possible` makes them."""
    seen: set[tuple[DeviceState, OrderState]] = set()
    todo = [(D.IN_STOCK, V.OPEN)]
    while todo:
        pair = todo.pop()
        if pair in seen:
            continue
        seen.add(pair)
        yield pair
        device, order = pair
        for event in DEVICE_LIFE.events(device):
            said = WHAT_BECOMES_OF_THE_ORDER.get(event)
            if said is None or not ORDER_LIFE.allows(order, said):
                continue
            after = ORDER_LIFE.move(order, said)
            if after not in (V.OPEN, V.DONE):
                todo.append((DEVICE_LIFE.move(device, event), after))


def test_a_device_and_the_order_that_it_fills_are_always_at_the_same_stage() -> None:
    pairs = {pair for pair in walks() if pair[1] is not V.OPEN}
    assert pairs == {(device, order) for order, devices in TOGETHER.items() for device in devices}


@pytest.mark.parametrize("state", [D.RESERVED, D.PACKED, D.SENT, D.DELIVERED])
def test_an_order_whose_device_is_lost_is_open_again(state: DeviceState) -> None:
    order = next(order for order, devices in TOGETHER.items() if state in devices)
    said = WHAT_BECOMES_OF_THE_ORDER[DeviceEvent.LOSE]
    assert DEVICE_LIFE.move(state, DeviceEvent.LOSE) is D.LOST
    assert ORDER_LIFE.move(order, said) is V.OPEN
    assert ORDER_LIFE.allows(V.OPEN, OrderEvent.RESERVE)


def test_a_parcels_whole_way_is_possible_for_the_device_in_it() -> None:
    """Whatever a courier tells, in any order that a parcel allows, the device follows or stays, and never ends elsewhere."""
    seen: set[tuple[ParcelState, DeviceState]] = set()
    todo = [(P.ORDERED, D.PACKED)]
    while todo:
        pair = todo.pop()
        if pair in seen:
            continue
        seen.add(pair)
        parcel, device = pair
        for event in PARCEL_LIFE.events(parcel):
            said = WHAT_BECOMES_OF_THE_DEVICE.get(event)
            follows = said is not None and DEVICE_LIFE.allows(device, said)
            after = DEVICE_LIFE.move(device, said) if said is not None and follows else device
            todo.append((PARCEL_LIFE.move(parcel, event), after))
    assert seen == {
        (P.ORDERED, D.PACKED), (P.CANCELLED, D.RESERVED), (P.PICKED_UP, D.SENT), (P.IN_TRANSIT, D.SENT),
        (P.OUT_FOR_DELIVERY, D.SENT), (P.DELIVERED, D.DELIVERED), (P.REFUSED, D.RETURNING), (P.LOST, D.LOST),
        (P.RETURNING, D.RETURNING), (P.RETURNED, D.RETURNED),
    }  # fmt: skip
    assert ParcelEvent.MOVE_ON not in WHAT_BECOMES_OF_THE_DEVICE


def test_a_list_is_read_line_by_line() -> None:
    lines = read_list("序列号;型号\nxpm2 0001, XP-M2\n\nXPM2-2\tXP-M2\nXPM2-2,XP-A3\nno columns\n?,XP-M2\na,b,c\n")
    assert [(line.number, line.serial, line.model, line.fault) for line in lines] == [
        (2, "XPM20001", "XP-M2", None),
        (4, "XPM2-2", "XP-M2", None),
        (5, "XPM2-2", "XP-A3", LineFault.TWICE),
        (6, "no columns", "", LineFault.UNREADABLE),
        (7, "?", "XP-M2", LineFault.SERIAL_WRONG),
        (8, "a,b,c", "", LineFault.UNREADABLE),
    ]
