"""Badges of promoters: issued, seen, questioned, reported."""

from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="BadgeChallengeRow",
            fields=[
                ("token", models.CharField(max_length=26, primary_key=True, serialize=False)),
                ("badge_id", models.CharField(max_length=32)),
                ("code", models.CharField(max_length=6)),
                ("asked_at", models.DateTimeField()),
                ("tries", models.PositiveSmallIntegerField(default=0)),
                ("answered_at", models.DateTimeField(null=True)),
            ],
            options={
                "db_table": "badge_challenge",
                "indexes": [models.Index(fields=["badge_id", "asked_at"], name="badge_challenge_badge")],
            },
        ),
        migrations.CreateModel(
            name="BadgeReportRow",
            fields=[
                ("report_id", models.CharField(max_length=32, primary_key=True, serialize=False)),
                ("badge_id", models.CharField(blank=True, max_length=32)),
                ("promoter_id", models.CharField(blank=True, max_length=32)),
                ("kind", models.CharField(max_length=20)),
                ("said", models.CharField(blank=True, max_length=500)),
                ("region", models.CharField(blank=True, max_length=6)),
                ("network", models.CharField(max_length=32)),
                ("at", models.DateTimeField()),
                ("state", models.CharField(max_length=12)),
                ("decided_at", models.DateTimeField(null=True)),
                ("decided_by", models.CharField(blank=True, max_length=60)),
                ("decision", models.CharField(blank=True, max_length=200)),
            ],
            options={
                "db_table": "badge_report",
                "indexes": [
                    models.Index(fields=["badge_id", "at"], name="badge_report_badge"),
                    models.Index(fields=["promoter_id"], name="badge_report_promoter"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "kind__in",
                                ["not_this_person", "asked_for_money", "asked_for_card", "false_badge", "other"],
                            )
                        ),
                        name="badge_report_known_kind",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["open", "upheld", "dismissed"])),
                        name="badge_report_known_state",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="BadgeRow",
            fields=[
                ("badge_id", models.CharField(max_length=32, primary_key=True, serialize=False)),
                ("promoter_id", models.CharField(max_length=32)),
                ("agent_id", models.CharField(max_length=32)),
                ("text", models.TextField()),
                ("state", models.CharField(max_length=12)),
                ("issued_at", models.DateTimeField()),
                ("expires_at", models.DateTimeField()),
                ("issued_by", models.CharField(max_length=60)),
                ("changed_at", models.DateTimeField(null=True)),
                ("reason", models.CharField(blank=True, max_length=200)),
            ],
            options={
                "db_table": "badge",
                "indexes": [models.Index(fields=["agent_id"], name="badge_agent")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["valid", "suspended", "replaced", "revoked"])),
                        name="badge_known_state",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("expires_at__gt", models.F("issued_at"))), name="badge_ends_after_it_begins"
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("state__in", ["valid", "suspended"])),
                        fields=("promoter_id",),
                        name="badge_one_each",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="BadgeSightingRow",
            fields=[
                ("sighting_id", models.CharField(max_length=32, primary_key=True, serialize=False)),
                ("badge_id", models.CharField(max_length=32)),
                ("at", models.DateTimeField()),
                ("region", models.CharField(blank=True, max_length=6)),
                ("network", models.CharField(max_length=32)),
                ("visitor", models.CharField(max_length=32)),
                ("verdict", models.CharField(max_length=16)),
                ("suspicion", models.CharField(blank=True, max_length=16)),
                ("cleared_at", models.DateTimeField(null=True)),
            ],
            options={
                "db_table": "badge_sighting",
                "indexes": [
                    models.Index(fields=["badge_id", "at"], name="badge_sighting_badge"),
                    models.Index(fields=["visitor", "at"], name="badge_sighting_visitor"),
                ],
            },
        ),
    ]
