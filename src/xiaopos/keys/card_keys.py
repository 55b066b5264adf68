"""From an issuer's master key to the key of one card and of one transaction, as pure functions.

What may live here: the data that each derivation encrypts, the role of a key that begets others, its software form.
What may not: what the derived keys then compute (`cryptograms`, `scripts`), which version of a card uses which derivation
(`cryptogram_versions`).

Every derivation but one is `E(parent, 16 bytes)`: a hardware module that derives by encryption keeps all keys inside.
"""

from __future__ import annotations

import hashlib
from enum import Enum
from typing import Protocol, Self, TypeVar

from xiaopos.kernel.secret import Pan
from xiaopos.keys.des import BlockCipher, SoftwareCipher, des_cipher, odd_parity
from xiaopos.keys.vault import KeyFault, KeyRefused

_ONES = 0xFF


class MasterKeyOption(Enum):
    """How a card's number becomes the data that its master key is made of: EMV 4.3 Book 2, annex A1.4."""

    A = "A"
    B = "B"


class SessionKind(Enum):
    """How a transaction's key comes from the card's."""

    NONE = "none"
    """The card's own key serves: Visa CVN 10."""
    COMMON = "common"
    """EMV common session key, `ATC | 00 x 6`: EMV 4.3 Book 2, annex A1.3.1."""
    MASTERCARD = "mastercard"
    """The same with the unpredictable number, `ATC | 00 00 | UN`: M/Chip."""
    UNIONPAY = "unionpay"
    """`00 x 6 | ATC` and `00 x 6 | ~ATC`: PBOC 3.0 part 5, CVN 01."""


class CardKey(Protocol):
    """A double-length DES key of an issuer or a card: it computes, and it begets."""

    @property
    def left(self) -> BlockCipher:
        """Single DES under the first half, for MAC algorithm 3."""
        ...

    @property
    def whole(self) -> BlockCipher:
        """3DES under both halves."""
        ...

    def derive(self, data: bytes, /) -> Self:
        """The key `E(this, data)`, parity adjusted; 16 bytes in."""
        ...

    def variant(self, mask: bytes, /) -> Self:
        """The key `this ^ mask`, parity adjusted; 16 bytes in."""
        ...


K = TypeVar("K", bound=CardKey)
"""A derived key lies where its parent lies."""


class SoftwareCardKey:
    """A card key in this process: its clear bytes live as long as the object. Raises KeyRefused (WRONG_LENGTH)."""

    __slots__ = ("_key", "whole")

    def __init__(self, key: bytes) -> None:
        require_length("a card key", key, 16)
        self._key = key
        self.whole: SoftwareCipher = des_cipher(key)

    def __repr__(self) -> str:
        return "SoftwareCardKey(16 bytes)"

    @property
    def left(self) -> SoftwareCipher:
        """See `CardKey`. Made when asked: a key that only begets needs none."""
        return des_cipher(self._key[:8])

    def derive(self, data: bytes, /) -> Self:
        """See `CardKey`."""
        return type(self)(odd_parity(self.whole.encrypt(data)))

    def variant(self, mask: bytes, /) -> Self:
        """See `CardKey`."""
        return type(self)(odd_parity(_xor(self._key, mask)))


def master_key_data(pan: Pan, psn: str, option: MasterKeyOption) -> bytes:
    """What the issuer's key encrypts to make a card's: EMV 4.3 Book 2, annexes A1.4.1 and A1.4.2.

    ::

        A          Y  = the rightmost 16 digits of PAN | PSN, zeros in front
        B, > 16    Y  = the first 16 decimal digits of SHA-1(PAN | PSN as whole bytes); too few: letters follow, A=0 .. F=5
        B, <= 16   as A
                   Y | ~Y                                                                          16 bytes

    Refusal: BAD_BLOCK for a PSN that is not two digits.

    >>> master_key_data(Pan("9901234567890123"), "45", MasterKeyOption.A).hex().upper()
    '0123456789012345FEDCBA9876FEDCBA'
    """
    if not (len(psn) == 2 and psn.isascii() and psn.isdigit()):
        raise KeyRefused(KeyFault.BAD_BLOCK, "a card sequence number is two digits")
    digits = pan.digits + psn
    if option is MasterKeyOption.B and len(pan.digits) > 16:
        hashed = hashlib.sha1(bytes.fromhex("0" * (len(digits) % 2) + digits), usedforsecurity=False)
        digits = first_decimals(hashed.digest(), 16)
    left = bytes.fromhex(digits[-16:].rjust(16, "0"))
    return left + _inverted(left)


def first_decimals(data: bytes, count: int) -> str:
    """The first decimal digits among the hex digits of `data`; too few: its letters follow, A = 0 .. F = 5.

    The decimalisation of EMV 4.3 Book 2, annex A1.4.2, which CVV and PVV share. Refuses nothing.

    >>> first_decimals(bytes.fromhex("A1B2"), 2), first_decimals(bytes.fromhex("A1BC"), 3)
    ('12', '101')
    """
    text = data.hex()
    letters = (str(ord(each) - ord("a")) for each in text if each.isalpha())
    return "".join((*(each for each in text if each.isdigit()), *letters))[:count]


def card_key(issuer_key: K, pan: Pan, psn: str, option: MasterKeyOption) -> K:
    """The master key of one card: EMV 4.3 Book 2, annex A1.4. Refusals: those of `master_key_data`.

    ::

        E(issuer's key, Y) | E(issuer's key, ~Y)      parity adjusted; Y is `master_key_data`'s

    >>> issuer = SoftwareCardKey(bytes.fromhex("0123456789ABCDEFFEDCBA9876543210"))
    >>> card = card_key(issuer, Pan("9901234567890123"), "45", MasterKeyOption.A)
    >>> card.whole.encrypt(bytes(8)).hex().upper()[:4]
    '1DA5'
    """
    return issuer_key.derive(master_key_data(pan, psn, option))


