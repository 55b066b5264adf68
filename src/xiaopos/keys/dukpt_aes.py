"""DUKPT with AES: a key of its own for each transaction and each use (ANSI X9.24-3:2017, section 6).

What may live here: deriving. What may not: permissions (`work_dukpt`), counters (`dukpt_ksn`), a device's state
(`dukpt_device`).

Every key is made the same way from the one above it:

    derivation data, 16 bytes                                                        X9.24-3:2017, 6.3.2, tables 2 and 3
    | 01 | block | use 2 | algorithm 2 | length in bits 2 |  derivation id 4 | counter 4  |
                                                          or |  initial key id 8          |   for the initial key
    key = AES-ECB(upper key, data with block 01)  [ | AES-ECB(upper key, data with block 02) ]   cut to the length

Clear keys come out of here: the callers are vaults and a device's own key store.
"""

from __future__ import annotations

from enum import Enum
from typing import NamedTuple

from xiaopos.keys.des import BlockCipher, block_cipher
from xiaopos.keys.dukpt_ksn import DukptKind, Ksn
from xiaopos.keys.vault import KeyAlgorithm, KeyFault, KeyRefused

_A = KeyAlgorithm


class AesUse(Enum):
    """What a derived key is for: the key usage indicator (X9.24-3:2017, table 2)."""

    KEY_ENCRYPTION = 0x0002
    """Carries a new initial key to the device, at the end of the old one's life."""
    PIN = 0x1000
    MAC_GENERATE = 0x2000
    MAC_VERIFY = 0x2001
    MAC_BOTH = 0x2002
    DATA_ENCRYPT = 0x3000
    DATA_DECRYPT = 0x3001
    DATA_BOTH = 0x3002
    DERIVATION = 0x8000
    """A transaction's key and those above it."""
    INITIAL = 0x8001


class _Form(NamedTuple):
    indicator: int
    bits: int


class AesDerived(Enum):
    """What kind of key is derived: the algorithm indicator and the length in bits (X9.24-3:2017, tables 2 and 3)."""

    TDES2 = _Form(0, 128)
    TDES3 = _Form(1, 192)
    AES128 = _Form(2, 128)
    AES192 = _Form(3, 192)
    AES256 = _Form(4, 256)
    HMAC128 = _Form(5, 128)
    HMAC192 = _Form(5, 192)
    HMAC256 = _Form(5, 256)

    @property
    def is_hmac(self) -> bool:
        """Whether it keys a hash; no cipher then."""
        return self.value.indicator == 5


UPDATE_COUNTER = 0xFFFFFFFF
"""The counter that no transaction has: its key carries the next initial key (X9.24-3:2017, 6.5.2)."""

DERIVING = {16: AesDerived.AES128, 24: AesDerived.AES192, 32: AesDerived.AES256}
"""Keys that beget others, by their length in bytes."""


