"""One-time codes of a second factor, as RFC 6238 (time) and RFC 4226 (counter) make them: SHA-1, 30 seconds, six digits.

What may live here: making and checking codes, the address that an authenticator app reads. What may not: clocks,
randomness, storage.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from datetime import datetime

STEP_S = 30
DIGITS = 6
SECRET_LENGTH = 20
_UNRESERVED = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")


def step_at(instant: datetime) -> int:
    """The time step of an instant: whole 30 seconds since 1970 (RFC 6238 section 4.2)."""
    return int(instant.timestamp()) // STEP_S


def code_at(secret: bytes, step: int, digits: int = DIGITS) -> str:
    """The code of a step: HMAC-SHA-1, dynamic truncation (RFC 4226 section 5.3).

    >>> code_at(b"12345678901234567890", 59 // 30, digits=8)
    '94287082'
    """
    mac = hmac.new(secret, step.to_bytes(8, "big"), hashlib.sha1).digest()
    at = mac[-1] & 0x0F
    number = int.from_bytes(mac[at : at + 4], "big") & 0x7FFF_FFFF
    return str(number % 10**digits).zfill(digits)


def matching_step(secret: bytes, code: str, *, now_step: int, last_step: int) -> int | None:
    """The step whose code this is, or None. One step of skew either way; a step not after `last_step` is spent.

    Every candidate is compared, each in constant time.
    """
    found = None
    for step in (now_step - 1, now_step, now_step + 1):
        same = hmac.compare_digest(code_at(secret, step).encode(), code.encode())
        if same and step > last_step:
            found = step
    return found


def enrolment_address(secret: bytes, username: str, issuer: str) -> str:
    """The otpauth:// address that an authenticator app reads from a QR code."""
    shown = base64.b32encode(secret).decode("ascii").rstrip("=")
    query = f"secret={shown}&issuer={_escaped(issuer)}&digits={DIGITS}&period={STEP_S}"
    return f"otpauth://totp/{_escaped(issuer)}:{_escaped(username)}?{query}"


def _escaped(text: str) -> str:
    """A text inside an address (RFC 3986 section 2.1): UTF-8, every reserved octet as %XX."""
    return "".join(chr(octet) if octet in _UNRESERVED else f"%{octet:02X}" for octet in text.encode())
