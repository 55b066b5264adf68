"""The tables of merchants.

What may live here: columns and constraints. What may not: behaviour.
"""

from __future__ import annotations

from django.db import models


class PricePlan(models.Model):
    """A price plan. `prices` maps a kind of card to `{"ppm": parts per million, "cap_minor": int or null}`."""

    plan_id = models.CharField(max_length=32, primary_key=True)
    name_zh = models.CharField(max_length=60)
    name_en = models.CharField(max_length=60)
    prices = models.JSONField()
    refund_returns_fee = models.BooleanField()

    class Meta:
        db_table = "price_plan"


class Merchant(models.Model):
    """A merchant, by the fifteen characters of its merchant number (商户号)."""

    merchant_id = models.CharField(max_length=15, primary_key=True)
    name = models.CharField(max_length=40)
    name_en = models.CharField(max_length=60)
    category_code = models.CharField(max_length=4)
    active = models.BooleanField()
    zone = models.CharField(max_length=40)
    cut_over_hour = models.SmallIntegerField()
    created_at = models.DateTimeField()

    class Meta:
        db_table = "merchant"


class MerchantTerms(models.Model):
    """What was agreed with a merchant from a day on: price plan and limits, with author and approver.

    It counts once it has an approver.
    """

    pk = models.CompositePrimaryKey("merchant_id", "valid_from")
    merchant_id = models.CharField(max_length=15)
    valid_from = models.DateField()
    plan = models.ForeignKey(PricePlan, on_delete=models.PROTECT)
    currency = models.CharField(max_length=3)
    payment_limit_minor = models.BigIntegerField()
    completion_percent = models.PositiveSmallIntegerField(default=115)
    preauth_days = models.PositiveSmallIntegerField(default=30)
    tip_percent = models.PositiveSmallIntegerField(default=0)
    author = models.CharField(max_length=60)
    approver = models.CharField(max_length=60)

    class Meta:
        db_table = "merchant_terms"


class Shop(models.Model):
    """A place where a merchant takes money."""

    shop_id = models.CharField(max_length=32, primary_key=True)
    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT)
    name = models.CharField(max_length=40)
    name_en = models.CharField(max_length=60)
    address = models.CharField(max_length=120)
    phone = models.CharField(max_length=20)

    class Meta:
        db_table = "shop"
