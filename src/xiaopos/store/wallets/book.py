"""Contracts in the database: entering, proving, changing, each with its line in the audit trail.

What may live here: the ContractBook on Django. What may not: rules (usecases.keep_wallet_contract), clear keys.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db import transaction

from xiaopos.kernel.ids import make_id
from xiaopos.keys import WrappedKey
from xiaopos.merchants.wallet_contracts import ContractState
from xiaopos.store.audit.trail import AuditEntry, append
from xiaopos.store.keys.inventory import record_key
from xiaopos.store.wallets.models import WaitingPairRow, WalletContractRow
from xiaopos.usecases.actors import Actor
from xiaopos.usecases.keep_wallet_contract import Change, Finding, Probe, WalletContract
from xiaopos.usecases.key_ceremony import Origin

LONGEST_SAID = 120


def _contract(row: WalletContractRow) -> WalletContract:
    return WalletContract(
        contract_id=row.contract_id,
        merchant_id=row.merchant_id,
        wallet=row.wallet,
        settings=json.loads(row.settings),
        keys=json.loads(row.keys),
        state=ContractState(row.state),
        entered_by=row.entered_by,
        entered_at=row.entered_at,
        active_from=row.active_from,
        ended_from=row.ended_from,
        probe=Probe(Finding(row.finding), row.said) if row.finding else None,
        probed_at=row.probed_at,
    )


def _append(action: str, contract: WalletContract, actor: Actor, at: datetime, **detail: str) -> None:
    entry = AuditEntry(
        actor=actor.username,
        role=actor.role,
        action=action,
        merchant_id=contract.merchant_id,
        object_kind="wallet_contract",
        object_id=contract.contract_id,
        reason=actor.reason.strip(),
        detail={"wallet": contract.wallet, **detail},
    )
    append(entry, at=at)


def key_names(contract_id: str, keys: Mapping[str, WrappedKey]) -> dict[str, WrappedKey]:
    """The names under which the inventory knows a contract's keys: at most 32 characters, the contract's last ones first."""
    return {f"{contract_id[-18:]}-{name[:13]}": key for name, key in keys.items()}


class ContractRows:
    """See ContractBook."""

    def recall(self, merchant_id: str, contract_id: str) -> WalletContract | None:
        """See ContractBook."""
        row = WalletContractRow.objects.filter(merchant_id=merchant_id, contract_id=contract_id).first()
        return None if row is None else _contract(row)

    def contracts_of(self, merchant_id: str) -> Sequence[WalletContract]:
        """See ContractBook."""
        return [
            _contract(row) for row in WalletContractRow.objects.filter(merchant_id=merchant_id).order_by("-entered_at")
        ]

    def waiting_pair(self, merchant_id: str, wallet: str) -> WrappedKey | None:
        """See ContractBook."""
        row = WaitingPairRow.objects.filter(merchant_id=merchant_id, wallet=wallet).first()
        return None if row is None else WrappedKey.from_text(row.wrapped)

    def keep_pair(self, merchant_id: str, wallet: str, pair: WrappedKey, actor: Actor, at: datetime) -> None:
        """See ContractBook."""
        with transaction.atomic():
            WaitingPairRow.objects.update_or_create(
                merchant_id=merchant_id,
                wallet=wallet,
                defaults={"wrapped": pair.text(), "made_by": actor.username, "made_at": at},
            )
            entry = AuditEntry(
                actor=actor.username,
                role=actor.role,
                action="make_wallet_pair",
                merchant_id=merchant_id,
                object_kind="wallet",
                object_id=wallet,
                reason=actor.reason.strip(),
                detail={"check_value": pair.kcv},
            )
            append(entry, at=at)

    def enter(self, contract: WalletContract, keys: Mapping[str, WrappedKey], actor: Actor) -> None:
        """See ContractBook."""
        at = contract.entered_at
        with transaction.atomic():
            WalletContractRow.objects.create(
                contract_id=contract.contract_id,
                merchant_id=contract.merchant_id,
                wallet=contract.wallet,
                settings=json.dumps(dict(contract.settings)),
                keys=json.dumps(dict(contract.keys)),
                state=contract.state.value,
                entered_by=contract.entered_by,
                entered_at=at,
                changed_at=at,
            )
            waiting = WaitingPairRow.objects.filter(merchant_id=contract.merchant_id, wallet=contract.wallet)
            origins = dict.fromkeys(waiting.values_list("wrapped", flat=True), Origin.GENERATED)
            waiting.delete()
            for place, (name, key) in enumerate(key_names(contract.contract_id, keys).items()):
                key_id = make_id(int(at.timestamp() * 1000), bytes.fromhex(contract.contract_id)[7:] + bytes([place]))
                record_key(key_id, name, key, origins.get(key.text(), Origin.IMPORTED), at, by=actor.username)
            _append("enter_wallet_contract", contract, actor, at, mode=contract.mode)

    def note_probe(self, contract: WalletContract, probe: Probe, actor: Actor, at: datetime) -> None:
        """See ContractBook."""
        with transaction.atomic():
            WalletContractRow.objects.filter(contract_id=contract.contract_id).update(
                finding=probe.finding.value, said=probe.said[:LONGEST_SAID], probed_at=at
            )
            _append("probe_wallet_contract", contract, actor, at, finding=probe.finding.value)

    def change(self, changes: Sequence[Change], actor: Actor, at: datetime) -> bool:
        """See ContractBook."""
        with transaction.atomic():
            for before, after in changes:
                rows = WalletContractRow.objects.filter(contract_id=before.contract_id, state=before.state.value)
                moved = rows.update(
                    state=after.state.value, active_from=after.active_from, ended_from=after.ended_from, changed_at=at
                )
                if not moved:
                    transaction.set_rollback(True)
                    return False
                _append(f"wallet_contract_{after.state.value}", after, actor, at)
        return True
