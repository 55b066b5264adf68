"""People who belong to an agent: whoever runs its business, and its promoters."""

from django.db import migrations, models

ROLES = ["cashier", "manager", "owner", "support", "risk", "finance", "administrator", "agent", "promoter"]


class Migration(migrations.Migration):
    dependencies = [
        ("store_people", "0002_invitations"),
    ]

    operations = [
        migrations.RemoveConstraint(model_name="user", name="person_role"),
        migrations.AddField(
            model_name="user",
            name="agent_id",
            field=models.CharField(blank=True, default="", max_length=32),
        ),
        migrations.AddField(
            model_name="user",
            name="promoter_id",
            field=models.CharField(blank=True, default="", max_length=32),
        ),
        migrations.AddConstraint(
            model_name="user",
            constraint=models.CheckConstraint(condition=models.Q(("role__in", ROLES)), name="person_role"),
        ),
    ]
