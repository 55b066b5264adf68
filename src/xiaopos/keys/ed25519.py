"""Ed25519 (RFC 8032) in this process: a seed that signs, and checking what it signed.

What may live here: that arithmetic, by the library. What may not: permissions, where a seed is kept (a vault).
"""

from __future__ import annotations

import hashlib

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from xiaopos.keys.vault import KeyFault, KeyRefused

SEED = 32


class SeedKey:
    """A private key, made of its seed of 32 bytes; it shows neither. Raises KeyRefused (WRONG_LENGTH)."""

    __slots__ = ("_private", "public")

    def __init__(self, seed: bytes) -> None:
        if len(seed) != SEED:
            raise KeyRefused(KeyFault.WRONG_LENGTH, f"an Ed25519 seed has {SEED} bytes, got {len(seed)}")
        self._private = Ed25519PrivateKey.from_private_bytes(seed)
        self.public: bytes = self._private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)

    def __repr__(self) -> str:
        return "SeedKey()"

    @property
    def check_value(self) -> str:
        """The beginning of SHA-256 over the public key, 8 hex digits."""
        return hashlib.sha256(self.public).hexdigest()[:8].upper()

    def sign(self, data: bytes, /) -> bytes:
        """A signature of 64 bytes."""
        return self._private.sign(data)


def verify_ed25519(public: bytes, data: bytes, signature: bytes) -> bool:
    """Whether the signature is of this public key (32 bytes) over the data. Raises KeyRefused (WRONG_LENGTH)."""
    if len(public) != SEED:
        raise KeyRefused(KeyFault.WRONG_LENGTH, f"an Ed25519 public key has {SEED} bytes, got {len(public)}")
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, data)
    except InvalidSignature:
        return False
    return True
