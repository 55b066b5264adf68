"""The tables of webhooks.

What may live here: columns, keys, constraints drawn from the table of states. What may not: behaviour, clear keys.
"""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from xiaopos.merchants.webhooks import DeliveryState, EndpointState


class WebhookEndpointRow(models.Model):
    """Where a merchant is told of events. `events` is a JSON list of words; an empty `shop_id` means every shop.

    The secrets are keys of the vault, wrapped; the old one signs too until `old_until`. The last columns belong to whoever
    sends: the number of the newest delivery, since when and how often in a row it fails, and until when it is left alone.
    """

    endpoint_id = models.CharField(max_length=32, primary_key=True)
    merchant_id = models.CharField(max_length=15)
    shop_id = models.CharField(max_length=32, blank=True, default="")
    url = models.CharField(max_length=500)
    events = models.TextField()
    state = models.CharField(max_length=12)
    secret = models.TextField()
    old_secret = models.TextField(blank=True, default="")
    old_until = models.DateTimeField(null=True)
    made_by = models.CharField(max_length=60)
    made_at = models.DateTimeField()
    last_number = models.BigIntegerField(default=0)
    failures = models.IntegerField(default=0)
    failing_since = models.DateTimeField(null=True)
    rests_until = models.DateTimeField(null=True)
    disabled_at = models.DateTimeField(null=True)
    disabled_why = models.CharField(max_length=24, blank=True, default="")
    leased_by = models.CharField(max_length=60, blank=True, default="")
    lease_until = models.DateTimeField(null=True)

    class Meta:
        db_table = "webhook_endpoint"
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=[state.value for state in EndpointState]), name="webhook_endpoint_known_state"
            )
        ]
        indexes = [models.Index(fields=["merchant_id"], name="webhook_endpoint_merchant")]


class WebhookEventRow(models.Model):
    """Something that happened, written in the commit in which it happened, only for merchants that listen.

    `endpoint_id` names the one endpoint that it is for; empty for all that want it. `spread` when they have been given it.
    """

    seq = models.BigAutoField(primary_key=True)
    event_id = models.CharField(max_length=64)
    merchant_id = models.CharField(max_length=15)
    shop_id = models.CharField(max_length=32)
    endpoint_id = models.CharField(max_length=32)
    type = models.CharField(max_length=32)
    at = models.DateTimeField()
    subject = models.CharField(max_length=32)
    version = models.IntegerField()
    data = models.TextField()
    spread = models.BooleanField(default=False, db_default=False)

    class Meta:
        db_table = "webhook_event"
        constraints = [
            models.UniqueConstraint(fields=["merchant_id", "event_id", "endpoint_id"], name="webhook_event_once")
        ]
        indexes = [models.Index(fields=["seq"], name="webhook_event_unspread", condition=Q(spread=False))]


class WebhookDeliveryRow(models.Model):
    """The telling of one event to one endpoint. `number` counts an endpoint's deliveries without a gap.

    `tries` counts from when it was last asked for, `attempts` from the beginning. The last columns are the last attempt's.
    """

    pk = models.CompositePrimaryKey("endpoint_id", "number")
    endpoint_id = models.CharField(max_length=32)
    number = models.BigIntegerField()
    event_seq = models.BigIntegerField()
    state = models.CharField(max_length=12)
    tries = models.IntegerField()
    attempts = models.IntegerField()
    due_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    tried_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=24)
    status = models.IntegerField()

    class Meta:
        db_table = "webhook_delivery"
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=[state.value for state in DeliveryState]), name="webhook_delivery_known_state"
            ),
            models.UniqueConstraint(fields=["endpoint_id", "event_seq"], name="webhook_delivery_once"),
        ]
        indexes = [
            models.Index(
                fields=["endpoint_id", "due_at"],
                name="webhook_delivery_due",
                condition=Q(state=DeliveryState.WAITING.value),
            )
        ]


class WebhookAttemptRow(models.Model):
    """One attempt. `status` is 0 when no answer came; `said` is the beginning of the answer, masked."""

    pk = models.CompositePrimaryKey("endpoint_id", "number", "attempt")
    endpoint_id = models.CharField(max_length=32)
    number = models.BigIntegerField()
    attempt = models.IntegerField()
    at = models.DateTimeField()
    outcome = models.CharField(max_length=24)
    status = models.IntegerField()
    took_ms = models.IntegerField()
    said = models.CharField(max_length=200)

    class Meta:
        db_table = "webhook_attempt"
        indexes = [models.Index(fields=["at"], name="webhook_attempt_at")]
