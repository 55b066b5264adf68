"""Why the house refused what was begun for an order: such a payment never came to be."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("store_shop_codes", "0001_initial")]

    operations = [
        migrations.AddField("shopordertryrow", "refused", models.CharField(default="", max_length=40)),
    ]
