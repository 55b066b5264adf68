"""Keys in this process's memory: the engine of the software vault, and the form of keys that are in memory by nature.

What may live here: the software form of `OpenKey` and `Engine`. What may not: permissions, usages.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable
from typing import Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.cmac import CMAC

from xiaopos.kernel.secret import Secret
from xiaopos.keys import macs, rsa_pairs
from xiaopos.keys.des import SoftwareCipher, block_cipher, des_cipher, is_weak, odd_parity
from xiaopos.keys.vault import RSA_SIZES, KeyAlgorithm, KeyFault, KeyRefused, WrappedKey

DES_FAMILY = (KeyAlgorithm.DES, KeyAlgorithm.TDES2, KeyAlgorithm.TDES3)
_AES = (KeyAlgorithm.AES128, KeyAlgorithm.AES192, KeyAlgorithm.AES256)
_NO_BLOCKS = (KeyAlgorithm.HMAC256, KeyAlgorithm.SM2, KeyAlgorithm.ED25519, *RSA_SIZES)
_NONCE = 12
_TAG = 16


class SoftwareKey:
    """An `OpenKey` in this process: its clear bytes live as long as the object. Raises KeyRefused (WRONG_LENGTH).

    >>> key = SoftwareKey(KeyAlgorithm.TDES2, bytes.fromhex("0123456789ABCDEFFEDCBA9876543210"))
    >>> key
    SoftwareKey(tdes2)
    >>> key.whole.encrypt(bytes(8)).hex().upper()
    '08D7B4FB629D0885'
    """

    __slots__ = ("_clear", "_cmac", "_gcm", "_hmac", "_left", "_pair", "_whole", "algorithm")

    def __init__(self, algorithm: KeyAlgorithm, clear: bytes) -> None:
        if algorithm not in RSA_SIZES and len(clear) != algorithm.key_length:
            raise KeyRefused(
                KeyFault.WRONG_LENGTH, f"a {algorithm.value} key has {algorithm.key_length} bytes, got {len(clear)}"
            )
        self.algorithm = algorithm
        self._clear = clear
        self._whole = None if algorithm in _NO_BLOCKS else block_cipher(algorithm, clear)
        self._hmac = hmac.new(clear, digestmod=hashlib.sha256) if algorithm is KeyAlgorithm.HMAC256 else None
        self._pair = rsa_pairs.own(clear) if algorithm in RSA_SIZES else None
        self._left: SoftwareCipher | None = None
        self._cmac: CMAC | None = None
        self._gcm: AESGCM | None = None

    def __repr__(self) -> str:
        return f"SoftwareKey({self.algorithm.value.lower()})"

    @property
    def whole(self) -> SoftwareCipher:
        """See `OpenKey`."""
        if self._whole is None:
            raise self._cannot("encrypt blocks")
        return self._whole

    @property
    def left(self) -> SoftwareCipher:
        """See `OpenKey`. Made when asked: a key that only begets needs none."""
        if self._left is None:
            if self.algorithm is not KeyAlgorithm.TDES2:
                raise self._cannot("make a retail MAC")
            self._left = des_cipher(self._clear[:8])
        return self._left

    def cmac(self, data: bytes, /) -> bytes:
        """See `OpenKey`."""
        if self._cmac is None:
            if self.algorithm not in _AES:
                raise self._cannot("make an AES-CMAC")
            self._cmac = CMAC(AES(self._clear))
        cmac = self._cmac.copy()
        cmac.update(data)
        return cmac.finalize()

    def hmac(self, data: bytes, /) -> bytes:
        """See `OpenKey`."""
        if self._hmac is None:
            raise self._cannot("make an HMAC")
        keyed = self._hmac.copy()
        keyed.update(data)
        return keyed.digest()

    def hmac_sm3(self, data: bytes, /) -> bytes:
        """See `OpenKey`."""
        if self._hmac is None:
            raise self._cannot("make an HMAC")
        return macs.hmac_sm3(self._clear)(data)

    def seal(self, nonce: bytes, plaintext: bytes, aad: bytes, /) -> bytes:
        """See `OpenKey`."""
        return self._sealer().encrypt(nonce, plaintext, aad)

    def unseal(self, nonce: bytes, sealed: bytes, aad: bytes, /) -> bytes:
        """See `OpenKey`."""
        try:
            return self._sealer().decrypt(nonce, sealed, aad)
        except InvalidTag:
            raise KeyRefused(KeyFault.BAD_SEAL, "the sealed bytes or what they belong to were altered") from None

    def sign(self, data: bytes, /) -> bytes:
        """See `OpenKey`."""
        if self._pair is None:
            raise self._cannot("sign")
        return rsa_pairs.signed(self._pair, data)

    def public(self) -> bytes:
        """See `OpenKey`."""
        if self._pair is None:
            raise self._cannot("have a public half")
        return rsa_pairs.spki(self._pair.public_key())

    def derive(self, data: bytes, /) -> Self:
        """See `OpenKey`."""
        return type(self)(KeyAlgorithm.TDES2, odd_parity(self.whole.encrypt(data)))

    def variant(self, mask: bytes, /) -> Self:
        """See `OpenKey`."""
        mixed = int.from_bytes(self._clear, "big") ^ int.from_bytes(mask, "big")
        return type(self)(self.algorithm, odd_parity(mixed.to_bytes(len(self._clear), "big")))

    def _sealer(self) -> AESGCM:
        if self._gcm is None:
            if self.algorithm is not KeyAlgorithm.AES256:
                raise self._cannot("seal")
            self._gcm = AESGCM(self._clear)
        return self._gcm

    def _cannot(self, what: str) -> KeyRefused:
        return KeyRefused(KeyFault.WRONG_ALGORITHM, f"a {self.algorithm.value} key does not {what}")


def require_strong(algorithm: KeyAlgorithm, clear: bytes) -> None:
    """Raises KeyRefused (WEAK_KEY): DES keys by their lists, all others when every byte is the same."""
    if is_weak(clear) if algorithm in DES_FAMILY else clear.count(clear[0]) == len(clear):
        raise KeyRefused(KeyFault.WEAK_KEY, f"this {algorithm.value} key is weak")


class FreshSoftwareKey:
    """A `FreshKey` in this process."""

    __slots__ = ("_clear", "_engine", "opened")

    def __init__(self, engine: SoftwareEngine, algorithm: KeyAlgorithm, clear: bytes) -> None:
        self._engine = engine
        self._clear = clear
        self.opened = SoftwareKey(algorithm, clear)

    def wrap(self, binding: bytes, /) -> bytes:
        """See `FreshKey`."""
        return self._engine.wrap(self._clear, binding)


class SoftwareEngine:
    """An `Engine` in this process: keys wrapped by AES-256-GCM under a master key handed in.

    A blob is `nonce 12 | cipher text | tag 16`, with the binding as associated data. `entropy(n)` gives n random bytes.
    Raises KeyRefused (WRONG_LENGTH) for a master key that is not 32 bytes.
    """

    is_certified = False

    def __init__(self, master_key: Secret, entropy: Callable[[int], bytes]) -> None:
        if len(master_key.value) != 32:
            raise KeyRefused(KeyFault.WRONG_LENGTH, f"a master key has 32 bytes, got {len(master_key.value)}")
        self._master = AESGCM(master_key.value)
        self._entropy = entropy

    def __repr__(self) -> str:
        return "SoftwareEngine()"

    def entropy(self, count: int, /) -> bytes:
        """See `Engine`."""
        return self._entropy(count)

    def generate(self, algorithm: KeyAlgorithm, /) -> FreshSoftwareKey:
        """See `Engine`."""
        if algorithm in RSA_SIZES:
            return self.load(algorithm, rsa_pairs.pkcs8(rsa_pairs.drawn(algorithm)))
        drawn = self._entropy(algorithm.key_length)
        return self.load(algorithm, odd_parity(drawn) if algorithm in DES_FAMILY else drawn)

    def load(self, algorithm: KeyAlgorithm, clear: bytes, /) -> FreshSoftwareKey:
        """See `Engine`."""
        fresh = FreshSoftwareKey(self, algorithm, clear)
        require_strong(algorithm, clear)
        return fresh

    def wrap(self, clear: bytes, binding: bytes) -> bytes:
        """The blob of a clear key."""
        nonce = self._entropy(_NONCE)
        return nonce + self._master.encrypt(nonce, clear, binding)

    def unwrap(self, wrapped: WrappedKey, binding: bytes, /) -> SoftwareKey:
        """See `Engine`."""
        return SoftwareKey(wrapped.algorithm, self.reveal(wrapped, binding))

    def reveal(self, wrapped: WrappedKey, binding: bytes, /) -> bytes:
        """See `Engine`."""
        blob = wrapped.blob
        around = _NONCE + _TAG
        if (
            len(blob) <= around
            if wrapped.algorithm in RSA_SIZES
            else len(blob) != around + wrapped.algorithm.key_length
        ):
            raise KeyRefused(KeyFault.BAD_BLOB, f"{wrapped!r} has the wrong length")
        try:
            return self._master.decrypt(blob[:_NONCE], blob[_NONCE:], binding)
        except InvalidTag:
            raise KeyRefused(KeyFault.BAD_BLOB, f"{wrapped!r} was not wrapped by this vault, or was altered") from None
