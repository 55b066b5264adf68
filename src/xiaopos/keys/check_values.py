"""Check values: by what two people, or two machines, see that they hold the same key, without seeing the key.

What may live here: the forms of a check value, per algorithm, and comparing one that came from outside.
What may not: where a key comes from, what is done when it does not fit.
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from enum import Enum

from xiaopos.keys.des import BlockCipher
from xiaopos.keys.macs import KeyedHash, cmac
from xiaopos.keys.vault import KeyAlgorithm, KeyFault, KeyRefused

KEPT = 4
"""Bytes that this system keeps and shows: 8 hex digits."""
LENGTHS = (3, 4, 8)
"""Bytes that partners send: 3 on component sheets, 4 at sign-in, 8 with some SM4 hosts."""


class CheckForm(Enum):
    """What a check value is the beginning of."""

    ZEROS = "zeros"
    """A block of zeros, encrypted: ANSI X9.24-1:2017, annex A, for DES; SM4 hosts too."""
    CMAC = "cmac"
    """The CMAC of a block of zeros: ANSI X9.24-1:2017, annex A, for AES."""
    HMAC = "hmac"
    """The HMAC of nothing."""


FORMS: Mapping[KeyAlgorithm, CheckForm] = {
    algorithm: CheckForm.HMAC
    if algorithm.value.startswith("HMAC")
    else CheckForm.CMAC
    if algorithm.value.startswith("AES")
    else CheckForm.ZEROS
    for algorithm in KeyAlgorithm
}
"""The form each algorithm has unless a partner's profile says otherwise (older AES hosts: ZEROS; some SM4 hosts: CMAC)."""


def check_value(cipher: BlockCipher, form: CheckForm) -> bytes:
    """The whole check value of a block cipher's key (ANSI X9.24-1:2017, annex A); people compare its first bytes.

    ::

        ZEROS    E(00 ... 00)                     one block
        CMAC     CMAC(00 ... 00)                  one block

    Refusal: WRONG_ALGORITHM for HMAC, which is `hash_check_value`'s.

    >>> from xiaopos.keys.des import des_cipher
    >>> check_value(des_cipher(bytes.fromhex("5BB5C72CD00B7338")), CheckForm.ZEROS).hex().upper()[:8]
    'AB7153CA'
    """
    if form is CheckForm.HMAC:
        raise KeyRefused(KeyFault.WRONG_ALGORITHM, "a block cipher's key has no HMAC")
    zeros = bytes(cipher.block_size)
    return cipher.encrypt(zeros) if form is CheckForm.ZEROS else cmac(cipher, zeros)


def hash_check_value(keyed: KeyedHash) -> bytes:
    """The whole check value of an HMAC key: `HMAC(key, nothing)`. Refuses nothing."""
    return keyed(b"")


def fits(check: bytes, given: bytes) -> bool:
    """Whether a check value from outside (3, 4 or 8 bytes) is the beginning of ours; compared in constant time.

    Refusal: WRONG_LENGTH for another length: fewer bytes prove nothing, more would begin to tell the key.

    >>> fits(bytes.fromhex("9BAE3E51C0F5A3D2"), bytes.fromhex("9BAE3E"))
    True
    """
    if len(given) not in LENGTHS or len(given) > len(check):
        raise KeyRefused(KeyFault.WRONG_LENGTH, f"a check value has 3, 4 or 8 bytes, got {len(given)}")
    return hmac.compare_digest(check[: len(given)], given)
