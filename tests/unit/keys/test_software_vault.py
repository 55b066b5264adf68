"""What only the software vault has: its master key, its source of randomness, how many keys it keeps.

What it shares with every vault is in tests/contracts/vault.
"""

from __future__ import annotations

import dataclasses
import random
from collections.abc import Callable
from typing import Any

import pytest

from xiaopos.kernel.secret import Secret
from xiaopos.keys import (
    KeyAlgorithm,
    KeyFault,
    KeyRefused,
    KeyUsage,
    MacKind,
    SoftwareVault,
    Vault,
    WrappedKey,
)
from xiaopos.keys.hierarchy import ALGORITHMS
from xiaopos.keys.software_vault import check_value

U, A = KeyUsage, KeyAlgorithm
Load = Callable[..., WrappedKey]
Vector = Callable[[str], Any]
MASTER = Secret(bytes(range(32)))


def _fault(call: Callable[[], object]) -> KeyFault:
    with pytest.raises(KeyRefused) as refused:
        call()
    return refused.value.fault


def test_it_is_a_vault_and_not_a_certified_one(vault: SoftwareVault) -> None:
    role: Vault = vault
    assert role.is_certified is False
    assert repr(vault) == "SoftwareVault(not certified)"


@pytest.mark.parametrize("length", [0, 16, 31, 33])
def test_a_master_key_has_32_bytes(length: int) -> None:
    assert _fault(lambda: SoftwareVault(Secret(bytes(length)), bytes)) is KeyFault.WRONG_LENGTH


def test_it_keeps_at_least_two_keys() -> None:
    with pytest.raises(ValueError, match="at least 2"):
        SoftwareVault(MASTER, bytes, keep=1)


@pytest.mark.parametrize("algorithm", sorted(ALGORITHMS[U.ZAK], key=str))
def test_a_broken_source_of_randomness_is_noticed(algorithm: KeyAlgorithm) -> None:
    broken = SoftwareVault(MASTER, bytes)
    usage = U.ZAK
    assert _fault(lambda: broken.generate(usage=usage, algorithm=algorithm)) is KeyFault.WEAK_KEY


def test_an_aes_check_value_is_its_cmac() -> None:
    # NIST SP 800-38B key; CMAC of sixteen zero bytes, as ANSI X9.24-1:2017 annex A asks.
    key = bytes.fromhex("2B7E151628AED2A6ABF7158809CF4F3C")
    vault = SoftwareVault(MASTER, random.Random(1).randbytes)
    zak = vault.combine(
        components=[Secret(bytes(15) + b"\x01"), Secret(key[:15] + bytes((key[15] ^ 1,)))],
        usage=U.ZAK,
        algorithm=A.AES128,
    )
    cmac = vault.mac(key=zak, data=bytes(16), kind=MacKind.AES_CMAC)
    assert zak.kcv == cmac[:4].hex().upper() == check_value(A.AES128, key).hex().upper()


def test_another_vault_with_the_same_master_opens_it() -> None:
    one = SoftwareVault(MASTER, random.Random(1).randbytes)
    two = SoftwareVault(MASTER, random.Random(2).randbytes)
    key = one.generate(usage=U.TOKEN, algorithm=A.HMAC256)
    assert one.token(key=key, data=b"6225") == two.token(key=WrappedKey.from_text(key.text()), data=b"6225")


def test_few_kept_contexts_serve_many_keys() -> None:
    small = SoftwareVault(MASTER, random.Random(3).randbytes, keep=4)
    keys = [small.generate(usage=U.TAK, algorithm=A.DES) for _ in range(7)]
    macs = [small.mac(key=key, data=b"0200", kind=MacKind.UNIONPAY_ECB) for key in keys]
    order = random.Random(4)
    for _ in range(200):
        at = order.randrange(7)
        assert small.mac(key=keys[at], data=b"0200", kind=MacKind.UNIONPAY_ECB) == macs[at]
        assert len(small._young) + len(small._old) <= 4


def test_a_key_in_the_older_half_is_still_checked_by_all_its_words() -> None:
    small = SoftwareVault(MASTER, random.Random(5).randbytes, keep=2)
    first, second = (small.generate(usage=U.TAK, algorithm=A.DES) for _ in range(2))
    for key in (first, second):
        small.mac(key=key, data=b"", kind=MacKind.X9_9)
    forged = dataclasses.replace(first, usage=U.ZAK)
    assert _fault(lambda: small.mac(key=forged, data=b"", kind=MacKind.X9_9)) is KeyFault.BAD_BLOB


def test_nothing_clear_is_seen_outside(load: Load, vault: SoftwareVault) -> None:
    clear = bytes.fromhex("0123456789ABCDEFFEDCBA9876543210")
    key = load(U.TAK, A.TDES2, clear)
    seen = repr(vault) + repr(key) + key.text() + repr(vars(vault))
    assert clear.hex() not in seen.lower()
    assert clear not in key.blob
    assert repr(clear)[2:-1] not in seen
