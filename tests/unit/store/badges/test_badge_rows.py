"""Badges from issuing to revoking, on the database: what stands, what is believed, what is noticed, what is decided."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from itertools import count

import pytest
from django.db import IntegrityError, transaction

from support.channels import new_vault
from xiaopos.keys import KeyAlgorithm
from xiaopos.merchants.badges.challenges import LIVES as ASKED_FOR
from xiaopos.merchants.badges.challenges import TRIES, ChallengeFault
from xiaopos.merchants.badges.credential import Deed, PublishedKey, Suite, Unreadable
from xiaopos.merchants.badges.sightings import Suspicion
from xiaopos.merchants.badges.states import BadgeEvent, BadgeState
from xiaopos.merchants.badges.verdicts import LIVES, Verdict
from xiaopos.store.audit.models import AuditRow
from xiaopos.store.badges.book import BadgeRows
from xiaopos.store.badges.models import BadgeReportRow, BadgeRow, BadgeSightingRow
from xiaopos.usecases.actors import Actor
from xiaopos.usecases.keep_badges import BadgeFault, BadgePress, Bearer, KeptBadge, change_badge, issue_badge
from xiaopos.usecases.report_badge import (
    LONGEST,
    Report,
    ReportFault,
    ReportKind,
    ReportState,
    decide_report,
    report_badge,
)
from xiaopos.usecases.scan_badge import Scan, Told, answer_question, scan_badge

pytestmark = pytest.mark.django_db

AT = datetime(2026, 6, 1, 8, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
NUMBERS = count(1)
GAO = Actor("gao", "administrator", "checked on the telephone")
PROMOTER = "a" * 32
BEARER = Bearer(
    PROMOTER, "b" * 32, "林*", "小林商务",
    may_act=True, regions=("31",), deeds=frozenset({Deed.INTRODUCE}), since=date(2025, 3, 1),
)  # fmt: skip


@dataclass
class Agents:
    """A register of one promoter."""

    known: dict[str, Bearer] = field(default_factory=lambda: {PROMOTER: BEARER})

    def bearer(self, promoter_id: str, at: datetime) -> Bearer | None:
        assert at.tzinfo is not None
        return self.known.get(promoter_id)


class Office:
    """Everything that badges need, and the verbs with it."""

    def __init__(self, suite: Suite = Suite.ED25519) -> None:
        self.agents = Agents()
        self.rows = BadgeRows(lambda at: f"{next(NUMBERS):032x}")
        vault = new_vault()
        pair = vault.generate_pair(algorithm=KeyAlgorithm.SM2 if suite is Suite.SM2 else KeyAlgorithm.ED25519)
        self.press = BadgePress("pay.example", vault, pair, "k1", suite, lambda at: f"{next(NUMBERS):032x}")
        self.keys = {"k1": PublishedKey("k1", suite, vault.public_key(key=pair))}

    def issues(self, at: datetime = AT) -> KeptBadge | BadgeFault:
        return issue_badge(PROMOTER, GAO, at, book=self.rows, register=self.agents, press=self.press)

    def badge(self, at: datetime = AT) -> KeptBadge:
        badge = self.issues(at)
        assert isinstance(badge, KeptBadge)
        return badge

    def scans(self, text: str, at: datetime = AT + MINUTE, region: str = "310115", network: str = "n") -> Told:
        scan = Scan(at, region, network, "visitor")
        return scan_badge(text, scan, operator="pay.example", keys=self.keys, book=self.rows, register=self.agents)

    def changes(self, badge: KeptBadge, event: BadgeEvent, actor: Actor = GAO) -> BadgeState | BadgeFault:
        return change_badge(badge.badge_id, event, actor, AT + MINUTE, book=self.rows)

    def reports(self, badge_id: str, network: str, said: str = "") -> bool | ReportFault:
        report = Report(self.rows._new_id(AT), badge_id, ReportKind.ASKED_FOR_MONEY, said, "", network, AT)
        return report_badge(report, book=self.rows)


@pytest.fixture
def office() -> Office:
    return Office()


@pytest.mark.parametrize("suite", Suite)
def test_a_badge_is_issued_and_believed(suite: Suite) -> None:
    office = Office(suite)
    badge = office.badge()
    assert badge.expires_at == AT + LIVES
    told = office.scans(badge.text)
    assert (told.verdict, told.is_good, told.since, told.upheld) == (Verdict.AUTHORISED, True, date(2025, 3, 1), 0)
    assert told.claims is not None
    assert (told.claims.name, told.claims.agent) == ("林*", "小林商务")
    (line,) = AuditRow.objects.filter(action="badge_issued")
    assert (line.actor, line.object_id) == ("gao", badge.badge_id)
    seen = BadgeSightingRow.objects.get()
    assert (seen.badge_id, seen.verdict, seen.suspicion) == (badge.badge_id, "authorised", "")


def test_a_badge_ends_with_the_authority(office: Office) -> None:
    office.agents.known[PROMOTER] = replace(BEARER, ends_on=date(2026, 6, 3))
    assert office.badge().expires_at == datetime(2026, 6, 3, 23, 59, 59, tzinfo=UTC)
    office.agents.known[PROMOTER] = replace(BEARER, ends_on=date(2026, 5, 31))
    assert office.issues() is BadgeFault.MAY_NOT_ACT


def test_who_gets_none(office: Office) -> None:
    office.agents.known[PROMOTER] = replace(BEARER, may_act=False)
    assert office.issues() is BadgeFault.MAY_NOT_ACT
    office.agents.known.clear()
    assert office.issues() is BadgeFault.PROMOTER_UNKNOWN
    assert not BadgeRow.objects.exists()
    assert not AuditRow.objects.exists()


def test_a_renewed_badge_replaces_the_old_one(office: Office) -> None:
    old, new = office.badge(), office.badge(AT + timedelta(days=6))
    assert office.scans(old.text, AT + timedelta(days=6)).verdict is Verdict.REPLACED
    assert office.scans(new.text, AT + timedelta(days=8)).verdict is Verdict.AUTHORISED
    assert office.scans(new.text, AT + timedelta(days=14)).verdict is Verdict.EXPIRED


def test_the_database_holds_one_badge_for_each_promoter(office: Office) -> None:
    badge = BadgeRow.objects.get(badge_id=office.badge().badge_id)
    badge.badge_id = "f" * 32
    with pytest.raises(IntegrityError), transaction.atomic():
        badge.save(force_insert=True)


def test_suspended_resumed_revoked(office: Office) -> None:
    badge = office.badge()
    assert office.changes(badge, BadgeEvent.SUSPEND) is BadgeState.SUSPENDED
    assert office.scans(badge.text).verdict is Verdict.SUSPENDED
    assert office.issues() is BadgeFault.SUSPENDED, "a new badge would get around the suspension"
    assert office.scans(badge.text).verdict is Verdict.SUSPENDED
    assert office.changes(badge, BadgeEvent.RESUME) is BadgeState.VALID
    assert office.scans(badge.text).is_good
    assert office.changes(badge, BadgeEvent.REVOKE) is BadgeState.REVOKED
    assert office.scans(badge.text).verdict is Verdict.REVOKED
    for event in BadgeEvent:
        assert office.changes(badge, event) is BadgeFault.NOT_NOW
    assert list(AuditRow.objects.order_by("seq").values_list("action", flat=True)) == [
        "badge_issued", "badge_suspend", "badge_resume", "badge_revoke",
    ]  # fmt: skip
    assert office.issues() != BadgeFault.SUSPENDED, "whoever may act again gets a new one"


def test_a_change_needs_a_reason_a_badge_and_to_be_first(office: Office) -> None:
    badge = office.badge()
    assert office.changes(badge, BadgeEvent.REVOKE, Actor("gao", "administrator", " ")) is BadgeFault.NO_REASON
    assert office.changes(badge, BadgeEvent.REPLACE) is BadgeFault.NOT_NOW
    assert office.changes(replace(badge, badge_id="f" * 32), BadgeEvent.REVOKE) is BadgeFault.BADGE_UNKNOWN
    BadgeRow.objects.update(state="suspended")
    assert not office.rows.change(badge, BadgeState.REVOKED, BadgeEvent.REVOKE, GAO, AT), "somebody was first"


def test_what_the_register_of_agents_says_counts_at_once(office: Office) -> None:
    badge = office.badge()
    office.agents.known[PROMOTER] = replace(BEARER, may_act=False)
    assert office.scans(badge.text).verdict is Verdict.NOT_AUTHORISED
    office.agents.known.clear()
    assert office.scans(badge.text).verdict is Verdict.NOT_AUTHORISED
    office.agents.known[PROMOTER] = BEARER
    assert office.scans(badge.text, region="440300").verdict is Verdict.OUT_OF_SCOPE


def test_what_is_no_badge_of_this_house(office: Office) -> None:
    other = Office()
    assert office.scans(other.badge().text).verdict is Unreadable.FORGED
    assert office.scans("x").verdict is Unreadable.NO_BADGE
    badge = office.badge()
    BadgeRow.objects.all().delete()
    told = office.scans(badge.text)
    assert told.verdict is Verdict.UNKNOWN, "well signed and never issued"
    assert not BadgeSightingRow.objects.exists()


def test_one_badge_in_two_cities_is_noticed_until_somebody_looked(office: Office) -> None:
    office.agents.known[PROMOTER] = replace(BEARER, regions=())
    badge = office.badge()
    assert office.scans(badge.text, AT + MINUTE).suspicion is None
    told = office.scans(badge.text, AT + 2 * MINUTE, region="320506", network="n2")
    assert (told.verdict, told.suspicion, told.is_good) == (Verdict.AUTHORISED, Suspicion.TWO_PLACES, False)
    later = AT + timedelta(days=1)
    assert office.scans(badge.text, later).suspicion is Suspicion.TWO_PLACES, "it stays until somebody has looked"
    office.changes(badge, BadgeEvent.SUSPEND)
    office.changes(badge, BadgeEvent.RESUME)
    assert office.scans(badge.text, later + MINUTE).is_good


def test_a_number_read_aloud(office: Office) -> None:
    badge = office.badge()
    office.rows.ask("t1", badge.badge_id, "048213", AT)
    office.rows.ask("t2", badge.badge_id, "777777", AT)
    office.rows.ask("t3", "f" * 32, "111111", AT)

    def answers(typed: str, at: datetime = AT + MINUTE) -> ChallengeFault | None:
        return answer_question(badge.badge_id, typed, at, book=office.rows)

    assert answers("111111") is ChallengeFault.WRONG, "another badge's number"
    assert answers("777 777") is None
    answered = office.rows.question("t2")
    assert answered is not None
    assert answered.answered_at == AT + MINUTE
    assert not office.rows.answered("t2", AT)
    assert answers("777777") is ChallengeFault.WRONG, "each is answered once"
    for _ in range(TRIES - 2):
        assert answers("000000") is ChallengeFault.WRONG
    assert answers("048213") is ChallengeFault.TOO_MANY_TRIES
    assert answers("048213", AT + ASKED_FOR) is ChallengeFault.NONE_OPEN


def test_somebody_else_answered_first(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    badge = office.badge()
    office.rows.ask("t1", badge.badge_id, "048213", AT)
    waiting = office.rows.waiting(badge.badge_id, AT - MINUTE)
    office.rows.answered("t1", AT)
    monkeypatch.setattr(office.rows, "waiting", lambda *_: waiting)
    assert answer_question(badge.badge_id, "048213", AT, book=office.rows) is ChallengeFault.NONE_OPEN


def test_reports_from_several_places_suspend_a_badge_at_once(office: Office) -> None:
    badge = office.badge()
    assert office.reports(badge.badge_id, "n1") is False
    assert office.reports(badge.badge_id, "n1") is False
    assert office.reports(badge.badge_id, "n1") is False, "one rival cannot"
    assert office.reports(badge.badge_id, "n2") is False
    assert office.reports(badge.badge_id, "n3") is True
    assert office.scans(badge.text).verdict is Verdict.SUSPENDED
    assert office.reports(badge.badge_id, "n4") is False, "it is suspended already"
    (line,) = AuditRow.objects.filter(action="badge_suspend")
    assert (line.actor, line.reason) == ("xiaopos", "reported from 3 places")


def test_a_report_is_decided_once_and_counts_when_it_is_right(office: Office) -> None:
    badge = office.badge()
    office.reports(badge.badge_id, "n1", "wanted 200 yuan")
    office.reports("", "n1")
    office.reports("e" * 32, "n1")
    assert office.reports(badge.badge_id, "n1", "x" * (LONGEST + 1)) is ReportFault.TOO_LONG
    ours = BadgeReportRow.objects.get(badge_id=badge.badge_id)
    assert (ours.promoter_id, ours.said, ours.state) == (PROMOTER, "wanted 200 yuan", "open")
    assert BadgeReportRow.objects.filter(badge_id="").count() == 2, "what is no badge of ours is a case too"

    def decides(report_id: str, reason: str = "called back") -> ReportFault | None:
        actor = Actor("he", "risk", reason)
        return decide_report(report_id, ReportState.UPHELD, actor, AT, book=office.rows)

    assert decides(ours.report_id, " ") is ReportFault.NO_REASON
    assert decides("0" * 32) is ReportFault.REPORT_UNKNOWN
    assert decides(ours.report_id) is None
    assert decides(ours.report_id) is ReportFault.NOT_NOW
    assert office.scans(badge.text).upheld == 1
    assert AuditRow.objects.filter(action="badge_report_upheld", actor="he").count() == 1


def test_dismissed_reports_suspend_nothing(office: Office) -> None:
    badge = office.badge()
    for network in ("n1", "n2"):
        office.reports(badge.badge_id, network)
    for row in BadgeReportRow.objects.all():
        decide_report(row.report_id, ReportState.DISMISSED, GAO, AT, book=office.rows)
    assert office.reports(badge.badge_id, "n3") is False
    assert office.scans(badge.text).is_good
