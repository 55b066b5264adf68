"""The table of API keys.

What may live here: columns. What may not: behaviour, the text of a key.
"""

from __future__ import annotations

from django.db import models


class ApiKeyRow(models.Model):
    """One key of a merchant. `digest` is the SHA-256 of the whole text, `scopes` a list of words.

    A fast hash suffices: the text holds 256 random bits, so there is nothing to guess.
    """

    prefix = models.CharField(max_length=16, primary_key=True)
    digest = models.CharField(max_length=64, unique=True)
    merchant_id = models.CharField(max_length=15)
    shop_id = models.CharField(max_length=32, blank=True)
    scopes = models.JSONField()
    made_by = models.CharField(max_length=40)
    made_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "api_key"
        indexes = [models.Index(fields=["merchant_id"], name="api_key_merchant")]
