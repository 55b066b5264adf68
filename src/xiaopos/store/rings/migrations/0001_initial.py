"""Traits of applications, how many have each, parts of pictures, findings."""

from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="MarkRow",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "kind", "mark", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("kind", models.CharField(max_length=12)),
                ("mark", models.CharField(max_length=32)),
                ("holders", models.PositiveIntegerField(default=0)),
            ],
            options={
                "db_table": "ring_mark",
            },
        ),
        migrations.CreateModel(
            name="FindingRow",
            fields=[
                ("application_id", models.CharField(max_length=32, primary_key=True, serialize=False)),
                ("at", models.DateTimeField()),
                ("score", models.PositiveSmallIntegerField()),
                ("is_ring", models.BooleanField()),
                ("content", models.JSONField()),
            ],
            options={
                "db_table": "ring_finding",
                "indexes": [models.Index(fields=["is_ring", "score"], name="ring_finding_ring")],
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("score__lte", 1000)), name="ring_finding_score")
                ],
            },
        ),
        migrations.CreateModel(
            name="PicturePartRow",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "part", "application_id", "mark", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("part", models.CharField(max_length=6)),
                ("application_id", models.CharField(max_length=32)),
                ("mark", models.CharField(max_length=16)),
            ],
            options={
                "db_table": "ring_picture_part",
                "indexes": [models.Index(fields=["application_id"], name="ring_picture_application")],
            },
        ),
        migrations.CreateModel(
            name="TraitRow",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "application_id", "kind", "mark", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("application_id", models.CharField(max_length=32)),
                ("kind", models.CharField(max_length=12)),
                ("mark", models.CharField(max_length=32)),
                ("at", models.DateTimeField()),
            ],
            options={
                "db_table": "ring_trait",
                "indexes": [models.Index(fields=["kind", "mark", "at"], name="ring_trait_mark")],
            },
        ),
    ]
