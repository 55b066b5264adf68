"""Tips: one more kind of payment."""

from django.db import migrations, models

from xiaopos.store.append_only import append_only, laid_open


class Migration(migrations.Migration):
    dependencies = [
        ("store_payments", "0005_outcomes_by_minute"),
    ]

    operations = [
        laid_open("payment", ("DELETE",)),
        migrations.RemoveConstraint(
            model_name="paymentrow",
            name="payment_kind",
        ),
        migrations.AddConstraint(
            model_name="paymentrow",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind__in", ["sale", "void", "refund", "preauth", "completion", "tip"])),
                name="payment_kind",
            ),
        ),
        append_only("payment", ("DELETE",)),
    ]
