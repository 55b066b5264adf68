"""From here on the database refuses every update and delete of an audit row."""

from django.db import migrations

from xiaopos.store.append_only import append_only


class Migration(migrations.Migration):
    dependencies = [("store_audit", "0001_initial")]

    operations = [append_only("audit_row")]
