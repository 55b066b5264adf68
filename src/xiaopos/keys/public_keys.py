"""Other people's public keys, as they hand them out: reading them, and certificates around them. No vault is needed.

What may live here: SubjectPublicKeyInfo and X.509 in PEM, DER and bare base64, what a certificate says of itself.
What may not: trust (whoever uploaded a certificate is believed, or a gateway decides), revocation, private keys.
"""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_der_private_key,
    load_der_public_key,
)

from xiaopos.keys.armour import unwrapped
from xiaopos.keys.vault import KeyFault, KeyRefused

_SHORTEST_RSA = 2048


class PublicCertificate(NamedTuple):
    """A certificate, as far as a channel asks for it."""

    public: bytes
    """The RSA key inside, DER SubjectPublicKeyInfo."""
    serial: str
    """Its serial number in upper-case hex without leading zeros, as 微信支付 names certificates."""
    starts: datetime
    ends: datetime
    """Valid from and until, UTC. Whoever has a clock compares."""


def read_rsa_public(data: bytes) -> bytes:
    """An RSA public key, DER SubjectPublicKeyInfo: from that, from PKCS#1, or out of a certificate, in PEM, DER or bare base64.

    Refusals: NOT_PUBLIC for a private key (it should be nowhere near), WRONG_ALGORITHM for another kind of key, WEAK_KEY
    below 2048 bits, WRONG_FORM for anything else.
    """
    label, der = unwrapped(data, lambda label: label == "CERTIFICATE" or label.endswith("PUBLIC KEY"))
    if label.endswith("PRIVATE KEY") or _is_private(der):
        raise KeyRefused(KeyFault.NOT_PUBLIC, "this is a private key: the public key belongs here")
    certificate = _certificate(der)
    try:
        key = load_der_public_key(der) if certificate is None else certificate.public_key()
    except UnsupportedAlgorithm:
        raise KeyRefused(KeyFault.WRONG_ALGORITHM, "this public key is of a kind that is not known") from None
    except ValueError:
        raise KeyRefused(
            KeyFault.WRONG_FORM, "this is no public key and no certificate, neither in PEM nor in DER nor in base64"
        ) from None
    return _rsa_spki(key)


def read_certificate(data: bytes) -> PublicCertificate:
    """An X.509 certificate (RFC 5280) with an RSA key, in PEM, DER or bare base64. Refusals as for `read_rsa_public`."""
    _, der = unwrapped(data, lambda label: label == "CERTIFICATE")
    certificate = _certificate(der)
    if certificate is None:
        raise KeyRefused(KeyFault.WRONG_FORM, "this is no certificate, neither in PEM nor in DER nor in base64")
    return PublicCertificate(
        read_rsa_public(der),
        f"{certificate.serial_number:X}",
        certificate.not_valid_before_utc,
        certificate.not_valid_after_utc,
    )


def is_public(der: bytes) -> bool:
    """Whether this is a public key of any kind, or a certificate."""
    try:
        load_der_public_key(der)
    except UnsupportedAlgorithm:  # a public key of a kind that is not known
        return True
    except ValueError:
        return _certificate(der) is not None
    return True


def _is_private(der: bytes) -> bool:
    try:
        load_der_private_key(der, None)
    except (ValueError, UnsupportedAlgorithm):
        return False
    except TypeError:  # it is under a password
        return True
    return True


def _certificate(der: bytes) -> x509.Certificate | None:
    try:
        return x509.load_der_x509_certificate(der)
    except (ValueError, x509.InvalidVersion):
        return None


def _rsa_spki(key: object) -> bytes:
    if not isinstance(key, rsa.RSAPublicKey):
        raise KeyRefused(KeyFault.WRONG_ALGORITHM, "this public key is no RSA key")
    if key.key_size < _SHORTEST_RSA:
        raise KeyRefused(KeyFault.WEAK_KEY, f"an RSA key has at least {_SHORTEST_RSA} bits, got {key.key_size}")
    return key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
