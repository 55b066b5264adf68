"""Signatures by kind, and suites: whole, consistent with the tables, side by side in one vault."""

from __future__ import annotations

import random
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from xiaopos.keys import KeyFault, KeyRefused
from xiaopos.keys.signatures import (
    EcdsaSigningKey,
    RsaSigningKey,
    Signing,
    SigningKey,
    Sm2SigningKey,
    verify_signature,
)
from xiaopos.keys.sm2 import PrivateKey, PublicKey

MESSAGE = b"a channel's request"


def _pkcs8(key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())


@pytest.fixture(scope="module")
def rsa_pkcs8() -> bytes:
    return _pkcs8(rsa.generate_private_key(65537, 2048))


@pytest.fixture
def keys(rsa_pkcs8: bytes, rng: random.Random) -> dict[Signing, SigningKey]:
    return {
        Signing.RSA_SHA256: RsaSigningKey(rsa_pkcs8),
        Signing.ECDSA_P256_SHA256: EcdsaSigningKey(_pkcs8(ec.generate_private_key(ec.SECP256R1()))),
        Signing.SM2_SM3: Sm2SigningKey(PrivateKey.generate(rng.randbytes), rng.randbytes),
    }


@pytest.mark.parametrize("kind", list(Signing))
def test_a_signature_fits_its_message_and_key(kind: Signing, keys: dict[Signing, SigningKey]) -> None:
    key = keys[kind]
    assert key.kind is kind
    made = key.sign(MESSAGE)
    assert verify_signature(kind, key.public(), MESSAGE, made)
    assert not verify_signature(kind, key.public(), MESSAGE + b".", made)
    assert not verify_signature(kind, key.public(), MESSAGE, made[:-1])
    assert not verify_signature(kind, key.public(), MESSAGE, b"")
    with pytest.raises(KeyRefused):
        verify_signature(kind, keys[next(other for other in Signing if other is not kind)].public(), MESSAGE, made)


@pytest.mark.parametrize("kind", [Signing.RSA_SHA256, Signing.ECDSA_P256_SHA256])
def test_openssl_agrees(kind: Signing, keys: dict[Signing, SigningKey], tmp_path: Path) -> None:
    public, signature, message = tmp_path / "public.der", tmp_path / "signature", tmp_path / "message"
    public.write_bytes(keys[kind].public())
    signature.write_bytes(keys[kind].sign(MESSAGE))
    message.write_bytes(MESSAGE)
    words = ["-verify", str(public), "-keyform", "DER", "-signature", str(signature), str(message)]
    assert subprocess.run(["openssl", "dgst", "-sha256", *words], capture_output=True, check=False).returncode == 0


def test_an_sm2_signature_names_its_signer(rng: random.Random) -> None:
    key = Sm2SigningKey(PrivateKey.generate(rng.randbytes), rng.randbytes, b"tea shop")
    made = key.sign(MESSAGE)
    assert verify_signature(Signing.SM2_SM3, key.public(), MESSAGE, made, signer=b"tea shop")
    assert not verify_signature(Signing.SM2_SM3, key.public(), MESSAGE, made)


def test_keys_that_do_not_serve_are_refused(rsa_pkcs8: bytes) -> None:
    other_curve = ec.generate_private_key(ec.SECP384R1())
    short = rsa.generate_private_key(65537, 1024)

    def spki(key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey) -> bytes:
        return key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)

    edwards = spki(ed25519.Ed25519PrivateKey.generate())
    words = ["openssl", "genpkey", "-algorithm", "SM2", "-outform", "DER"]
    gm_secret = subprocess.run(words, capture_output=True, check=True).stdout
    gm_public = PrivateKey.generate(random.Random(1).randbytes).public.spki()
    asks: list[tuple[KeyFault, Callable[[], object]]] = [
        (KeyFault.WRONG_ALGORITHM, lambda: verify_signature(Signing.RSA_SHA256, gm_public, b"", b"")),
        (KeyFault.WRONG_ALGORITHM, lambda: EcdsaSigningKey(gm_secret)),
        (KeyFault.WRONG_FORM, lambda: RsaSigningKey(b"")),
        (KeyFault.WRONG_ALGORITHM, lambda: EcdsaSigningKey(rsa_pkcs8)),
        (KeyFault.WRONG_ALGORITHM, lambda: RsaSigningKey(_pkcs8(other_curve))),
        (KeyFault.WRONG_ALGORITHM, lambda: EcdsaSigningKey(_pkcs8(other_curve))),
        (KeyFault.WEAK_KEY, lambda: RsaSigningKey(_pkcs8(short))),
        (KeyFault.WEAK_KEY, lambda: verify_signature(Signing.RSA_SHA256, spki(short), b"", b"")),
        (KeyFault.WRONG_ALGORITHM, lambda: verify_signature(Signing.ECDSA_P256_SHA256, spki(other_curve), b"", b"")),
        (KeyFault.WRONG_ALGORITHM, lambda: verify_signature(Signing.ECDSA_P256_SHA256, edwards, b"", b"")),
        (KeyFault.WRONG_ALGORITHM, lambda: verify_signature(Signing.RSA_SHA256, edwards, b"", b"")),
        (KeyFault.WRONG_FORM, lambda: verify_signature(Signing.RSA_SHA256, b"\x30\x00", b"", b"")),
        (KeyFault.WRONG_FORM, lambda: PublicKey.from_spki(edwards)),
        (KeyFault.WRONG_FORM, lambda: PublicKey.from_spki(b"")),
    ]
    for fault, ask in asks:
        with pytest.raises(KeyRefused) as refused:
            ask()
        assert refused.value.fault is fault
