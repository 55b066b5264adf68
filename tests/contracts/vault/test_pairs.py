"""Every vault: a pair that signs, or the word that this module has none; never another error."""

from __future__ import annotations

import pytest

from xiaopos.kernel.secret import Secret
from xiaopos.keys import KeyAlgorithm, KeyFault, KeyRefused, KeyUsage, SoftwareVault, Vault
from xiaopos.keys.signatures import Signing, verify_signature
from xiaopos.keys.sm2 import PublicKey


def test_a_pair_signs_or_is_not_offered(vault: Vault) -> None:
    if isinstance(vault, SoftwareVault):
        pair = vault.generate_pair()
        public = PublicKey.from_bytes(vault.public_key(key=pair)).spki()
        assert verify_signature(Signing.SM2_SM3, public, b"a request", vault.sign(key=pair, data=b"a request"))
    else:
        for ask in (vault.generate_pair, lambda: vault.import_pair(private=Secret(bytes(31) + b"\x05"))):
            with pytest.raises(KeyRefused) as refused:
                ask()
            assert refused.value.fault is KeyFault.NOT_OFFERED


def test_no_other_key_signs(vault: Vault) -> None:
    key = vault.generate(usage=KeyUsage.TAK, algorithm=KeyAlgorithm.TDES2)
    for ask in (
        lambda: vault.sign(key=key, data=b""),
        lambda: vault.public_key(key=key),
        lambda: vault.decrypt(key=key, cipher=b""),
    ):
        with pytest.raises(KeyRefused) as refused:
            ask()
        assert refused.value.fault is KeyFault.WRONG_USAGE
