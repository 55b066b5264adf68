"""Badges in the database: issuing and changing them with their line in the audit trail, scans, questions, reports.

What may live here: the roles of usecases.keep_badges, scan_badge and report_badge on Django. What may not: rules.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F

from xiaopos.merchants.badges.sightings import Sighting, Suspicion
from xiaopos.merchants.badges.states import BADGE_LIFE, BadgeEvent, BadgeState
from xiaopos.merchants.badges.verdicts import Verdict
from xiaopos.store.audit.trail import AuditEntry, append
from xiaopos.store.badges.models import BadgeChallengeRow, BadgeReportRow, BadgeRow, BadgeSightingRow
from xiaopos.usecases.actors import Actor
from xiaopos.usecases.keep_badges import KeptBadge
from xiaopos.usecases.report_badge import Report, ReportState
from xiaopos.usecases.scan_badge import Scan

HOUSE = Actor("xiaopos", "", "")
"""Who does what nobody did: the house itself."""
MOST_SEEN = 200
"""How many of a badge's scans are looked at together."""


def _kept(row: BadgeRow) -> KeptBadge:
    return KeptBadge(
        row.badge_id, row.promoter_id, row.agent_id, row.text, row.state, row.issued_at, row.expires_at, row.issued_by
    )  # fmt: skip


