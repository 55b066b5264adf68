"""What pages list of devices and of orders for them.

What may live here: queries, each returning frozen values. What may not: writing, rules.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count

from xiaopos.fleet.stock.states import DeviceState, OrderState
from xiaopos.store.stock.models import DeviceOrderRow, DeviceRow, DeviceStepRow

MOST = 300


@dataclass(frozen=True, slots=True)
class DeviceLine:
    """A device."""

    serial: str
    model: str
    state: str
    order_id: str
    note: str
    received_at: datetime
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class DeviceStepLine:
    """What happened to a device."""

    event: str
    state: str
    at: datetime
    actor: str
    reason: str


@dataclass(frozen=True, slots=True)
class OrderLine:
    """An order for a device."""

    order_id: str
    merchant_id: str
    shop_id: str
    model: str
    profile: str
    phone: str
    address: str
    state: str
    serial: str
    terminal_id: str
    ordered_at: datetime
    ordered_by: str
    changed_at: datetime


def device_counts() -> dict[tuple[str, DeviceState], int]:
    """How many devices there are, by model and state."""
    rows = DeviceRow.objects.values_list("model", "state").annotate(count=Count("serial")).order_by("model", "state")
    return {(model, DeviceState(state)): count for model, state, count in rows}


def device_lines(*, model: str = "", state: str = "", text: str = "") -> tuple[DeviceLine, ...]:
    """Devices of a model, in a state, whose serial number holds a text; those that changed last first."""
    rows = DeviceRow.objects.order_by("-changed_at", "serial")
    asked = {"model": model, "state": state, "serial__icontains": text}
    rows = rows.filter(**{name: value for name, value in asked.items() if value})
    return tuple(DeviceLine(**values) for values in rows.values(*DeviceLine.__dataclass_fields__)[:MOST])


def device_line(serial: str) -> DeviceLine | None:
    """One device."""
    values = DeviceRow.objects.filter(serial=serial).values(*DeviceLine.__dataclass_fields__).first()
    return DeviceLine(**values) if values is not None else None


def device_steps(serial: str) -> tuple[DeviceStepLine, ...]:
    """What happened to a device, the oldest first."""
    rows = DeviceStepRow.objects.filter(serial=serial).order_by("step_id")
    return tuple(DeviceStepLine(**values) for values in rows.values(*DeviceStepLine.__dataclass_fields__)[:MOST])


def order_lines(*, states: Collection[OrderState] = (), merchant_id: str = "") -> tuple[OrderLine, ...]:
    """Orders in these states (none for all), of a merchant; the newest first."""
    rows = DeviceOrderRow.objects.order_by("-ordered_at", "order_id")
    if states:
        rows = rows.filter(state__in=[state.value for state in states])
    if merchant_id:
        rows = rows.filter(merchant_id=merchant_id)
    return tuple(OrderLine(**values) for values in rows.values(*OrderLine.__dataclass_fields__)[:MOST])


def order_line(order_id: str) -> OrderLine | None:
    """One order."""
    values = DeviceOrderRow.objects.filter(order_id=order_id).values(*OrderLine.__dataclass_fields__).first()
    return OrderLine(**values) if values is not None else None
