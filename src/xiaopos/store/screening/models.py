"""The tables of screening.

What may live here: columns, keys, constraints. What may not: behaviour.
"""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from xiaopos.risk.screening.matching import ListedKind, Outcome


class ListRow(models.Model):
    """One version of a list. The one that counts has no `ended_at`."""

    list_id = models.CharField(max_length=32, primary_key=True)
    name = models.CharField(max_length=60)
    digest = models.CharField(max_length=64)
    rows = models.PositiveIntegerField()
    imported_by = models.CharField(max_length=60)
    imported_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "screening_list"
        constraints = [
            models.UniqueConstraint(fields=["name"], condition=Q(ended_at=None), name="screening_list_one_counts")
        ]


class EntryRow(models.Model):
    """An entry of a version. `number_mark` is the keyed hash of its identity or licence number; empty for none."""

    entry_id = models.CharField(max_length=32, primary_key=True)
    list = models.ForeignKey(ListRow, on_delete=models.PROTECT)
    number = models.CharField(max_length=40)
    kind = models.CharField(max_length=8)
    names = models.JSONField()
    number_mark = models.CharField(max_length=32, blank=True)
    birthday = models.DateField(null=True)
    reason = models.CharField(max_length=200, blank=True)

    class Meta:
        db_table = "screening_entry"
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=[kind.value for kind in ListedKind]), name="screening_entry_known_kind"
            ),
            models.UniqueConstraint(fields=["list", "number"], name="screening_entry_number"),
        ]
        indexes = [models.Index(fields=["number_mark"], name="screening_entry_mark")]


class KeyRow(models.Model):
    """A key by which an entry is found."""

    pk = models.CompositePrimaryKey("key", "entry_id")
    key = models.CharField(max_length=48)
    entry_id = models.CharField(max_length=32)

    class Meta:
        db_table = "screening_key"


class FoundRow(models.Model):
    """What was found about something, the newest time it was looked for."""

    about = models.CharField(max_length=32, primary_key=True)
    at = models.DateTimeField()
    outcome = models.CharField(max_length=8)
    hits = models.JSONField()

    class Meta:
        db_table = "screening_found"
        constraints = [
            models.CheckConstraint(
                condition=Q(outcome__in=[outcome.value for outcome in Outcome]), name="screening_found_known_outcome"
            )
        ]
