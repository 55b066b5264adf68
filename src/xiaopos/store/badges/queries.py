"""What pages list of badges: those carried, where they were seen, what was reported, and what a visitor scanned.

What may live here: reading for a screen. What may not: writing, rules.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count

from xiaopos.merchants.badges.states import BadgeState
from xiaopos.store.badges.models import BadgeReportRow, BadgeRow, BadgeSightingRow
from xiaopos.usecases.report_badge import ReportState

MOST = 200
_CARRIED = (BadgeState.VALID.value, BadgeState.SUSPENDED.value)
_BAD = (BadgeState.SUSPENDED.value, BadgeState.REVOKED.value)


@dataclass(frozen=True, slots=True)
class BadgeLine:
    """A badge as a page shows it."""

    badge_id: str
    promoter_id: str
    agent_id: str
    text: str
    state: str
    issued_at: datetime
    expires_at: datetime
    issued_by: str
    reason: str


@dataclass(frozen=True, slots=True)
class ReportLine:
    """A report as a page shows it."""

    report_id: str
    badge_id: str
    promoter_id: str
    kind: str
    said: str
    region: str
    at: datetime
    state: str
    decided_by: str
    decision: str


@dataclass(frozen=True, slots=True)
class SuspicionLine:
    """A badge that may have been copied, and how often that was seen."""

    badge_id: str
    suspicion: str
    times: int


@dataclass(frozen=True, slots=True)
class ScannedBadge:
    """A badge that a visitor scanned, and how it stands now."""

    badge_id: str
    text: str
    state: str
    scanned_at: datetime
    upheld: int

    @property
    def is_bad(self) -> bool:
        """Whether whoever scanned it should be warned."""
        return self.state in _BAD or bool(self.upheld)


def carried_badges(promoter_ids: Sequence[str]) -> dict[str, BadgeLine]:
    """The badge that each of these promoters carries, by promoter."""
    rows = BadgeRow.objects.filter(promoter_id__in=promoter_ids, state__in=_CARRIED)
    return {values["promoter_id"]: BadgeLine(**values) for values in rows.values(*BadgeLine.__dataclass_fields__)}


def badge_line(badge_id: str) -> BadgeLine | None:
    """One badge."""
    values = BadgeRow.objects.filter(badge_id=badge_id).values(*BadgeLine.__dataclass_fields__).first()
    return None if values is None else BadgeLine(**values)


def reports(*, state: ReportState | None = None, promoter_ids: Sequence[str] | None = None) -> list[ReportLine]:
    """What was reported, oldest open first when a state is asked for, else newest first."""
    rows = BadgeReportRow.objects.order_by("at" if state is ReportState.OPEN else "-at")
    if state is not None:
        rows = rows.filter(state=state.value)
    if promoter_ids is not None:
        rows = rows.filter(promoter_id__in=promoter_ids)
    return [ReportLine(**values) for values in rows.values(*ReportLine.__dataclass_fields__)[:MOST]]


def suspected_badges() -> list[SuspicionLine]:
    """The badges of which copies may go round, as far as nobody has cleared them."""
    rows = BadgeSightingRow.objects.filter(cleared_at=None).exclude(suspicion="").values("badge_id", "suspicion")
    return [SuspicionLine(**values) for values in rows.annotate(times=Count("sighting_id")).order_by("-times")[:MOST]]


def seen_count(badge_id: str) -> int:
    """How often a badge was scanned."""
    return int(BadgeSightingRow.objects.filter(badge_id=badge_id).count())


def scanned_by(visitor: str, since: datetime) -> list[ScannedBadge]:
    """The badges that a visitor scanned since then, the last first, each once."""
    seen: dict[str, datetime] = {}
    rows = BadgeSightingRow.objects.filter(visitor=visitor, at__gte=since).order_by("-at")
    for badge_id, at in rows.values_list("badge_id", "at")[:MOST]:
        seen.setdefault(badge_id, at)
    badges = {row.badge_id: row for row in BadgeRow.objects.filter(badge_id__in=seen)}
    upheld = BadgeReportRow.objects.filter(badge_id__in=seen, state=ReportState.UPHELD.value)
    counts = dict(upheld.values_list("badge_id").annotate(Count("report_id")))
    return [
        ScannedBadge(badge_id, badges[badge_id].text, badges[badge_id].state, at, counts.get(badge_id, 0))
        for badge_id, at in seen.items()
        if badge_id in badges
    ]
