"""The tables of parcels.

What may live here: columns, keys, constraints. What may not: behaviour.
"""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from xiaopos.fleet.deliveries.states import ParcelEvent, ParcelState

UNDER_WAY = ("ordered", "picked_up", "in_transit", "out_for_delivery")
"""The states of a parcel in which its order has no other."""


class ParcelRow(models.Model):
    """A parcel. `token` is in the link behind which its merchant follows it."""

    parcel_id = models.CharField(max_length=32, primary_key=True)
    order_id = models.CharField(max_length=32)
    serial = models.CharField(max_length=40)
    courier = models.CharField(max_length=20)
    tracking = models.CharField(max_length=40)
    token = models.CharField(max_length=26, unique=True)
    state = models.CharField(max_length=20)
    ordered_at = models.DateTimeField()
    ordered_by = models.CharField(max_length=60)
    changed_at = models.DateTimeField()

    class Meta:
        db_table = "parcel"
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=[state.value for state in ParcelState]), name="parcel_known_state"
            ),
            models.UniqueConstraint(
                fields=["order_id"], condition=Q(state__in=UNDER_WAY), name="parcel_one_under_way_an_order"
            ),
            models.UniqueConstraint(fields=["courier", "tracking"], name="parcel_tracking"),
        ]
        indexes = [models.Index(fields=["state", "changed_at"], name="parcel_state")]


class ParcelNewsRow(models.Model):
    """One piece of news, from a courier or written by a person; `moved` is false where the parcel's state did not allow it."""

    news_id = models.BigAutoField(primary_key=True)
    parcel_id = models.CharField(max_length=32)
    event = models.CharField(max_length=12)
    place = models.CharField(max_length=60, blank=True)
    told_at = models.DateTimeField()
    written_at = models.DateTimeField()
    written_by = models.CharField(max_length=60)
    moved = models.BooleanField()

    class Meta:
        db_table = "parcel_news"
        constraints = [
            models.CheckConstraint(
                condition=Q(event__in=[event.value for event in ParcelEvent]), name="parcel_news_known_event"
            ),
        ]
        indexes = [models.Index(fields=["parcel_id", "written_at"], name="parcel_news_parcel")]
