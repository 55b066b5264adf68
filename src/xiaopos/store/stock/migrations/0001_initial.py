"""The stock: devices by serial number, what happened to them, orders for them."""

from django.db import migrations, models

from xiaopos.store.append_only import append_only


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="DeviceOrderRow",
            fields=[
                ("order_id", models.CharField(max_length=32, primary_key=True, serialize=False)),
                ("merchant_id", models.CharField(max_length=15)),
                ("shop_id", models.CharField(max_length=32)),
                ("model", models.CharField(max_length=32)),
                ("profile", models.CharField(max_length=32)),
                ("phone", models.CharField(max_length=16)),
                ("address", models.CharField(max_length=120)),
                ("state", models.CharField(max_length=12)),
                ("serial", models.CharField(blank=True, max_length=40)),
                ("terminal_id", models.CharField(blank=True, max_length=8)),
                ("ordered_at", models.DateTimeField()),
                ("ordered_by", models.CharField(max_length=60)),
                ("changed_at", models.DateTimeField()),
            ],
            options={
                "db_table": "device_order",
                "indexes": [
                    models.Index(fields=["merchant_id", "ordered_at"], name="device_order_merchant"),
                    models.Index(fields=["state", "ordered_at"], name="device_order_state"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("state__in", ["open", "reserved", "packed", "sent", "delivered", "done", "cancelled"])
                        ),
                        name="device_order_known_state",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="DeviceRow",
            fields=[
                ("serial", models.CharField(max_length=40, primary_key=True, serialize=False)),
                ("model", models.CharField(max_length=32)),
                ("state", models.CharField(max_length=12)),
                ("order_id", models.CharField(blank=True, max_length=32)),
                ("note", models.CharField(max_length=60)),
                ("received_at", models.DateTimeField()),
                ("changed_at", models.DateTimeField()),
            ],
            options={
                "db_table": "device",
                "indexes": [models.Index(fields=["model", "state", "received_at"], name="device_model_state")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "state__in",
                                [
                                    "in_stock",
                                    "reserved",
                                    "packed",
                                    "sent",
                                    "delivered",
                                    "active",
                                    "returning",
                                    "returned",
                                    "lost",
                                    "scrapped",
                                ],
                            )
                        ),
                        name="device_known_state",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("order_id", ""), _negated=True),
                        fields=("order_id",),
                        name="device_one_an_order",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="DeviceStepRow",
            fields=[
                ("step_id", models.BigAutoField(primary_key=True, serialize=False)),
                ("serial", models.CharField(max_length=40)),
                ("event", models.CharField(max_length=12)),
                ("state", models.CharField(max_length=12)),
                ("order_id", models.CharField(blank=True, max_length=32)),
                ("at", models.DateTimeField()),
                ("actor", models.CharField(max_length=60)),
                ("reason", models.TextField()),
            ],
            options={
                "db_table": "device_step",
                "indexes": [models.Index(fields=["serial", "at"], name="device_step_serial")],
            },
        ),
        append_only("device_step"),
    ]
