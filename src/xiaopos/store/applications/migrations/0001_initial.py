"""Applications: what was given, sealed; pictures, moves, calls, consents; with which limits merchants began."""

from django.db import migrations, models

from xiaopos.store.append_only import append_only


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="ErasureRow",
            fields=[
                ("application_id", models.CharField(max_length=32, primary_key=True, serialize=False)),
                ("at", models.DateTimeField()),
                ("actor", models.CharField(max_length=60)),
                ("fields", models.IntegerField()),
                ("pictures", models.IntegerField()),
                ("digest", models.CharField(max_length=64)),
            ],
            options={
                "db_table": "application_erasure",
            },
        ),
        migrations.CreateModel(
            name="HoldRow",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "application_id", "at", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("application_id", models.CharField(max_length=32)),
                ("at", models.DateTimeField()),
                ("held", models.BooleanField()),
                ("actor", models.CharField(max_length=60)),
            ],
            options={
                "db_table": "application_hold",
            },
        ),
        migrations.CreateModel(
            name="ApplicationCallRow",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "application_id", "at", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("application_id", models.CharField(max_length=32)),
                ("at", models.DateTimeField()),
                ("version", models.IntegerField()),
                ("outcome", models.CharField(max_length=12)),
                ("note", models.CharField(max_length=200)),
                ("called_by", models.CharField(max_length=60)),
            ],
            options={
                "db_table": "application_call",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("outcome__in", ["confirmed", "denied", "different", "not_reached"])),
                        name="application_call_outcome",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="ApplicationRow",
            fields=[
                ("application_id", models.CharField(max_length=32, primary_key=True, serialize=False)),
                ("kind", models.CharField(max_length=8)),
                ("category", models.CharField(max_length=4)),
                ("region", models.CharField(max_length=6)),
                ("language", models.CharField(max_length=10)),
                ("state", models.CharField(max_length=16)),
                ("version", models.IntegerField(default=0)),
                ("score", models.SmallIntegerField(default=0)),
                ("risk_reasons", models.JSONField(default=list)),
                ("edition", models.CharField(blank=True, default="", max_length=40)),
                ("opened_at", models.DateTimeField()),
                ("changed_at", models.DateTimeField()),
                ("submitted_at", models.DateTimeField(null=True)),
                ("due_at", models.DateTimeField(null=True)),
                ("taken_by", models.CharField(blank=True, default="", max_length=60)),
                ("first_by", models.CharField(blank=True, default="", max_length=60)),
                ("refused_by", models.CharField(blank=True, default="", max_length=60)),
                ("merchant_id", models.CharField(blank=True, default="", max_length=15)),
                ("agent_id", models.CharField(blank=True, default="", max_length=32)),
                ("promoter_id", models.CharField(blank=True, default="", max_length=32)),
                ("wished_model", models.CharField(blank=True, default="", max_length=32)),
                ("link_mark", models.CharField(max_length=64, unique=True)),
                ("code_mark", models.CharField(blank=True, default="", max_length=64)),
                ("code_until", models.DateTimeField(null=True)),
                ("appeal", models.BinaryField(default=b"")),
            ],
            options={
                "db_table": "application",
                "indexes": [
                    models.Index(fields=["state", "due_at"], name="application_queue"),
                    models.Index(
                        condition=models.Q(("agent_id", ""), _negated=True),
                        fields=["agent_id", "opened_at"],
                        name="application_agent",
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "state__in",
                                [
                                    "draft",
                                    "submitted",
                                    "in_review",
                                    "call_due",
                                    "returned",
                                    "second_review",
                                    "approved",
                                    "refused",
                                    "appealed",
                                    "upheld",
                                    "withdrawn",
                                    "expired",
                                ],
                            )
                        ),
                        name="application_known_state",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ["micro", "sole", "company"])), name="application_known_kind"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "approved"), _negated=True),
                            models.Q(("merchant_id", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="application_merchant",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("merchant_id", ""), _negated=True),
                        fields=("merchant_id",),
                        name="application_one_merchant",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ApplicationStepRow",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "application_id", "version", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("application_id", models.CharField(max_length=32)),
                ("version", models.IntegerField()),
                ("at", models.DateTimeField()),
                ("event", models.CharField(max_length=12)),
                ("after", models.CharField(max_length=16)),
                ("actor", models.CharField(max_length=60)),
                ("reason", models.CharField(blank=True, max_length=200)),
                ("told", models.CharField(blank=True, max_length=500)),
            ],
            options={
                "db_table": "application_step",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "event__in",
                                [
                                    "submit",
                                    "take",
                                    "put_back",
                                    "plan_call",
                                    "call",
                                    "return",
                                    "pass_on",
                                    "send_back",
                                    "approve",
                                    "refuse",
                                    "appeal",
                                    "reopen",
                                    "uphold",
                                    "withdraw",
                                    "expire",
                                ],
                            )
                        ),
                        name="application_step_event",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="ApplicationValueRow",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "application_id", "field", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("application_id", models.CharField(max_length=32)),
                ("field", models.CharField(max_length=20)),
                ("sealed", models.BinaryField()),
                ("mark", models.CharField(blank=True, max_length=64)),
                ("saved_at", models.DateTimeField()),
            ],
            options={
                "db_table": "application_value",
                "indexes": [
                    models.Index(
                        condition=models.Q(("mark", ""), _negated=True), fields=["mark"], name="application_value_mark"
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "field__in",
                                [
                                    "shop_name",
                                    "shop_address",
                                    "monthly",
                                    "person_name",
                                    "resident_id",
                                    "id_until",
                                    "phone",
                                    "licence_name",
                                    "licence_code",
                                    "licence_until",
                                    "card_number",
                                    "account_name",
                                    "account_number",
                                    "account_bank",
                                    "owners",
                                    "id_front",
                                    "id_back",
                                    "licence_picture",
                                    "card_picture",
                                    "account_proof",
                                    "door_picture",
                                    "inside_picture",
                                    "lease",
                                ],
                            )
                        ),
                        name="application_value_known_field",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="ConsentRow",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "application_id", "purpose", "at", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("application_id", models.CharField(max_length=32)),
                ("purpose", models.CharField(max_length=12)),
                ("at", models.DateTimeField()),
                ("given", models.BooleanField()),
                ("words", models.CharField(max_length=300)),
                ("edition", models.CharField(max_length=40)),
            ],
            options={
                "db_table": "application_consent",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("purpose__in", ["review", "contact", "news"])),
                        name="application_consent_purpose",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="LetterRow",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("application_id", models.CharField(max_length=32)),
                ("at", models.DateTimeField()),
                ("phone", models.CharField(max_length=20)),
                ("code", models.CharField(max_length=6)),
            ],
            options={
                "db_table": "application_letter",
                "indexes": [models.Index(fields=["application_id", "at"], name="application_letter_at")],
            },
        ),
        migrations.CreateModel(
            name="MerchantLimitsRow",
            fields=[
                ("merchant_id", models.CharField(max_length=15, primary_key=True, serialize=False)),
                ("application_id", models.CharField(max_length=32, unique=True)),
                ("kind", models.CharField(max_length=8)),
                ("region", models.CharField(max_length=6)),
                ("credit_day_minor", models.BigIntegerField()),
                ("credit_month_minor", models.BigIntegerField()),
                ("edition", models.CharField(max_length=40)),
                ("ended_on", models.DateField(null=True)),
            ],
            options={
                "db_table": "merchant_limits",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("credit_month_minor", 0),
                            ("credit_day_minor__lte", models.F("credit_month_minor")),
                            _connector="OR",
                        ),
                        name="merchant_limits_day_within_month",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="PictureRow",
            fields=[
                ("picture_id", models.CharField(max_length=32, primary_key=True, serialize=False)),
                ("application_id", models.CharField(max_length=32)),
                ("field", models.CharField(max_length=20)),
                ("sealed", models.BinaryField()),
                ("size", models.IntegerField()),
                ("scan", models.CharField(max_length=10)),
                ("likeness", models.CharField(blank=True, default="", max_length=16)),
                ("taken_at", models.DateTimeField()),
                ("replaced_at", models.DateTimeField(null=True)),
            ],
            options={
                "db_table": "application_picture",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("scan__in", ["clean", "unscanned"])), name="application_picture_scan"
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("replaced_at", None)),
                        fields=("application_id", "field"),
                        name="application_picture_newest",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ReturnedPartRow",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("application_id", models.CharField(max_length=32)),
                ("field", models.CharField(max_length=20)),
                ("reason", models.CharField(max_length=200)),
                ("returned_by", models.CharField(max_length=60)),
                ("returned_at", models.DateTimeField()),
                ("given_anew_at", models.DateTimeField(null=True)),
                ("closed_at", models.DateTimeField(null=True)),
            ],
            options={
                "db_table": "application_returned",
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("closed_at", None)),
                        fields=("application_id", "field"),
                        name="application_returned_once",
                    )
                ],
            },
        ),
        append_only("application_step"),
        append_only("application_call"),
        append_only("application_consent"),
        append_only("application_hold"),
        append_only("application_erasure"),
    ]
