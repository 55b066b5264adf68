"""Check values in every form, and keys in parts."""

from __future__ import annotations

import random
import subprocess
from collections.abc import Callable
from typing import Any

import pytest

from xiaopos.kernel.secret import Secret
from xiaopos.keys import KeyAlgorithm, KeyFault, KeyRefused
from xiaopos.keys.check_values import FORMS, CheckForm, check_value, fits, hash_check_value
from xiaopos.keys.components import combined, component_check, taken_apart
from xiaopos.keys.des import block_cipher, des_cipher
from xiaopos.keys.hierarchy import PAIRS
from xiaopos.keys.macs import hmac_sha256

SPLIT = [algorithm for algorithm in KeyAlgorithm if algorithm not in PAIRS]


def test_check_values_known_from_sign_in_and_from_an_sm4_host(vector: Callable[[str], Any]) -> None:
    sign_in = vector("unionpay_signin_field62_keys")
    text = str(sign_in)
    assert check_value(des_cipher(bytes.fromhex("5BB5C72CD00B7338")), CheckForm.ZEROS)[:4].hex().upper() in text
    host = vector("sm4_terminal_worked")["key"]
    cipher = block_cipher(KeyAlgorithm.SM4, bytes.fromhex(host["clear"]))
    whole = check_value(cipher, FORMS[KeyAlgorithm.SM4])
    assert fits(whole, bytes.fromhex(host["check"]))
    assert check_value(cipher, CheckForm.CMAC) != whole


def test_an_aes_check_value_is_its_cmac(rng: random.Random) -> None:
    for length in (16, 32):
        key = rng.randbytes(length)
        algorithm = KeyAlgorithm.AES128 if length == 16 else KeyAlgorithm.AES256
        cipher = block_cipher(algorithm, key)
        command = [
            "openssl",
            "mac",
            "-macopt",
            f"cipher:AES-{length * 8}-CBC",
            "-macopt",
            f"hexkey:{key.hex()}",
            "CMAC",
        ]
        judged = subprocess.run(command, input=bytes(16), capture_output=True, check=True).stdout.decode().strip()
        assert check_value(cipher, FORMS[algorithm]).hex().upper() == judged
        assert check_value(cipher, CheckForm.ZEROS) == cipher.encrypt(bytes(16))


def test_a_block_cipher_has_no_hmac() -> None:
    with pytest.raises(KeyRefused) as refused:
        check_value(des_cipher(bytes(range(8))), CheckForm.HMAC)
    assert refused.value.fault is KeyFault.WRONG_ALGORITHM
    assert len(hash_check_value(hmac_sha256(bytes(32)))) == 32


@pytest.mark.parametrize("length", [0, 2, 5, 7, 9])
def test_a_check_value_of_another_length_is_refused(length: int) -> None:
    with pytest.raises(KeyRefused) as refused:
        fits(bytes(16), bytes(length))
    assert refused.value.fault is KeyFault.WRONG_LENGTH
    assert fits(bytes(16), bytes(3))
    assert not fits(bytes(16), b"\0\0\1")
    with pytest.raises(KeyRefused):
        fits(bytes(4), bytes(8))


@pytest.mark.parametrize("algorithm", SPLIT)
@pytest.mark.parametrize("count", [2, 3])
def test_a_key_comes_back_from_its_parts(algorithm: KeyAlgorithm, count: int, rng: random.Random) -> None:
    key = rng.randbytes(algorithm.key_length)
    parts = taken_apart(key, count, rng.randbytes)
    assert len(parts) == count
    checks = [component_check(part, algorithm)[:3] for part in parts]
    assert combined(parts, algorithm) == combined(parts, algorithm, checks) == combined(parts[::-1], algorithm) == key
    with pytest.raises(KeyRefused, match=f"component {count} is not what its sheet says") as refused:
        combined(parts, algorithm, [*checks[:-1], b"\0\0\0"])
    assert refused.value.fault is KeyFault.CHECK_VALUE


def test_other_numbers_of_parts_are_refused(rng: random.Random) -> None:
    part = Secret(bytes(16))
    asks: list[Callable[[], object]] = [
        lambda: combined([part], KeyAlgorithm.TDES2),
        lambda: combined([part] * 4, KeyAlgorithm.TDES2),
        lambda: combined([part, part], KeyAlgorithm.TDES2, [b"123"]),
        lambda: combined([part, Secret(bytes(8))], KeyAlgorithm.TDES2),
        lambda: component_check(part, KeyAlgorithm.AES256),
        lambda: taken_apart(bytes(16), 1, rng.randbytes),
    ]
    for ask in asks:
        with pytest.raises(KeyRefused) as refused:
            ask()
        assert refused.value.fault is KeyFault.WRONG_LENGTH
