"""Terminals' bindings and their history, codes that activate, changes that wait, merchants' papers, the lesson."""

from django.db import migrations, models

from xiaopos.store.append_only import append_only


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="BindingChangeRow",
            fields=[
                ("terminal_id", models.CharField(max_length=8, primary_key=True, serialize=False)),
                ("kind", models.CharField(max_length=12)),
                ("shop_id", models.CharField(blank=True, max_length=32)),
                ("address", models.CharField(blank=True, max_length=120)),
                ("lost", models.BooleanField(default=False)),
                ("asked_by", models.CharField(max_length=60)),
                ("asked_role", models.CharField(max_length=20)),
                ("reason", models.TextField()),
                ("asked_at", models.DateTimeField()),
            ],
            options={
                "db_table": "binding_change",
            },
        ),
        migrations.CreateModel(
            name="LessonPassedRow",
            fields=[
                ("username", models.CharField(max_length=60, primary_key=True, serialize=False)),
                ("version", models.PositiveSmallIntegerField()),
                ("passed_at", models.DateTimeField()),
            ],
            options={
                "db_table": "lesson_passed",
            },
        ),
        migrations.CreateModel(
            name="MerchantPapersRow",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "merchant_id", "kept_at", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("merchant_id", models.CharField(max_length=15)),
                ("kept_at", models.DateTimeField()),
                ("kept_by", models.CharField(max_length=60)),
                ("licence", models.CharField(max_length=32)),
                ("account", models.CharField(max_length=32)),
                ("approved_at", models.DateTimeField()),
            ],
            options={
                "db_table": "merchant_papers",
            },
        ),
        migrations.CreateModel(
            name="ActivationCodeRow",
            fields=[
                ("serial", models.CharField(max_length=40, primary_key=True, serialize=False)),
                ("terminal_id", models.CharField(max_length=8)),
                ("merchant_id", models.CharField(max_length=15)),
                ("digest", models.CharField(max_length=64)),
                ("made_at", models.DateTimeField()),
                ("expires_at", models.DateTimeField()),
                ("tries", models.PositiveSmallIntegerField(default=0)),
            ],
            options={
                "db_table": "activation_code",
                "indexes": [models.Index(fields=["terminal_id"], name="activation_code_terminal")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("expires_at__gt", models.F("made_at"))),
                        name="activation_code_ends_after_it_begins",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="BindingHistoryRow",
            fields=[
                ("step_id", models.BigAutoField(primary_key=True, serialize=False)),
                ("terminal_id", models.CharField(max_length=8)),
                ("event", models.CharField(max_length=16)),
                ("state", models.CharField(max_length=12)),
                ("report", models.CharField(max_length=12)),
                ("reference", models.CharField(blank=True, max_length=60)),
                ("merchant_id", models.CharField(max_length=15)),
                ("serial", models.CharField(blank=True, max_length=40)),
                ("acquirer", models.CharField(max_length=11)),
                ("licence", models.CharField(max_length=32)),
                ("account", models.CharField(max_length=32)),
                ("address", models.CharField(max_length=120)),
                ("at", models.DateTimeField()),
                ("actor", models.CharField(max_length=60)),
                ("reason", models.TextField()),
            ],
            options={
                "db_table": "terminal_binding_history",
                "indexes": [models.Index(fields=["terminal_id", "at"], name="binding_history_terminal")],
            },
        ),
        migrations.CreateModel(
            name="TerminalBindingRow",
            fields=[
                ("terminal_id", models.CharField(max_length=8, primary_key=True, serialize=False)),
                ("merchant_id", models.CharField(max_length=15)),
                ("shop_id", models.CharField(max_length=32)),
                ("serial", models.CharField(blank=True, max_length=40)),
                ("acquirer", models.CharField(max_length=11)),
                ("licence", models.CharField(max_length=32)),
                ("account", models.CharField(max_length=32)),
                ("address", models.CharField(max_length=120)),
                ("phone", models.CharField(max_length=16)),
                ("state", models.CharField(max_length=12)),
                ("report", models.CharField(max_length=12)),
                ("changed_at", models.DateTimeField()),
                ("first_bound_at", models.DateTimeField(null=True)),
                ("bound_at", models.DateTimeField(null=True)),
                ("proved_at", models.DateTimeField(null=True)),
            ],
            options={
                "db_table": "terminal_binding",
                "indexes": [models.Index(fields=["merchant_id"], name="terminal_binding_merchant")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["awaited", "bound", "proved", "suspended", "closed"])),
                        name="terminal_binding_known_state",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("report__in", ["not_due", "due", "sent", "accepted", "rejected"])),
                        name="terminal_binding_known_report",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(
                            models.Q(("serial", ""), _negated=True), models.Q(("state", "closed"), _negated=True)
                        ),
                        fields=("serial",),
                        name="terminal_binding_one_a_serial",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state__in", ["bound", "proved"]), _negated=True),
                            models.Q(
                                ("serial", ""),
                                ("acquirer", ""),
                                ("licence", ""),
                                ("account", ""),
                                ("address", ""),
                                _connector="OR",
                                _negated=True,
                            ),
                            _connector="OR",
                        ),
                        name="terminal_binding_whole",
                    ),
                ],
            },
        ),
        append_only("terminal_binding_history"),
        append_only("merchant_papers"),
    ]
