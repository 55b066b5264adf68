"""What a merchant calls a key."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("store_api_keys", "0002_expiry_and_answers")]

    operations = [
        migrations.AddField("ApiKeyRow", "label", models.CharField(blank=True, default="", max_length=40)),
    ]
