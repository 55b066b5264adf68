"""Card networks that take no new payments for now."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("store_payments", "0006_tips"),
    ]

    operations = [
        migrations.CreateModel(
            name="DrainedNetworkRow",
            fields=[
                ("network", models.CharField(max_length=24, primary_key=True, serialize=False)),
                ("since", models.DateTimeField()),
                ("by", models.CharField(max_length=60)),
                ("reason", models.CharField(max_length=200)),
            ],
            options={
                "db_table": "drained_network",
            },
        ),
    ]
