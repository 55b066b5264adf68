"""Entering a wallet's contract: what is taken, what is refused by the name of its field, and when it takes money."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, NoEncryption, PrivateFormat

from support.channels import new_vault
from support.contracts import (
    LIN,
    NOW,
    TEA,
    MemoryContracts,
    alipay_draft,
    certificate_pem,
    key_of,
    private_pem,
    public_pem,
)
from xiaopos.kernel.secret import Secret
from xiaopos.keys import KeyUsage, WrappedKey
from xiaopos.merchants.wallet_contracts import STANDS_AFTER, ContractState
from xiaopos.usecases.keep_wallet_contract import (
    ContractDraft,
    ContractFault,
    Finding,
    NotKept,
    Probe,
    WalletContract,
    activate_contract,
    end_contract,
    enter_contract,
    make_pair,
)

VAULT = new_vault()


def usable(_wallet: str, _settings: Mapping[str, str]) -> str:
    return ""


def entered(draft: ContractDraft, book: MemoryContracts | None = None) -> WalletContract | NotKept:
    return enter_contract(draft, book=book or MemoryContracts(), vault=VAULT, unusable=usable)


def kept(draft: ContractDraft, book: MemoryContracts) -> WalletContract:
    contract = entered(draft, book)
    assert isinstance(contract, WalletContract), contract
    return contract


def refusal(draft: ContractDraft) -> tuple[ContractFault, str]:
    book = MemoryContracts()
    refused = entered(draft, book)
    assert isinstance(refused, NotKept)
    assert book.log == []
    return refused.fault, refused.field


def test_a_contract_is_kept_on_trial_with_its_key_in_the_vault_alone() -> None:
    book = MemoryContracts()
    contract = kept(alipay_draft(), book)
    assert contract.state is ContractState.TRIAL
    assert (contract.mode, contract.settings["app_id"]) == ("public_key", "2021000000000001")
    assert WrappedKey.from_text(contract.keys["private_key"]).usage is KeyUsage.SIGN
    assert "PRIVATE" not in repr(contract) + str(contract.settings)
    assert contract.active_from is None


def test_certificates_are_taken_instead_of_public_keys() -> None:
    contract = kept(alipay_draft(mode="certificate"), MemoryContracts())
    assert "CERTIFICATE" in contract.settings["app_certificate"]
    assert "wallet_public_key" not in contract.settings


def test_what_may_be_left_empty_is_not_kept() -> None:
    assert "seller_id" not in kept(alipay_draft(seller_id="  "), MemoryContracts()).settings


def test_a_wallet_or_a_way_of_working_that_there_is_not() -> None:
    assert refusal(replace(alipay_draft(), wallet="cash"))[0] is ContractFault.WALLET_UNKNOWN
    assert refusal(replace(alipay_draft(), mode="carrier pigeon")) == (ContractFault.MODE_UNKNOWN, "mode")


def locked() -> bytes:
    return key_of("application").private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"secret"))


def weak() -> bytes:
    key = rsa.generate_private_key(65537, 1024)
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


@pytest.mark.parametrize(
    ("draft", "fault", "field"),
    [
        (alipay_draft(app_id=""), ContractFault.MISSING, "app_id"),
        (alipay_draft(app_id="two"), ContractFault.WRONG_FORM, "app_id"),
        (alipay_draft(private=b""), ContractFault.MISSING, "private_key"),
        (alipay_draft(private=b"hello"), ContractFault.NOT_A_KEY, "private_key"),
        (alipay_draft(private=b"A" * 20_000), ContractFault.WRONG_FORM, "private_key"),
        (alipay_draft(private=public_pem("application").encode()), ContractFault.PUBLIC_HERE, "private_key"),
        (alipay_draft(private=locked()), ContractFault.LOCKED, "private_key"),
        (alipay_draft(private=weak()), ContractFault.WEAK, "private_key"),
        (alipay_draft(wallet_public_key=""), ContractFault.MISSING, "wallet_public_key"),
        (alipay_draft(wallet_public_key="MIIB"), ContractFault.NOT_A_KEY, "wallet_public_key"),
        (alipay_draft(wallet_public_key="A" * 70_000), ContractFault.WRONG_FORM, "wallet_public_key"),
        (
            alipay_draft(wallet_public_key=private_pem("alipay").decode()),
            ContractFault.PRIVATE_HERE,
            "wallet_public_key",
        ),
        (alipay_draft(wallet_public_key=public_pem("application")), ContractFault.OWN_KEY, "wallet_public_key"),
        (
            alipay_draft(mode="certificate", app_certificate=certificate_pem("alipay")),
            ContractFault.NOT_A_PAIR,
            "app_certificate",
        ),
        (
            alipay_draft(mode="certificate", at=NOW + timedelta(days=400)),
            ContractFault.NOT_VALID_NOW,
            "app_certificate",
        ),
        (
            alipay_draft(
                mode="certificate", root_certificate=certificate_pem("alipay") + private_pem("alipay").decode()
            ),
            ContractFault.PRIVATE_HERE,
            "root_certificate",
        ),
    ],
)
def test_what_is_wrong_is_named_by_its_field(draft: ContractDraft, fault: ContractFault, field: str) -> None:
    assert refusal(draft) == (fault, field)


def test_what_the_gateway_cannot_work_with_is_not_kept() -> None:
    book = MemoryContracts()
    refused = enter_contract(alipay_draft(), book=book, vault=VAULT, unusable=lambda *_: "root_certificate")
    assert refused == NotKept(ContractFault.UNUSABLE, "root_certificate")
    assert book.log == []


def test_a_shared_key_of_the_wrong_length_is_refused() -> None:
    draft = ContractDraft(
        "1" * 32,
        TEA,
        "wechat",
        "public_key",
        {"mchid": "1900000001", "appid": "wx8888888888888888", "certificate": certificate_pem("application")},
        {"private_key": Secret(private_pem("application")), "api_v3_key": Secret(b"too short")},
        LIN,
        NOW,
    )
    assert refusal(draft) == (ContractFault.WRONG_FORM, "api_v3_key")


def test_a_pair_made_here_is_used_when_none_is_entered_and_never_leaves_the_vault() -> None:
    book = MemoryContracts()
    public = make_pair(TEA, "alipay", LIN, NOW, book=book, vault=VAULT)
    contract = kept(alipay_draft(private=b" "), book)
    assert VAULT.public_key(key=WrappedKey.from_text(contract.keys["private_key"])) == public
    assert book.pairs == {}
    assert refusal(alipay_draft(private=b"")) == (ContractFault.MISSING, "private_key")


def proven(draft: ContractDraft, book: MemoryContracts, finding: Finding = Finding.WORKS) -> WalletContract:
    contract = kept(draft, book)
    book.note_probe(contract, Probe(finding), LIN, NOW)
    return book.kept[contract.contract_id]


def test_a_contract_takes_money_only_once_the_wallet_has_answered_well() -> None:
    book = MemoryContracts()
    contract = kept(alipay_draft(), book)
    unproven = NotKept(ContractFault.NOT_PROVEN)
    assert activate_contract(TEA, contract.contract_id, LIN, NOW, book) == unproven
    book.note_probe(contract, Probe(Finding.THEIR_KEY), LIN, NOW)
    assert activate_contract(TEA, contract.contract_id, LIN, NOW, book) == unproven
    book.note_probe(contract, Probe(Finding.WORKS), LIN, NOW)
    active = activate_contract(TEA, contract.contract_id, LIN, NOW, book)
    assert isinstance(active, WalletContract)
    assert (active.state, active.active_from) == (ContractState.ACTIVE, NOW + STANDS_AFTER)


def test_the_next_contract_takes_over_at_one_instant() -> None:
    book = MemoryContracts()
    first, second = proven(alipay_draft(), book), proven(alipay_draft(number=2, app_id="2021000000000002"), book)
    activate_contract(TEA, first.contract_id, LIN, NOW, book)
    later = NOW + timedelta(hours=1)
    activate_contract(TEA, second.contract_id, LIN, later, book)
    ended, active = book.kept[first.contract_id], book.kept[second.contract_id]
    assert (ended.state, active.state) == (ContractState.ENDED, ContractState.ACTIVE)
    assert ended.ended_from == active.active_from == later + STANDS_AFTER


def test_a_contract_that_is_ended_is_not_taken_up_again() -> None:
    book = MemoryContracts()
    contract = proven(alipay_draft(), book)
    ended = end_contract(TEA, contract.contract_id, LIN, NOW, book)
    assert isinstance(ended, WalletContract)
    assert (ended.state, ended.ended_from) == (ContractState.ENDED, NOW + STANDS_AFTER)
    assert activate_contract(TEA, contract.contract_id, LIN, NOW, book) == NotKept(ContractFault.NOT_NOW)
    assert end_contract(TEA, contract.contract_id, LIN, NOW, book) == NotKept(ContractFault.NOT_NOW)


def test_another_merchants_contract_is_not_there() -> None:
    book = MemoryContracts()
    contract = proven(alipay_draft(), book)
    nothing = NotKept(ContractFault.CONTRACT_UNKNOWN)
    assert activate_contract("898110058120002", contract.contract_id, LIN, NOW, book) == nothing
    assert end_contract("898110058120002", contract.contract_id, LIN, NOW, book) == nothing


def test_two_people_at_once_change_it_once() -> None:
    book = MemoryContracts()
    contract = proven(alipay_draft(), book)
    book.overtaken = True
    assert activate_contract(TEA, contract.contract_id, LIN, NOW, book) == NotKept(ContractFault.NOT_NOW)
    assert end_contract(TEA, contract.contract_id, LIN, NOW, book) == NotKept(ContractFault.NOT_NOW)
    assert book.kept[contract.contract_id] == contract
