"""Issuer scripts: commands that an issuer sends to a card behind the answer, authenticated and where needed secret.

What may live here: a script command's MAC, its encrypted data, the PIN blocks that a PIN change carries.
What may not: which command to send and when, tags 71 and 72 (`wire`), key derivation (`card_keys`).

A command is `CLA INS P1 P2 Lc | data | MAC`; its `Lc` already counts the MAC.
"""

from __future__ import annotations

from collections.abc import Mapping

from xiaopos.keys.card_keys import K, diversified, require_length, visa_script_key
from xiaopos.keys.cryptogram_versions import CryptogramVersion, ScriptKey, ScriptPadding
from xiaopos.keys.des import BlockCipher
from xiaopos.keys.macs import Padding, TwoPartKey, algorithm_3, pad_80, truncated
from xiaopos.keys.vault import KeyFault, KeyRefused

_HEADER = 5
_BLOCK = 8


def script_key(card: K, version: CryptogramVersion, tags: Mapping[str, bytes]) -> K:
    """The key of one transaction's scripts, from the card's key for integrity or for secrecy: EMV 4.3 Book 2, annex A1.3.

    `tags` needs 9F36 (ATC) where the version derives by it, else 9F26 (the cryptogram; one more for each further script
    command). Refusal: WRONG_LENGTH.
    """
    if version.script_key is ScriptKey.VISA:
        return visa_script_key(card, tags.get("9F36", b""))
    return card.derive(diversified(tags.get("9F26", b"")))


def command_mac(
    key: TwoPartKey, version: CryptogramVersion, header: bytes, data: bytes, tags: Mapping[str, bytes], length: int = 8
) -> bytes:
    """The MAC of a script command: EMV 4.3 Book 2, 9.2.3, format 2; `length` 4 to 8 bytes.

    ::

        CLA INS P1 P2 Lc | ATC (2) | cryptogram (8) | data | 80 00 ..     -> MAC algorithm 3
                          '-- unless the version leaves them out --'

    Refusal: WRONG_LENGTH for a header that is not 5 bytes, a tag that is missing and a length that is not 4 to 8.

    >>> from xiaopos.keys.card_keys import SoftwareCardKey
    >>> from xiaopos.keys.cryptogram_versions import VERSIONS, Scheme
    >>> key = SoftwareCardKey(bytes.fromhex("0123456789ABCDEFFEDCBA9876543210"))
    >>> tags = {"9F36": bytes.fromhex("FFFF"), "9F26": bytes.fromhex("1234567890123456")}
    >>> command_mac(key, VERSIONS[Scheme.VISA, 0x0A], bytes.fromhex("8424000008"), b"", tags).hex().upper()
    'E07B8DF1B4184282'
    """
    require_length("a command's header", header, _HEADER)
    transaction = b""
    if version.script_covers_transaction:
        atc, cryptogram = tags.get("9F36", b""), tags.get("9F26", b"")
        require_length("an ATC", atc, 2)
        require_length("a cryptogram", cryptogram, 8)
        transaction = atc + cryptogram
    return truncated(algorithm_3(key, header + transaction + data, Padding.ONE_ZERO), length)


def encrypted_data(cipher: BlockCipher, padding: ScriptPadding, data: bytes) -> bytes:
    """The secret data of a script command: EMV 4.3 Book 2, 9.3.

    ::

        VISA         length (1) | data | 80 00 ..          ECB
        MASTERCARD   data, 80 00 .. only if it must        CBC, zero IV
        EMV          data | 80 00 ..                       CBC, zero IV

    Refusal: WRONG_LENGTH for no data and for more than 255 bytes.

    >>> from xiaopos.keys.des import des_cipher
    >>> key = des_cipher(bytes.fromhex("0123456789ABCDEFFEDCBA9876543210"))
    >>> encrypted_data(key, ScriptPadding.EMV, bytes.fromhex("249999FFFFFFFFFF")).hex().upper()
    '5A862D1381CCB94822CFDD706A376178'
    """
    if not 0 < len(data) < 256:
        raise KeyRefused(KeyFault.WRONG_LENGTH, f"secret data has 1 to 255 bytes, got {len(data)}")
    if padding is ScriptPadding.VISA:
        return cipher.encrypt(pad_80(bytes((len(data),)) + data, _BLOCK))
    if padding is ScriptPadding.EMV or len(data) % _BLOCK:
        data = pad_80(data, _BLOCK)
    chained = [bytes(_BLOCK)]
    for at in range(0, len(data), _BLOCK):
        mixed = int.from_bytes(data[at : at + _BLOCK], "big") ^ int.from_bytes(chained[-1], "big")
        chained.append(cipher.encrypt(mixed.to_bytes(_BLOCK, "big")))
    return b"".join(chained[1:])


def visa_pin_block(key_part: bytes, pin: str, current: str | None = None) -> bytes:
    """The block of a Visa PIN change (VIS 1.6), before `encrypted_data`.

    ::

        00 00 00 00 k4 k5 k6 k7    bytes 4 to 7 of the card's key for cryptograms
      ^ 0 L p p p p p/F ... F      the new PIN
      ^ c c c c c/0 ... 0          the current PIN, where the card knows one

    `key_part` is clear key material (4 bytes): it exists where a vault's own keys are clear, or inside a hardware module
    that has this command. Refusals: WRONG_LENGTH, BAD_BLOCK for what is no PIN.

    >>> visa_pin_block(bytes.fromhex("3B4FFE0E"), "9999").hex().upper()
    '049999FFC4B001F1'
    """
    require_length("the key's part", key_part, 4)
    mixed = int.from_bytes(key_part, "big") ^ int(f"0{_digits(pin):X}{pin}".ljust(16, "F"), 16)
    if current is not None:
        _digits(current)
        mixed ^= int(current.ljust(16, "0"), 16)
    return mixed.to_bytes(8, "big")


def _digits(pin: str) -> int:
    if not (4 <= len(pin) <= 12 and pin.isascii() and pin.isdigit()):
        raise KeyRefused(KeyFault.BAD_BLOCK, "a PIN is 4 to 12 digits")
    return len(pin)
