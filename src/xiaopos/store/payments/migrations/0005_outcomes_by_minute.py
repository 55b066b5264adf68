"""How payments end, counted by the minute."""

from django.db import migrations, models

from xiaopos.store.clustered import clustered


class Migration(migrations.Migration):
    dependencies = [
        ("store_payments", "0004_batches"),
    ]

    operations = [
        migrations.CreateModel(
            name="OutcomeMinuteRow",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "minute_at",
                        "process",
                        "channel",
                        "state",
                        "reason",
                        "took",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("minute_at", models.DateTimeField()),
                ("process", models.CharField(max_length=60)),
                ("channel", models.CharField(max_length=24)),
                ("state", models.CharField(max_length=12)),
                ("reason", models.CharField(max_length=32)),
                ("took", models.SmallIntegerField()),
                ("payments", models.IntegerField()),
            ],
            options={
                "db_table": "outcome_minute",
            },
        ),
        clustered("outcome_minute"),
    ]
