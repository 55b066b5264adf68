"""DUKPT with triple DES: a key of its own for each transaction (ANSI X9.24-1:2009, annex A; X9.24-3:2017, annex C).

What may live here: deriving. What may not: permissions (`work_dukpt`), counters (`dukpt_ksn`), a device's state
(`dukpt_device`).

    base derivation key  --KSN, counter 0-->  initial key  --one bits of the counter-->  transaction key  --mask-->  working key
        (host, HSM)                            (device)

Clear keys come out of here: the callers are vaults and a device's own key store.
"""

from __future__ import annotations

from enum import Enum
from typing import Protocol

from xiaopos.keys.des import BlockCipher, des_cipher
from xiaopos.keys.dukpt_ksn import DukptKind, Ksn
from xiaopos.keys.vault import KeyFault, KeyRefused


class WholeKey(Protocol):
    """A key that enciphers whole blocks."""

    @property
    def whole(self) -> BlockCipher:
        """The block cipher under the key."""
        ...


class BaseKey(WholeKey, Protocol):
    """What the base derivation key must be able to do; it may lie in a hardware module (`engines.OpenKey`)."""

    def variant(self, mask: bytes, /) -> WholeKey:
        """The key XOR a mask of its length."""
        ...


VARIANT = bytes.fromhex("C0C0C0C000000000C0C0C0C000000000")
_VARIANT = int.from_bytes(VARIANT, "big")


class TdesUse(Enum):
    """What a working key is for; the value is its mask over both halves (X9.24-1:2009, annex A.4.1, table A-1)."""

    PIN = "00000000000000FF"
    MAC_REQUEST = "000000000000FF00"
    """Also both ways, where a profile has one MAC key."""
    MAC_RESPONSE = "00000000FF000000"
    DATA_REQUEST = "0000000000FF0000"
    """Also both ways."""
    DATA_RESPONSE = "000000FF00000000"


def initial_key(base: BaseKey, ksn: Ksn) -> bytes:
    """The key a device is loaded with (IPEK, IK), 16 bytes: X9.24-1:2009, A.6.

    ::

        S     = the first 8 bytes of the key serial number with counter 0
        IK    = TDES(BDK, S)  |  TDES(BDK ^ C0C0C0C0 00000000 C0C0C0C0 00000000, S)

    Refusal: WRONG_LENGTH for an AES key serial number.

    >>> from xiaopos.keys.software_engine import SoftwareKey
    >>> from xiaopos.keys.vault import KeyAlgorithm
    >>> base = SoftwareKey(KeyAlgorithm.TDES2, bytes.fromhex("0123456789ABCDEFFEDCBA9876543210"))
    >>> initial_key(base, Ksn.from_text("FFFF9876543210E00000")).hex().upper()
    '6AC292FAA1315B4D858AB3A3D7D5933A'
    """
    _require_tdes(ksn)
    serial = ksn.initial.raw[:8]
    return base.whole.encrypt(serial) + base.variant(VARIANT).whole.encrypt(serial)


def child_key(parent: bytes, ksn: Ksn) -> bytes:
    """One step down: the key of `ksn`, of which only the lowest one bit is new. X9.24-1:2009, A.2 (non-reversible).

    ::

        R            = the last 8 bytes of the key serial number
        right half   = DES(K left,  R ^ K right) ^ K right
        left half    = the same with K ^ C0C0C0C0 00000000 C0C0C0C0 00000000
    """
    serial = int.from_bytes(ksn.raw[2:], "big")
    return _half(int.from_bytes(parent, "big") ^ _VARIANT, serial) + _half(int.from_bytes(parent, "big"), serial)


def transaction_key(initial: bytes, ksn: Ksn) -> bytes:
    """The key of one transaction, 16 bytes: at most ten steps down from the initial key.

    Refusals: WRONG_LENGTH for an AES number, BAD_BLOCK for a counter no device uses.

    >>> ik = bytes.fromhex("6AC292FAA1315B4D858AB3A3D7D5933A")
    >>> transaction_key(ik, Ksn.from_text("FFFF9876543210E00001")).hex().upper()
    '042666B49184CFA368DE9628D0397BC9'
    """
    _require_tdes(ksn)
    ksn.require_usable()
    key = initial
    for each in ksn.path():
        key = child_key(key, each)
    return key


def working_key(transaction: bytes, use: TdesUse) -> bytes:
    """The key that does the work, 16 bytes: a mask for PIN and MAC; for data also enciphered under itself.

    ::

        PIN, MAC    K ^ mask
        data        V = K ^ mask;   TDES(V, V left) | TDES(V, V right)            X9.24-1:2009, annex A.4.1, figure A-2
    """
    mask = int(use.value * 2, 16)
    masked = (int.from_bytes(transaction, "big") ^ mask).to_bytes(16, "big")
    if use in (TdesUse.DATA_REQUEST, TdesUse.DATA_RESPONSE):
        return des_cipher(masked).encrypt(masked)
    return masked


def _half(key: int, serial: int) -> bytes:
    left, right = divmod(key, 1 << 64)
    cipher = des_cipher(left.to_bytes(8, "big"))
    turned = int.from_bytes(cipher.encrypt((serial ^ right).to_bytes(8, "big")), "big")
    return (turned ^ right).to_bytes(8, "big")


def _require_tdes(ksn: Ksn) -> None:
    if ksn.kind is not DukptKind.TDES:
        raise KeyRefused(KeyFault.WRONG_LENGTH, "TDES DUKPT has key serial numbers of 10 bytes")
