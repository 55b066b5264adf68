"""What terminals are given to download, and what is asked of them."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("store_fleet", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="TerminalDownload",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "kind",
                        "profile",
                        "row_key",
                        "valid_from",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("kind", models.CharField(max_length=20)),
                ("profile", models.CharField(blank=True, max_length=32)),
                ("row_key", models.CharField(max_length=48)),
                ("valid_from", models.DateField()),
                ("content", models.TextField(blank=True)),
                ("author", models.CharField(max_length=60)),
                ("approver", models.CharField(max_length=60)),
            ],
            options={
                "db_table": "terminal_download",
            },
        ),
        migrations.CreateModel(
            name="TerminalAskRow",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "terminal_id",
                        "ask",
                        "asked_at",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("terminal_id", models.CharField(max_length=8)),
                ("ask", models.CharField(max_length=20)),
                ("asked_at", models.DateTimeField()),
                ("asked_by", models.CharField(max_length=60)),
                ("reason", models.TextField()),
                ("urgency", models.SmallIntegerField()),
                ("done_at", models.DateTimeField(null=True)),
                ("ended", models.CharField(blank=True, max_length=10)),
            ],
            options={
                "db_table": "terminal_ask",
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("done_at__isnull", True)),
                        fields=("terminal_id", "ask"),
                        name="terminal_ask_open",
                    )
                ],
            },
        ),
    ]
