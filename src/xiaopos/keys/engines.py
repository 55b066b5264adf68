"""What the rules of a vault ask of the place where clear keys lie: this process's memory, or a hardware module.

What may live here: the roles of an engine and of its keys. What may not: an engine, permissions (`hierarchy`), usages.

The rules are written once, over these primitives; the engines differ in where a clear key is. Two methods of an engine are
gates through which a clear key passes this process's memory on purpose: `load` and `reveal`.
"""

from __future__ import annotations

from typing import Protocol, Self

from xiaopos.keys.des import BlockCipher
from xiaopos.keys.vault import KeyAlgorithm, WrappedKey


class OpenKey(Protocol):
    """A key made ready: it computes and begets, and does not give itself away. What it cannot do it refuses.

    Each member raises KeyRefused: WRONG_ALGORITHM where the algorithm has no such thing, NOT_OFFERED where the module
    that holds the key cannot do it.
    """

    @property
    def algorithm(self) -> KeyAlgorithm:
        """Its cipher and length."""
        ...

    @property
    def whole(self) -> BlockCipher:
        """The block cipher under the whole key."""
        ...

    @property
    def left(self) -> BlockCipher:
        """Single DES under the first half of a double-length key, for MAC algorithm 3."""
        ...

    def cmac(self, data: bytes, /) -> bytes:
        """AES-CMAC, 16 bytes."""
        ...

    def hmac(self, data: bytes, /) -> bytes:
        """HMAC-SHA-256, 32 bytes."""
        ...

    def hmac_sm3(self, data: bytes, /) -> bytes:
        """HMAC-SM3, 32 bytes."""
        ...

    def seal(self, nonce: bytes, plaintext: bytes, aad: bytes, /) -> bytes:
        """AES-256-GCM: the cipher text, then a tag of 16 bytes."""
        ...

    def unseal(self, nonce: bytes, sealed: bytes, aad: bytes, /) -> bytes:
        """What was sealed; BAD_SEAL when anything was altered."""
        ...

    def sign(self, data: bytes, /) -> bytes:
        """RSASSA-PKCS1-v1_5 with SHA-256; of RSA pairs only."""
        ...

    def public(self) -> bytes:
        """The public half, DER SubjectPublicKeyInfo; of RSA pairs only."""
        ...

    def derive(self, data: bytes, /) -> Self:
        """The double-length DES key `E(this, data)`, parity adjusted; 16 bytes in."""
        ...

    def variant(self, mask: bytes, /) -> Self:
        """The DES key `this ^ mask`, parity adjusted; a mask of the key's length."""
        ...


class FreshKey(Protocol):
    """A key that has just come to be, not wrapped yet."""

    @property
    def opened(self) -> OpenKey:
        """The key, ready: its check value is computed with it."""
        ...

    def wrap(self, binding: bytes, /) -> bytes:
        """The blob that only this engine opens again, and only together with the same `binding`."""
        ...


class Engine(Protocol):
    """The place where clear keys lie."""

    @property
    def is_certified(self) -> bool:
        """Whether keys live in a hardware module."""
        ...

    def entropy(self, count: int, /) -> bytes:
        """That many random bytes."""
        ...

    def generate(self, algorithm: KeyAlgorithm, /) -> FreshKey:
        """A random key, or RSA pair; DES keys with odd parity. WEAK_KEY for a broken source, NOT_OFFERED."""
        ...

    def load(self, algorithm: KeyAlgorithm, clear: bytes, /) -> FreshKey:
        """The gate in: a key that is in clear within an operation of the vault. WEAK_KEY, NOT_OFFERED.

        An RSA key comes as `rsa_pairs.pkcs8` gives it.
        """
        ...

    def unwrap(self, wrapped: WrappedKey, binding: bytes, /) -> OpenKey:
        """The key of a blob. BAD_BLOB when this engine did not make it, or not with this binding."""
        ...

    def reveal(self, wrapped: WrappedKey, binding: bytes, /) -> bytes:
        """The gate out: the clear key, for carrying it under another one. The caller lets go of it at once. BAD_BLOB."""
        ...
