"""The first tables of audit."""

from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="AuditRow",
            fields=[
                ("seq", models.BigIntegerField(primary_key=True, serialize=False)),
                ("at", models.DateTimeField()),
                ("actor", models.CharField(max_length=40)),
                ("role", models.CharField(max_length=16)),
                ("merchant_id", models.CharField(max_length=15)),
                ("action", models.CharField(max_length=40)),
                ("object_kind", models.CharField(max_length=20)),
                ("object_id", models.CharField(max_length=64)),
                ("reason", models.CharField(max_length=200)),
                ("detail", models.JSONField()),
                ("previous", models.CharField(max_length=64)),
                ("hash", models.CharField(max_length=64)),
            ],
            options={
                "db_table": "audit_row",
                "indexes": [
                    models.Index(fields=["merchant_id", "seq"], name="audit_row_merchant"),
                    models.Index(fields=["action", "seq"], name="audit_row_action"),
                ],
            },
        ),
    ]
