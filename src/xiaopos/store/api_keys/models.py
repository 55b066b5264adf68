"""The tables of API keys, and of answers that are given again.

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
    label = models.CharField(max_length=40, blank=True, default="")
    scopes = models.JSONField()
    made_by = models.CharField(max_length=40)
    made_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(null=True)
    last_used_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "api_key"
        indexes = [models.Index(fields=["merchant_id"], name="api_key_merchant")]


class ApiAnswerRow(models.Model):
    """The answer to a request that its sender gave a name (Idempotency-Key), under the key that it bore.

    `fingerprint` is a keyed hash of what was asked. `status` is null while the first request is being answered.
    """

    pk = models.CompositePrimaryKey("prefix", "name")
    prefix = models.CharField(max_length=16)
    name = models.CharField(max_length=64)
    fingerprint = models.CharField(max_length=64)
    claimed_at = models.DateTimeField()
    status = models.PositiveSmallIntegerField(null=True)
    headers = models.JSONField(default=dict)
    body = models.BinaryField(default=b"")

    class Meta:
        db_table = "api_answer"
        indexes = [models.Index(fields=["claimed_at"], name="api_answer_claimed")]