class BadgeRows:
    """See BadgeBook, ScanBook, ChallengeBook and ReportBook. `new_id` numbers what has no number of its own yet."""

    def __init__(self, new_id: Any) -> None:
        self._new_id = new_id

    # -- badges ------------------------------------------------------------------------------------------------------

    def recall(self, badge_id: str) -> KeptBadge | None:
        """See BadgeBook."""
        row = BadgeRow.objects.filter(badge_id=badge_id).first()
        return _kept(row) if row is not None else None

    def issue(self, badge: KeptBadge, actor: Actor) -> bool:
        """See BadgeBook."""
        with transaction.atomic():
            carried = BadgeRow.objects.filter(promoter_id=badge.promoter_id)
            replaced = BADGE_LIFE.move(BadgeState.VALID, BadgeEvent.REPLACE).value
            carried.filter(state=BadgeState.VALID.value).update(state=replaced, changed_at=badge.issued_at)
            if carried.filter(state=BadgeState.SUSPENDED.value).exists():
                transaction.set_rollback(True)
                return False
            BadgeRow.objects.create(
                badge_id=badge.badge_id,
                promoter_id=badge.promoter_id,
                agent_id=badge.agent_id,
                text=badge.text,
                state=badge.state,
                issued_at=badge.issued_at,
                expires_at=badge.expires_at,
                issued_by=badge.issued_by,
            )
            _append("badge_issued", "badge", badge.badge_id, actor, badge.issued_at, promoter=badge.promoter_id)
        return True

    def change(self, badge: KeptBadge, after: BadgeState, event: BadgeEvent, actor: Actor, at: datetime) -> bool:
        """See BadgeBook. A badge that is trusted again is cleared of its suspicions."""
        with transaction.atomic():
            rows = BadgeRow.objects.filter(badge_id=badge.badge_id, state=badge.state)
            if not rows.update(state=after.value, changed_at=at, reason=actor.reason.strip()[:200]):
                return False
            if event is BadgeEvent.RESUME:
                BadgeSightingRow.objects.filter(badge_id=badge.badge_id, cleared_at=None).update(cleared_at=at)
            _append(f"badge_{event.value}", "badge", badge.badge_id, actor, at)
        return True

    # -- scans -------------------------------------------------------------------------------------------------------

    def seen_since(self, badge_id: str, since: datetime) -> Sequence[Sighting]:
        """See ScanBook."""
        rows = BadgeSightingRow.objects.filter(badge_id=badge_id, at__gte=since, cleared_at=None)
        found = rows.order_by("-at").values_list("at", "region", "network")[:MOST_SEEN]
        return [Sighting(at, region, network) for at, region, network in found]

    def remember(self, badge_id: str, scan: Scan, verdict: Verdict, found: Suspicion | None) -> None:
        """See ScanBook."""
        BadgeSightingRow.objects.create(
            sighting_id=self._new_id(scan.at),
            badge_id=badge_id,
            at=scan.at,
            region=scan.region,
            network=scan.network,
            visitor=scan.visitor,
            verdict=verdict.value,
            suspicion=found.value if found is not None else "",
        )

    def upheld(self, promoter_id: str) -> int:
        """See ScanBook."""
        rows = BadgeReportRow.objects.filter(promoter_id=promoter_id, state=ReportState.UPHELD.value)
        return int(rows.count())

    def suspected(self, badge_id: str, since: datetime) -> Suspicion | None:
        """See ScanBook."""
        rows = BadgeSightingRow.objects.filter(badge_id=badge_id, at__gte=since, cleared_at=None).exclude(suspicion="")
        found = rows.order_by("-at").values_list("suspicion", flat=True).first()
        return Suspicion(found) if found else None

    # -- questions ---------------------------------------------------------------------------------------------------

    def ask(self, token: str, badge_id: str, code: str, at: datetime) -> None:
        """Write a question that a page asks of a badge's bearer."""
        BadgeChallengeRow.objects.create(token=token, badge_id=badge_id, code=code, asked_at=at)

    def question(self, token: str) -> BadgeChallengeRow | None:
        """The question of one page."""
        return BadgeChallengeRow.objects.filter(token=token).first()

    def waiting(self, badge_id: str, since: datetime) -> Sequence[BadgeChallengeRow]:
        """See ChallengeBook."""
        return list(_unanswered(badge_id, since).order_by("asked_at"))

    def count_wrong(self, badge_id: str, since: datetime) -> None:
        """See ChallengeBook."""
        _unanswered(badge_id, since).update(tries=F("tries") + 1)

    def answered(self, token: str, at: datetime) -> bool:
        """See ChallengeBook."""
        return bool(BadgeChallengeRow.objects.filter(token=token, answered_at=None).update(answered_at=at))

    # -- reports -----------------------------------------------------------------------------------------------------

    def open(self, report: Report) -> None:
        """See ReportBook."""
        badge = BadgeRow.objects.filter(badge_id=report.badge_id).first() if report.badge_id else None
        with transaction.atomic():
            BadgeReportRow.objects.create(
                report_id=report.report_id,
                badge_id=badge.badge_id if badge is not None else "",
                promoter_id=badge.promoter_id if badge is not None else "",
                kind=report.kind.value,
                said=report.said,
                region=report.region,
                network=report.network,
                at=report.at,
                state=ReportState.OPEN.value,
            )
            _append("badge_reported", "badge_report", report.report_id, HOUSE, report.at, reported=report.kind.value)

    def networks(self, badge_id: str, since: datetime) -> int:
        """See ReportBook."""
        rows = BadgeReportRow.objects.filter(badge_id=badge_id, at__gte=since)
        rows = rows.exclude(state=ReportState.DISMISSED.value)
        return int(rows.values("network").distinct().count())

    def suspend(self, badge_id: str, at: datetime, why: str) -> bool:
        """See ReportBook."""
        badge = self.recall(badge_id)
        if badge is None or badge.state != BadgeState.VALID.value:
            return False
        after = BADGE_LIFE.move(BadgeState.VALID, BadgeEvent.SUSPEND)
        return self.change(badge, after, BadgeEvent.SUSPEND, Actor(HOUSE.username, "", why), at)

    def decide(self, report_id: str, state: ReportState, actor: Actor, at: datetime) -> bool | None:
        """See ReportBook."""
        rows = BadgeReportRow.objects.filter(report_id=report_id)
        if not rows.exists():
            return None
        with transaction.atomic():
            decision = {"decided_at": at, "decided_by": actor.username, "decision": actor.reason.strip()[:200]}
            if not rows.filter(state=ReportState.OPEN.value).update(state=state.value, **decision):
                return False
            _append(f"badge_report_{state.value}", "badge_report", report_id, actor, at)
        return True


def _unanswered(badge_id: str, since: datetime) -> Any:
    return BadgeChallengeRow.objects.filter(badge_id=badge_id, asked_at__gt=since, answered_at=None)


def _append(action: str, kind: str, object_id: str, actor: Actor, at: datetime, **detail: str) -> None:
    entry = AuditEntry(
        actor=actor.username,
        role=actor.role,
        action=action,
        merchant_id="",
        object_kind=kind,
        object_id=object_id,
        reason=actor.reason.strip(),
        detail=detail,
    )
    append(entry, at=at)
