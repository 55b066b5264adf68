"""Parcels in the database, each change with its line in the audit trail.

What may live here: the ParcelBook on Django. What may not: rules, couriers, lists for pages (queries).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import IntegrityError, transaction

from xiaopos.fleet.deliveries.states import ParcelEvent, ParcelState
from xiaopos.store.deliveries.models import ParcelNewsRow, ParcelRow
from xiaopos.store.stock.book import StockRows, make_step
from xiaopos.store.stock.steps import Overtaken, note
from xiaopos.usecases.actors import Actor
from xiaopos.usecases.follow_delivery import CourierNews, NewParcel, ParcelStep


class ParcelRows(StockRows):
    """See ParcelBook."""

    def add_parcel(self, parcel: NewParcel, actor: Actor, at: datetime) -> bool:
        """See ParcelBook."""
        try:
            with transaction.atomic():
                ParcelRow.objects.create(
                    parcel_id=parcel.parcel_id,
                    order_id=parcel.order_id,
                    serial=parcel.serial,
                    courier=parcel.courier,
                    tracking=parcel.tracking,
                    token=parcel.token,
                    state=ParcelState.ORDERED.value,
                    ordered_at=at,
                    ordered_by=actor.username,
                    changed_at=at,
                )
                note("parcel_ordered", "parcel", parcel.parcel_id, actor, at, order=parcel.order_id)
        except IntegrityError:
            return False
        return True

    def recall_parcel(self, parcel_id: str) -> ParcelRow | None:
        """See ParcelBook."""
        return ParcelRow.objects.filter(parcel_id=parcel_id).first()

    def told(self, parcel_id: str) -> Sequence[CourierNews]:
        """See ParcelBook."""
        rows = ParcelNewsRow.objects.filter(parcel_id=parcel_id).order_by("news_id")
        return [CourierNews(ParcelEvent(row.event), row.place, row.told_at) for row in rows]

    def follow(self, step: ParcelStep) -> bool:
        """See ParcelBook."""
        try:
            with transaction.atomic():
                self._write(step)
        except Overtaken:
            return False
        return True

    def _write(self, step: ParcelStep) -> None:
        parcel, news, actor, at = step.parcel, step.news, step.actor, step.at
        ParcelNewsRow.objects.create(
            parcel_id=parcel.parcel_id,
            event=news.event.value,
            place=news.place,
            told_at=news.told_at,
            written_at=at,
            written_by=actor.username,
            moved=step.after is not None,
        )
        if step.after is None:
            return
        rows = ParcelRow.objects.filter(parcel_id=parcel.parcel_id, state=parcel.state)
        if not rows.update(state=step.after.value, changed_at=at):
            raise Overtaken
        if step.stock is not None:
            make_step(step.stock)
        note(f"parcel_{news.event.value}", "parcel", parcel.parcel_id, actor, at, order=parcel.order_id)
