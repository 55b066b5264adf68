"""DES and its double and triple forms: expansion, parity, weak keys, and the block ciphers kept per key.

What may live here: the role of a block cipher, its software form (also AES and SM4, which share the shape) and what is
peculiar to DES keys.
What may not: MACs, PIN blocks and key usages. Used by vault implementations only.
"""

from __future__ import annotations

from typing import Protocol

from cryptography.hazmat.decrepit.ciphers.algorithms import TripleDES
from cryptography.hazmat.primitives.ciphers import BlockCipherAlgorithm, Cipher, modes
from cryptography.hazmat.primitives.ciphers.algorithms import AES, SM4

from xiaopos.keys.vault import KeyAlgorithm, KeyFault, KeyRefused

_PARITY_MASK = 0xFE

# Parity bits cleared, so that a key is known with or without them.
WEAK = frozenset(
    bytes(byte & _PARITY_MASK for byte in bytes.fromhex(text))
    for text in (
        # weak: encrypting twice gives the plain text back (NIST SP 800-67 rev. 2, section 3.3.2)
        "0101010101010101",
        "FEFEFEFEFEFEFEFE",
        "E0E0E0E0F1F1F1F1",
        "1F1F1F1F0E0E0E0E",
        # semi-weak: each undoes another one
        "01FE01FE01FE01FE",
        "FE01FE01FE01FE01",
        "1FE01FE00EF10EF1",
        "E01FE01FF10EF10E",
        "01E001E001F101F1",
        "E001E001F101F101",
        "1FFE1FFE0EFE0EFE",
        "FE1FFE1FFE0EFE0E",
        "011F011F010E010E",
        "1F011F010E010E01",
        "E0FEE0FEF1FEF1FE",
        "FEE0FEE0FEF1FEF1",
    )
)


class _Update(Protocol):
    def __call__(self, data: bytes, /) -> bytes: ...


class BlockCipher(Protocol):
    """What the algorithms of this room ask of a key: it may lie in this process or in a hardware module.

    Inputs are whole blocks, at least one; no method gives the key away.
    """

    @property
    def block_size(self) -> int:
        """Bytes in a block: 8 for DES and 3DES, 16 for AES and SM4."""
        ...

    def encrypt(self, data: bytes, /) -> bytes:
        """Each block by itself (ECB)."""
        ...

    def decrypt(self, data: bytes, /) -> bytes:
        """Each block by itself (ECB)."""
        ...

    def cbc_last(self, data: bytes, /) -> bytes:
        """The last block under CBC with a zero IV."""
        ...


class SoftwareCipher:
    """A block cipher with its key schedule kept: `encrypt` and `decrypt` take whole blocks, each by itself (ECB).

    An ECB context holds nothing between blocks, so that one context serves every message; CBC contexts hold the last
    block and are made anew for each message.
    """

    __slots__ = ("_algorithm", "_cbc", "_ecb", "block_size", "decrypt", "encrypt")
    _cbc: Cipher[modes.CBC]
    decrypt: _Update

    def __init__(self, algorithm: BlockCipherAlgorithm) -> None:
        self.block_size = algorithm.block_size // 8
        self._algorithm = algorithm
        self._ecb = Cipher(algorithm, modes.ECB())
        self.encrypt: _Update = self._ecb.encryptor().update

    def __getattr__(self, name: str) -> object:
        """What a key that lives for one step never needs is made when it is first asked for; from then on it is there."""
        if name == "decrypt":
            self.decrypt = self._ecb.decryptor().update
            return self.decrypt
        if name == "_cbc":
            self._cbc = Cipher(self._algorithm, modes.CBC(bytes(self.block_size)))
            return self._cbc
        raise AttributeError(name)

    def cbc_last(self, data: bytes, /) -> bytes:
        """The last block of `data` (whole blocks, at least one) under CBC with a zero IV."""
        return self._cbc.encryptor().update(data)[-self.block_size :]


def des_cipher(key: bytes) -> SoftwareCipher:
    """A cipher for a DES key of 8, 16 or 24 bytes, expanded to the 24 that TripleDES takes.

    Layout: K -> K|K|K (which is single DES); K1|K2 -> K1|K2|K1; K1|K2|K3 as it is (NIST SP 800-67, ANSI X9.52).
    Raises KeyRefused (WRONG_LENGTH).

    >>> des_cipher(bytes.fromhex("0123456789ABCDEF")).encrypt(b"Now is t").hex().upper()
    '3FA40E8A984D4815'
    >>> des_cipher(bytes.fromhex("807A23AD32B36D457AE91FDF927570EA")).encrypt(bytes(8)).hex().upper()[:8]
    '8D0A74B8'
    """
    if len(key) == 8:
        return SoftwareCipher(TripleDES(key * 3))
    if len(key) == 16:
        return SoftwareCipher(TripleDES(key + key[:8]))
    if len(key) == 24:
        return SoftwareCipher(TripleDES(key))
    raise KeyRefused(KeyFault.WRONG_LENGTH, f"a DES key has 8, 16 or 24 bytes, got {len(key)}")


def block_cipher(algorithm: KeyAlgorithm, key: bytes) -> SoftwareCipher:
    """A cipher for any block-cipher algorithm. Raises KeyRefused (WRONG_ALGORITHM) for HMAC256, SM2 and ED25519.

    >>> sm4 = block_cipher(KeyAlgorithm.SM4, bytes.fromhex("0123456789ABCDEFFEDCBA9876543210"))
    >>> sm4.encrypt(bytes.fromhex("0123456789ABCDEFFEDCBA9876543210")).hex().upper()  # GB/T 32907-2016 annex A
    '681EDF34D206965E86B3E94F536E4246'
    """
    if algorithm in (KeyAlgorithm.HMAC256, KeyAlgorithm.SM2, KeyAlgorithm.ED25519):
        raise KeyRefused(KeyFault.WRONG_ALGORITHM, f"this {algorithm.value} key is not a block cipher's")
    if algorithm is KeyAlgorithm.SM4:
        return SoftwareCipher(SM4(key))
    if algorithm in (KeyAlgorithm.AES128, KeyAlgorithm.AES192, KeyAlgorithm.AES256):
        return SoftwareCipher(AES(key))
    return des_cipher(key)


def odd_parity(key: bytes) -> bytes:
    """The key with the lowest bit of each byte set so that the byte has an odd number of ones (FIPS 46-3).

    >>> odd_parity(bytes.fromhex("0022446688AACCEE")).hex()
    '0123456789abcdef'
    """
    return bytes(byte & _PARITY_MASK | (byte & _PARITY_MASK).bit_count() % 2 ^ 1 for byte in key)


def is_weak(key: bytes) -> bool:
    """Whether a DES key of 8, 16 or 24 bytes is weak, semi-weak, or a double or triple key that folds to less.

    NIST SP 800-67 rev. 2, 3.3.2 lists the weak and semi-weak ones; parity bits do not count.

    >>> is_weak(bytes.fromhex("0101010101010101")), is_weak(bytes.fromhex("0123456789ABCDEF") * 2)
    (True, True)
    """
    parts = [bytes(byte & _PARITY_MASK for byte in key[at : at + 8]) for at in range(0, len(key), 8)]
    return len(set(parts)) < len(parts) or not WEAK.isdisjoint(parts)
