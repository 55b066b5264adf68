"""RSA pairs: reading a private key as its owner was given it, its sizes, its check value, its signature.

What may live here: RSA over clear private keys, called inside a vault. What may not: where a pair lives (engines), checking
signatures, which needs no vault (`signatures`).
"""

from __future__ import annotations

import hashlib
from typing import cast

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_der_private_key,
)

from xiaopos.keys.armour import LOCKED_LABEL, unwrapped
from xiaopos.keys.public_keys import is_public
from xiaopos.keys.vault import RSA_SIZES, KeyAlgorithm, KeyFault, KeyRefused

_EXPONENT = 65537
_SHORTEST = 2048
_BY_SIZE = {bits: algorithm for algorithm, bits in RSA_SIZES.items()}
_BY_SIZE_TEXT = ", ".join(map(str, _BY_SIZE))
_LONGEST = 5_000
"""Bytes of DER: 8192 bits have 4,700. Whether longer numbers belong together takes seconds to find out."""


def read_private(data: bytes) -> rsa.RSAPrivateKey:
    """An RSA private key from PKCS#8 (RFC 5208) or PKCS#1 (RFC 8017, A.1.2), each in PEM, DER or bare base64.

    Refusals: LOCKED for one under a password, NOT_PRIVATE for a public key or a certificate, WRONG_ALGORITHM for another
    kind of key, WRONG_FORM for anything else, and for a key whose numbers do not belong together.
    """
    label, der = unwrapped(data, lambda label: label.endswith("PRIVATE KEY"))
    if len(der) > _LONGEST:
        raise KeyRefused(KeyFault.WRONG_FORM, f"an RSA private key of {_BY_SIZE_TEXT} bits has no {len(der)} bytes")
    if label == LOCKED_LABEL:
        raise _locked()
    key = _loaded(der)
    if not isinstance(key, rsa.RSAPrivateKey):
        raise KeyRefused(KeyFault.WRONG_ALGORITHM, "this private key is no RSA key")
    return key


def _loaded(der: bytes) -> PrivateKeyTypes:
    try:
        return load_der_private_key(der, None)
    except TypeError:
        raise _locked() from None
    except UnsupportedAlgorithm:
        raise KeyRefused(KeyFault.WRONG_ALGORITHM, "this private key is of a kind that is not known") from None
    except ValueError:
        if is_public(der):
            raise KeyRefused(
                KeyFault.NOT_PRIVATE, "this is a public key or a certificate: the private key belongs here"
            ) from None
        raise KeyRefused(
            KeyFault.WRONG_FORM, "this is no private key in PKCS#8 or PKCS#1, neither in PEM nor in DER nor in base64"
        ) from None


def _locked() -> KeyRefused:
    return KeyRefused(KeyFault.LOCKED, "this private key is under a password: give it without one")


def algorithm_of(key: rsa.RSAPrivateKey) -> KeyAlgorithm:
    """Its name here. WEAK_KEY below 2048 bits or for a public exponent below 65537, WRONG_ALGORITHM for other sizes.

    FIPS 186-5, 5.1 and A.1.1.
    """
    if key.key_size < _SHORTEST:
        raise KeyRefused(KeyFault.WEAK_KEY, f"an RSA key has at least {_SHORTEST} bits, got {key.key_size}")
    if key.private_numbers().public_numbers.e < _EXPONENT:
        raise KeyRefused(KeyFault.WEAK_KEY, f"an RSA key's public exponent is at least {_EXPONENT}")
    algorithm = _BY_SIZE.get(key.key_size)
    if algorithm is None:
        raise KeyRefused(KeyFault.WRONG_ALGORITHM, f"an RSA key has one of {_BY_SIZE_TEXT} bits, got {key.key_size}")
    return algorithm


def drawn(algorithm: KeyAlgorithm) -> rsa.RSAPrivateKey:
    """A new pair, from the system's own randomness: two primes are not drawn from handed-in bytes."""
    return rsa.generate_private_key(_EXPONENT, RSA_SIZES[algorithm])


def own(der: bytes) -> rsa.RSAPrivateKey:
    """A private key from the PKCS#8 that `pkcs8` gave: it was judged then, which takes tens of milliseconds."""
    return cast(rsa.RSAPrivateKey, load_der_private_key(der, None, unsafe_skip_rsa_key_validation=True))


def pkcs8(key: rsa.RSAPrivateKey) -> bytes:
    """The clear private key, DER."""
    return key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())


def spki(key: rsa.RSAPublicKey) -> bytes:
    """The public key, DER SubjectPublicKeyInfo (RFC 5280, 4.1.2.7)."""
    return key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def signed(key: rsa.RSAPrivateKey, data: bytes) -> bytes:
    """RSASSA-PKCS1-v1_5 with SHA-256 (RFC 8017, 8.2.1): as long as the modulus, the same for the same data."""
    return key.sign(data, padding.PKCS1v15(), SHA256())


def pair_check(public: bytes) -> bytes:
    """What people compare of a pair: the beginning of SHA-256 over its public key (DER SubjectPublicKeyInfo), 4 bytes."""
    return hashlib.sha256(public).digest()[:4]
