"""The tables of badges.

What may live here: columns, keys, constraints. What may not: behaviour.
"""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from xiaopos.merchants.badges.states import BadgeState
from xiaopos.usecases.report_badge import LONGEST, ReportKind, ReportState


class BadgeRow(models.Model):
    """A badge that was issued. `text` is the whole credential: it is public."""

    badge_id = models.CharField(max_length=32, primary_key=True)
    promoter_id = models.CharField(max_length=32)
    agent_id = models.CharField(max_length=32)
    text = models.TextField()
    state = models.CharField(max_length=12)
    issued_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    issued_by = models.CharField(max_length=60)
    changed_at = models.DateTimeField(null=True)
    reason = models.CharField(max_length=200, blank=True)

    class Meta:
        db_table = "badge"
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=[state.value for state in BadgeState]), name="badge_known_state"
            ),
            models.CheckConstraint(condition=Q(expires_at__gt=F("issued_at")), name="badge_ends_after_it_begins"),
            models.UniqueConstraint(
                fields=["promoter_id"], condition=Q(state__in=["valid", "suspended"]), name="badge_one_each"
            ),
        ]
        indexes = [models.Index(fields=["agent_id"], name="badge_agent")]


class BadgeSightingRow(models.Model):
    """One scan of a badge. `network` and `visitor` are keyed hashes; neither leads back to anybody."""

    sighting_id = models.CharField(max_length=32, primary_key=True)
    badge_id = models.CharField(max_length=32)
    at = models.DateTimeField()
    region = models.CharField(max_length=6, blank=True)
    network = models.CharField(max_length=32)
    visitor = models.CharField(max_length=32)
    verdict = models.CharField(max_length=16)
    suspicion = models.CharField(max_length=16, blank=True)
    cleared_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "badge_sighting"
        indexes = [
            models.Index(fields=["badge_id", "at"], name="badge_sighting_badge"),
            models.Index(fields=["visitor", "at"], name="badge_sighting_visitor"),
        ]


class BadgeChallengeRow(models.Model):
    """A number that somebody reads to the one who shows a badge. `token` is known to the page alone that asked."""

    token = models.CharField(max_length=26, primary_key=True)
    badge_id = models.CharField(max_length=32)
    code = models.CharField(max_length=6)
    asked_at = models.DateTimeField()
    tries = models.PositiveSmallIntegerField(default=0)
    answered_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "badge_challenge"
        indexes = [models.Index(fields=["badge_id", "asked_at"], name="badge_challenge_badge")]


class BadgeReportRow(models.Model):
    """What somebody reported, and what became of it."""

    report_id = models.CharField(max_length=32, primary_key=True)
    badge_id = models.CharField(max_length=32, blank=True)
    promoter_id = models.CharField(max_length=32, blank=True)
    kind = models.CharField(max_length=20)
    said = models.CharField(max_length=LONGEST, blank=True)
    region = models.CharField(max_length=6, blank=True)
    network = models.CharField(max_length=32)
    at = models.DateTimeField()
    state = models.CharField(max_length=12)
    decided_at = models.DateTimeField(null=True)
    decided_by = models.CharField(max_length=60, blank=True)
    decision = models.CharField(max_length=200, blank=True)

    class Meta:
        db_table = "badge_report"
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=[kind.value for kind in ReportKind]), name="badge_report_known_kind"
            ),
            models.CheckConstraint(
                condition=Q(state__in=[state.value for state in ReportState]), name="badge_report_known_state"
            ),
        ]
        indexes = [
            models.Index(fields=["badge_id", "at"], name="badge_report_badge"),
            models.Index(fields=["promoter_id"], name="badge_report_promoter"),
        ]
