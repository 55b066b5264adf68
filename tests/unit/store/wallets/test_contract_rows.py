"""Contracts in the database: what is written together, what is read again, what stays when somebody else was first."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from support.channels import new_vault
from support.contracts import LIN, NOW, TEA, alipay_draft
from xiaopos.keys import WrappedKey
from xiaopos.merchants.wallet_contracts import STANDS_AFTER, ContractState
from xiaopos.store.audit.models import AuditRow
from xiaopos.store.keys.models import KeyRecord
from xiaopos.store.wallets.book import ContractRows
from xiaopos.usecases.keep_wallet_contract import (
    ContractDraft,
    Finding,
    Probe,
    WalletContract,
    activate_contract,
    end_contract,
    enter_contract,
    make_pair,
)

pytestmark = pytest.mark.django_db
VAULT = new_vault()
BOOK = ContractRows()


def kept(draft: ContractDraft) -> WalletContract:
    contract = enter_contract(draft, book=BOOK, vault=VAULT, unusable=lambda *_: "")
    assert isinstance(contract, WalletContract), contract
    return contract


def actions() -> list[str]:
    return list(AuditRow.objects.order_by("seq").values_list("action", flat=True))


def test_a_contract_its_keys_and_who_entered_it_are_written_together() -> None:
    contract = kept(alipay_draft())
    assert BOOK.recall(TEA, contract.contract_id) == contract
    assert BOOK.recall("898110058120002", contract.contract_id) is None
    assert BOOK.contracts_of(TEA) == [contract]
    (record,) = KeyRecord.objects.all()
    key = WrappedKey.from_text(contract.keys["private_key"])
    assert (record.vault_id, record.check_value, record.origin) == (key.key_id, key.kcv, "imported")
    assert len(record.name) <= 32
    assert "enter_wallet_contract" in actions()


def test_two_contracts_have_keys_of_their_own_in_the_inventory() -> None:
    kept(alipay_draft())
    kept(alipay_draft(number=1 << 60, at=NOW + timedelta(minutes=1)))
    assert KeyRecord.objects.count() == 2
    assert len(set(KeyRecord.objects.values_list("name", flat=True))) == 2


def test_a_pair_waits_until_it_is_used_and_only_the_newest() -> None:
    make_pair(TEA, "alipay", LIN, NOW, book=BOOK, vault=VAULT)
    first = BOOK.waiting_pair(TEA, "alipay")
    public = make_pair(TEA, "alipay", LIN, NOW, book=BOOK, vault=VAULT)
    second = BOOK.waiting_pair(TEA, "alipay")
    assert first is not None
    assert second is not None
    assert first != second
    assert VAULT.public_key(key=second) == public
    contract = kept(alipay_draft(private=b""))
    assert WrappedKey.from_text(contract.keys["private_key"]) == second
    assert BOOK.waiting_pair(TEA, "alipay") is None
    assert KeyRecord.objects.get().origin == "generated"


def test_what_asking_found_is_kept_and_lets_it_take_money() -> None:
    contract = kept(alipay_draft())
    BOOK.note_probe(contract, Probe(Finding.WORKS, "x" * 200), LIN, NOW)
    known = BOOK.recall(TEA, contract.contract_id)
    assert known is not None
    assert known.probe == Probe(Finding.WORKS, "x" * 120)
    assert known.probed_at == NOW
    active = activate_contract(TEA, contract.contract_id, LIN, NOW, BOOK)
    assert isinstance(active, WalletContract)
    assert BOOK.recall(TEA, contract.contract_id) == active
    assert active.active_from == NOW + STANDS_AFTER
    assert actions()[-2:] == ["probe_wallet_contract", "wallet_contract_active"]


def test_the_next_one_takes_over_in_one_commit() -> None:
    first, second = kept(alipay_draft()), kept(alipay_draft(number=2, at=NOW + timedelta(minutes=1)))
    for contract in (first, second):
        BOOK.note_probe(contract, Probe(Finding.WORKS), LIN, NOW)
        assert isinstance(activate_contract(TEA, contract.contract_id, LIN, NOW, BOOK), WalletContract)
    states = {one.contract_id: one.state for one in BOOK.contracts_of(TEA)}
    assert states == {first.contract_id: ContractState.ENDED, second.contract_id: ContractState.ACTIVE}


def test_of_two_people_at_once_one_changes_and_the_other_changes_nothing() -> None:
    contract, other = kept(alipay_draft()), kept(alipay_draft(number=2))
    ended = end_contract(TEA, contract.contract_id, LIN, NOW, BOOK)
    assert isinstance(ended, WalletContract)
    before = actions()
    both = [(other, replace(other, state=ContractState.ENDED)), (contract, ended)]
    assert not BOOK.change(both, LIN, NOW)
    known = BOOK.recall(TEA, other.contract_id)
    assert known is not None
    assert known.state is ContractState.TRIAL
    assert actions() == before
