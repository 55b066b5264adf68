"""What was said with terminals and networks about a payment, decoded and masked."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("store_payments", "0008_where_a_move_was_asked"),
    ]

    operations = [
        migrations.CreateModel(
            name="KeptFrameRow",
            fields=[
                ("frame_id", models.CharField(max_length=32, primary_key=True, serialize=False)),
                ("at", models.DateTimeField()),
                ("rrn", models.CharField(max_length=12)),
                ("process", models.CharField(max_length=60)),
                ("peer", models.CharField(max_length=24)),
                ("ours", models.BooleanField()),
                ("title", models.CharField(max_length=120)),
                ("lines", models.TextField()),
            ],
            options={
                "db_table": "kept_frame",
                "indexes": [models.Index(fields=["rrn", "at"], name="kept_frame_rrn")],
            },
        ),
    ]
