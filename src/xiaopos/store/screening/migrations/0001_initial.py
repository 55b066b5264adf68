"""Lists that applicants are screened against, their entries and keys, what was found."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="KeyRow",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "key", "entry_id", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("key", models.CharField(max_length=48)),
                ("entry_id", models.CharField(max_length=32)),
            ],
            options={
                "db_table": "screening_key",
            },
        ),
        migrations.CreateModel(
            name="FoundRow",
            fields=[
                ("about", models.CharField(max_length=32, primary_key=True, serialize=False)),
                ("at", models.DateTimeField()),
                ("outcome", models.CharField(max_length=8)),
                ("hits", models.JSONField()),
            ],
            options={
                "db_table": "screening_found",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("outcome__in", ["clear", "possible", "certain"])),
                        name="screening_found_known_outcome",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="ListRow",
            fields=[
                ("list_id", models.CharField(max_length=32, primary_key=True, serialize=False)),
                ("name", models.CharField(max_length=60)),
                ("digest", models.CharField(max_length=64)),
                ("rows", models.PositiveIntegerField()),
                ("imported_by", models.CharField(max_length=60)),
                ("imported_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(null=True)),
            ],
            options={
                "db_table": "screening_list",
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("ended_at", None)), fields=("name",), name="screening_list_one_counts"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="EntryRow",
            fields=[
                ("entry_id", models.CharField(max_length=32, primary_key=True, serialize=False)),
                ("number", models.CharField(max_length=40)),
                ("kind", models.CharField(max_length=8)),
                ("names", models.JSONField()),
                ("number_mark", models.CharField(blank=True, max_length=32)),
                ("birthday", models.DateField(null=True)),
                ("reason", models.CharField(blank=True, max_length=200)),
                ("list", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="store_screening.listrow")),
            ],
            options={
                "db_table": "screening_entry",
                "indexes": [models.Index(fields=["number_mark"], name="screening_entry_mark")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ["person", "company"])), name="screening_entry_known_kind"
                    ),
                    models.UniqueConstraint(fields=("list", "number"), name="screening_entry_number"),
                ],
            },
        ),
    ]
