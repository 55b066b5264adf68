"""Ids that the till makes: time-ordered, 128 bits, 32 hex digits. What may not live here: anything else."""

from __future__ import annotations

import secrets
import time

_RANDOM_BITS = 74


def make_id() -> str:
    """A new id (a UUID of version 7 without dashes). Keep it before you send the request, and repeat the request with it."""
    at_ms = time.time_ns() // 1_000_000
    noise = secrets.randbits(_RANDOM_BITS)
    high, low = noise >> 62, noise & ((1 << 62) - 1)
    return f"{at_ms:012x}{0x7000 | high:04x}{(1 << 63) | low:016x}"
