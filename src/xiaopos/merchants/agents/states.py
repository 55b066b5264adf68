"""The lives of an agent and of a promoter.

What may live here: the states, the events, the tables. What may not: anything else. An authority that ran out is a matter of the
calendar, and counts from its day on whether or not anybody has written EXPIRE yet: see `authority`.
"""

from __future__ import annotations

from enum import Enum

from xiaopos.kernel.machine import Machine


class AgentState(Enum):
    """Where an agent is in its life."""

    APPLIED = "applied"
    """Entered; nobody has looked into it."""
    CHECKED = "checked"
    """Licence, filing and contract were looked into; a second person decides."""
    AUTHORISED = "authorised"
    SUSPENDED = "suspended"
    """May do nothing until somebody has looked into it."""
    EXPIRED = "expired"
    """Its authority, or the time to its next check, ran out; checked again it may go on."""
    REVOKED = "revoked"
    """Never again."""
    REFUSED = "refused"


class AgentEvent(Enum):
    """What happens to an agent."""

    CHECK = "check"
    AUTHORISE = "authorise"
    REFUSE = "refuse"
    SUSPEND = "suspend"
    RESUME = "resume"
    EXPIRE = "expire"
    REVOKE = "revoke"


_S, _E = AgentState, AgentEvent

AGENT_LIFE: Machine[AgentState, AgentEvent] = Machine(
    "agent",
    starts=_S.APPLIED,
    table={
        (_S.APPLIED, _E.CHECK): _S.CHECKED,
        (_S.APPLIED, _E.REFUSE): _S.REFUSED,
        (_S.CHECKED, _E.AUTHORISE): _S.AUTHORISED,
        (_S.CHECKED, _E.REFUSE): _S.REFUSED,
        (_S.AUTHORISED, _E.SUSPEND): _S.SUSPENDED,
        (_S.AUTHORISED, _E.EXPIRE): _S.EXPIRED,
        (_S.AUTHORISED, _E.REVOKE): _S.REVOKED,
        (_S.SUSPENDED, _E.RESUME): _S.AUTHORISED,
        (_S.SUSPENDED, _E.EXPIRE): _S.EXPIRED,
        (_S.SUSPENDED, _E.REVOKE): _S.REVOKED,
        (_S.EXPIRED, _E.CHECK): _S.CHECKED,
        (_S.EXPIRED, _E.REVOKE): _S.REVOKED,
    },
)


class PromoterState(Enum):
    """Where a promoter is in their work for an agent."""

    ACTIVE = "active"
    SUSPENDED = "suspended"
    LEFT = "left"


class PromoterEvent(Enum):
    """What happens to a promoter."""

    SUSPEND = "suspend"
    RESUME = "resume"
    LEAVE = "leave"


PROMOTER_LIFE: Machine[PromoterState, PromoterEvent] = Machine(
    "promoter",
    starts=PromoterState.ACTIVE,
    table={
        (PromoterState.ACTIVE, PromoterEvent.SUSPEND): PromoterState.SUSPENDED,
        (PromoterState.ACTIVE, PromoterEvent.LEAVE): PromoterState.LEFT,
        (PromoterState.SUSPENDED, PromoterEvent.RESUME): PromoterState.ACTIVE,
        (PromoterState.SUSPENDED, PromoterEvent.LEAVE): PromoterState.LEFT,
    },
)
