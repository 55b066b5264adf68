"""What the tips of a sale may take of it; none where nothing was agreed."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("store_merchants", "0002_preauthorisations"),
    ]

    operations = [
        migrations.AddField(
            model_name="merchantterms",
            name="tip_percent",
            field=models.PositiveSmallIntegerField(default=0),
        ),
    ]