def diversified(value: bytes) -> bytes:
    """The data of a common session key for a diversifier of 8 bytes: EMV 4.3 Book 2, annex A1.3.1.

    ::

        R0 R1 F0 R3 .. R7 | R0 R1 0F R3 .. R7                                  16 bytes

    Refusal: WRONG_LENGTH.

    >>> diversified(bytes.fromhex("1234567890123456")).hex().upper()
    '1234F0789012345612340F7890123456'
    """
    require_length("a diversifier", value, 8)
    head, tail = value[:2], value[3:]
    return head + b"\xf0" + tail + head + b"\x0f" + tail


def session_key(card: K, kind: SessionKind, atc: bytes, unpredictable: bytes) -> K:
    """The key of one transaction; `atc` is tag 9F36 (2 bytes), `unpredictable` tag 9F37 (4 bytes, `MASTERCARD` only).

    EMV 4.3 Book 2, annex A1.3.1; `UNIONPAY` is PBOC 3.0 part 5 (JR/T 0025.5).

    ::

        COMMON       ATC F0 00 00 00 00 00 | ATC 0F 00 00 00 00 00
        MASTERCARD   ATC F0 00 UN          | ATC 0F 00 UN
        UNIONPAY     00 00 00 00 00 00 ATC | 00 00 00 00 00 00 ~ATC

    Refusal: WRONG_LENGTH.

    >>> card = SoftwareCardKey(bytes.fromhex("0D2E3CB0BC1F9E03AED58F663A2F9679"))
    >>> found = session_key(card, SessionKind.UNIONPAY, bytes.fromhex("000E"), b"")
    >>> found.whole.encrypt(bytes(8)) == des_cipher(bytes.fromhex("C3D3F062E9992B4E923D338D66193526")).encrypt(bytes(8))
    True
    """
    if kind is SessionKind.NONE:
        return card
    require_length("an ATC", atc, 2)
    if kind is SessionKind.UNIONPAY:
        return card.derive(bytes(6) + atc + bytes(6) + _inverted(atc))
    if kind is SessionKind.MASTERCARD:
        require_length("an unpredictable number", unpredictable, 4)
        return card.derive(diversified(atc + bytes(2) + unpredictable))
    return card.derive(diversified(atc + bytes(6)))


def visa_script_key(card: K, atc: bytes) -> K:
    """The key of Visa's secure messaging (VIS 1.6), which UnionPay's cards share.

    ::

        left ^ (00 x 6 | ATC)   |   right ^ (00 x 6 | ~ATC)

    Refusal: WRONG_LENGTH for an ATC that is not 2 bytes.

    >>> card = SoftwareCardKey(bytes.fromhex("0123456789ABCDEFFEDCBA9876543210"))
    >>> known = des_cipher(bytes.fromhex("0123456789ABCDF2FEDCBA987654CDF2"))
    >>> visa_script_key(card, bytes.fromhex("001C")).whole.encrypt(bytes(8)) == known.encrypt(bytes(8))
    True
    """
    require_length("an ATC", atc, 2)
    return card.variant(bytes(6) + atc + bytes(6) + _inverted(atc))


def tree_session_key(key: bytes, atc: bytes, *, height: int = 8, branches: int = 4, start: bytes = bytes(16)) -> bytes:
    """The EMV2000 tree, left for cards of before 2005: EMV 4.1 Book 2, annex A1.3; parity adjusted.

    ::

        F(X, Y, j) = E(X, Yl ^ (j mod b)) | E(X, Yr ^ (j mod b) ^ F0)
        walking down the base-b digits of the ATC: parent, grandparent = F(parent, grandparent, j), parent
        SK = the last key ^ its grandparent

    The grandparent is data to its grandchild, so that this one derivation needs clear keys (`key` 16 bytes): it exists in
    software only. Refusals: WRONG_LENGTH for a key or start that is not 16 bytes, an ATC that is not 2, and a tree with
    fewer leaves than an ATC has values.

    >>> key = bytes.fromhex("0123456789ABCDEF0123456789ABCDEF")
    >>> tree_session_key(key, bytes.fromhex("00FF")).hex().upper()
    '981F9D208AE6132CBC8A7C97F42A5445'
    """
    require_length("a card key", key, 16)
    require_length("a start value", start, 16)
    require_length("an ATC", atc, 2)
    if branches**height < 0x10000:
        raise KeyRefused(KeyFault.WRONG_LENGTH, "the tree has fewer leaves than an ATC has values")
    counter = int.from_bytes(atc, "big")
    parent, grandparent, before = key, start, start
    for level in reversed(range(height)):
        turn = (counter // branches**level % branches).to_bytes(8, "big")
        data = _xor(grandparent, turn + turn[:7] + bytes((turn[7] ^ 0xF0,)))
        parent, grandparent, before = des_cipher(parent).encrypt(data), parent, grandparent
    return odd_parity(_xor(parent, before))


def require_length(name: str, value: bytes, expected: int) -> None:
    """Raises KeyRefused (WRONG_LENGTH) for a value of another length, naming it."""
    if len(value) != expected:
        raise KeyRefused(KeyFault.WRONG_LENGTH, f"{name} has {expected} bytes, got {len(value)}")


def _inverted(data: bytes) -> bytes:
    return bytes(byte ^ _ONES for byte in data)


def _xor(first: bytes, second: bytes) -> bytes:
    return (int.from_bytes(first, "big") ^ int.from_bytes(second, "big")).to_bytes(len(first), "big")
