"""The counts of uses are written once and never again."""

from django.db import migrations

from xiaopos.store.append_only import append_only


class Migration(migrations.Migration):
    dependencies = [("store_keys", "0002_inventory")]
    operations = [append_only("key_use_count")]
