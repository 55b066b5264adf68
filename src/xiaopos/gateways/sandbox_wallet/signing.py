"""Signatures of the sandbox wallet: HMAC-SHA-256 over every request and every answer, made by the vault.

What may live here: what is signed, in which order. What may not: keys in clear, HTTP.

A request's text is five lines: ``request``, the path, the timestamp (Unix seconds), the nonce, the body. An answer's text
is ``answer``, the path, the timestamp, the nonce *of the request* and the body: an answer fits one request only, so an old
answer cannot be played again.
"""

from __future__ import annotations

import binascii
from dataclasses import dataclass

from xiaopos.keys import MacKind, Vault, WrappedKey

MERCHANT_HEADER = "X-Sandbox-Merchant"
TIMESTAMP_HEADER = "X-Sandbox-Timestamp"
NONCE_HEADER = "X-Sandbox-Nonce"
SIGNATURE_HEADER = "X-Sandbox-Signature"


@dataclass(frozen=True, slots=True)
class Signed:
    """What a signature covers. `direction` is ``request`` or ``answer``."""

    direction: str
    path: str
    timestamp: str
    nonce: str
    body: bytes

    def text(self) -> bytes:
        """The bytes under the signature."""
        lines = (self.direction, self.path, self.timestamp, self.nonce)
        return "".join(f"{line}\n" for line in lines).encode() + self.body


def sign(vault: Vault, key: WrappedKey, signed: Signed) -> str:
    """The signature as lower-case hex. Raises KeyRefused when the key is not an HMAC key."""
    return vault.mac(key=key, data=signed.text(), kind=MacKind.HMAC_SHA256).hex()


def fits(vault: Vault, key: WrappedKey, signed: Signed, signature: str) -> bool:
    """Whether a signature belongs to what it covers."""
    try:
        given = binascii.unhexlify(signature)
    except ValueError:
        return False
    return vault.verify_mac(key=key, data=signed.text(), kind=MacKind.HMAC_SHA256, mac=given)
