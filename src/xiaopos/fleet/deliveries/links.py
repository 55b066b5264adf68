"""The link behind which a merchant follows a parcel, without signing in.

What may live here: its form and its limits. What may not: randomness, pages, storage.

The link is all that is needed to see the page, so it is drawn from 128 random bits and says nothing by itself; the page behind it
names the parcel's stages and no serial number, code, name, street or phone.
"""

from __future__ import annotations

import base64
import re
from datetime import timedelta

ENTROPY = 16
LIVES = timedelta(days=60)
"""For how long after its last news a parcel can be followed."""
_TOKEN = re.compile(r"[a-z2-7]{26}")


def token_of(entropy: bytes) -> str:
    """The token in the link: 26 lower-case characters. Raises ValueError for other than 16 bytes.

    >>> token_of(bytes(16))
    'aaaaaaaaaaaaaaaaaaaaaaaaaa'
    """
    if len(entropy) != ENTROPY:
        raise ValueError(f"{ENTROPY} random bytes are needed, got {len(entropy)}")
    return base64.b32encode(entropy).decode("ascii").rstrip("=").lower()


def is_token(text: str) -> bool:
    """Whether a text can be one."""
    return _TOKEN.fullmatch(text) is not None
