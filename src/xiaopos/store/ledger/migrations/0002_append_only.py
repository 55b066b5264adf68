"""From here on the database refuses every update and delete of a posted leg."""

from django.db import migrations

from xiaopos.store.append_only import append_only


class Migration(migrations.Migration):
    dependencies = [("store_ledger", "0001_initial")]

    operations = [append_only("ledger_leg")]
