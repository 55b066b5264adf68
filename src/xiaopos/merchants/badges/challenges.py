"""Whether the badge belongs to the person in front of you: a question that only its bearer can answer, now.

What may live here: the question's number, its time and tries, what an answer is worth. What may not: storage, randomness.

Whoever scanned the badge sees a number and reads it aloud. The promoter, signed in with their own second factor, types it in.
The page that shows the number then says so. A photo of a badge cannot answer; nor can somebody who is not there hear it.
"""

from __future__ import annotations

import hmac
from datetime import datetime, timedelta
from enum import Enum
from typing import Protocol

LIVES = timedelta(minutes=3)
TRIES = 5
DIGITS = 6
ENTROPY = 8


class ChallengeFault(Enum):
    """Why an answer was not taken."""

    NONE_OPEN = "none_open"
    """Nobody asks this badge anything now."""
    TOO_LATE = "too_late"
    TOO_MANY_TRIES = "too_many_tries"
    WRONG = "wrong"


class Challenge(Protocol):
    """What is needed of a question that was asked. `tries` counts the wrong answers."""

    token: str
    code: str
    asked_at: datetime
    tries: int
    answered_at: datetime | None


def code_of(entropy: bytes) -> str:
    """The number that is read aloud, evenly drawn. Raises ValueError for other than 8 bytes.

    >>> code_of(bytes(8)), code_of(b"\\x00" * 7 + b"\\x2a")
    ('000000', '000042')
    """
    if len(entropy) != ENTROPY:
        raise ValueError(f"{ENTROPY} random bytes are needed, got {len(entropy)}")
    return f"{int.from_bytes(entropy, 'big') % 10**DIGITS:0{DIGITS}d}"


def is_open(asked: Challenge, now: datetime) -> bool:
    """Whether an answer would still be taken."""
    return asked.answered_at is None and asked.tries < TRIES and now < asked.asked_at + LIVES


def fault_of(asked: Challenge | None, typed: str, now: datetime) -> ChallengeFault | None:
    """Why this answer is not taken; None when it is right."""
    if asked is None or asked.answered_at is not None:
        return ChallengeFault.NONE_OPEN
    if now >= asked.asked_at + LIVES:
        return ChallengeFault.TOO_LATE
    if asked.tries >= TRIES:
        return ChallengeFault.TOO_MANY_TRIES
    right = hmac.compare_digest(asked.code.encode(), "".join(typed.split()).encode())
    return None if right else ChallengeFault.WRONG
