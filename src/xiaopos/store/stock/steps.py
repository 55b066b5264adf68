"""One step of a device and its order, written where both still stand as they were read.

What may live here: that writing, the entry in the audit trail that every book of stock, parcels and bindings makes. What may not:
which steps there are (fleet.stock), terminals (store.bindings).
"""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from xiaopos.fleet.stock.states import DeviceEvent, DeviceState, OrderState
from xiaopos.kernel.chain import Json
from xiaopos.store.audit.trail import AuditEntry, append
from xiaopos.store.stock.models import DeviceOrderRow, DeviceRow, DeviceStepRow
from xiaopos.usecases.actors import Actor
from xiaopos.usecases.fill_orders import StockStep

_FILLS = frozenset({DeviceState.RESERVED, DeviceState.PACKED, DeviceState.SENT, DeviceState.DELIVERED})


class Overtaken(Exception):
    """Somebody else was first: the transaction is rolled back."""


@transaction.atomic
def write_step(step: StockStep) -> None:
    """Write a device's new state and its order's, and what happened. Raises Overtaken when one of them moved meanwhile."""
    device, order, after, at = step.device, step.order, step.device_after, step.at
    fills = order.order_id if order is not None and after in _FILLS and step.event is not DeviceEvent.REST else ""
    rows = DeviceRow.objects.filter(serial=device.serial, state=device.state)
    if not rows.update(state=after.value, order_id=fills, changed_at=at):
        raise Overtaken
    order_after = step.order_after
    if order is not None and order_after is not None:
        written: dict[str, object] = {"state": order_after.value, "changed_at": at}
        written["serial"] = "" if order_after is OrderState.OPEN else device.serial
        if not DeviceOrderRow.objects.filter(order_id=order.order_id, state=order.state).update(**written):
            raise Overtaken
    order_id = order.order_id if order is not None else ""
    note_step(device.serial, step.event, after, order_id, step.actor, at)
    note(f"device_{step.event.value}", "device", device.serial, step.actor, at, _merchant(step), order=order_id)


def _merchant(step: StockStep) -> str:
    return step.order.merchant_id if step.order is not None else ""


def note_step(
    serial: str, event: DeviceEvent | None, state: DeviceState, order_id: str, actor: Actor, at: datetime
) -> None:
    """Write what happened to a device; no event for its coming in."""
    DeviceStepRow.objects.create(
        serial=serial,
        event=event.value if event is not None else "receive",
        state=state.value,
        order_id=order_id,
        at=at,
        actor=actor.username,
        reason=actor.reason.strip(),
    )


def note(
    action: str, kind: str, object_id: str, actor: Actor, at: datetime, merchant_id: str = "", **detail: Json
) -> None:
    """Append to the audit trail."""
    append(
        AuditEntry(
            actor=actor.username,
            role=actor.role,
            action=action,
            merchant_id=merchant_id,
            object_kind=kind,
            object_id=object_id,
            reason=actor.reason.strip(),
            detail=detail,
        ),
        at=at,
    )