def derive(upper: BlockCipher, use: AesUse, derived: AesDerived, ids: bytes) -> bytes:
    """One key from the one above it; `ids` are the last 8 bytes of the derivation data. X9.24-3:2017, 6.3.1."""
    indicator, bits = derived.value
    data = b"".join(
        bytes((1, block)) + use.value.to_bytes(2, "big") + indicator.to_bytes(2, "big") + bits.to_bytes(2, "big") + ids
        for block in range(1, 2 + (bits > 128))
    )
    return upper.encrypt(data)[: bits // 8]


def initial_key(base: BlockCipher, algorithm: KeyAlgorithm, ksn: Ksn) -> bytes:
    """The key a device is loaded with (IK), as long as the base derivation key. X9.24-3:2017, 6.2.3.

    Refusals: WRONG_LENGTH for a TDES key serial number, WRONG_ALGORITHM for a base key that is not AES.

    >>> base = block_cipher(KeyAlgorithm.AES128, bytes.fromhex("FEDCBA9876543210F1F1F1F1F1F1F1F1"))
    >>> initial_key(base, KeyAlgorithm.AES128, Ksn.from_text("123456789012345600000000")).hex().upper()
    '1273671EA26AC29AFA4D1084127652A1'
    """
    _require_aes(ksn)
    if algorithm not in (_A.AES128, _A.AES192, _A.AES256):
        raise KeyRefused(KeyFault.WRONG_ALGORITHM, f"AES DUKPT has AES keys above, not {algorithm.value}")
    return derive(base, AesUse.INITIAL, DERIVING[algorithm.key_length], ksn.raw[:8])


def child_key(parent: bytes, ksn: Ksn) -> bytes:
    """One step down: the key of `ksn`, of which only the lowest one bit is new. X9.24-3:2017, 6.3.1."""
    derived = DERIVING[len(parent)]
    return derive(_cipher(parent), AesUse.DERIVATION, derived, ksn.raw[4:])


def transaction_key(initial: bytes, ksn: Ksn) -> bytes:
    """The derivation key of one transaction, as long as the initial key: at most sixteen steps down.

    Refusals: WRONG_LENGTH for a TDES number or an initial key that is not 16, 24 or 32 bytes, BAD_BLOCK for a counter
    no device uses.

    >>> ik = bytes.fromhex("1273671EA26AC29AFA4D1084127652A1")
    >>> transaction_key(ik, Ksn.from_text("123456789012345600000001")).hex().upper()
    '4F21B565BAD9835E112B6465635EAE44'
    """
    ksn.require_usable()
    return _descend(initial, ksn)


def working_key(transaction: bytes, ksn: Ksn, use: AesUse, derived: AesDerived) -> bytes:
    """The key that does the work. X9.24-3:2017, 6.2.2.

    Refusals: WRONG_USAGE for the two uses that beget keys, WRONG_ALGORITHM for a key stronger than the one above it
    (6.1.3), WRONG_LENGTH for a TDES number.

    >>> key = bytes.fromhex("4F21B565BAD9835E112B6465635EAE44")
    >>> working_key(key, Ksn.from_text("123456789012345600000001"), AesUse.PIN, AesDerived.AES128).hex().upper()
    'AF8CB133A78F8DC2D1359F18527593FB'
    """
    _require_aes(ksn)
    if use in (AesUse.DERIVATION, AesUse.INITIAL):
        raise KeyRefused(KeyFault.WRONG_USAGE, "a working key does not beget others")
    stronger = derived not in (AesDerived.TDES2, AesDerived.TDES3) and derived.value.bits > len(transaction) * 8
    if stronger:
        raise KeyRefused(KeyFault.WRONG_ALGORITHM, f"{derived.name} is stronger than the key it would come from")
    return derive(_cipher(transaction), use, derived, ksn.raw[4:])


def update_key(initial: bytes, ksn: Ksn, derived: AesDerived) -> bytes:
    """The key under which a device gets its next initial key: of counter FFFFFFFF, 32 steps down. X9.24-3:2017, 6.5.3.

    Refusals: as `working_key`; WRONG_LENGTH for an initial key that is not 16, 24 or 32 bytes.

    >>> ik = bytes.fromhex("1273671EA26AC29AFA4D1084127652A1")
    >>> update_key(ik, Ksn.from_text("123456789012345600000001"), AesDerived.AES128).hex().upper()
    '9A9770AEE1ACD1B13473D0463A1883B9'
    """
    last = Ksn(ksn.kind, ksn.device, UPDATE_COUNTER)
    return working_key(_descend(initial, last), last, AesUse.KEY_ENCRYPTION, derived)


def _descend(initial: bytes, ksn: Ksn) -> bytes:
    _require_aes(ksn)
    if len(initial) not in DERIVING:
        raise KeyRefused(KeyFault.WRONG_LENGTH, f"an initial key has 16, 24 or 32 bytes, got {len(initial)}")
    key = initial
    for each in ksn.path():
        key = child_key(key, each)
    return key


def _cipher(key: bytes) -> BlockCipher:
    return block_cipher(_A.AES256, key)  # the key's length says which AES


def _require_aes(ksn: Ksn) -> None:
    if ksn.kind is not DukptKind.AES:
        raise KeyRefused(KeyFault.WRONG_LENGTH, "AES DUKPT has key serial numbers of 12 bytes")
