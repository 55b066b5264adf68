"""Invitations by which people join, and their recovery codes."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("store_people", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="InvitationRow",
            fields=[
                ("mark", models.CharField(max_length=64, primary_key=True, serialize=False)),
                ("made_by", models.CharField(max_length=40)),
                ("made_at", models.DateTimeField()),
                ("expires_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(null=True)),
                ("person", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to="store_people.user")),
            ],
            options={
                "db_table": "invitation",
            },
        ),
        migrations.CreateModel(
            name="RecoveryCodeRow",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("mark", models.CharField(max_length=64)),
                ("used_at", models.DateTimeField(null=True)),
                ("person", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to="store_people.user")),
            ],
            options={
                "db_table": "recovery_code",
                "constraints": [models.UniqueConstraint(fields=("person", "mark"), name="recovery_code_mark")],
            },
        ),
    ]
