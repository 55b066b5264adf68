"""Merchants' contracts with wallets, and pairs that wait for one."""

from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="WaitingPairRow",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("merchant_id", models.CharField(max_length=15)),
                ("wallet", models.CharField(max_length=16)),
                ("wrapped", models.TextField()),
                ("made_by", models.CharField(max_length=60)),
                ("made_at", models.DateTimeField()),
            ],
            options={
                "db_table": "waiting_pair",
                "constraints": [models.UniqueConstraint(fields=("merchant_id", "wallet"), name="waiting_pair_one")],
            },
        ),
        migrations.CreateModel(
            name="WalletContractRow",
            fields=[
                ("contract_id", models.CharField(max_length=32, primary_key=True, serialize=False)),
                ("merchant_id", models.CharField(max_length=15)),
                ("wallet", models.CharField(max_length=16)),
                ("settings", models.TextField()),
                ("keys", models.TextField()),
                ("state", models.CharField(max_length=12)),
                ("entered_by", models.CharField(max_length=60)),
                ("entered_at", models.DateTimeField()),
                ("active_from", models.DateTimeField(null=True)),
                ("ended_from", models.DateTimeField(null=True)),
                ("finding", models.CharField(blank=True, default="", max_length=20)),
                ("said", models.CharField(blank=True, default="", max_length=120)),
                ("probed_at", models.DateTimeField(null=True)),
                ("changed_at", models.DateTimeField()),
            ],
            options={
                "db_table": "wallet_contract",
                "indexes": [
                    models.Index(fields=["merchant_id", "wallet", "entered_at"], name="wallet_contract_merchant"),
                    models.Index(fields=["changed_at"], name="wallet_contract_changed"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["trial", "active", "ended"])),
                        name="wallet_contract_known_state",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("state", "active")),
                        fields=("merchant_id", "wallet"),
                        name="wallet_contract_one_active",
                    ),
                ],
            },
        ),
    ]
