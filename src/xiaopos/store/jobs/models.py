"""The table of jobs.

What may live here: columns and indexes. What may not: behaviour.
"""

from __future__ import annotations

from django.db import models


class JobRow(models.Model):
    """One thing to do for one payment. A lease that ran out is free again; nothing is ever stuck in a worker that died."""

    pk = models.CompositePrimaryKey("merchant_id", "payment_id", "kind")
    merchant_id = models.CharField(max_length=15)
    payment_id = models.CharField(max_length=32)
    kind = models.CharField(max_length=24)
    due_at = models.DateTimeField()
    attempts = models.IntegerField()
    leased_by = models.CharField(max_length=60)
    lease_until = models.DateTimeField(null=True)
    last_error = models.CharField(max_length=255)
    created_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "job"
        indexes = [models.Index(fields=["due_at"], name="job_due", condition=models.Q(done_at__isnull=True))]
