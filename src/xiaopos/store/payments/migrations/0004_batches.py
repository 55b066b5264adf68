"""Closed batches, and what terminals upload of them."""

from django.db import migrations, models

from xiaopos.store.append_only import append_only


class Migration(migrations.Migration):
    dependencies = [
        ("store_payments", "0003_preauthorisations"),
    ]

    operations = [
        migrations.CreateModel(
            name="BatchClosingRow",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "merchant_id",
                        "terminal_id",
                        "batch_number",
                        "closed_at",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("merchant_id", models.CharField(max_length=15)),
                ("terminal_id", models.CharField(max_length=8)),
                ("batch_number", models.IntegerField()),
                ("closed_at", models.DateTimeField()),
                ("balanced", models.BooleanField()),
                ("next_batch", models.IntegerField()),
                ("debit_count", models.IntegerField()),
                ("debit_minor", models.BigIntegerField()),
                ("credit_count", models.IntegerField()),
                ("credit_minor", models.BigIntegerField()),
                ("theirs_debit_count", models.IntegerField(null=True)),
                ("theirs_debit_minor", models.BigIntegerField(null=True)),
                ("theirs_credit_count", models.IntegerField(null=True)),
                ("theirs_credit_minor", models.BigIntegerField(null=True)),
            ],
            options={
                "db_table": "batch_closing",
            },
        ),
        migrations.CreateModel(
            name="BatchItemRow",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "merchant_id",
                        "terminal_id",
                        "batch_number",
                        "stan",
                        "told_at",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("merchant_id", models.CharField(max_length=15)),
                ("terminal_id", models.CharField(max_length=8)),
                ("batch_number", models.IntegerField()),
                ("stan", models.IntegerField()),
                ("told_at", models.DateTimeField()),
                ("amount_minor", models.BigIntegerField()),
                ("card_masked", models.CharField(max_length=20)),
            ],
            options={
                "db_table": "batch_item",
            },
        ),
        append_only("batch_closing"),
        append_only("batch_item"),
    ]
