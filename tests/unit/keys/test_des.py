"""DES keys: expansion, parity, weakness; and the block ciphers beside them."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes

from xiaopos.keys import KeyAlgorithm, KeyFault, KeyRefused
from xiaopos.keys.des import block_cipher, des_cipher, is_weak, odd_parity


def test_sm4_and_sm3_give_the_standards_answers(vector: Callable[[str], Any]) -> None:
    known = vector("gm_sm3_sm4")
    cipher = block_cipher(KeyAlgorithm.SM4, bytes.fromhex(known["sm4_key"]))
    assert cipher.encrypt(bytes.fromhex(known["sm4_plain"])).hex().upper() == known["sm4_cipher"]
    assert cipher.decrypt(bytes.fromhex(known["sm4_cipher"])).hex().upper() == known["sm4_plain"]
    digest = hashes.Hash(hashes.SM3())
    digest.update(b"abc")
    assert digest.finalize().hex().upper() == known["sm3_abc"]


@pytest.mark.parametrize("algorithm", [KeyAlgorithm.AES128, KeyAlgorithm.AES256])
def test_aes_gives_the_answers_of_fips_197(algorithm: KeyAlgorithm) -> None:
    answers = {
        KeyAlgorithm.AES128: "69c4e0d86a7b0430d8cdb78070b4c55a",
        KeyAlgorithm.AES256: "8ea2b7ca516745bfeafc49904b496089",
    }
    cipher = block_cipher(algorithm, bytes(range(algorithm.key_length)))
    assert cipher.encrypt(bytes.fromhex("00112233445566778899aabbccddeeff")).hex() == answers[algorithm]


def test_a_kept_cipher_remembers_nothing_between_blocks(rng: random.Random) -> None:
    cipher = des_cipher(rng.randbytes(24))
    first = cipher.encrypt(b"12345678")
    chained = cipher.cbc_last(b"1234567887654321")
    assert cipher.encrypt(b"12345678") == first
    assert cipher.cbc_last(b"1234567887654321") == chained
    assert cipher.decrypt(first) == b"12345678"


def test_a_double_key_is_the_triple_key_that_repeats_its_first_half(rng: random.Random) -> None:
    key = rng.randbytes(16)
    assert des_cipher(key).encrypt(bytes(8)) == des_cipher(key + key[:8]).encrypt(bytes(8))


@pytest.mark.parametrize("length", [0, 7, 9, 15, 17, 23, 25])
def test_other_lengths_are_refused(length: int) -> None:
    with pytest.raises(KeyRefused) as refused:
        des_cipher(bytes(length))
    assert refused.value.fault is KeyFault.WRONG_LENGTH


def test_an_hmac_key_is_no_block_ciphers() -> None:
    with pytest.raises(KeyRefused) as refused:
        block_cipher(KeyAlgorithm.HMAC256, bytes(32))
    assert refused.value.fault is KeyFault.WRONG_ALGORITHM


def test_odd_parity_makes_every_byte_odd_and_keeps_the_key(rng: random.Random) -> None:
    for _ in range(200):
        key = rng.randbytes(24)
        adjusted = odd_parity(key)
        assert all(byte.bit_count() % 2 for byte in adjusted)
        assert all(a ^ b in (0, 1) for a, b in zip(key, adjusted, strict=True))
        assert des_cipher(key).encrypt(bytes(8)) == des_cipher(adjusted).encrypt(bytes(8))


@pytest.mark.parametrize(
    ("key", "weak"),
    [
        ("0101010101010101", True),
        ("0000000000000000", True),
        ("FFFFFFFFFFFFFFFF", True),
        ("E0E0E0E0F1F1F1F1", True),
        ("01FE01FE01FE01FE", True),
        ("0123456789ABCDEF", False),
        ("0123456789ABCDEFFEDCBA9876543210", False),
        ("0123456789ABCDEF0123456789ABCDEF", True),
        ("0123456789ABCDEF0022446688AACCEE", True),
        ("0123456789ABCDEF1F1F1F1F0E0E0E0E", True),
        ("0123456789ABCDEFFEDCBA98765432100123456789ABCDEF", True),
        ("0123456789ABCDEFFEDCBA987654321089ABCDEF01234567", False),
    ],
)
def test_weak_keys_are_known_with_and_without_their_parity_bits(key: str, weak: bool) -> None:
    assert is_weak(bytes.fromhex(key)) is weak
