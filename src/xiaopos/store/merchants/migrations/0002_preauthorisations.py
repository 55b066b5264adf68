"""What a completion may take of its pre-authorisation, and until when."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("store_merchants", "0001_initial"),
    ]

    operations = [
        migrations.AddField(
            model_name="merchantterms",
            name="completion_percent",
            field=models.PositiveSmallIntegerField(default=115),
        ),
        migrations.AddField(
            model_name="merchantterms",
            name="preauth_days",
            field=models.PositiveSmallIntegerField(default=30),
        ),
    ]
