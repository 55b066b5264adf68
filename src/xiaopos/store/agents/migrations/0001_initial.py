"""The register of agents: agents, what was captured of their filings, their promoters."""

from django.db import migrations, models

from xiaopos.store.append_only import append_only


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="FilingProofRow",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "agent_id", "captured_at", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("agent_id", models.CharField(max_length=32)),
                ("captured_at", models.DateTimeField()),
                ("captured_by", models.CharField(max_length=60)),
                ("seen_at", models.DateTimeField()),
                ("place", models.CharField(max_length=200)),
                ("digest", models.CharField(max_length=64)),
            ],
            options={
                "db_table": "agent_filing_proof",
            },
        ),
        migrations.CreateModel(
            name="AgentRow",
            fields=[
                ("agent_id", models.CharField(max_length=32, primary_key=True, serialize=False)),
                ("parent_id", models.CharField(blank=True, max_length=32)),
                ("name", models.CharField(max_length=40)),
                ("licence", models.CharField(max_length=18, unique=True)),
                ("filing", models.CharField(max_length=40)),
                ("contract", models.CharField(blank=True, max_length=40)),
                ("regions", models.JSONField(default=list)),
                ("products", models.JSONField(default=list)),
                ("deeds", models.JSONField(default=list)),
                ("valid_from", models.DateField()),
                ("valid_until", models.DateField()),
                ("recheck_on", models.DateField(null=True)),
                ("state", models.CharField(max_length=12)),
                ("entered_by", models.CharField(max_length=60)),
                ("entered_at", models.DateTimeField()),
                ("checked_by", models.CharField(blank=True, max_length=60)),
                ("authorised_by", models.CharField(blank=True, max_length=60)),
                ("changed_at", models.DateTimeField()),
            ],
            options={
                "db_table": "agent",
                "indexes": [models.Index(fields=["parent_id"], name="agent_parent")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "state__in",
                                ["applied", "checked", "authorised", "suspended", "expired", "revoked", "refused"],
                            )
                        ),
                        name="agent_known_state",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("valid_until__gte", models.F("valid_from"))),
                        name="agent_ends_after_it_begins",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("authorised_by", ""),
                            models.Q(("authorised_by", models.F("checked_by")), _negated=True),
                            _connector="OR",
                        ),
                        name="agent_two_people",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="PromoterRow",
            fields=[
                ("promoter_id", models.CharField(max_length=32, primary_key=True, serialize=False)),
                ("agent_id", models.CharField(max_length=32)),
                ("name", models.CharField(max_length=40)),
                ("work_number", models.CharField(max_length=20)),
                ("since", models.DateField()),
                ("state", models.CharField(max_length=12)),
                ("entered_by", models.CharField(max_length=60)),
                ("entered_at", models.DateTimeField()),
                ("changed_at", models.DateTimeField()),
            ],
            options={
                "db_table": "promoter",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["active", "suspended", "left"])), name="promoter_known_state"
                    ),
                    models.UniqueConstraint(fields=("agent_id", "work_number"), name="promoter_work_number"),
                ],
            },
        ),
        append_only("agent_filing_proof"),
    ]
