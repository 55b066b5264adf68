"""SM2 pairs in the software vault: made, brought in, signing, opening; the private key does not come out."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import pytest

from xiaopos.kernel.secret import Secret
from xiaopos.keys import KeyAlgorithm, KeyFault, KeyRefused, KeyState, KeyUsage, SoftwareVault, WrappedKey
from xiaopos.keys.signatures import Signing, verify_signature
from xiaopos.keys.sm2 import PublicKey, encrypt_der


def test_a_pair_signs_and_opens(vault: SoftwareVault, rng: random.Random) -> None:
    key = vault.generate_pair()
    public = PublicKey.from_bytes(vault.public_key(key=key))
    made = vault.sign(key=key, data=b"a request")
    assert verify_signature(Signing.SM2_SM3, public.spki(), b"a request", made)
    named = vault.sign(key=key, data=b"a request", signer=b"tea shop")
    assert verify_signature(Signing.SM2_SM3, public.spki(), b"a request", named, signer=b"tea shop")
    opened = vault.decrypt(key=key, cipher=encrypt_der(public, b"a terminal's key", rng.randbytes))
    assert opened == Secret(b"a terminal's key")
    again = WrappedKey.from_text(key.text())
    assert vault.public_key(key=again) == public.to_bytes()


def test_a_pair_comes_in(vault: SoftwareVault, vector: Callable[[str], Any]) -> None:
    known = vector("sm2_gbt32918_5")["sign"]
    key = vault.import_pair(private=Secret(bytes.fromhex(known["private"])))
    assert vault.public_key(key=key)[1:].hex().upper() == known["public_xy"]
    with pytest.raises(KeyRefused) as refused:
        vault.import_pair(private=Secret(bytes(32)))
    assert refused.value.fault is KeyFault.WEAK_KEY


def test_only_a_pair_signs_and_a_pair_only_signs(vault: SoftwareVault) -> None:
    mac_key = vault.generate(usage=KeyUsage.TAK, algorithm=KeyAlgorithm.TDES2)
    pair = vault.generate_pair()
    with pytest.raises(KeyRefused) as refused:
        vault.sign(key=mac_key, data=b"")
    assert refused.value.fault is KeyFault.WRONG_USAGE
    with pytest.raises(KeyRefused) as refused:
        vault.token(key=pair, data=b"")
    assert refused.value.fault is KeyFault.WRONG_USAGE
    with pytest.raises(KeyRefused) as refused:
        vault.generate(usage=KeyUsage.SIGN, algorithm=KeyAlgorithm.SM2)
    assert refused.value.fault is KeyFault.WRONG_ALGORITHM


def test_a_retired_pair_signs_no_more_though_it_is_ready(vault: SoftwareVault) -> None:
    pair = vault.generate_pair()
    vault.sign(key=pair, data=b"")
    vault.heed({pair.key_id: KeyState.COMPROMISED})
    with pytest.raises(KeyRefused) as refused:
        vault.sign(key=pair, data=b"")
    assert refused.value.fault is KeyFault.WRONG_STATE


def test_many_pairs_do_not_stay_for_ever(vault: SoftwareVault) -> None:
    pairs = [vault.generate_pair() for _ in range(66)]
    publics = [vault.public_key(key=pair) for pair in pairs]
    assert len(vault._pairs) <= 64
    assert vault.public_key(key=pairs[0]) == publics[0]
