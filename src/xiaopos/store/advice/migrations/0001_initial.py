"""The rules of advice on devices, dated, with author and approver."""

from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="AdviceRulesRow",
            fields=[
                ("valid_from", models.DateField(primary_key=True, serialize=False)),
                ("rules", models.JSONField()),
                ("busy_from_minor", models.BigIntegerField()),
                ("certificate_days", models.IntegerField()),
                ("author", models.CharField(max_length=60)),
                ("approver", models.CharField(blank=True, max_length=60)),
                ("entered_at", models.DateTimeField()),
            ],
            options={
                "db_table": "advice_rules",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("approver", ""), models.Q(("approver", models.F("author")), _negated=True), _connector="OR"
                        ),
                        name="advice_rules_two_people",
                    )
                ],
            },
        ),
    ]
