"""Track encryption under a TDK, as pure functions: the 银联 rule that hides one block's worth of nibbles.

What may live here: which nibbles of a track are encrypted and how they come back.
What may not: keys and usages, what a track means (`wire`). Used by vault implementations only.
"""

from __future__ import annotations

import re

from xiaopos.keys.des import BlockCipher
from xiaopos.keys.vault import KeyFault, KeyRefused

_CLEAR = re.compile(r"[0-9D=]{1,104}")
_HEX = re.compile(r"[0-9A-F]{1,104}")
_LONGEST = 104


def _hidden(cipher: BlockCipher) -> int:
    """Nibbles in a block."""
    return cipher.block_size * 2


def _window(length: int, hidden: int) -> slice:
    end = length - (2 - length % 2)
    return slice(end - hidden, end)


def encrypt_track(cipher: BlockCipher, track: str) -> str:
    """A track with sixteen of its nibbles encrypted.

    ::

        even length   n ... n [16 nibbles] n n        odd length   n ... n [16 nibbles] n
        shorter than 17: F ... F n ... n              padded in front to 17

    The sixteen nibbles are one block under 3DES-ECB with the TDK and go back in their place; F53 position 3 = 1 tells
    the host. `=` is the nibble D. The same rule serves tracks 2 and 3. Under SM4 a block is 32 nibbles and the shortest
    track 33: the same shape, unconfirmed. Refusal: BAD_BLOCK for anything that is not 1 to 104 digits and separators.

    >>> from xiaopos.keys.des import des_cipher
    >>> tdk = des_cipher(bytes.fromhex("0123456789ABCDEFFEDCBA9876543210"))
    >>> encrypt_track(tdk, "6225561620345170D17061010000015500000")
    '6225561620345170D1706D2593E59AB530580'
    """
    if _CLEAR.fullmatch(track) is None:
        raise KeyRefused(KeyFault.BAD_BLOCK, "a track is 1 to 104 digits and separators")
    hidden = _hidden(cipher)
    text = track.replace("=", "D").rjust(hidden + 1, "F")
    at = _window(len(text), hidden)
    return text[: at.start] + cipher.encrypt(bytes.fromhex(text[at])).hex().upper() + text[at.stop :]


def decrypt_track(cipher: BlockCipher, track: str) -> str:
    """The clear track, separators as `D`, padding gone: `encrypt_track` the other way round.

    Refusal: BAD_BLOCK for fewer than 17 (33 under SM4) or more than 104 nibbles, and when what comes out is no track,
    which is what another key gives.

    >>> from xiaopos.keys.des import des_cipher
    >>> tdk = des_cipher(bytes.fromhex("0123456789ABCDEFFEDCBA9876543210"))
    >>> decrypt_track(tdk, "6225561620345170D1706D2593E59AB530580")
    '6225561620345170D17061010000015500000'
    """
    text, hidden = track.replace("=", "D").upper(), _hidden(cipher)
    if len(text) <= hidden or _HEX.fullmatch(text) is None:
        raise KeyRefused(KeyFault.BAD_BLOCK, f"an encrypted track has {hidden + 1} to {_LONGEST} nibbles")
    at = _window(len(text), hidden)
    clear = text[: at.start] + cipher.decrypt(bytes.fromhex(text[at])).hex().upper() + text[at.stop :]
    if len(clear) == hidden + 1:
        clear = clear.lstrip("F")
    if _CLEAR.fullmatch(clear) is None:
        raise KeyRefused(KeyFault.BAD_BLOCK, "the track does not decrypt")
    return clear
