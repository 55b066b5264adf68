"""The table of the rules of advice.

What may live here: columns, keys, constraints. What may not: behaviour.
"""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q


class AdviceRulesRow(models.Model):
    """Rules from a day on; they count once they have an approver. `rules` maps a point to `[weight, must]`."""

    valid_from = models.DateField(primary_key=True)
    rules = models.JSONField()
    busy_from_minor = models.BigIntegerField()
    certificate_days = models.IntegerField()
    author = models.CharField(max_length=60)
    approver = models.CharField(max_length=60, blank=True)
    entered_at = models.DateTimeField()

    class Meta:
        db_table = "advice_rules"
        constraints = [
            models.CheckConstraint(condition=Q(approver="") | ~Q(approver=F("author")), name="advice_rules_two_people")
        ]
