"""Somebody scans a badge: say what may be believed, and ask the person who shows it.

What may live here: those verbs, the role of whoever remembers scans. What may not: storage, pages, drawing numbers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from xiaopos.merchants.badges.challenges import LIVES, Challenge, ChallengeFault, fault_of
from xiaopos.merchants.badges.credential import Claims, PublishedKey, Unreadable, read_badge
from xiaopos.merchants.badges.sightings import JOURNEY, Sighting, Suspicion, suspicion
from xiaopos.merchants.badges.verdicts import Standing, Verdict, judge
from xiaopos.usecases.keep_badges import KeptBadge, Register


@dataclass(frozen=True, slots=True)
class Scan:
    """Who scans, and where: `region` as they chose it (GB/T 2260) or empty, `network` and `visitor` keyed hashes."""

    at: datetime
    region: str
    network: str
    visitor: str


@dataclass(frozen=True, slots=True)
class Told:
    """What somebody is told of a badge. `claims` only of a badge of ours; `upheld` complaints about its promoter."""

    verdict: Verdict | Unreadable
    claims: Claims | None = None
    since: date | None = None
    upheld: int = 0
    suspicion: Suspicion | None = None

    @property
    def is_good(self) -> bool:
        """Whether nothing speaks against the badge."""
        return self.verdict is Verdict.AUTHORISED and self.suspicion is None


class ScanBook(Protocol):
    """Whoever remembers scans and questions."""

    def recall(self, badge_id: str) -> KeptBadge | None:
        """A badge, whatever its state."""
        ...

    def seen_since(self, badge_id: str, since: datetime) -> Sequence[Sighting]:
        """The scans of a badge that were written since then."""
        ...

    def remember(self, badge_id: str, scan: Scan, verdict: Verdict, found: Suspicion | None) -> None:
        """Write a scan."""
        ...

    def upheld(self, promoter_id: str) -> int:
        """How many complaints about a promoter were found right."""
        ...

    def suspected(self, badge_id: str, since: datetime) -> Suspicion | None:
        """The newest suspicion of copies since then that nobody has cleared."""
        ...


def scan_badge(
    text: str, scan: Scan, *, operator: str, keys: Mapping[str, PublishedKey], book: ScanBook, register: Register
) -> Told:
    """Say what may be believed of a badge, and remember that it was shown. Any text is answered."""
    claims = read_badge(text, operator, keys)
    if isinstance(claims, Unreadable):
        return Told(claims)
    badge = book.recall(claims.badge_id)
    if badge is None or badge.text != text:
        return Told(Verdict.UNKNOWN, claims)
    bearer = register.bearer(badge.promoter_id, scan.at)
    standing = Standing(bearer is not None and bearer.may_act, bearer.regions if bearer is not None else ())
    verdict = judge(claims, badge, standing, scan.region, scan.at)
    newest = Sighting(scan.at, scan.region, scan.network)
    found = suspicion(book.seen_since(claims.badge_id, scan.at - JOURNEY), newest)
    book.remember(claims.badge_id, scan, verdict, found)
    standing_suspicion = found or book.suspected(claims.badge_id, badge.issued_at)
    since = bearer.since if bearer is not None else None
    return Told(verdict, claims, since, book.upheld(badge.promoter_id), standing_suspicion)


class ChallengeBook(Protocol):
    """Whoever keeps questions."""

    def waiting(self, badge_id: str, since: datetime) -> Sequence[Challenge]:
        """The questions asked of a badge since then that nobody has answered."""
        ...

    def count_wrong(self, badge_id: str, since: datetime) -> None:
        """Count a wrong answer at each of those."""
        ...

    def answered(self, token: str, at: datetime) -> bool:
        """Write that a question was answered; False when it was before."""
        ...


def answer_question(badge_id: str, typed: str, at: datetime, *, book: ChallengeBook) -> ChallengeFault | None:
    """The promoter types a number that was read to them. None when it is right; each question is answered once.

    Several people may ask one badge at a time: the number says whose question it is.
    """
    waiting = book.waiting(badge_id, at - LIVES)
    faults = {one.token: fault_of(one, typed, at) for one in waiting}
    right = next((token for token, fault in faults.items() if fault is None), "")
    if right:
        return None if book.answered(right, at) else ChallengeFault.NONE_OPEN
    if ChallengeFault.WRONG in faults.values():
        book.count_wrong(badge_id, at - LIVES)
        return ChallengeFault.WRONG
    return next(iter(faults.values()), ChallengeFault.NONE_OPEN)
