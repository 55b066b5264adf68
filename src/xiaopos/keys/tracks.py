"""Track encryption under a TDK, as pure functions: the 银联 rule of sixteen nibbles.

What may live here: which nibbles of a track are encrypted and how they come back.
What may not: keys and usages, what a track means (`wire`). Used by vault implementations only.
"""

from __future__ import annotations

import re

from xiaopos.keys.des import BlockCipher
from xiaopos.keys.vault import KeyFault, KeyRefused

_CLEAR = re.compile(r"[0-9D=]{1,104}")
_HEX = re.compile(r"[0-9A-F]{17,104}")
_SHORTEST = 17


def _window(length: int) -> slice:
    return slice(length - 18, length - 2) if length % 2 == 0 else slice(length - 17, length - 1)


def encrypt_track(cipher: BlockCipher, track: str) -> str:
    """A track with sixteen of its nibbles encrypted.

    ::

        even length   n ... n [16 nibbles] n n        odd length   n ... n [16 nibbles] n
        shorter than 17: F ... F n ... n              padded in front to 17

    The sixteen nibbles are one block under 3DES-ECB with the TDK and go back in their place; F53 position 3 = 1 tells
    the host. `=` is the nibble D. The same rule serves tracks 2 and 3. Refusal: BAD_BLOCK for anything that is not
    1 to 104 digits and separators.

    >>> from xiaopos.keys.des import des_cipher
    >>> tdk = des_cipher(bytes.fromhex("0123456789ABCDEFFEDCBA9876543210"))
    >>> encrypt_track(tdk, "6225561620345170D17061010000015500000")
    '6225561620345170D1706D2593E59AB530580'
    """
    if _CLEAR.fullmatch(track) is None:
        raise KeyRefused(KeyFault.BAD_BLOCK, "a track is 1 to 104 digits and separators")
    text = track.replace("=", "D").rjust(_SHORTEST, "F")
    at = _window(len(text))
    return text[: at.start] + cipher.encrypt(bytes.fromhex(text[at])).hex().upper() + text[at.stop :]


def decrypt_track(cipher: BlockCipher, track: str) -> str:
    """The clear track, separators as `D`, padding gone: `encrypt_track` the other way round.

    Refusal: BAD_BLOCK for fewer than 17 or more than 104 nibbles, and when what comes out is no track, which is what
    another key gives.

    >>> from xiaopos.keys.des import des_cipher
    >>> tdk = des_cipher(bytes.fromhex("0123456789ABCDEFFEDCBA9876543210"))
    >>> decrypt_track(tdk, "6225561620345170D1706D2593E59AB530580")
    '6225561620345170D17061010000015500000'
    """
    text = track.replace("=", "D").upper()
    if _HEX.fullmatch(text) is None:
        raise KeyRefused(KeyFault.BAD_BLOCK, "an encrypted track has 17 to 104 nibbles")
    at = _window(len(text))
    clear = text[: at.start] + cipher.decrypt(bytes.fromhex(text[at])).hex().upper() + text[at.stop :]
    if len(clear) == _SHORTEST:
        clear = clear.lstrip("F")
    if _CLEAR.fullmatch(clear) is None:
        raise KeyRefused(KeyFault.BAD_BLOCK, "the track does not decrypt")
    return clear
