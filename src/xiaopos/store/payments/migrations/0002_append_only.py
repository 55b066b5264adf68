"""From here on the database refuses to delete a payment, and to change or delete a line of a payment's time line."""

from django.db import migrations

from xiaopos.store.append_only import append_only
from xiaopos.store.clustered import clustered


class Migration(migrations.Migration):
    dependencies = [("store_payments", "0001_initial")]

    operations = [
        clustered("payment_move"),
        append_only("payment", ("DELETE",)),
        append_only("payment_move"),
    ]
