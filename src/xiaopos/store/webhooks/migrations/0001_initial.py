"""Merchants' endpoints, the events that they are told of, deliveries and attempts."""

from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="WebhookAttemptRow",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "endpoint_id",
                        "number",
                        "attempt",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("endpoint_id", models.CharField(max_length=32)),
                ("number", models.BigIntegerField()),
                ("attempt", models.IntegerField()),
                ("at", models.DateTimeField()),
                ("outcome", models.CharField(max_length=24)),
                ("status", models.IntegerField()),
                ("took_ms", models.IntegerField()),
                ("said", models.CharField(max_length=200)),
            ],
            options={
                "db_table": "webhook_attempt",
                "indexes": [models.Index(fields=["at"], name="webhook_attempt_at")],
            },
        ),
        migrations.CreateModel(
            name="WebhookDeliveryRow",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "endpoint_id", "number", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("endpoint_id", models.CharField(max_length=32)),
                ("number", models.BigIntegerField()),
                ("event_seq", models.BigIntegerField()),
                ("state", models.CharField(max_length=12)),
                ("tries", models.IntegerField()),
                ("attempts", models.IntegerField()),
                ("due_at", models.DateTimeField()),
                ("expires_at", models.DateTimeField()),
                ("tried_at", models.DateTimeField(null=True)),
                ("outcome", models.CharField(max_length=24)),
                ("status", models.IntegerField()),
            ],
            options={
                "db_table": "webhook_delivery",
                "indexes": [
                    models.Index(
                        condition=models.Q(("state", "waiting")),
                        fields=["endpoint_id", "due_at"],
                        name="webhook_delivery_due",
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["waiting", "delivered", "given_up"])),
                        name="webhook_delivery_known_state",
                    ),
                    models.UniqueConstraint(fields=("endpoint_id", "event_seq"), name="webhook_delivery_once"),
                ],
            },
        ),
        migrations.CreateModel(
            name="WebhookEndpointRow",
            fields=[
                ("endpoint_id", models.CharField(max_length=32, primary_key=True, serialize=False)),
                ("merchant_id", models.CharField(max_length=15)),
                ("shop_id", models.CharField(blank=True, default="", max_length=32)),
                ("url", models.CharField(max_length=500)),
                ("events", models.TextField()),
                ("state", models.CharField(max_length=12)),
                ("secret", models.TextField()),
                ("old_secret", models.TextField(blank=True, default="")),
                ("old_until", models.DateTimeField(null=True)),
                ("made_by", models.CharField(max_length=60)),
                ("made_at", models.DateTimeField()),
                ("last_number", models.BigIntegerField(default=0)),
                ("failures", models.IntegerField(default=0)),
                ("failing_since", models.DateTimeField(null=True)),
                ("rests_until", models.DateTimeField(null=True)),
                ("disabled_at", models.DateTimeField(null=True)),
                ("disabled_why", models.CharField(blank=True, default="", max_length=24)),
                ("leased_by", models.CharField(blank=True, default="", max_length=60)),
                ("lease_until", models.DateTimeField(null=True)),
            ],
            options={
                "db_table": "webhook_endpoint",
                "indexes": [models.Index(fields=["merchant_id"], name="webhook_endpoint_merchant")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["active", "paused", "disabled", "removed"])),
                        name="webhook_endpoint_known_state",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="WebhookEventRow",
            fields=[
                ("seq", models.BigAutoField(primary_key=True, serialize=False)),
                ("event_id", models.CharField(max_length=64)),
                ("merchant_id", models.CharField(max_length=15)),
                ("shop_id", models.CharField(max_length=32)),
                ("endpoint_id", models.CharField(max_length=32)),
                ("type", models.CharField(max_length=32)),
                ("at", models.DateTimeField()),
                ("subject", models.CharField(max_length=32)),
                ("version", models.IntegerField()),
                ("data", models.TextField()),
                ("spread", models.BooleanField(db_default=False, default=False)),
            ],
            options={
                "db_table": "webhook_event",
                "indexes": [
                    models.Index(condition=models.Q(("spread", False)), fields=["seq"], name="webhook_event_unspread")
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("merchant_id", "event_id", "endpoint_id"), name="webhook_event_once"
                    )
                ],
            },
        ),
    ]
