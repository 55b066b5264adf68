"""The life of a badge.

What may live here: the states, the events, the table. What may not: anything else. That a badge ran out is a matter of the
clock and no state: see `verdicts`.
"""

from __future__ import annotations

from enum import Enum

from xiaopos.kernel.machine import Machine


class BadgeState(Enum):
    """Where a badge is in its life."""

    VALID = "valid"
    """May be shown, while its time runs."""
    SUSPENDED = "suspended"
    """Not to be believed until somebody has looked into it."""
    REPLACED = "replaced"
    """Its promoter carries a newer one."""
    REVOKED = "revoked"
    """Never to be believed again."""


class BadgeEvent(Enum):
    """What happens to a badge."""

    SUSPEND = "suspend"
    RESUME = "resume"
    REPLACE = "replace"
    REVOKE = "revoke"


_S, _E = BadgeState, BadgeEvent

BADGE_LIFE: Machine[BadgeState, BadgeEvent] = Machine(
    "badge",
    starts=_S.VALID,
    table={
        (_S.VALID, _E.SUSPEND): _S.SUSPENDED,
        (_S.VALID, _E.REPLACE): _S.REPLACED,
        (_S.VALID, _E.REVOKE): _S.REVOKED,
        (_S.SUSPENDED, _E.RESUME): _S.VALID,
        (_S.SUSPENDED, _E.REVOKE): _S.REVOKED,
        (_S.REPLACED, _E.REVOKE): _S.REVOKED,
    },
)
