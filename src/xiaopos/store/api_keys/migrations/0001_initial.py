"""The first table of API keys."""

from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="ApiKeyRow",
            fields=[
                ("prefix", models.CharField(max_length=16, primary_key=True, serialize=False)),
                ("digest", models.CharField(max_length=64, unique=True)),
                ("merchant_id", models.CharField(max_length=15)),
                ("shop_id", models.CharField(blank=True, max_length=32)),
                ("scopes", models.JSONField()),
                ("made_by", models.CharField(max_length=40)),
                ("made_at", models.DateTimeField()),
                ("revoked_at", models.DateTimeField(null=True)),
            ],
            options={
                "db_table": "api_key",
                "indexes": [models.Index(fields=["merchant_id"], name="api_key_merchant")],
            },
        ),
    ]
