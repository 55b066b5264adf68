"""The tables of keys: what the house uses by name, the inventory with its ceremonies, and the count of uses.

What may live here: columns and constraints. What may not: behaviour, clear keys.
"""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from xiaopos.keys import KeyState


class HouseKey(models.Model):
    """A key of the house by its name, wrapped; what it may do stands inside the wrapping."""

    name = models.CharField(max_length=32, primary_key=True)
    wrapped = models.TextField()
    check_value = models.CharField(max_length=8)
    made_at = models.DateTimeField()
    made_by = models.CharField(max_length=60)

    class Meta:
        db_table = "house_key"


class KeyRecord(models.Model):
    """A key in the inventory, from the reservation of its place to after its end.

    `name` is what it serves as: a name of the house's keys, a terminal's number for its master key, or a free one.
    `vault_id` is what the vault knows the key by; it stays when the wrapped key is gone.
    """

    key_id = models.CharField(max_length=32, primary_key=True)
    name = models.CharField(max_length=32)
    usage = models.CharField(max_length=12)
    algorithm = models.CharField(max_length=12)
    state = models.CharField(max_length=12)
    origin = models.CharField(max_length=12)
    parts = models.SmallIntegerField(default=0)
    wrapped = models.TextField(blank=True, default="")
    vault_id = models.CharField(max_length=32, blank=True, default="")
    check_value = models.CharField(max_length=8, blank=True, default="")
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    class Meta:
        db_table = "key_record"
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=[state.value for state in KeyState]), name="key_record_known_state"
            ),
            models.UniqueConstraint(
                fields=["name"], condition=Q(state=KeyState.ACTIVE.value), name="key_record_one_active"
            ),
        ]
        indexes = [
            models.Index(fields=["name", "state"], name="key_record_name"),
            models.Index(fields=["vault_id"], name="key_record_vault"),
        ]


class KeyComponent(models.Model):
    """One custodian's part, wrapped until the key is there; who entered it and its check value stay."""

    key = models.ForeignKey(KeyRecord, on_delete=models.PROTECT)
    position = models.SmallIntegerField()
    custodian = models.CharField(max_length=60)
    wrapped = models.TextField(blank=True)
    check_value = models.CharField(max_length=8)
    entered_at = models.DateTimeField()

    class Meta:
        db_table = "key_component"
        constraints = [
            models.UniqueConstraint(fields=["key", "position"], name="key_component_position"),
            models.UniqueConstraint(fields=["key", "custodian"], name="key_component_custodian"),
        ]


class KeyRequest(models.Model):
    """A change of a key that one person asked for; empty `answer` while it waits for another."""

    request_id = models.CharField(max_length=32, primary_key=True)
    key = models.ForeignKey(KeyRecord, on_delete=models.PROTECT)
    change = models.CharField(max_length=12)
    detail = models.JSONField()
    asked_by = models.CharField(max_length=60)
    asked_role = models.CharField(max_length=16)
    reason = models.CharField(max_length=200)
    asked_at = models.DateTimeField()
    answer = models.CharField(max_length=12, blank=True, default="")
    answered_by = models.CharField(max_length=60, blank=True, default="")
    answered_at = models.DateTimeField(null=True)
    result = models.JSONField(default=dict)

    class Meta:
        db_table = "key_request"
        constraints = [
            models.UniqueConstraint(fields=["key"], condition=Q(answer=""), name="key_request_one_waiting"),
        ]


class KeyUseCount(models.Model):
    """How often a process used a key for an operation within a minute. Append-only."""

    count_id = models.CharField(max_length=32, primary_key=True)
    vault_id = models.CharField(max_length=32)
    usage = models.CharField(max_length=12)
    check_value = models.CharField(max_length=8)
    operation = models.CharField(max_length=16)
    process = models.CharField(max_length=40)
    uses = models.BigIntegerField()
    at = models.DateTimeField()

    class Meta:
        db_table = "key_use_count"
        indexes = [models.Index(fields=["vault_id", "at"], name="key_use_count_key")]
