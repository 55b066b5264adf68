"""What merchants enter for their contracts with wallets, and a place in memory to keep it.

What may live here: keys and certificates made for tests, the ContractBook in memory. What may not: expectations.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_der_private_key,
)
from cryptography.x509.oid import NameOID

from support.alipay_town import pkcs8
from xiaopos.kernel.secret import Secret
from xiaopos.keys import WrappedKey
from xiaopos.usecases.actors import Actor
from xiaopos.usecases.keep_wallet_contract import Change, ContractDraft, Probe, WalletContract

TEA = "898110058120001"
LIN = Actor("lin", "owner", "")
NOW = datetime(2026, 3, 14, 1, 30, tzinfo=UTC)


def key_of(name: str) -> rsa.RSAPrivateKey:
    """Somebody's pair."""
    key = load_der_private_key(pkcs8(name), None)
    assert isinstance(key, rsa.RSAPrivateKey)
    return key


def private_pem(name: str) -> bytes:
    """As a merchant uploads it."""
    return key_of(name).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def public_pem(name: str) -> str:
    """As a wallet's page shows it."""
    return key_of(name).public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


@cache
def certificate_pem(name: str, *, starts: datetime = NOW - timedelta(days=1), days: int = 365) -> str:
    """A certificate of somebody's pair, signed by itself."""
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    built = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key_of(name).public_key())
        .serial_number(0x5157F09EFDC096DE)
        .not_valid_before(starts)
        .not_valid_after(starts + timedelta(days=days))
    )
    return built.sign(key_of(name), SHA256()).public_bytes(Encoding.PEM).decode()


def alipay_draft(
    *, mode: str = "public_key", private: bytes | None = None, at: datetime = NOW, number: int = 1, **texts: str
) -> ContractDraft:
    """What Lin enters for Alipay."""
    given = {"app_id": "2021000000000001", "seller_id": "2088000000000001"}
    if mode == "public_key":
        given["wallet_public_key"] = public_pem("alipay")
    else:
        given["app_certificate"] = certificate_pem("application")
        given["wallet_certificate"] = given["root_certificate"] = certificate_pem("alipay")
    secret = private_pem("application") if private is None else private
    secrets = {"private_key": Secret(secret)}
    return ContractDraft(f"{number:032x}", TEA, "alipay", mode, given | texts, secrets, LIN, at)


class MemoryContracts:
    """The ContractBook in memory; `log` names what was written."""

    def __init__(self) -> None:
        self.kept: dict[str, WalletContract] = {}
        self.pairs: dict[tuple[str, str], WrappedKey] = {}
        self.log: list[str] = []
        self.overtaken = False

    def recall(self, merchant_id: str, contract_id: str) -> WalletContract | None:
        """See ContractBook."""
        found = self.kept.get(contract_id)
        return found if found is not None and found.merchant_id == merchant_id else None

    def contracts_of(self, merchant_id: str) -> Sequence[WalletContract]:
        """See ContractBook."""
        return [one for one in reversed(self.kept.values()) if one.merchant_id == merchant_id]

    def waiting_pair(self, merchant_id: str, wallet: str) -> WrappedKey | None:
        """See ContractBook."""
        return self.pairs.get((merchant_id, wallet))

    def keep_pair(self, merchant_id: str, wallet: str, pair: WrappedKey, actor: Actor, at: datetime) -> None:
        """See ContractBook."""
        self.log.append("pair")
        self.pairs[merchant_id, wallet] = pair

    def enter(self, contract: WalletContract, keys: Mapping[str, WrappedKey], actor: Actor) -> None:
        """See ContractBook."""
        self.log.append("enter")
        self.pairs.pop((contract.merchant_id, contract.wallet), None)
        self.kept[contract.contract_id] = contract

    def note_probe(self, contract: WalletContract, probe: Probe, actor: Actor, at: datetime) -> None:
        """See ContractBook."""
        self.log.append("probe")
        self.kept[contract.contract_id] = replace(contract, probe=probe, probed_at=at)

    def change(self, changes: Sequence[Change], actor: Actor, at: datetime) -> bool:
        """See ContractBook."""
        if self.overtaken or any(self.kept[before.contract_id] != before for before, _ in changes):
            return False
        for _, after in changes:
            self.log.append(after.state.value)
            self.kept[after.contract_id] = after
        return True
