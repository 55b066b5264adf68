"""The issuer's side of EMV: checking what a card signed and answering it, as pure functions of the card's key.

What may live here: application cryptograms (ARQC, TC, AAC), the issuer's answers (ARPC 1 and 2), in the pieces and whole by
a card's version.
What may not: deriving keys (`card_keys`), the versions (`cryptogram_versions`), scripts (`scripts`), parsing field 55
(`wire`), deciding on the result. Comparing is the vault's, in constant time.
"""

from __future__ import annotations

from collections.abc import Mapping

from xiaopos.kernel.secret import Pan
from xiaopos.keys.card_keys import (
    CardKey,
    MasterKeyOption,
    SessionKind,
    SoftwareCardKey,
    master_key_data,
    require_length,
    session_key,
)
from xiaopos.keys.cryptogram_versions import IssuerData, covered_data
from xiaopos.keys.des import BlockCipher, odd_parity
from xiaopos.keys.macs import Padding, TwoPartKey, algorithm_3, truncated
from xiaopos.keys.vault import CardPadding, KeyFault, KeyRefused

_PADDINGS = {CardPadding.EMV: Padding.ONE_ZERO, CardPadding.ZERO: Padding.ZERO}
_LONGEST_PROPRIETARY = 8


def card_session_key(imk: BlockCipher, pan: Pan, psn: str, atc: bytes) -> SoftwareCardKey:
    """Option A and the common session key in one step, the derived keys in this process; `atc` is tag 9F36, 2 bytes.

    Refusals: BAD_BLOCK for a PSN that is not two digits, WRONG_LENGTH for the ATC.

    >>> from xiaopos.keys.des import des_cipher
    >>> imk = des_cipher(bytes.fromhex("0123456789ABCDEFFEDCBA9876543210"))
    >>> found = card_session_key(imk, Pan("9901234567890123"), "45", bytes.fromhex("001C"))
    >>> found.whole.encrypt(bytes(8)) == des_cipher(bytes.fromhex("A8671AF8581315C17032D99876B68592")).encrypt(bytes(8))
    True
    """
    card = SoftwareCardKey(odd_parity(imk.encrypt(master_key_data(pan, psn, MasterKeyOption.A))))
    return session_key(card, SessionKind.COMMON, atc, b"")


def arqc(key: TwoPartKey, data: bytes, padding: CardPadding) -> bytes:
    """The application cryptogram: MAC algorithm 3 over the card's data, 8 bytes (EMV 4.3 Book 2, 8.1.2).

    >>> key = SoftwareCardKey(bytes.fromhex("3E736BF8D37664348A04E3ABE00DEFC1"))
    >>> arqc(key, bytes.fromhex("0123456789ABCDEF0123456789ABCDEF"), CardPadding.EMV).hex().upper()
    '4B46013359B7A58B'
    >>> arqc(key, bytes.fromhex("0123456789ABCDEF0123456789ABCDEF01"), CardPadding.ZERO).hex().upper()
    '2E141C6BC4A20DA8'
    """
    return algorithm_3(key, data, _PADDINGS[padding])


def arpc_1(key: TwoPartKey, cryptogram: bytes, arc: bytes) -> bytes:
    """The issuer's answer by method 1: `E(key, ARQC ^ (ARC | 00 x 6))`, 8 bytes (EMV 4.3 Book 2, 8.2.1).

    Refusal: WRONG_LENGTH unless the cryptogram has 8 bytes and the answer code 2.

    >>> key = SoftwareCardKey(bytes.fromhex("3E736BF8D37664348A04E3ABE00DEFC1"))
    >>> arpc_1(key, bytes.fromhex("4B46013359B7A58B"), b"00").hex().upper()
    'F6E72DDCEB080F21'
    """
    require_length("a cryptogram", cryptogram, 8)
    require_length("an answer code", arc, 2)
    mixed = int.from_bytes(cryptogram, "big") ^ int.from_bytes(arc, "big") << 48
    return key.whole.encrypt(mixed.to_bytes(8, "big"))


def arpc_2(key: TwoPartKey, cryptogram: bytes, status: bytes, proprietary: bytes = b"") -> bytes:
    """The issuer's answer by method 2, 4 bytes (EMV 4.3 Book 2, 8.2.2).

    ::

        ARQC (8) | card status update (4) | proprietary authentication data (0..8)   80 00 ..   -> MAC algorithm 3, 4 bytes

    Refusal: WRONG_LENGTH for any of the three.

    >>> key = SoftwareCardKey(bytes.fromhex("AAAAAAAAAAAAAAAABBBBBBBBBBBBBBBB"))
    >>> arpc_2(key, bytes.fromhex("1234567890ABCDEF"), bytes(4)).hex().upper()
    '9308BEBC'
    """
    require_length("a cryptogram", cryptogram, 8)
    require_length("a card status update", status, 4)
    if len(proprietary) > _LONGEST_PROPRIETARY:
        raise KeyRefused(
            KeyFault.WRONG_LENGTH, f"proprietary data has 0 to {_LONGEST_PROPRIETARY} bytes, got {len(proprietary)}"
        )
    return truncated(algorithm_3(key, cryptogram + status + proprietary, Padding.ONE_ZERO), 4)


def application_cryptogram(card: CardKey, issuer_data: IssuerData, tags: Mapping[str, bytes]) -> bytes:
    """What a card of this version signs over these tags of field 55; `card` comes from `card_keys.card_key`.

    Refusal: WRONG_LENGTH for a tag that is missing or has another length.

    >>> from xiaopos.keys.cryptogram_versions import Scheme, read_issuer_data
    >>> found = read_issuer_data(Scheme.UNIONPAY, bytes.fromhex("07020103A4B904010A0100000000001BFC423C"))
    >>> tags = {"9F02": "000000001234", "9F03": "000000000034", "9F1A": "0156", "95": "D86004A800", "5F2A": "0156",
    ...     "9A": "120516", "9C": "01", "9F37": "01010101", "82": "7C00", "9F36": "000E"}
    >>> card = SoftwareCardKey(bytes.fromhex("0D2E3CB0BC1F9E03AED58F663A2F9679"))
    >>> application_cryptogram(card, found, {tag: bytes.fromhex(value) for tag, value in tags.items()}).hex().upper()
    'F294D7022FA9B058'
    """
    data = covered_data(issuer_data, tags)
    version = issuer_data.version
    key = session_key(card, version.session, tags["9F36"], tags["9F37"])
    return algorithm_3(key, data, version.padding)


def answer(
    card: CardKey, issuer_data: IssuerData, tags: Mapping[str, bytes], verdict: bytes, proprietary: bytes = b""
) -> bytes:
    """The issuer authentication data (tag 91) for a card of this version.

    ::

        method 1    ARPC (8) | answer code (2)
        method 2    ARPC (4) | card status update (4) | proprietary data (0..8)

    `tags` needs 9F26 and 9F36, and 9F37 where the session key takes it; `verdict` is the answer code or the card status
    update. Refusals: WRONG_LENGTH for each, and for proprietary data with method 1.
    """
    version = issuer_data.version
    atc, unpredictable = tags.get("9F36", b""), tags.get("9F37", b"")
    key = session_key(card, version.arpc_session, atc, unpredictable)
    cryptogram = tags.get("9F26", b"")
    if version.arpc_method == 1:
        require_length("proprietary data with method 1", proprietary, 0)
        return arpc_1(key, cryptogram, verdict) + verdict
    return arpc_2(key, cryptogram, verdict, proprietary) + verdict + proprietary
