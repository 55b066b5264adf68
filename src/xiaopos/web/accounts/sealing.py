"""How a second factor's secret is kept: AES-256-GCM under a key of its own, derived from the deployment's secret key.

What may live here: sealing and opening, the marks of recovery codes. What may not: codes (merchants.totp), storage.

The key is HKDF-SHA256 (RFC 5869) of XIAOPOS_SECRET_KEY with a label of its own, so that whoever reads only the database
cannot make codes; the name of the person is bound in, so that a sealed secret cannot be moved to another person.
Changing XIAOPOS_SECRET_KEY makes every second factor unreadable: people must then be given new ones.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

_LABEL = b"xiaopos second factor v1"
_RECOVERY_LABEL = b"xiaopos recovery code v1"
_NONCE_LENGTH = 12


class Unsealable(Exception):
    """The sealed secret was made under another key, for another person, or has been damaged."""


def derived_key(label: bytes) -> bytes:
    """32 bytes for one purpose, named by its label: HKDF-SHA256 of the deployment's secret key."""
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=label).derive(settings.SECRET_KEY.encode())


def _cipher() -> AESGCM:
    return AESGCM(derived_key(_LABEL))


def recovery_mark(code: str, username: str) -> str:
    """What is kept of a recovery code: HMAC-SHA256 under a key of its own, over the name and the code without its dashes."""
    bare = "".join(letter for letter in code.lower() if letter.isalnum())
    return hmac.new(derived_key(_RECOVERY_LABEL), f"{username}:{bare}".encode(), hashlib.sha256).hexdigest()


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
