"""The tables of traits.

What may live here: columns, keys, constraints. What may not: behaviour.
"""

from __future__ import annotations

from django.db import models
from django.db.models import Q


class TraitRow(models.Model):
    """A trait of an application. `mark` is a keyed hash, of a picture its likeness."""

    pk = models.CompositePrimaryKey("application_id", "kind", "mark")
    application_id = models.CharField(max_length=32)
    kind = models.CharField(max_length=12)
    mark = models.CharField(max_length=32)
    at = models.DateTimeField()

    class Meta:
        db_table = "ring_trait"
        indexes = [models.Index(fields=["kind", "mark", "at"], name="ring_trait_mark")]


class MarkRow(models.Model):
    """How many applications have a mark: many are counted without being read."""

    pk = models.CompositePrimaryKey("kind", "mark")
    kind = models.CharField(max_length=12)
    mark = models.CharField(max_length=32)
    holders = models.PositiveIntegerField(default=0)

    class Meta:
        db_table = "ring_mark"


class PicturePartRow(models.Model):
    """A part of a picture's likeness, by which near ones are found."""

    pk = models.CompositePrimaryKey("part", "application_id", "mark")
    part = models.CharField(max_length=6)
    application_id = models.CharField(max_length=32)
    mark = models.CharField(max_length=16)

    class Meta:
        db_table = "ring_picture_part"
        indexes = [models.Index(fields=["application_id"], name="ring_picture_application")]


class FindingRow(models.Model):
    """What was found around an application when it was last looked at. `content` is the graph that a reviewer sees."""

    application_id = models.CharField(max_length=32, primary_key=True)
    at = models.DateTimeField()
    score = models.PositiveSmallIntegerField()
    is_ring = models.BooleanField()
    content = models.JSONField()

    class Meta:
        db_table = "ring_finding"
        constraints = [models.CheckConstraint(condition=Q(score__lte=1000), name="ring_finding_score")]
        indexes = [models.Index(fields=["is_ring", "score"], name="ring_finding_ring")]
