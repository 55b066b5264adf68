"""Look after promoters' badges: issue and renew, suspend, resume, revoke.

What may live here: those verbs, what is checked, the roles of whoever keeps badges and of the register of agents. What may
not: storage, what a badge looks like (merchants.badges), words (web).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum
from typing import Protocol

from xiaopos.keys import Vault, WrappedKey
from xiaopos.keys.sm2 import Signature as Sm2Signature
from xiaopos.merchants.badges.credential import Claims, Deed, Suite, badge_text, signing_input
from xiaopos.merchants.badges.states import BADGE_LIFE, BadgeEvent, BadgeState
from xiaopos.merchants.badges.verdicts import LIVES
from xiaopos.usecases.actors import Actor


class BadgeFault(Enum):
    """Why nothing was changed."""

    PROMOTER_UNKNOWN = "promoter_unknown"
    MAY_NOT_ACT = "may_not_act"
    """The promoter, or the agent, is not authorised today."""
    SUSPENDED = "suspended"
    """The badge that is carried is suspended: a new one would get around that."""
    BADGE_UNKNOWN = "badge_unknown"
    NO_REASON = "no_reason"
    NOT_NOW = "not_now"
    """Its state does not allow it, or somebody else was first."""


@dataclass(frozen=True, slots=True)
class Bearer:
    """A promoter as the register of agents knows them today. `name` is masked as strangers see it.

    `ends_on` is the last day of the authority, None for no end. No `regions` means everywhere.
    """

    promoter_id: str
    agent_id: str
    name: str
    agent: str
    may_act: bool
    regions: tuple[str, ...]
    deeds: frozenset[Deed]
    since: date
    ends_on: date | None = None


@dataclass(frozen=True, slots=True)
class KeptBadge:
    """A badge as the register of badges keeps it; `text` is what is shown as a code."""

    badge_id: str
    promoter_id: str
    agent_id: str
    text: str
    state: str
    issued_at: datetime
    expires_at: datetime
    issued_by: str


class Register(Protocol):
    """Whoever knows promoters and their agents."""

    def bearer(self, promoter_id: str, at: datetime) -> Bearer | None:
        """How a promoter stands at a moment; None when there is none."""
        ...


class BadgeBook(Protocol):
    """Whoever keeps badges. Each change writes its line in the audit trail, all or nothing."""

    def recall(self, badge_id: str) -> KeptBadge | None:
        """A badge, whatever its state."""
        ...

    def issue(self, badge: KeptBadge, actor: Actor) -> bool:
        """Write a new badge; the valid one before is replaced by it. False when its promoter's badge is suspended."""
        ...

    def change(self, badge: KeptBadge, after: BadgeState, event: BadgeEvent, actor: Actor, at: datetime) -> bool:
        """Write a badge's new state; False when it is no longer in the state that it was in."""
        ...


@dataclass(frozen=True, slots=True)
class BadgePress:
    """What badges are signed with: the operator's name for itself, a pair in the vault and its published name."""

    operator: str
    vault: Vault
    pair: WrappedKey
    key_id: str
    suite: Suite
    make_id: Callable[[datetime], str]

    def sign(self, claims: Claims) -> str:
        """The badge. Raises KeyRefused, and ValueError when it says too much for a code."""
        signed = signing_input(claims, self.key_id, self.suite)
        signature = self.vault.sign(key=self.pair, data=signed)
        return badge_text(signed, Sm2Signature.from_der(signature).raw() if self.suite is Suite.SM2 else signature)


def issue_badge(
    promoter_id: str, actor: Actor, at: datetime, *, book: BadgeBook, register: Register, press: BadgePress
) -> KeptBadge | BadgeFault:
    """Issue a promoter's badge, or renew it: the one before is believed no more. It ends with the authority at the latest.

    Raises KeyRefused.
    """
    bearer = register.bearer(promoter_id, at)
    if bearer is None:
        return BadgeFault.PROMOTER_UNKNOWN
    expires_at = _end(bearer, at)
    if not bearer.may_act or expires_at <= at:
        return BadgeFault.MAY_NOT_ACT
    badge_id = press.make_id(at)
    at = at.replace(microsecond=0)
    claims = Claims(
        badge_id, press.operator, bearer.name, bearer.agent, bearer.regions, bearer.deeds, at, expires_at
    )  # fmt: skip
    badge = KeptBadge(
        badge_id, promoter_id, bearer.agent_id, press.sign(claims), BADGE_LIFE.starts.value, at, expires_at, actor.username
    )  # fmt: skip
    return badge if book.issue(badge, actor) else BadgeFault.SUSPENDED


def _end(bearer: Bearer, at: datetime) -> datetime:
    """A week from now, or the end of the last day of the authority."""
    usual = (at + LIVES).replace(microsecond=0)
    if bearer.ends_on is None:
        return usual
    last = datetime.combine(bearer.ends_on, datetime.max.time(), at.tzinfo).replace(microsecond=0)
    return min(usual, last)


def change_badge(
    badge_id: str, event: BadgeEvent, actor: Actor, at: datetime, *, book: BadgeBook
) -> BadgeState | BadgeFault:
    """Suspend, resume or revoke a badge, for a reason. What is replaced is replaced by issuing."""
    badge = book.recall(badge_id)
    if badge is None:
        return BadgeFault.BADGE_UNKNOWN
    if not actor.reason.strip():
        return BadgeFault.NO_REASON
    before = BadgeState(badge.state)
    if event is BadgeEvent.REPLACE or not BADGE_LIFE.allows(before, event):
        return BadgeFault.NOT_NOW
    after = BADGE_LIFE.move(before, event)
    return after if book.change(badge, after, event, actor, at) else BadgeFault.NOT_NOW
