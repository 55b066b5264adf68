"""Legs lie in the order of their key, and from here on the database refuses every update and delete of one."""

from django.db import migrations

from xiaopos.store.append_only import append_only
from xiaopos.store.clustered import clustered


class Migration(migrations.Migration):
    dependencies = [("store_ledger", "0001_initial")]

    operations = [clustered("ledger_leg"), append_only("ledger_leg")]
