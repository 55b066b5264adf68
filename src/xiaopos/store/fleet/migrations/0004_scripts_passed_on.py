"""That card networks have the results of scripts."""

from django.db import migrations, models

from xiaopos.store.append_only import append_only


class Migration(migrations.Migration):
    dependencies = [
        ("store_fleet", "0003_notices"),
    ]

    operations = [
        migrations.CreateModel(
            name="ScriptPassedOnRow",
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
                ("batch_number", models.IntegerField()),
                ("stan", models.IntegerField()),
                ("passed_on_at", models.DateTimeField()),
                ("response_code", models.CharField(blank=True, max_length=2)),
            ],
            options={
                "db_table": "script_passed_on",
            },
        ),
        append_only("script_passed_on"),
    ]
