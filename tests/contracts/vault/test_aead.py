"""Every vault: what a channel sealed under a key it shares with us is opened inside; the key does not come out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from xiaopos.kernel.secret import Secret
from xiaopos.keys import KeyAlgorithm, KeyFault, KeyRefused, KeyState, KeyUsage, Operation, Vault, WrappedKey

SHARED = Secret(b"teaShopApiV3KeyOf32Characters000")
NONCE, AAD, SAID = b"wCq51qZv4Yfg", b"transaction", '{"trade_state":"SUCCESS","茶":1}'.encode()


def _fault(call: Callable[[], object]) -> KeyFault:
    with pytest.raises(KeyRefused) as refused:
        call()
    return refused.value.fault


def test_a_published_value(vault: Vault, vector: Callable[[str], Any]) -> None:
    known = {
        name: bytes.fromhex(value)
        for name, value in vector("aes_gcm_256").items()
        if name not in ("title", "provenance")
    }
    key = vault.import_aead(secret=Secret(known["key"]))
    sealed = known["ciphertext"] + known["tag"]
    opened = vault.open_aead(key=key, nonce=known["nonce"], cipher=sealed, aad=known["aad"])
    assert opened == Secret(known["plaintext"])
    assert vault.seal_aead(key=key, nonce=known["nonce"], plaintext=known["plaintext"], aad=known["aad"]) == sealed


def test_what_another_library_sealed_is_opened_and_the_other_way_round(vault: Vault) -> None:
    key = vault.import_aead(secret=SHARED)
    other = AESGCM(SHARED.value)
    for said in (SAID, b"", bytes(70_000)):
        for aad in (AAD, b""):
            opened = vault.open_aead(key=key, nonce=NONCE, cipher=other.encrypt(NONCE, said, aad), aad=aad)
            assert opened == Secret(said)
            assert other.decrypt(NONCE, vault.seal_aead(key=key, nonce=NONCE, plaintext=said, aad=aad), aad) == said
    again = WrappedKey.from_text(key.text())
    assert (again.usage, again.algorithm) == (KeyUsage.AEAD, KeyAlgorithm.AES256)
    assert vault.open_aead(key=again, nonce=NONCE, cipher=other.encrypt(NONCE, SAID, AAD), aad=AAD) == Secret(SAID)


def test_what_was_altered_is_refused(vault: Vault) -> None:
    key, stranger = vault.import_aead(secret=SHARED), vault.generate(usage=KeyUsage.AEAD, algorithm=KeyAlgorithm.AES256)
    sealed = vault.seal_aead(key=key, nonce=NONCE, plaintext=SAID, aad=AAD)
    flipped = bytes((sealed[0] ^ 1,)) + sealed[1:]

    def opens(
        cipher: bytes = sealed, key: WrappedKey = key, nonce: bytes = NONCE, aad: bytes = AAD
    ) -> Callable[[], object]:
        return lambda: vault.open_aead(key=key, nonce=nonce, cipher=cipher, aad=aad)

    for ask in (
        opens(flipped),
        opens(sealed[:-1] + bytes((sealed[-1] ^ 1,))),
        opens(sealed[:-1]),
        opens(sealed[:15]),
        opens(b""),
        opens(key=stranger),
        opens(nonce=NONCE[::-1]),
        opens(aad=AAD + b"."),
    ):
        assert _fault(ask) is KeyFault.BAD_SEAL
    for nonce in (b"", NONCE[:-1], NONCE + b"0"):
        assert _fault(opens(nonce=nonce)) is KeyFault.WRONG_LENGTH
        assert (
            _fault(lambda nonce=nonce: vault.seal_aead(key=key, nonce=nonce, plaintext=b"", aad=b""))  # type: ignore[misc]  # bound in the loop
            is KeyFault.WRONG_LENGTH
        )


def test_a_key_of_another_length_or_of_nothing_is_refused(vault: Vault) -> None:
    for secret, fault in (
        (b"testAPIv3Key0000", KeyFault.WRONG_LENGTH),
        (SHARED.value + b"\n", KeyFault.WRONG_LENGTH),
        (b"", KeyFault.WRONG_LENGTH),
        (bytes(32), KeyFault.WEAK_KEY),
    ):
        assert _fault(lambda secret=secret: vault.import_aead(secret=Secret(secret))) is fault  # type: ignore[misc]  # bound in the loop


def test_it_goes_nowhere_and_does_nothing_else(vault: Vault) -> None:
    key = vault.import_aead(secret=SHARED)
    zmk = vault.generate(usage=KeyUsage.ZMK, algorithm=KeyAlgorithm.TDES3)
    seal = vault.generate(usage=KeyUsage.SEAL, algorithm=KeyAlgorithm.AES256)
    for ask in (
        lambda: vault.export_under(kek=zmk, key=key),
        lambda: vault.seal(key=key, plaintext=b"", aad=b""),
        lambda: vault.sign(key=key, data=b""),
        lambda: vault.open_aead(key=seal, nonce=NONCE, cipher=bytes(16), aad=b""),
    ):
        assert _fault(ask) is KeyFault.WRONG_USAGE


def test_a_replaced_key_still_opens_what_is_under_way_and_seals_nothing(vault: Vault) -> None:
    key = vault.import_aead(secret=SHARED)
    sealed = vault.seal_aead(key=key, nonce=NONCE, plaintext=SAID, aad=AAD)
    vault.heed({key.key_id: KeyState.RETIRED})
    assert vault.open_aead(key=key, nonce=NONCE, cipher=sealed, aad=AAD) == Secret(SAID)
    assert _fault(lambda: vault.seal_aead(key=key, nonce=NONCE, plaintext=SAID, aad=AAD)) is KeyFault.WRONG_STATE
    vault.heed({key.key_id: KeyState.COMPROMISED})
    assert _fault(lambda: vault.open_aead(key=key, nonce=NONCE, cipher=sealed, aad=AAD)) is KeyFault.WRONG_STATE


def test_its_uses_are_counted(vault: Vault) -> None:
    key = vault.import_aead(secret=SHARED)
    sealed = vault.seal_aead(key=key, nonce=NONCE, plaintext=SAID, aad=AAD)
    for _ in range(2):
        vault.open_aead(key=key, nonce=NONCE, cipher=sealed, aad=AAD)
    counted = {use.operation: use.uses for use in vault.take_uses() if use.key_id == key.key_id}
    assert counted == {Operation.AEAD_SEAL: 1, Operation.AEAD_OPEN: 2}
