"""The vault's role towards channels: pairs that sign for us, and symmetric keys by which a channel seals what it sends us.

What may live here: that part of the `Vault` protocol. What may not: cryptography, which channel has which key (gateways).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from xiaopos.kernel.secret import Secret

if TYPE_CHECKING:  # `vault` is made of this
    from xiaopos.keys.vault import KeyAlgorithm, WrappedKey


class ChannelKeys(Protocol):
    """The part of `Vault` that channels need. What every method raises stands there."""

    def generate_pair(self, *, algorithm: KeyAlgorithm = ...) -> WrappedKey:
        """A new pair for signing (SIGN): SM2, which is the default, RSA2048, RSA3072, RSA4096, or ED25519.

        Its check value is the beginning of SM3 over an SM2 public key, of SHA-256 over any other public key as
        `public_key` gives it.
        """
        ...

    def import_pair(self, *, private: Secret, algorithm: KeyAlgorithm | None = ...) -> WrappedKey:
        """A pair from its private key: an SM2 one of 32 bytes, which is the default, an Ed25519 seed of 32, or an RSA one.

        RSA: PKCS#8 or PKCS#1, in PEM, DER or bare base64; `algorithm` None takes whichever of the sizes it has.
        WRONG_LENGTH, WEAK_KEY (RSA below 2048 bits), WRONG_ALGORITHM (another kind or size), WRONG_FORM (cannot be read),
        LOCKED (under a password), NOT_PRIVATE (a public key or a certificate).
        """
        ...

    def public_key(self, *, key: WrappedKey) -> bytes:
        """The public key of a SIGN pair: SM2 `04 | x | y`, 65 bytes; Ed25519 32 bytes; RSA as DER SubjectPublicKeyInfo."""
        ...

    def sign(self, *, key: WrappedKey, data: bytes, signer: bytes = ...) -> bytes:
        """SM2: a signature in DER; `signer` is the identity that is hashed in, by default GM/T 0009's.

        RSA: RSASSA-PKCS1-v1_5 with SHA-256 (RFC 8017, 8.2), as long as the modulus; Ed25519: 64 bytes (RFC 8032).
        Neither knows a `signer`.
        """
        ...

    def import_aead(self, *, secret: Secret) -> WrappedKey:
        """A key of 32 bytes that a channel shares with us (AEAD), as its portal took it: 32 characters are 32 bytes.

        Its check value is a CMAC's, like any AES key's. WRONG_LENGTH, WEAK_KEY.
        """
        ...

    def open_aead(self, *, key: WrappedKey, nonce: bytes, cipher: bytes, aad: bytes) -> Secret:
        """What a channel sealed with AEAD_AES_256_GCM (RFC 5116, 5.2): `cipher` is the cipher text with its tag of 16 bytes.

        BAD_SEAL for another key, another nonce or `aad`, altered or cut bytes; WRONG_LENGTH for a nonce of other than 12.
        """
        ...

    def seal_aead(self, *, key: WrappedKey, nonce: bytes, plaintext: bytes, aad: bytes) -> bytes:
        """The channel's side: cipher text and tag. No nonce may come twice under one key: the caller draws it. WRONG_LENGTH."""
        ...

    def decrypt(self, *, key: WrappedKey, cipher: bytes) -> Secret:
        """What was SM2-encrypted to a SIGN pair, in the DER of GM/T 0009. BAD_SEAL, WRONG_FORM; WRONG_ALGORITHM for others."""
        ...
