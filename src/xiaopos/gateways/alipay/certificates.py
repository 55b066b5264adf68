"""Alipay's certificates: their numbers as the protocol writes them.

What may live here: those numbers. What may not: the keys inside (`keys.public_keys`), trust (a certificate is believed because
the merchant uploaded it), the network.

A certificate's number (``app_cert_sn``, ``alipay_cert_sn``) is the MD5 in hex of the issuer's name, as RFC 4514 writes it, with
the serial number in decimal behind. MD5 is a name here, no protection. The root's number joins those of the chain's
certificates that are signed with RSA by underscores; the chain holds others, signed with SM2, that do not count.
"""

from __future__ import annotations

import hashlib
import re

from cryptography import x509

_RSA_SIGNATURES = "1.2.840.113549.1.1."
_BLOCK = re.compile(r"-----BEGIN CERTIFICATE-----.+?-----END CERTIFICATE-----", re.DOTALL)


def number_of(pem: str) -> str:
    """The number of a certificate. Raises ValueError when it cannot be read."""
    return _number(_certificate(pem))


def root_number_of(pem: str) -> str:
    """The number of a chain of root certificates. Raises ValueError when none of them is signed with RSA."""
    numbers: list[str] = []
    for block in _BLOCK.findall(pem):
        try:
            certificate = _certificate(block)
        except ValueError:
            continue  # the chain holds certificates of other kinds, which have no part in the number
        if certificate.signature_algorithm_oid.dotted_string.startswith(_RSA_SIGNATURES):
            numbers.append(_number(certificate))
    if not numbers:
        raise ValueError("there is no root certificate signed with RSA in this file")
    return "_".join(numbers)


def _certificate(pem: str) -> x509.Certificate:
    try:
        return x509.load_pem_x509_certificate(pem.encode())
    except ValueError:
        raise ValueError("this is no certificate in PEM") from None


def _number(certificate: x509.Certificate) -> str:
    named = f"{certificate.issuer.rfc4514_string()}{certificate.serial_number}"
    return hashlib.md5(named.encode(), usedforsecurity=False).hexdigest()
