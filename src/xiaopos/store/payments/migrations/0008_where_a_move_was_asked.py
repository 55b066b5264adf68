"""Each move says on which channel the payment was by then. Older moves do not know: their column stays empty."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("store_payments", "0007_drained_networks"),
    ]

    operations = [
        migrations.AddField(
            model_name="paymentmoverow",
            name="channel",
            field=models.CharField(max_length=24, null=True),
        ),
    ]
