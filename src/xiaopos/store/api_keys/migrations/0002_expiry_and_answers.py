"""Keys that expire and say when they were last used; answers that are given again to whoever repeats a request."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("store_api_keys", "0001_initial")]

    operations = [
        migrations.AddField("ApiKeyRow", "expires_at", models.DateTimeField(null=True)),
        migrations.AddField("ApiKeyRow", "last_used_at", models.DateTimeField(null=True)),
        migrations.CreateModel(
            name="ApiAnswerRow",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "prefix", "name", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("prefix", models.CharField(max_length=16)),
                ("name", models.CharField(max_length=64)),
                ("fingerprint", models.CharField(max_length=64)),
                ("claimed_at", models.DateTimeField()),
                ("status", models.PositiveSmallIntegerField(null=True)),
                ("headers", models.JSONField(default=dict)),
                ("body", models.BinaryField(default=b"")),
            ],
            options={
                "db_table": "api_answer",
                "indexes": [models.Index(fields=["claimed_at"], name="api_answer_claimed")],
            },
        ),
    ]
