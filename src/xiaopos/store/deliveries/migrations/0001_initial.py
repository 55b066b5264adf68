"""Parcels, and the news of them."""

from django.db import migrations, models

from xiaopos.store.append_only import append_only


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="ParcelNewsRow",
            fields=[
                ("news_id", models.BigAutoField(primary_key=True, serialize=False)),
                ("parcel_id", models.CharField(max_length=32)),
                ("event", models.CharField(max_length=12)),
                ("place", models.CharField(blank=True, max_length=60)),
                ("told_at", models.DateTimeField()),
                ("written_at", models.DateTimeField()),
                ("written_by", models.CharField(max_length=60)),
                ("moved", models.BooleanField()),
            ],
            options={
                "db_table": "parcel_news",
                "indexes": [models.Index(fields=["parcel_id", "written_at"], name="parcel_news_parcel")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "event__in",
                                [
                                    "pick_up",
                                    "move_on",
                                    "go_out",
                                    "deliver",
                                    "refuse",
                                    "lose",
                                    "turn_back",
                                    "come_back",
                                    "cancel",
                                ],
                            )
                        ),
                        name="parcel_news_known_event",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="ParcelRow",
            fields=[
                ("parcel_id", models.CharField(max_length=32, primary_key=True, serialize=False)),
                ("order_id", models.CharField(max_length=32)),
                ("serial", models.CharField(max_length=40)),
                ("courier", models.CharField(max_length=20)),
                ("tracking", models.CharField(max_length=40)),
                ("token", models.CharField(max_length=26, unique=True)),
                ("state", models.CharField(max_length=20)),
                ("ordered_at", models.DateTimeField()),
                ("ordered_by", models.CharField(max_length=60)),
                ("changed_at", models.DateTimeField()),
            ],
            options={
                "db_table": "parcel",
                "indexes": [models.Index(fields=["state", "changed_at"], name="parcel_state")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "state__in",
                                [
                                    "ordered",
                                    "picked_up",
                                    "in_transit",
                                    "out_for_delivery",
                                    "delivered",
                                    "refused",
                                    "lost",
                                    "returning",
                                    "returned",
                                    "cancelled",
                                ],
                            )
                        ),
                        name="parcel_known_state",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("state__in", ("ordered", "picked_up", "in_transit", "out_for_delivery"))),
                        fields=("order_id",),
                        name="parcel_one_under_way_an_order",
                    ),
                    models.UniqueConstraint(fields=("courier", "tracking"), name="parcel_tracking"),
                ],
            },
        ),
        append_only("parcel_news"),
    ]
