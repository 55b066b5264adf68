"""The first tables of shops' codes and their orders."""

from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="ShopCodeRow",
            fields=[
                ("token", models.CharField(max_length=26, primary_key=True, serialize=False)),
                ("merchant_id", models.CharField(max_length=15)),
                ("shop_id", models.CharField(max_length=32)),
                ("terminal_id", models.CharField(max_length=8)),
                ("label", models.CharField(max_length=20)),
                ("currency", models.CharField(max_length=3)),
                ("locked_minor", models.BigIntegerField(null=True)),
                ("made_by", models.CharField(max_length=60)),
                ("made_at", models.DateTimeField()),
                ("retired_at", models.DateTimeField(null=True)),
            ],
            options={
                "db_table": "shop_code",
                "indexes": [models.Index(fields=["merchant_id", "made_at"], name="shop_code_merchant")],
            },
        ),
        migrations.CreateModel(
            name="ShopOrderRow",
            fields=[
                ("order_id", models.CharField(max_length=32, primary_key=True, serialize=False)),
                ("token", models.CharField(max_length=26, unique=True)),
                ("code_token", models.CharField(max_length=26)),
                ("merchant_id", models.CharField(max_length=15)),
                ("shop_id", models.CharField(max_length=32)),
                ("terminal_id", models.CharField(max_length=8)),
                ("amount_minor", models.BigIntegerField()),
                ("currency", models.CharField(max_length=3)),
                ("made_by", models.CharField(max_length=60)),
                ("made_at", models.DateTimeField()),
                ("expires_at", models.DateTimeField()),
                ("tries", models.IntegerField(default=0)),
                ("kept_payment_id", models.CharField(default="", max_length=32)),
                ("closed_at", models.DateTimeField(null=True)),
            ],
            options={
                "db_table": "shop_order",
                "indexes": [
                    models.Index(fields=["merchant_id", "made_at"], name="shop_order_merchant"),
                    models.Index(condition=Q(closed_at=None), fields=["expires_at"], name="shop_order_open"),
                ],
            },
        ),
        migrations.CreateModel(
            name="ShopOrderTryRow",
            fields=[
                ("payment_id", models.CharField(max_length=32, primary_key=True, serialize=False)),
                ("order_id", models.CharField(max_length=32)),
                ("place", models.IntegerField()),
                ("refund_id", models.CharField(max_length=32)),
                ("wallet", models.CharField(max_length=16)),
                ("made_at", models.DateTimeField()),
            ],
            options={
                "db_table": "shop_order_try",
                "constraints": [models.UniqueConstraint(fields=("order_id", "place"), name="shop_order_try_place")],
            },
        ),
    ]
