"""Pre-authorisations, completions and advices: two kinds, two states, one mark."""

from django.db import migrations, models

from xiaopos.store.append_only import append_only, laid_open


class Migration(migrations.Migration):
    dependencies = [
        ("store_payments", "0002_append_only"),
    ]

    operations = [
        laid_open("payment", ("DELETE",)),
        migrations.RemoveConstraint(
            model_name="paymentrow",
            name="payment_state",
        ),
        migrations.RemoveConstraint(
            model_name="paymentrow",
            name="payment_kind",
        ),
        migrations.RemoveIndex(
            model_name="paymentrow",
            name="payment_open",
        ),
        migrations.AddField(
            model_name="paymentrow",
            name="advice",
            field=models.BooleanField(default=False),
        ),
        migrations.AlterField(
            model_name="paymentrow",
            name="kind",
            field=models.CharField(max_length=12),
        ),
        migrations.AlterField(
            model_name="refusalrow",
            name="kind",
            field=models.CharField(max_length=12),
        ),
        migrations.AddIndex(
            model_name="paymentrow",
            index=models.Index(
                condition=models.Q(
                    ("state__in", ("sent", "paying", "unknown", "reversing", "unresolved", "voiding", "completing"))
                ),
                fields=["state", "received_at"],
                name="payment_open",
            ),
        ),
        migrations.AddIndex(
            model_name="paymentrow",
            index=models.Index(
                condition=models.Q(("kind", "preauth")), fields=["merchant_id", "approval_code"], name="payment_preauth"
            ),
        ),
        migrations.AddConstraint(
            model_name="paymentrow",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "state__in",
                        [
                            "sent",
                            "paying",
                            "approved",
                            "declined",
                            "unknown",
                            "reversing",
                            "reversed",
                            "unresolved",
                            "voiding",
                            "voided",
                            "completing",
                            "completed",
                        ],
                    )
                ),
                name="payment_state",
            ),
        ),
        migrations.AddConstraint(
            model_name="paymentrow",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind__in", ["sale", "void", "refund", "preauth", "completion"])),
                name="payment_kind",
            ),
        ),
        append_only("payment", ("DELETE",)),
    ]
