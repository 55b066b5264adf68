"""The wrappings in which people are handed keys: PEM, DER, and the bare line of base64 that some portals show.

What may live here: taking the wrapping off. What may not: what is inside (`public_keys`, `rsa_pairs`).
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable
from typing import NamedTuple

from xiaopos.keys.vault import KeyFault, KeyRefused

_BLOCK = re.compile(rb"-----BEGIN ([A-Z0-9 ]+)-----(.*?)-----END \1-----", re.DOTALL)
_LONGEST = 65_536
"""Bytes that are looked at: a long chain of certificates is a third of it."""
LOCKED_LABEL = "ENCRYPTED PRIVATE KEY"
_HEADER = re.compile(rb"Proc-Type:\s*4,\s*ENCRYPTED")


class Unwrapped(NamedTuple):
    """What was inside, and what PEM called it: empty where there was no PEM."""

    label: str
    der: bytes


def unwrapped(data: bytes, wanted: Callable[[str], bool]) -> Unwrapped:
    """The DER of what people pasted or uploaded; of several PEM blocks (RFC 7468) the first that is wanted, else the first.

    Line ends do not matter, not even whether there are any. A private key under a password in PEM's old manner (RFC 1421)
    has the label `ENCRYPTED PRIVATE KEY` here, as in the new one. Refusal: WRONG_FORM when a block's base64 cannot be read, and
    above 64 kB.

    >>> unwrapped(b"MAA=", lambda label: True), unwrapped(b"-----BEGIN X-----MAA=-----END X-----", lambda label: True)
    (Unwrapped(label='', der=b'0\\x00'), Unwrapped(label='X', der=b'0\\x00'))
    """
    if len(data) > _LONGEST:
        raise KeyRefused(KeyFault.WRONG_FORM, f"a key or a certificate has no {len(data)} bytes")
    blocks = [(label.decode("ascii"), body) for label, body in _BLOCK.findall(data)]
    if not blocks:
        return Unwrapped("", _plain(data))
    label, body = next((block for block in blocks if wanted(block[0])), blocks[0])
    if _HEADER.search(body):
        return Unwrapped(LOCKED_LABEL, b"")
    try:
        return Unwrapped(label, base64.b64decode(b"".join(body.split()), validate=True))
    except binascii.Error:
        raise KeyRefused(
            KeyFault.WRONG_FORM, "the lines between BEGIN and END are not whole: copy all of them"
        ) from None


def _plain(data: bytes) -> bytes:
    """Bare base64 decoded; what is no base64 is taken to be DER."""
    try:
        return base64.b64decode(b"".join(data.split()), validate=True)
    except binascii.Error:
        return data
