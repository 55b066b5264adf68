"""What anybody is told who scans a badge.

What may live here: from what the badge says and what the register holds to one verdict. What may not: words (web), storage.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from typing import Protocol

from xiaopos.merchants.badges.credential import Claims
from xiaopos.merchants.badges.states import BadgeState

LIVES = timedelta(days=7)
"""How long a badge is good for: short, so that a stolen one soon is not."""
RENEW_BEFORE = timedelta(days=2)
CLOCKS_DIFFER = timedelta(minutes=5)


class Verdict(Enum):
    """What may be believed. Everything but AUTHORISED is a warning."""

    AUTHORISED = "authorised"
    UNKNOWN = "unknown"
    """Well signed, and not in the register: a key is in wrong hands. Nobody may believe it."""
    NOT_YET = "not_yet"
    EXPIRED = "expired"
    REPLACED = "replaced"
    SUSPENDED = "suspended"
    REVOKED = "revoked"
    NOT_AUTHORISED = "not_authorised"
    """The badge stands, and its agent or promoter may do nothing today."""
    OUT_OF_SCOPE = "out_of_scope"
    """Genuine, and not for this place."""

    @property
    def is_good(self) -> bool:
        """Whether the person may go on talking to the one who showed it."""
        return self is Verdict.AUTHORISED


class KnownBadge(Protocol):
    """What is needed of a badge in the register."""

    @property
    def badge_id(self) -> str:
        """Its number."""
        ...

    @property
    def state(self) -> str:
        """A BadgeState by its value."""
        ...

    @property
    def expires_at(self) -> datetime:
        """When it runs out."""
        ...


@dataclass(frozen=True, slots=True)
class Standing:
    """How the promoter and their agent stand today, as the register of agents says."""

    may_act: bool
    regions: tuple[str, ...]


_BY_STATE = {
    BadgeState.REVOKED: Verdict.REVOKED,
    BadgeState.SUSPENDED: Verdict.SUSPENDED,
    BadgeState.REPLACED: Verdict.REPLACED,
}


def judge(claims: Claims, known: KnownBadge | None, standing: Standing, region: str, now: datetime) -> Verdict:
    """The verdict on a badge that was read. `region` is where it is shown, empty when nobody says.

    What the register says goes before what the badge says: the worst comes first.
    """
    if known is None or known.badge_id != claims.badge_id:
        return Verdict.UNKNOWN
    by_state = _BY_STATE.get(BadgeState(known.state))
    if by_state is not None:
        return by_state
    if now < claims.issued_at - CLOCKS_DIFFER:
        return Verdict.NOT_YET
    if now >= min(claims.expires_at, known.expires_at):
        return Verdict.EXPIRED
    if not standing.may_act:
        return Verdict.NOT_AUTHORISED
    if region and not (covers(claims.regions, region) and covers(standing.regions, region)):
        return Verdict.OUT_OF_SCOPE
    return Verdict.AUTHORISED


def covers(regions: Iterable[str], region: str) -> bool:
    """Whether a region (GB/T 2260) lies in one of the regions; in no regions lies all of the country.

    >>> covers(("31", "3205"), "320506"), covers(("3205",), "32"), covers((), "110101")
    (True, False, True)
    """
    regions = tuple(regions)
    return not regions or any(region.startswith(each) for each in regions)


def is_due(known: KnownBadge, now: datetime) -> bool:
    """Whether a badge should be renewed now."""
    return BadgeState(known.state) is BadgeState.VALID and known.expires_at - RENEW_BEFORE <= now
