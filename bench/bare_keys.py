"""What a vault's operations cost with nothing but the `cryptography` package: the baseline of `bench.keys`.

What may live here: the primitives that a formula needs, with contexts kept where they may be kept. What may not: checks,
formats, permissions: that is the vault's work, and the difference.
"""

from __future__ import annotations

import hashlib
import hmac
import os
from collections.abc import Callable

from cryptography.hazmat.decrepit.ciphers.algorithms import TripleDES
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers import BlockCipherAlgorithm, Cipher, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.ciphers.algorithms import AES, SM4
from cryptography.hazmat.primitives.cmac import CMAC

from xiaopos.keys import KeyAlgorithm, MacKind

Work = Callable[[], object]


def _algorithm(algorithm: KeyAlgorithm, key: bytes) -> BlockCipherAlgorithm:
    if algorithm is KeyAlgorithm.SM4:
        return SM4(key)
    if algorithm.value.startswith("AES"):
        return AES(key)
    return TripleDES({8: key * 3, 16: key + key[:8], 24: key}[len(key)])


def _cmac(algorithm: BlockCipherAlgorithm, data: bytes) -> Work:
    kept = CMAC(algorithm)

    def work() -> bytes:
        made = kept.copy()
        made.update(data)
        return made.finalize()

    return work


def mac(kind: MacKind, algorithm: KeyAlgorithm, key: bytes, data: bytes) -> Work:
    """One MAC: the chain, or what stands for it (two blocks for the 银联 fold)."""
    if kind is MacKind.HMAC_SHA256:
        kept = hmac.new(key, digestmod=hashlib.sha256)

        def keyed() -> bytes:
            made = kept.copy()
            made.update(data)
            return made.digest()

        return keyed
    cipher = _algorithm(algorithm, key)
    if kind in (MacKind.AES_CMAC, MacKind.SM4_CMAC, MacKind.DES_CMAC):
        return _cmac(cipher, data)
    size = cipher.block_size // 8
    if kind is MacKind.UNIONPAY_ECB:
        ecb, block = Cipher(cipher, modes.ECB()).encryptor().update, data[:size]
        return lambda: ecb(ecb(block))
    padded = data + bytes(-len(data) % size)
    last = Cipher(cipher, modes.ECB()).encryptor().update
    chain = Cipher(TripleDES(key[:8] * 3) if kind is not MacKind.X9_9 else cipher, modes.CBC(bytes(size)))
    if kind is MacKind.X9_9:
        return lambda: chain.encryptor().update(padded)
    return lambda: last(chain.encryptor().update(padded)[-size:])


def pin_translation(algorithm: KeyAlgorithm, key: bytes, block: bytes) -> Work:
    """A PIN block deciphered and enciphered; format 4 takes two passes each way."""
    cipher = Cipher(_algorithm(algorithm, key), modes.ECB())
    opens, closes = cipher.decryptor().update, cipher.encryptor().update
    if algorithm.value.startswith("AES"):
        return lambda: closes(closes(opens(opens(block))))
    return lambda: closes(opens(block))


def cryptogram(key: bytes, data: bytes) -> Work:
    """A card's key, its session key, and a retail MAC: five key schedules."""
    master = Cipher(_algorithm(KeyAlgorithm.TDES2, key), modes.ECB()).encryptor().update

    def work() -> bytes:
        card = master(data[:16])
        session = Cipher(TripleDES(card + card[:8]), modes.ECB()).encryptor().update(data[:16])
        chained = Cipher(TripleDES(session[:8] * 3), modes.CBC(bytes(8))).encryptor().update(data)
        return Cipher(TripleDES(session + session[:8]), modes.ECB()).encryptor().update(chained[-8:])

    return work


def sealing(key: bytes, data: bytes) -> Work:
    """AES-256-GCM with a fresh nonce."""
    kept = AESGCM(key)
    return lambda: kept.encrypt(os.urandom(12), data, b"card")


def opening(key: bytes, data: bytes) -> Work:
    """The way back."""
    kept, nonce = AESGCM(key), bytes(12)
    sealed = kept.encrypt(nonce, data, b"card")
    return lambda: kept.decrypt(nonce, sealed, b"card")


def key_block(algorithm: KeyAlgorithm, key: bytes, length: int) -> Work:
    """Two derived keys by CMAC, one CMAC over the block and one CBC pass."""
    blocks = -(-algorithm.key_length // (16 if algorithm.value.startswith("AES") else 8))
    derive = _cmac(_algorithm(algorithm, key), bytes(8))
    size = 16 if algorithm.value.startswith("AES") else 8
    payload = bytes(length // 2 // size * size)

    def work() -> bytes:
        for _ in range(2 * blocks):
            derive()
        made = CMAC(_algorithm(algorithm, key))
        made.update(payload)
        iv = made.finalize()
        return Cipher(_algorithm(algorithm, key), modes.CBC(iv)).encryptor().update(payload)

    return work


def dukpt(algorithm: KeyAlgorithm, key: bytes, steps: int, data: bytes) -> Work:
    """The initial key, the steps down from it, the working key and the MAC."""
    base = Cipher(_algorithm(algorithm, key), modes.ECB()).encryptor().update

    def aes() -> bytes:
        now = base(bytes(16))
        for _ in range(steps + 1):
            now = Cipher(AES(now), modes.ECB()).encryptor().update(bytes(16))
        made = CMAC(AES(now))
        made.update(data)
        return made.finalize()

    def tdes() -> bytes:
        other = Cipher(TripleDES(key + key[:8]), modes.ECB()).encryptor().update
        now = base(bytes(8)) + other(bytes(8))
        for _ in range(steps):
            halves = [Cipher(TripleDES(each * 3), modes.ECB()).encryptor().update for each in (now[:8], now[8:])]
            now = halves[0](now[:8]) + halves[1](now[8:])
        chained = Cipher(TripleDES(now[:8] * 3), modes.CBC(bytes(8))).encryptor().update(data[: len(data) // 8 * 8])
        return Cipher(TripleDES(now + now[:8]), modes.ECB()).encryptor().update(chained[-8:])

    return aes if algorithm.value.startswith("AES") else tdes


def sm3(data: bytes) -> Work:
    """One digest."""

    def work() -> bytes:
        digest = hashes.Hash(hashes.SM3())
        digest.update(data)
        return digest.finalize()

    return work


def ecdsa(data: bytes) -> tuple[Work, Work]:
    """A signature on P-256 and its check."""
    private = ec.generate_private_key(ec.SECP256R1())
    public, kind = private.public_key(), ec.ECDSA(hashes.SHA256())
    signature = private.sign(data, kind)
    return (lambda: private.sign(data, kind)), (lambda: public.verify(signature, data, kind))
