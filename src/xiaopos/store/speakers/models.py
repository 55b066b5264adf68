"""The tables of speakers.

What may live here: columns, keys, constraints. What may not: behaviour, clear keys.
"""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from xiaopos.usecases.announce_payment import SaidKind


class SpeakerRow(models.Model):
    """A device in a shop that says what was paid. `secret` is a key of the vault, wrapped.

    `last_number` is its newest announcement's; it has heard all up to `heard_number`, as it said itself at `seen_at`.
    """

    speaker_id = models.CharField(max_length=32, primary_key=True)
    merchant_id = models.CharField(max_length=15)
    shop_id = models.CharField(max_length=32)
    label = models.CharField(max_length=40)
    state = models.CharField(max_length=12)
    secret = models.TextField()
    made_by = models.CharField(max_length=60)
    made_at = models.DateTimeField()
    last_number = models.BigIntegerField(default=0)
    heard_number = models.BigIntegerField(default=0)
    seen_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "speaker"
        constraints = [
            models.CheckConstraint(condition=Q(state__in=["active", "removed"]), name="speaker_known_state"),
            models.CheckConstraint(
                condition=Q(heard_number__lte=models.F("last_number")), name="speaker_heard_what_is"
            ),
        ]
        indexes = [models.Index(fields=["merchant_id"], name="speaker_merchant")]


class SpeakerAnnouncementRow(models.Model):
    """Something that a speaker is to say, once. The amount is the payment's own; `number` counts a speaker's without a gap."""

    pk = models.CompositePrimaryKey("speaker_id", "number")
    speaker_id = models.CharField(max_length=32)
    number = models.BigIntegerField()
    merchant_id = models.CharField(max_length=15)
    payment_id = models.CharField(max_length=32)
    kind = models.CharField(max_length=12)
    at = models.DateTimeField()
    made_at = models.DateTimeField()

    class Meta:
        db_table = "speaker_announcement"
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=[kind.value for kind in SaidKind]), name="speaker_announcement_known_kind"
            ),
            models.UniqueConstraint(fields=["speaker_id", "payment_id", "kind"], name="speaker_announcement_once"),
        ]
        indexes = [models.Index(fields=["made_at"], name="speaker_announcement_fresh")]
