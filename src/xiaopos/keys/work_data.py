"""What a vault does with data at rest and on their way: tracks, sealed columns, what a channel sealed for us, keyed hashes.

What may live here: those operations. What may not: the track rule (`tracks`), what is sealed and why (store).
"""

from __future__ import annotations

from xiaopos.kernel.secret import Secret
from xiaopos.keys import tracks
from xiaopos.keys.hierarchy import Operation
from xiaopos.keys.shelf import Shelf
from xiaopos.keys.vault import (
    SEAL_HEAD,
    KeyAlgorithm,
    KeyFault,
    KeyRefused,
    KeyUsage,
    WrappedKey,
    seal_head,
    sealed_with,
)

_NONCE = 12
_TAG = 16


class DataWork(Shelf):
    """The part of `Vault` that protects data."""

    def encrypt_track(self, *, key: WrappedKey, track: Secret) -> Secret:
        """See `Vault`."""
        cipher = self._ready(key, Operation.TRACK_ENCRYPT).open.whole
        return Secret(tracks.encrypt_track(cipher, track.value.decode("latin-1")).encode("ascii"))

    def decrypt_track(self, *, key: WrappedKey, track: Secret) -> Secret:
        """See `Vault`."""
        cipher = self._ready(key, Operation.TRACK_DECRYPT).open.whole
        return Secret(tracks.decrypt_track(cipher, track.value.decode("latin-1")).encode("ascii"))

    def seal(self, *, key: WrappedKey, plaintext: bytes, aad: bytes) -> bytes:
        """See `Vault`. Layout: `01 | key id 4 | nonce 12 | cipher text | tag 16`; the head is authenticated too."""
        opened = self._ready(key, Operation.SEAL).open
        head = seal_head(key)
        nonce = self._engine.entropy(_NONCE)
        return head + nonce + opened.seal(nonce, plaintext, head + aad)

    def open(self, *, key: WrappedKey, sealed: bytes, aad: bytes) -> bytes:
        """See `Vault`."""
        opened = self._ready(key, Operation.OPEN).open
        if sealed_with(sealed) != key.kcv:
            raise KeyRefused(KeyFault.BAD_SEAL, f"sealed with {sealed_with(sealed)}, not with {key.kcv}")
        if len(sealed) < SEAL_HEAD + _NONCE + _TAG:
            raise KeyRefused(KeyFault.BAD_SEAL, "the sealed bytes are cut short")
        body = SEAL_HEAD + _NONCE
        return opened.unseal(sealed[SEAL_HEAD:body], sealed[body:], sealed[:SEAL_HEAD] + aad)

    def import_aead(self, *, secret: Secret) -> WrappedKey:
        """See `Vault`."""
        return self._keep(self._engine.load(KeyAlgorithm.AES256, secret.value), KeyUsage.AEAD)

    def open_aead(self, *, key: WrappedKey, nonce: bytes, cipher: bytes, aad: bytes) -> Secret:
        """See `Vault`."""
        opened = self._ready(key, Operation.AEAD_OPEN).open
        _require_nonce(nonce)
        if len(cipher) < _TAG:
            raise KeyRefused(KeyFault.BAD_SEAL, "the sealed bytes are cut short")
        return Secret(opened.unseal(nonce, cipher, aad))

    def seal_aead(self, *, key: WrappedKey, nonce: bytes, plaintext: bytes, aad: bytes) -> bytes:
        """See `Vault`."""
        opened = self._ready(key, Operation.AEAD_SEAL).open
        _require_nonce(nonce)
        return opened.seal(nonce, plaintext, aad)

    def token(self, *, key: WrappedKey, data: bytes) -> str:
        """See `Vault`."""
        return self._ready(key, Operation.TOKEN).open.hmac(data)[:16].hex()


def _require_nonce(nonce: bytes) -> None:
    """RFC 5116, 5.1 and 5.2: this algorithm's nonces have 12 bytes."""
    if len(nonce) != _NONCE:
        raise KeyRefused(KeyFault.WRONG_LENGTH, f"a nonce has {_NONCE} bytes, got {len(nonce)}")
