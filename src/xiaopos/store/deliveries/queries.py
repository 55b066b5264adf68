"""What pages read of parcels: those of an order, the one behind a link, those under way, their news.

What may live here: queries, each returning frozen values. What may not: writing, rules.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from xiaopos.store.deliveries.models import UNDER_WAY, ParcelNewsRow, ParcelRow

MOST = 300


@dataclass(frozen=True, slots=True)
class ParcelLine:
    """A parcel."""

    parcel_id: str
    order_id: str
    serial: str
    courier: str
    tracking: str
    token: str
    state: str
    ordered_at: datetime
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class NewsLine:
    """A piece of news of a parcel; `moved` is false where the parcel's state did not allow it."""

    event: str
    place: str
    told_at: datetime
    written_by: str
    moved: bool


def parcels_of(order_id: str) -> tuple[ParcelLine, ...]:
    """An order's parcels, the newest first."""
    rows = ParcelRow.objects.filter(order_id=order_id).order_by("-ordered_at")
    return tuple(ParcelLine(**values) for values in rows.values(*ParcelLine.__dataclass_fields__)[:MOST])


def parcel_behind(token: str) -> ParcelLine | None:
    """The parcel behind a link."""
    values = ParcelRow.objects.filter(token=token).values(*ParcelLine.__dataclass_fields__).first()
    return ParcelLine(**values) if values is not None else None


def parcel_line(parcel_id: str) -> ParcelLine | None:
    """One parcel."""
    values = ParcelRow.objects.filter(parcel_id=parcel_id).values(*ParcelLine.__dataclass_fields__).first()
    return ParcelLine(**values) if values is not None else None


def parcels_under_way(courier: str) -> tuple[ParcelLine, ...]:
    """A courier's parcels of which news may come, those of which nothing was heard for the longest time first."""
    rows = ParcelRow.objects.filter(courier=courier, state__in=UNDER_WAY).order_by("changed_at")
    return tuple(ParcelLine(**values) for values in rows.values(*ParcelLine.__dataclass_fields__)[:MOST])


def news_of(parcel_id: str) -> tuple[NewsLine, ...]:
    """A parcel's news, the oldest first."""
    rows = ParcelNewsRow.objects.filter(parcel_id=parcel_id).order_by("news_id")
    return tuple(NewsLine(**values) for values in rows.values(*NewsLine.__dataclass_fields__)[:MOST])
