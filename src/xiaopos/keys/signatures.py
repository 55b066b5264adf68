"""Signatures by suite: RSA, ECDSA and SM2 behind one pair of questions.

What may live here: the kinds, checking a signature with a public key, the private keys' role and software forms.
What may not: SM2's arithmetic (`sm2`), certificates, what is signed (gateways), where private keys are kept (a vault).

Public keys are DER SubjectPublicKeyInfo; RSA signatures are as long as the modulus, ECDSA and SM2 signatures are DER.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum
from typing import Protocol

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_der_private_key,
    load_der_public_key,
)

from xiaopos.keys import sm2
from xiaopos.keys.vault import KeyFault, KeyRefused

Entropy = Callable[[int], bytes]

_SHORTEST_RSA = 2048


class Signing(Enum):
    """An algorithm, its curve and its hash."""

    RSA_SHA256 = "rsa_sha256"
    """RSASSA-PKCS1-v1_5 with SHA-256, at least 2048 bits: RFC 8017, 8.2. Wallets call it RSA2 or SHA256-RSA2048."""
    ECDSA_P256_SHA256 = "ecdsa_p256_sha256"
    """ECDSA on P-256 with SHA-256: FIPS 186-5."""
    SM2_SM3 = "sm2_sm3"
    """SM2 with SM3: GB/T 32918.2-2016; GM/T 0010 names it SM3WITHSM2."""


class SigningKey(Protocol):
    """A private key that signs and does not give itself away."""

    @property
    def kind(self) -> Signing:
        """Which signatures it makes."""
        ...

    def public(self) -> bytes:
        """Its public key, DER SubjectPublicKeyInfo."""
        ...

    def sign(self, message: bytes, /) -> bytes:
        """A signature over the message."""
        ...


class Sm2SigningKey:
    """An SM2 key, its randomness and its owner's identity in this process."""

    kind = Signing.SM2_SM3

    def __init__(self, key: sm2.PrivateKey, entropy: Entropy, signer: bytes = sm2.DEFAULT_ID) -> None:
        self._key, self._entropy, self._signer = key, entropy, signer

    def public(self) -> bytes:
        """See `SigningKey`."""
        return self._key.public.spki()

    def sign(self, message: bytes, /) -> bytes:
        """See `SigningKey`."""
        return self._key.sign(message, self._entropy, signer=self._signer).der()


class RsaSigningKey:
    """An RSA key from DER PKCS#8. Refusals: WRONG_FORM for no such DER, WRONG_ALGORITHM, WEAK_KEY below 2048 bits."""

    kind = Signing.RSA_SHA256

    def __init__(self, pkcs8: bytes) -> None:
        key = _loaded(pkcs8)
        if not isinstance(key, rsa.RSAPrivateKey):
            raise KeyRefused(KeyFault.WRONG_ALGORITHM, "this is no RSA key")
        _require_rsa(key)
        self._key = key

    def public(self) -> bytes:
        """See `SigningKey`."""
        return self._key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)

    def sign(self, message: bytes, /) -> bytes:
        """See `SigningKey`."""
        return self._key.sign(message, padding.PKCS1v15(), SHA256())


class EcdsaSigningKey:
    """A P-256 key from DER PKCS#8. Refusals: WRONG_FORM for no such DER, WRONG_ALGORITHM for another curve."""

    kind = Signing.ECDSA_P256_SHA256

    def __init__(self, pkcs8: bytes) -> None:
        key = _loaded(pkcs8)
        if not isinstance(key, ec.EllipticCurvePrivateKey):
            raise KeyRefused(KeyFault.WRONG_ALGORITHM, "this is no key on a curve")
        _require_p256(key)
        self._key = key

    def public(self) -> bytes:
        """See `SigningKey`."""
        return self._key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)

    def sign(self, message: bytes, /) -> bytes:
        """See `SigningKey`."""
        return self._key.sign(message, ec.ECDSA(SHA256()))


def verify_signature(
    kind: Signing, public: bytes, message: bytes, signature: bytes, *, signer: bytes = sm2.DEFAULT_ID
) -> bool:
    """Whether the signature is the key's over this message. What is no signature at all is false, too.

    `signer` is SM2's identity; the others have none. Refusals concern the key only: WRONG_FORM for no
    SubjectPublicKeyInfo, WRONG_ALGORITHM for another kind of key or curve, WEAK_KEY for RSA below 2048 bits.
    """
    if kind is Signing.SM2_SM3:
        key = sm2.PublicKey.from_spki(public)
        try:
            return sm2.verify(key, message, sm2.Signature.from_der(signature), signer=signer)
        except KeyRefused:
            return False
    try:
        if kind is Signing.RSA_SHA256:
            _rsa_public(public).verify(signature, message, padding.PKCS1v15(), SHA256())
        else:
            _p256_public(public).verify(signature, message, ec.ECDSA(SHA256()))
    except InvalidSignature:
        return False
    return True


def verify_rsa(public: bytes, data: bytes, signature: bytes) -> bool:
    """Whether the signature is this RSA key's over these bytes: RSASSA-PKCS1-v1_5 with SHA-256 (RFC 8017, 8.2.2).

    `public` is DER SubjectPublicKeyInfo, as `public_keys.read_rsa_public` gives it. Refusals as for `verify_signature`.
    """
    return verify_signature(Signing.RSA_SHA256, public, data, signature)


def _rsa_public(public: bytes) -> rsa.RSAPublicKey:
    key = _opened(public)
    if not isinstance(key, rsa.RSAPublicKey):
        raise KeyRefused(KeyFault.WRONG_ALGORITHM, "this is no RSA key")
    _require_rsa(key)
    return key


def _p256_public(public: bytes) -> ec.EllipticCurvePublicKey:
    key = _opened(public)
    if not isinstance(key, ec.EllipticCurvePublicKey):
        raise KeyRefused(KeyFault.WRONG_ALGORITHM, "this is no key on a curve")
    _require_p256(key)
    return key


def _opened(public: bytes) -> object:
    try:
        return load_der_public_key(public)
    except ValueError:
        raise KeyRefused(KeyFault.WRONG_FORM, "this is no SubjectPublicKeyInfo in DER") from None
    except UnsupportedAlgorithm:
        raise KeyRefused(KeyFault.WRONG_ALGORITHM, "this public key is of a kind that is not known") from None


def _loaded(pkcs8: bytes) -> object:
    try:
        return load_der_private_key(pkcs8, None)
    except (ValueError, TypeError):
        raise KeyRefused(KeyFault.WRONG_FORM, "this is no private key in DER PKCS#8") from None
    except UnsupportedAlgorithm:
        raise KeyRefused(KeyFault.WRONG_ALGORITHM, "this private key is of a kind that is not known") from None


def _require_rsa(key: rsa.RSAPrivateKey | rsa.RSAPublicKey) -> None:
    if key.key_size < _SHORTEST_RSA:
        raise KeyRefused(KeyFault.WEAK_KEY, f"an RSA key has at least {_SHORTEST_RSA} bits, got {key.key_size}")


def _require_p256(key: ec.EllipticCurvePrivateKey | ec.EllipticCurvePublicKey) -> None:
    if not isinstance(key.curve, ec.SECP256R1):
        raise KeyRefused(KeyFault.WRONG_ALGORITHM, f"this key is on {key.curve.name}, not on P-256")
