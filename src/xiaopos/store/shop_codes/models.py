"""The tables of shops' codes, their orders, and the payments that were begun for an order.

What may live here: columns and constraints. What may not: behaviour.
"""

from __future__ import annotations

from django.db import models
from django.db.models import Q


class ShopCodeRow(models.Model):
    """A code that hangs on the wall. `locked_minor` is the only amount that it takes; a retired one takes none."""

    token = models.CharField(max_length=26, primary_key=True)
    merchant_id = models.CharField(max_length=15)
    shop_id = models.CharField(max_length=32)
    terminal_id = models.CharField(max_length=8)
    label = models.CharField(max_length=20)
    currency = models.CharField(max_length=3)
    locked_minor = models.BigIntegerField(null=True)
    made_by = models.CharField(max_length=60)
    made_at = models.DateTimeField()
    retired_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "shop_code"
        indexes = [models.Index(fields=["merchant_id", "made_at"], name="shop_code_merchant")]


class ShopOrderRow(models.Model):
    """An order. `tries` counts what was begun for it; `kept_payment_id` is the payment that is the order's, once one is."""

    order_id = models.CharField(max_length=32, primary_key=True)
    token = models.CharField(max_length=26, unique=True)
    code_token = models.CharField(max_length=26)
    merchant_id = models.CharField(max_length=15)
    shop_id = models.CharField(max_length=32)
    terminal_id = models.CharField(max_length=8)
    amount_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    made_by = models.CharField(max_length=60)
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    tries = models.IntegerField(default=0)
    kept_payment_id = models.CharField(max_length=32, default="")
    closed_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "shop_order"
        indexes = [
            models.Index(fields=["merchant_id", "made_at"], name="shop_order_merchant"),
            models.Index(fields=["expires_at"], condition=Q(closed_at=None), name="shop_order_open"),
        ]


class ShopOrderTryRow(models.Model):
    """A payment that was begun for an order with a wallet, written before the wallet is asked; and its refund's number."""

    payment_id = models.CharField(max_length=32, primary_key=True)
    order_id = models.CharField(max_length=32)
    place = models.IntegerField()
    refund_id = models.CharField(max_length=32)
    wallet = models.CharField(max_length=16)
    made_at = models.DateTimeField()
    refused = models.CharField(max_length=40, default="")

    class Meta:
        db_table = "shop_order_try"
        constraints = [models.UniqueConstraint(fields=["order_id", "place"], name="shop_order_try_place")]
