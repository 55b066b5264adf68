"""What issuers compute for a card and its PIN: verification values and PIN offsets, as pure functions of the issuer's keys.

What may live here: CVV and its relatives, CVC3, Visa's PVV, IBM 3624.
What may not: PIN blocks (`pin_blocks`), comparing, where the issuer's keys and a clear PIN live (a vault).
"""

from __future__ import annotations

from dataclasses import dataclass

from xiaopos.kernel.secret import Pan
from xiaopos.keys.card_keys import first_decimals
from xiaopos.keys.des import BlockCipher
from xiaopos.keys.macs import Padding, TwoPartKey, algorithm_3
from xiaopos.keys.vault import KeyFault, KeyRefused

_HEX = "0123456789ABCDEF"


def cvv(key: TwoPartKey, pan: Pan, expiry: str, service_code: str, length: int = 3) -> str:
    """The card verification value (CVV, CVC, CVN of a stripe; CVV2 with service code 000; iCVV with 999).

    ::

        PAN | expiry (4) | service code (3) | 0 ... 0        32 digits = two blocks
        E(left, B1) ^ B2 -> 3DES -> the first `length` decimal digits, letters after them

    The expiry's order (YYMM or MMYY) is the issuer's. Refusal: BAD_BLOCK for what is not that many digits.

    >>> from xiaopos.keys.macs import retail_key
    >>> cvv(retail_key(bytes.fromhex("99999999999999998888888888888888")), Pan("2222222222222222"), "3333", "111")
    '361'
    """
    _digits("an expiry", expiry, 4)
    _digits("a service code", service_code, 3)
    data = bytes.fromhex(f"{pan.digits}{expiry}{service_code}".ljust(32, "0"))
    return first_decimals(algorithm_3(key, data, Padding.ZERO), length)


def cvc3(key: TwoPartKey, track: bytes, atc: bytes, unpredictable: bytes) -> str:
    """The dynamic value of a contactless stripe: Mastercard's CVC3, 5 digits, of which a track carries the last.

    ::

        IV = the last 2 bytes of MAC algorithm 3 over the track's data (80 00 ..)
        E(IV | unpredictable number (4) | ATC (2)) -> the last 2 bytes as a decimal number

    `key` is the card's key for CVC3. Refusal: WRONG_LENGTH.
    """
    if (len(atc), len(unpredictable)) != (2, 4):
        raise KeyRefused(KeyFault.WRONG_LENGTH, "an ATC has 2 bytes and an unpredictable number 4")
    start = algorithm_3(key, track, Padding.ONE_ZERO)[-2:]
    return f"{int.from_bytes(key.whole.encrypt(start + unpredictable + atc)[-2:], 'big'):05d}"


def pvv(cipher: BlockCipher, pan: Pan, key_index: str, pin: str) -> str:
    """Visa's PIN verification value, 4 digits.

    ::

        the rightmost 11 digits of the PAN without its check digit | key index (1) | the first 4 digits of the PIN
        3DES -> the first 4 decimal digits, letters after them

    Refusal: BAD_BLOCK for what is no PIN or no index.

    >>> from xiaopos.keys.des import des_cipher
    >>> pvk = des_cipher(bytes.fromhex("0123456789ABCDEFFEDCBA9876543210"))
    >>> pvv(pvk, Pan("1122334455667788"), "1", "4524")
    '8523'
    """
    _digits("a key index", key_index, 1)
    _pin(pin)
    return first_decimals(cipher.encrypt(bytes.fromhex(pan.digits[-12:-1] + key_index + pin[:4])), 4)


@dataclass(frozen=True, slots=True)
class Ibm3624:
    """An issuer's choices for IBM 3624: which digits of the card number are encrypted, and how the result is read.

    Refusal: BAD_BLOCK for a table that is not 16 digits, a pad that is no hex digit and a part outside 1 to 16 digits.
    """

    table: str = "0123456789012345"
    start: int = 0
    length: int = 16
    pad: str = "F"

    def __post_init__(self) -> None:
        _digits("a conversion table", self.table, 16)
        if len(self.pad) != 1 or self.pad.upper() not in _HEX or self.start < 0 or not 0 < self.length <= 16:
            raise KeyRefused(KeyFault.BAD_BLOCK, "a card number's part is 1 to 16 digits, filled with one hex digit")

    def natural_pin(self, cipher: BlockCipher, pan: Pan) -> str:
        """The 16 digits that the key makes of the card number; the first of them are the natural PIN.

        Refusal: BAD_BLOCK for a card number shorter than the part.
        """
        part = pan.digits[self.start : self.start + self.length]
        if len(part) != self.length:
            raise KeyRefused(KeyFault.BAD_BLOCK, "the card number is shorter than the part that is encrypted")
        made = cipher.encrypt(bytes.fromhex(part.ljust(16, self.pad))).hex().upper()
        return made.translate(str.maketrans(_HEX, self.table))

    def pin(self, cipher: BlockCipher, pan: Pan, offset: str) -> str:
        """The PIN of a card with this offset: digit by digit, natural + offset modulo 10. Refusal: BAD_BLOCK."""
        _pin(offset)
        return "".join(str((int(a) + int(b)) % 10) for a, b in zip(self.natural_pin(cipher, pan), offset, strict=False))

    def offset(self, cipher: BlockCipher, pan: Pan, pin: str) -> str:
        """What the issuer keeps for a chosen PIN: digit by digit, PIN - natural modulo 10. Refusal: BAD_BLOCK."""
        _pin(pin)
        return "".join(str((int(b) - int(a)) % 10) for a, b in zip(self.natural_pin(cipher, pan), pin, strict=False))


def _digits(name: str, value: str, length: int) -> None:
    if not (len(value) == length and value.isascii() and value.isdigit()):
        raise KeyRefused(KeyFault.BAD_BLOCK, f"{name} has {length} digits")


def _pin(value: str) -> None:
    if not (4 <= len(value) <= 12 and value.isascii() and value.isdigit()):
        raise KeyRefused(KeyFault.BAD_BLOCK, "a PIN, or its offset, is 4 to 12 digits")
