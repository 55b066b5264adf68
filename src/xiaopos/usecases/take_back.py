"""Report a device lost, take one back, look it over, scrap it; and set another one aside for the order that came to nothing.

What may live here: those verbs. What may not: storage, parcels (follow_delivery), terminals in use (change_binding), words (web).
"""

from __future__ import annotations

from datetime import datetime

from xiaopos.fleet.activation import plain_serial
from xiaopos.fleet.stock.states import DeviceEvent, DeviceState, OrderState
from xiaopos.usecases.actors import Actor
from xiaopos.usecases.fill_orders import StockBook, StockFault, StockStep, move_device, reserve_device

BY_HAND = frozenset({DeviceEvent.COME_BACK, DeviceEvent.INSPECT, DeviceEvent.SCRAP, DeviceEvent.TURN_BACK})
"""What a person may write of a device that is in no order's hands; the rest belongs to orders, parcels and terminals."""


def report_lost(serial: str, actor: Actor, at: datetime, book: StockBook) -> str | StockFault:
    """Write that a device is lost. Where it was to fill an order another one is set aside at once; its serial, or nothing.

    A device that is active is lost with its terminal (usecases.change_binding): its keys must end.
    """
    device = book.recall(plain_serial(serial))
    if device is None:
        return StockFault.DEVICE_UNKNOWN
    if not actor.gives_a_reason:
        return StockFault.NO_REASON
    if device.state == DeviceState.ACTIVE.value:
        return StockFault.NOT_NOW
    order = book.recall_order(device.order_id) if device.order_id else None
    fault = move_device(StockStep(device, DeviceEvent.LOSE, actor, at, order), book)
    if fault is not None:
        return fault
    return replace_from_stock(order.order_id, actor, at, book) if order is not None else ""


def replace_from_stock(order_id: str, actor: Actor, at: datetime, book: StockBook) -> str:
    """Set another device aside for an order that came to nothing; its serial, or nothing while there is none."""
    order = book.recall_order(order_id)
    if order is None or order.state != OrderState.OPEN.value:
        return ""
    serial = reserve_device(order_id, "", actor, at, book)
    return serial if not isinstance(serial, StockFault) else ""


def take_back(serial: str, event: DeviceEvent, actor: Actor, at: datetime, book: StockBook) -> StockFault | None:
    """Write that a device is coming back, came back, was found whole and emptied, or was scrapped."""
    assert event in BY_HAND, "other events are made by other verbs"
    device = book.recall(plain_serial(serial))
    if device is None:
        return StockFault.DEVICE_UNKNOWN
    if not actor.gives_a_reason:
        return StockFault.NO_REASON
    if device.state == DeviceState.ACTIVE.value:
        return StockFault.NOT_NOW
    order = book.recall_order(device.order_id) if device.order_id else None
    return move_device(StockStep(device, event, actor, at, order), book)
