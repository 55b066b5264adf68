"""The issuer's side of EMV application cryptograms, as pure functions.

What may live here: card master keys, session keys, ARQC and ARPC.
What may not: parsing field 55 (`wire`), deciding on the result. Used by vault implementations only.
"""

from __future__ import annotations

from xiaopos.kernel.secret import Pan
from xiaopos.keys.des import BlockCipher, des_cipher, odd_parity
from xiaopos.keys.macs import pad_80, pad_zero, retail_key, retail_mac
from xiaopos.keys.vault import CardPadding, KeyFault, KeyRefused


def _length(name: str, value: bytes, expected: int) -> None:
    if len(value) != expected:
        raise KeyRefused(KeyFault.WRONG_LENGTH, f"{name} has {expected} bytes, got {len(value)}")


def card_master_key(imk: BlockCipher, pan: Pan, psn: str) -> bytes:
    """The master key of one card: EMV 4.3 Book 2, annex A1.4.1, option A.

    ::

        Y  = the rightmost 16 digits of PAN | PSN, zeros in front
        MK = E(IMK, Y) | E(IMK, ~Y), odd parity                            16 bytes

    Refusal: BAD_BLOCK for a PSN that is not two digits.

    >>> imk = des_cipher(bytes.fromhex("0123456789ABCDEFFEDCBA9876543210"))
    >>> card_master_key(imk, Pan("9901234567890123"), "45").hex().upper()
    'F84315C7B95BD3B0C74694922C3808B0'
    """
    if not (len(psn) == 2 and psn.isascii() and psn.isdigit()):
        raise KeyRefused(KeyFault.BAD_BLOCK, "a card sequence number is two digits")
    left = bytes.fromhex((pan.digits + psn)[-16:].rjust(16, "0"))
    return odd_parity(imk.encrypt(left + bytes(byte ^ 0xFF for byte in left)))


def session_key(master_key: bytes, diversifier: bytes) -> bytes:
    """The common session key: EMV 4.3 Book 2, annex A1.3.1, parity adjusted.

    ::

        R  = 8 bytes; for application cryptograms ATC (2) | 00 x 6
        SK = E(MK, R with byte 3 = F0) | E(MK, R with byte 3 = 0F)         16 bytes

    Refusal: WRONG_LENGTH for a diversifier that is not 8 bytes.

    >>> mk = bytes.fromhex("F84315C7B95BD3B0C74694922C3808B0")
    >>> session_key(mk, bytes.fromhex("1234567890123456")).hex().upper()
    '3E736BF8D37664348A04E3ABE00DEFC1'
    >>> session_key(mk, bytes.fromhex("001C") + bytes(6)).hex().upper()
    'A8671AF8581315C17032D99876B68592'
    """
    _length("a diversifier", diversifier, 8)
    head, tail = diversifier[:2], diversifier[3:]
    return odd_parity(des_cipher(master_key).encrypt(head + b"\xf0" + tail + head + b"\x0f" + tail))


def card_session_key(imk: BlockCipher, pan: Pan, psn: str, atc: bytes) -> bytes:
    """From the issuer's key to the session key of one transaction of one card; `atc` is tag 9F36, 2 bytes."""
    _length("an ATC", atc, 2)
    return session_key(card_master_key(imk, pan, psn), atc + bytes(6))


def arqc(key: bytes, data: bytes, padding: CardPadding) -> bytes:
    """The application cryptogram: algorithm 3 over the card's data under the session key, 8 bytes (Book 2, 8.1).

    >>> key = bytes.fromhex("3E736BF8D37664348A04E3ABE00DEFC1")
    >>> arqc(key, bytes.fromhex("0123456789ABCDEF0123456789ABCDEF"), CardPadding.EMV).hex().upper()
    '4B46013359B7A58B'
    >>> arqc(key, bytes.fromhex("0123456789ABCDEF0123456789ABCDEF01"), CardPadding.ZERO).hex().upper()
    '2E141C6BC4A20DA8'
    """
    padded = pad_80(data, 8) if padding is CardPadding.EMV else pad_zero(data, 8)
    return retail_mac(retail_key(key), padded)


def arpc_1(key: bytes, cryptogram: bytes, arc: bytes) -> bytes:
    """The issuer's answer by method 1: `E(key, ARQC ^ (ARC | 00 x 6))`, 8 bytes (Book 2, 8.2.1).

    Refusal: WRONG_LENGTH unless the cryptogram has 8 bytes and the answer code 2.

    >>> key = bytes.fromhex("3E736BF8D37664348A04E3ABE00DEFC1")
    >>> arpc_1(key, bytes.fromhex("4B46013359B7A58B"), b"00").hex().upper()
    'F6E72DDCEB080F21'
    """
    _length("a cryptogram", cryptogram, 8)
    _length("an answer code", arc, 2)
    mixed = int.from_bytes(cryptogram, "big") ^ int.from_bytes(arc, "big") << 48
    return des_cipher(key).encrypt(mixed.to_bytes(8, "big"))
