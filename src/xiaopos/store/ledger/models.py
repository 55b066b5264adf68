"""The table of the ledger.

What may live here: columns, keys, constraints. What may not: behaviour; the migration adds the triggers that refuse
every update and delete.
"""

from __future__ import annotations

from django.db import models

from xiaopos.ledger import AccountKind, EntryKind, Side


class LegRow(models.Model):
    """One leg of a posted entry. An entry is known by its payment and kind."""

    pk = models.CompositePrimaryKey("merchant_id", "payment_id", "entry_kind", "leg_number")
    merchant_id = models.CharField(max_length=15)
    payment_id = models.CharField(max_length=32)
    entry_kind = models.CharField(max_length=12)
    leg_number = models.SmallIntegerField()
    business_on = models.DateField()
    account = models.CharField(max_length=60)
    account_kind = models.CharField(max_length=10)
    side = models.CharField(max_length=1)
    currency = models.CharField(max_length=3)
    amount_minor = models.BigIntegerField()
    posted_at = models.DateTimeField()

    class Meta:
        db_table = "ledger_leg"
        constraints = [
            models.CheckConstraint(condition=models.Q(amount_minor__gt=0), name="ledger_leg_positive"),
            models.CheckConstraint(condition=models.Q(side__in=[side.value for side in Side]), name="ledger_leg_side"),
            models.CheckConstraint(
                condition=models.Q(account_kind__in=[kind.value for kind in AccountKind]),
                name="ledger_leg_account_kind",
            ),
            models.CheckConstraint(
                condition=models.Q(entry_kind__in=[kind.value for kind in EntryKind]), name="ledger_leg_entry_kind"
            ),
        ]
