"""Shops' speakers, and what each is to say."""

from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="SpeakerAnnouncementRow",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "speaker_id", "number", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("speaker_id", models.CharField(max_length=32)),
                ("number", models.BigIntegerField()),
                ("merchant_id", models.CharField(max_length=15)),
                ("payment_id", models.CharField(max_length=32)),
                ("kind", models.CharField(max_length=12)),
                ("at", models.DateTimeField()),
                ("made_at", models.DateTimeField()),
            ],
            options={
                "db_table": "speaker_announcement",
                "indexes": [models.Index(fields=["made_at"], name="speaker_announcement_fresh")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ["received", "given_back", "taken_back"])),
                        name="speaker_announcement_known_kind",
                    ),
                    models.UniqueConstraint(
                        fields=("speaker_id", "payment_id", "kind"), name="speaker_announcement_once"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="SpeakerRow",
            fields=[
                ("speaker_id", models.CharField(max_length=32, primary_key=True, serialize=False)),
                ("merchant_id", models.CharField(max_length=15)),
                ("shop_id", models.CharField(max_length=32)),
                ("label", models.CharField(max_length=40)),
                ("state", models.CharField(max_length=12)),
                ("secret", models.TextField()),
                ("made_by", models.CharField(max_length=60)),
                ("made_at", models.DateTimeField()),
                ("last_number", models.BigIntegerField(default=0)),
                ("heard_number", models.BigIntegerField(default=0)),
                ("seen_at", models.DateTimeField(null=True)),
            ],
            options={
                "db_table": "speaker",
                "indexes": [models.Index(fields=["merchant_id"], name="speaker_merchant")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["active", "removed"])), name="speaker_known_state"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("heard_number__lte", models.F("last_number"))), name="speaker_heard_what_is"
                    ),
                ],
            },
        ),
    ]
