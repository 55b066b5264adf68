"""The tables of terminals.

What may live here: columns and constraints. What may not: behaviour, clear keys.
"""

from __future__ import annotations

from django.db import models


class TerminalModel(models.Model):
    """A model of device, with what it can do as a list of words."""

    model_id = models.CharField(max_length=32, primary_key=True)
    maker = models.CharField(max_length=40)
    name = models.CharField(max_length=40)
    year = models.SmallIntegerField()
    capabilities = models.JSONField()

    class Meta:
        db_table = "terminal_model"


class Terminal(models.Model):
    """A terminal, by the eight characters of its number (终端号). Keys are wrapped under the vault's master key."""

    terminal_id = models.CharField(max_length=8, primary_key=True)
    merchant_id = models.CharField(max_length=15)
    shop_id = models.CharField(max_length=32)
    model = models.ForeignKey(TerminalModel, on_delete=models.PROTECT)
    serial = models.CharField(max_length=40, unique=True)
    active = models.BooleanField()
    profile = models.CharField(max_length=32)
    batch_number = models.IntegerField()
    tmk = models.TextField(blank=True)
    tpk = models.TextField(blank=True)
    tak = models.TextField(blank=True)
    tdk = models.TextField(blank=True)
    signed_in_at = models.DateTimeField(null=True)
    last_seen_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "terminal"
        indexes = [models.Index(fields=["merchant_id"], name="terminal_merchant")]
