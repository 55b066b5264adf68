"""Every vault: RSA pairs that are made or brought in, that sign, and whose private keys do not come out."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, NoEncryption
from cryptography.hazmat.primitives.serialization import PrivateFormat as Private
from cryptography.hazmat.primitives.serialization import PublicFormat as Public

from xiaopos.kernel.secret import Secret
from xiaopos.keys import KeyAlgorithm, KeyFault, KeyRefused, KeyState, KeyUsage, Operation, Vault, WrappedKey
from xiaopos.keys.hierarchy import PAIRS
from xiaopos.keys.signatures import verify_rsa

A, U = KeyAlgorithm, KeyUsage
REQUEST = 'app_id=2021&biz_content={"subject":"茶"}'.encode()


@pytest.fixture(scope="module")
def owner() -> rsa.RSAPrivateKey:
    """A merchant's own key, made elsewhere."""
    return rsa.generate_private_key(65537, 2048)


def _spki(key: rsa.RSAPrivateKey) -> bytes:
    return key.public_key().public_bytes(Encoding.DER, Public.SubjectPublicKeyInfo)


def _pkcs8(key: rsa.RSAPrivateKey) -> bytes:
    return key.private_bytes(Encoding.DER, Private.PKCS8, NoEncryption())


def _fault(call: Callable[[], object]) -> KeyFault:
    with pytest.raises(KeyRefused) as refused:
        call()
    return refused.value.fault


@pytest.mark.parametrize(("algorithm", "size"), [(A.RSA2048, 256), (A.RSA3072, 384)])
def test_a_pair_is_made_and_signs(vault: Vault, algorithm: KeyAlgorithm, size: int) -> None:
    pair = vault.generate_pair(algorithm=algorithm)
    public = vault.public_key(key=pair)
    made = vault.sign(key=pair, data=REQUEST)
    assert (pair.usage, pair.algorithm, len(made)) == (U.SIGN, algorithm, size)
    assert verify_rsa(public, REQUEST, made)
    assert not verify_rsa(public, REQUEST + b" ", made)
    again = WrappedKey.from_text(pair.text())
    assert vault.public_key(key=again) == public
    assert vault.sign(key=again, data=REQUEST) == made
    assert pair.kcv == hashlib.sha256(public).hexdigest()[:8].upper()


def test_a_pair_comes_in_as_its_owner_has_it(vault: Vault, owner: rsa.RSAPrivateKey) -> None:
    for encoding, form in (
        (Encoding.DER, Private.PKCS8),
        (Encoding.PEM, Private.PKCS8),
        (Encoding.DER, Private.TraditionalOpenSSL),
        (Encoding.PEM, Private.TraditionalOpenSSL),
    ):
        private = Secret(owner.private_bytes(encoding, form, NoEncryption()))
        for algorithm in (A.RSA2048, None):
            pair = vault.import_pair(private=private, algorithm=algorithm)
            assert vault.public_key(key=pair) == _spki(owner)
            assert verify_rsa(_spki(owner), REQUEST, vault.sign(key=pair, data=REQUEST))


def test_the_longest_pair_comes_in(vault: Vault) -> None:
    long = rsa.generate_private_key(65537, 4096)
    pair = vault.import_pair(private=Secret(_pkcs8(long)), algorithm=None)
    assert pair.algorithm is A.RSA4096
    assert verify_rsa(_spki(long), REQUEST, vault.sign(key=pair, data=REQUEST))


def test_what_is_no_good_pair_is_refused_by_name(vault: Vault, owner: rsa.RSAPrivateKey) -> None:
    short = _pkcs8(rsa.generate_private_key(65537, 1024))
    locked = owner.private_bytes(Encoding.PEM, Private.PKCS8, BestAvailableEncryption(b"password"))
    public = owner.public_key().public_bytes(Encoding.PEM, Public.SubjectPublicKeyInfo)
    for private, algorithm, fault in (
        (short, None, KeyFault.WEAK_KEY),
        (locked, A.RSA2048, KeyFault.LOCKED),
        (public, A.RSA2048, KeyFault.NOT_PRIVATE),
        (b"no key", A.RSA2048, KeyFault.WRONG_FORM),
        (_pkcs8(owner), A.RSA4096, KeyFault.WRONG_ALGORITHM),
        (_pkcs8(owner), A.AES256, KeyFault.WRONG_ALGORITHM),
        (_pkcs8(owner), A.SM2, KeyFault.WRONG_LENGTH),
    ):

        def ask(given: bytes = private, of: KeyAlgorithm | None = algorithm) -> object:
            return vault.import_pair(private=Secret(given), algorithm=of)

        assert _fault(ask) is fault
    assert _fault(lambda: vault.generate_pair(algorithm=A.AES256)) is KeyFault.WRONG_ALGORITHM


