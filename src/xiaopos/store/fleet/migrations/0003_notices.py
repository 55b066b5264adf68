"""What terminals tell: their status, what came of issuers' scripts, customers' signatures."""

from django.db import migrations, models

from xiaopos.store.append_only import append_only


class Migration(migrations.Migration):
    dependencies = [
        ("store_fleet", "0002_downloads"),
    ]

    operations = [
        migrations.CreateModel(
            name="TerminalStatusRow",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "terminal_id", "told_at", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("terminal_id", models.CharField(max_length=8)),
                ("told_at", models.DateTimeField()),
                ("header", models.CharField(max_length=12)),
                ("content", models.TextField(blank=True)),
            ],
            options={
                "db_table": "terminal_status",
            },
        ),
        migrations.CreateModel(
            name="ScriptNoticeRow",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "merchant_id",
                        "payment_id",
                        "batch_number",
                        "stan",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("merchant_id", models.CharField(max_length=15)),
                ("payment_id", models.CharField(max_length=32)),
                ("terminal_id", models.CharField(max_length=8)),
                ("batch_number", models.IntegerField()),
                ("stan", models.IntegerField()),
                ("told_at", models.DateTimeField()),
                ("result", models.TextField()),
                ("chip", models.TextField()),
            ],
            options={
                "db_table": "script_notice",
            },
        ),
        migrations.CreateModel(
            name="SignatureRow",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "merchant_id", "payment_id", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("merchant_id", models.CharField(max_length=15)),
                ("payment_id", models.CharField(max_length=32)),
                ("terminal_id", models.CharField(max_length=8)),
                ("told_at", models.DateTimeField()),
                ("sealed", models.TextField()),
            ],
            options={
                "db_table": "signature",
            },
        ),
        append_only("terminal_status"),
        append_only("script_notice"),
        append_only("signature"),
    ]
