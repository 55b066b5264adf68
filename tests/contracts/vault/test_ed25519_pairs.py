"""Every vault: Ed25519 pairs, made there or brought in, sign as RFC 8032 says and do not give themselves away."""

from __future__ import annotations

import pytest

from xiaopos.kernel.secret import Secret
from xiaopos.keys import KeyAlgorithm, KeyFault, KeyRefused, KeyUsage, Vault, WrappedKey
from xiaopos.keys.ed25519 import SeedKey, verify_ed25519

A = KeyAlgorithm.ED25519
SEED = bytes.fromhex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60")  # RFC 8032, 7.1, test 1
PUBLIC = bytes.fromhex("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a")
SIGNED = bytes.fromhex(
    "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155"
    "5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"
)


def fault(ask: object) -> KeyFault:
    assert callable(ask)
    with pytest.raises(KeyRefused) as refused:
        ask()
    return refused.value.fault


def test_the_standards_example(vault: Vault) -> None:
    pair = vault.import_pair(private=Secret(SEED), algorithm=A)
    assert vault.public_key(key=pair) == PUBLIC
    assert vault.sign(key=pair, data=b"") == SIGNED
    assert pair.kcv == SeedKey(SEED).check_value
    again = WrappedKey.from_text(pair.text())
    assert (again.usage, again.algorithm) == (KeyUsage.SIGN, A)
    assert vault.sign(key=again, data=b"") == SIGNED


def test_pairs_that_are_made_are_all_different_and_sign(vault: Vault) -> None:
    pairs = [vault.generate_pair(algorithm=A) for _ in range(70)]
    publics = [vault.public_key(key=pair) for pair in pairs]
    assert len(set(publics)) == len(pairs)
    for pair, public in zip(pairs, publics, strict=True):
        assert verify_ed25519(public, b"an event", vault.sign(key=pair, data=b"an event"))


def test_what_was_not_signed_so_is_not_believed() -> None:
    assert verify_ed25519(PUBLIC, b"", SIGNED)
    assert not verify_ed25519(PUBLIC, b"x", SIGNED)
    assert not verify_ed25519(PUBLIC, b"", bytes(64))
    assert fault(lambda: verify_ed25519(PUBLIC[:31], b"", SIGNED)) is KeyFault.WRONG_LENGTH


def test_a_pair_is_nothing_else(vault: Vault) -> None:
    pair = vault.generate_pair(algorithm=A)
    assert fault(lambda: vault.import_pair(private=Secret(SEED[:31]), algorithm=A)) is KeyFault.WRONG_LENGTH
    assert fault(lambda: vault.generate(usage=KeyUsage.SIGN, algorithm=A)) is KeyFault.WRONG_ALGORITHM
    assert fault(lambda: vault.decrypt(key=pair, cipher=b"")) is KeyFault.WRONG_ALGORITHM
    assert fault(lambda: vault.token(key=pair, data=b"")) is KeyFault.WRONG_USAGE
    assert repr(SeedKey(SEED)) == "SeedKey()"
