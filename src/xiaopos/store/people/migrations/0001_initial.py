"""The first tables of people."""

from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="User",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("password", models.CharField(max_length=128, verbose_name="password")),
                ("last_login", models.DateTimeField(blank=True, null=True, verbose_name="last login")),
                ("username", models.CharField(max_length=40, unique=True)),
                ("name_zh", models.CharField(max_length=40)),
                ("name_en", models.CharField(max_length=40)),
                ("role", models.CharField(max_length=16)),
                ("merchant_id", models.CharField(blank=True, max_length=15)),
                ("shop_id", models.CharField(blank=True, max_length=32)),
                ("approval_code", models.CharField(blank=True, max_length=128)),
                ("second_factor", models.CharField(blank=True, max_length=255)),
                ("second_factor_step", models.BigIntegerField(default=-1)),
                ("language", models.CharField(blank=True, max_length=10)),
                ("active", models.BooleanField(default=True)),
                ("is_demo", models.BooleanField(default=False)),
            ],
            options={
                "db_table": "person",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("role__in", ["cashier", "manager", "owner", "support", "risk", "finance", "administrator"])
                        ),
                        name="person_role",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="AttemptRow",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(max_length=10)),
                ("subject", models.CharField(max_length=64)),
                ("failures", models.IntegerField()),
                ("first_at", models.DateTimeField()),
                ("locked_until", models.DateTimeField(null=True)),
            ],
            options={
                "db_table": "attempt",
                "constraints": [models.UniqueConstraint(fields=("kind", "subject"), name="attempt_subject")],
            },
        ),
    ]