def test_a_pair_signs_and_does_nothing_else(vault: Vault) -> None:
    pair = vault.generate_pair(algorithm=A.RSA2048)
    tmk = vault.generate(usage=U.ZMK, algorithm=A.TDES3)
    for ask, fault in (
        (lambda: vault.decrypt(key=pair, cipher=b""), KeyFault.WRONG_ALGORITHM),
        (lambda: vault.token(key=pair, data=b""), KeyFault.WRONG_USAGE),
        (lambda: vault.seal(key=pair, plaintext=b"", aad=b""), KeyFault.WRONG_USAGE),
        (lambda: vault.export_under(kek=tmk, key=pair), KeyFault.WRONG_USAGE),
        (lambda: vault.export_under(kek=pair, key=tmk), KeyFault.WRONG_USAGE),
    ):
        assert _fault(ask) is fault


@pytest.mark.parametrize("algorithm", sorted(PAIRS, key=str))
def test_no_pair_comes_by_bytes_or_components(vault: Vault, algorithm: KeyAlgorithm) -> None:
    parts = [Secret(bytes(range(256)) * 2)] * 2
    for ask in (
        lambda: vault.generate(usage=U.SIGN, algorithm=algorithm),
        lambda: vault.combine(components=parts, usage=U.SIGN, algorithm=algorithm),
        lambda: vault.take_component(component=parts[0], algorithm=algorithm),
    ):
        assert _fault(ask) is KeyFault.WRONG_ALGORITHM


@pytest.mark.parametrize("state", list(KeyState))
def test_a_pair_signs_only_while_it_is_active(vault: Vault, state: KeyState) -> None:
    pair = vault.generate_pair(algorithm=A.RSA2048)
    vault.sign(key=pair, data=b"")
    vault.heed({pair.key_id: state})
    if state is KeyState.ACTIVE:
        vault.sign(key=pair, data=b"")
    else:
        assert _fault(lambda: vault.sign(key=pair, data=b"")) is KeyFault.WRONG_STATE


def test_its_uses_are_counted(vault: Vault) -> None:
    pair = vault.generate_pair(algorithm=A.RSA2048)
    for _ in range(3):
        vault.sign(key=pair, data=b"")
    (use,) = [each for each in vault.take_uses() if each.key_id == pair.key_id]
    assert (use.operation, use.uses, use.kcv) == (Operation.SIGN, 3, pair.kcv)


def test_an_altered_or_renamed_pair_is_refused(vault: Vault) -> None:
    pair = vault.generate_pair(algorithm=A.RSA2048)
    flipped = pair.blob[:40] + bytes((pair.blob[40] ^ 1,)) + pair.blob[41:]
    for blob in (flipped, pair.blob[:-1], pair.blob[:20], b"", bytes(28)):
        key = WrappedKey(pair.usage, pair.algorithm, pair.kcv, blob)
        assert _fault(lambda key=key: vault.sign(key=key, data=b"")) is KeyFault.BAD_BLOB  # type: ignore[misc]  # bound in the loop
    for usage, algorithm, kcv in (
        (U.TOKEN, pair.algorithm, pair.kcv),
        (U.SIGN, A.RSA4096, pair.kcv),
        (U.SIGN, pair.algorithm, "00000000"),
    ):
        renamed = WrappedKey(usage, algorithm, kcv, pair.blob)
        assert _fault(lambda key=renamed: vault.sign(key=key, data=b"")) is KeyFault.BAD_BLOB  # type: ignore[misc]  # bound in the loop
