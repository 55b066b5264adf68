"""The tables of devices and of orders for them.

What may live here: columns, keys, constraints. What may not: behaviour.
"""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from xiaopos.fleet.stock.states import DeviceState, OrderState


class DeviceRow(models.Model):
    """A device, by its serial number: one row as long as the house lives. `order_id` is of the order that it fills now."""

    serial = models.CharField(max_length=40, primary_key=True)
    model = models.CharField(max_length=32)
    state = models.CharField(max_length=12)
    order_id = models.CharField(max_length=32, blank=True)
    note = models.CharField(max_length=60)
    received_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    class Meta:
        db_table = "device"
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=[state.value for state in DeviceState]), name="device_known_state"
            ),
            models.UniqueConstraint(fields=["order_id"], condition=~Q(order_id=""), name="device_one_an_order"),
        ]
        indexes = [models.Index(fields=["model", "state", "received_at"], name="device_model_state")]


class DeviceStepRow(models.Model):
    """One thing that happened to a device, who wrote it and why."""

    step_id = models.BigAutoField(primary_key=True)
    serial = models.CharField(max_length=40)
    event = models.CharField(max_length=12)
    state = models.CharField(max_length=12)
    order_id = models.CharField(max_length=32, blank=True)
    at = models.DateTimeField()
    actor = models.CharField(max_length=60)
    reason = models.TextField()

    class Meta:
        db_table = "device_step"
        indexes = [models.Index(fields=["serial", "at"], name="device_step_serial")]


class DeviceOrderRow(models.Model):
    """An order for a device. `serial` is the device that fills it now, `terminal_id` the number once one was packed."""

    order_id = models.CharField(max_length=32, primary_key=True)
    merchant_id = models.CharField(max_length=15)
    shop_id = models.CharField(max_length=32)
    model = models.CharField(max_length=32)
    profile = models.CharField(max_length=32)
    phone = models.CharField(max_length=16)
    address = models.CharField(max_length=120)
    state = models.CharField(max_length=12)
    serial = models.CharField(max_length=40, blank=True)
    terminal_id = models.CharField(max_length=8, blank=True)
    ordered_at = models.DateTimeField()
    ordered_by = models.CharField(max_length=60)
    changed_at = models.DateTimeField()

    class Meta:
        db_table = "device_order"
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=[state.value for state in OrderState]), name="device_order_known_state"
            ),
        ]
        indexes = [
            models.Index(fields=["merchant_id", "ordered_at"], name="device_order_merchant"),
            models.Index(fields=["state", "ordered_at"], name="device_order_state"),
        ]
