"""The table of the audit trail.

What may live here: columns. What may not: behaviour; the database itself refuses updates and deletes.
"""

from __future__ import annotations

from django.db import models


class AuditRow(models.Model):
    """One thing that somebody did. `hash` covers every other column and the hash of the row before."""

    seq = models.BigIntegerField(primary_key=True)
    at = models.DateTimeField()
    actor = models.CharField(max_length=40)
    role = models.CharField(max_length=16)
    merchant_id = models.CharField(max_length=15)
    action = models.CharField(max_length=40)
    object_kind = models.CharField(max_length=20)
    object_id = models.CharField(max_length=64)
    reason = models.CharField(max_length=200)
    detail = models.JSONField()
    previous = models.CharField(max_length=64)
    hash = models.CharField(max_length=64)

    class Meta:
        db_table = "audit_row"
        indexes = [
            models.Index(fields=["merchant_id", "seq"], name="audit_row_merchant"),
            models.Index(fields=["action", "seq"], name="audit_row_action"),
        ]
