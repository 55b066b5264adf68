"""The tables of merchants' contracts with wallets, and of pairs that wait for one.

What may live here: columns and constraints. What may not: behaviour, clear keys.
"""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from xiaopos.merchants.wallet_contracts import ContractState


class WalletContractRow(models.Model):
    """A merchant's contract with a wallet. `settings` and `keys` are JSON objects of texts, the keys wrapped.

    `changed_at` moves with every change that a process which takes money must know.
    """

    contract_id = models.CharField(max_length=32, primary_key=True)
    merchant_id = models.CharField(max_length=15)
    wallet = models.CharField(max_length=16)
    settings = models.TextField()
    keys = models.TextField()
    state = models.CharField(max_length=12)
    entered_by = models.CharField(max_length=60)
    entered_at = models.DateTimeField()
    active_from = models.DateTimeField(null=True)
    ended_from = models.DateTimeField(null=True)
    finding = models.CharField(max_length=20, blank=True, default="")
    said = models.CharField(max_length=120, blank=True, default="")
    probed_at = models.DateTimeField(null=True)
    changed_at = models.DateTimeField()

    class Meta:
        db_table = "wallet_contract"
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=[state.value for state in ContractState]), name="wallet_contract_known_state"
            ),
            models.UniqueConstraint(
                fields=["merchant_id", "wallet"],
                condition=Q(state=ContractState.ACTIVE.value),
                name="wallet_contract_one_active",
            ),
        ]
        indexes = [
            models.Index(fields=["merchant_id", "wallet", "entered_at"], name="wallet_contract_merchant"),
            models.Index(fields=["changed_at"], name="wallet_contract_changed"),
        ]


class WaitingPairRow(models.Model):
    """A pair that was made for a merchant's next contract with a wallet, wrapped."""

    merchant_id = models.CharField(max_length=15)
    wallet = models.CharField(max_length=16)
    wrapped = models.TextField()
    made_by = models.CharField(max_length=60)
    made_at = models.DateTimeField()

    class Meta:
        db_table = "waiting_pair"
        constraints = [models.UniqueConstraint(fields=["merchant_id", "wallet"], name="waiting_pair_one")]
