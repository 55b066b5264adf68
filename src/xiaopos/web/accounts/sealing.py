"""How a second factor's secret is kept: AES-256-GCM under a key of its own, derived from the deployment's secret key.

What may live here: sealing and opening. What may not: codes (merchants.totp), storage.

The key is HKDF-SHA256 (RFC 5869) of XIAOPOS_SECRET_KEY with a label of its own, so that whoever reads only the database
cannot make codes; the name of the person is bound in, so that a sealed secret cannot be moved to another person.
Changing XIAOPOS_SECRET_KEY makes every second factor unreadable: people must then be given new ones.
"""

from __future__ import annotations

import base64
import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

_LABEL = b"xiaopos second factor v1"
_NONCE_LENGTH = 12


class Unsealable(Exception):
    """The sealed secret was made under another key, for another person, or has been damaged."""


def _cipher() -> AESGCM:
    key = HKDF(algorithm=SHA256(), length=32, salt=None, info=_LABEL).derive(settings.SECRET_KEY.encode())
    return AESGCM(key)


def seal_second_factor(secret: bytes, username: str) -> str:
    """The secret of a second factor as it may be stored."""
    nonce = os.urandom(_NONCE_LENGTH)
    sealed = _cipher().encrypt(nonce, secret, username.encode())
    return base64.b64encode(nonce + sealed).decode("ascii")


def open_second_factor(sealed: str, username: str) -> bytes:
    """The secret again. Raises Unsealable."""
    try:
        raw = base64.b64decode(sealed, validate=True)
        return _cipher().decrypt(raw[:_NONCE_LENGTH], raw[_NONCE_LENGTH:], username.encode())
    except (ValueError, InvalidTag):
        raise Unsealable from None
