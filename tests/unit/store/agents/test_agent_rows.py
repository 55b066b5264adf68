"""The register of agents on the database: who gets in, who decides, what runs out, and what a promoter's badge then says."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import count
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import DatabaseError, IntegrityError, transaction

from xiaopos.merchants.agents.authority import RECHECK_EVERY
from xiaopos.merchants.agents.states import AgentEvent, AgentState, PromoterEvent, PromoterState
from xiaopos.merchants.badges.credential import Deed
from xiaopos.merchants.identifiers import is_social_credit_code
from xiaopos.store.agents.book import AgentRows, PromoterRegister
from xiaopos.store.agents.models import AgentRow, FilingProofRow, PromoterRow
from xiaopos.store.audit.models import AuditRow
from xiaopos.usecases.actors import Actor
from xiaopos.usecases.keep_agents import (
    AgentDraft,
    AgentFault,
    FilingProof,
    PromoterDraft,
    capture_filing,
    change_agent,
    change_promoter,
    enter_agent,
    enter_promoter,
    expire_agents,
)

pytestmark = pytest.mark.django_db

AT = datetime(2026, 6, 1, 4, tzinfo=UTC)
TODAY = date(2026, 6, 1)
DAY = timedelta(days=1)
GAO, HE = Actor("gao", "administrator", "came with a letter"), Actor("he", "risk", "read all of it")
SHANGHAI = ZoneInfo("Asia/Shanghai")
NUMBERS = count(1)


def licence(number: int) -> str:
    """A made-up unified social credit code whose check character is right."""
    body = f"91310000DEM0{number:05d}"
    return next(body + mark for mark in "0123456789ABCDEFGHJKLMNPQRTUWXY" if is_social_credit_code(body + mark))


BOOK = AgentRows()
DRAFT = AgentDraft(
    name="小林商务",
    licence=licence(1),
    filing="F2026-0001",
    parent_id="",
    regions=("31", "3205"),
    products=(),
    deeds=("introduce", "deliver"),
    contract="C-1",
    valid_from=TODAY,
    valid_until=TODAY + 400 * DAY,
)
BELOW = replace(
    DRAFT, name="柳巷服务", licence=licence(2), regions=("3101",), valid_until=TODAY + 300 * DAY
)  # fmt: skip
PROOF = FilingProof(AT - DAY, "the association's public list", "ab" * 32)


def new_id(at: datetime) -> str:
    assert at.tzinfo is not None
    return f"{next(NUMBERS):032x}"


def enters(draft: AgentDraft = DRAFT, actor: Actor = GAO) -> str | AgentFault:
    return enter_agent(draft, actor, AT, book=BOOK, make_id=new_id)


def changes(agent_id: str, event: AgentEvent, actor: Actor, on: date = TODAY) -> AgentState | AgentFault:
    return change_agent(agent_id, event, actor, AT, on, book=BOOK)


def authorised(draft: AgentDraft = DRAFT) -> str:
    agent_id = enters(draft)
    assert isinstance(agent_id, str), agent_id
    assert capture_filing(agent_id, PROOF, GAO, AT, book=BOOK) is None
    assert changes(agent_id, AgentEvent.CHECK, GAO) is AgentState.CHECKED
    assert changes(agent_id, AgentEvent.AUTHORISE, HE) is AgentState.AUTHORISED
    return agent_id


def promotes(agent_id: str, work_number: str = "W-1") -> str:
    draft = PromoterDraft(agent_id, "林晓", work_number, TODAY)
    promoter_id = enter_promoter(draft, GAO, AT, book=BOOK, make_id=new_id)
    assert not isinstance(promoter_id, AgentFault), promoter_id
    return promoter_id


def test_an_agent_is_entered_checked_by_one_and_authorised_by_another() -> None:
    agent_id = authorised()
    row = AgentRow.objects.get(agent_id=agent_id)
    assert (row.name, row.state, row.checked_by, row.authorised_by) == ("小林商务", "authorised", "gao", "he")
    assert (row.regions, row.deeds, row.recheck_on) == (["31", "3205"], ["introduce", "deliver"], TODAY + RECHECK_EVERY)
    assert list(AuditRow.objects.order_by("seq").values_list("action", "actor")) == [
        ("agent_entered", "gao"), ("agent_filing_captured", "gao"), ("agent_check", "gao"), ("agent_authorise", "he"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"name": " "}, AgentFault.NAME),
        ({"name": "x" * 41}, AgentFault.NAME),
        ({"name": "a\x07"}, AgentFault.NAME),
        ({"licence": licence(1)[:-1] + "I"}, AgentFault.LICENCE),
        ({"filing": "?"}, AgentFault.FILING),
        ({"parent_id": "f" * 32}, AgentFault.PARENT_UNKNOWN),
        ({"regions": ("3",)}, AgentFault.REGIONS),
        ({"regions": ("31",) * 13}, AgentFault.REGIONS),
        ({"deeds": ()}, AgentFault.DEEDS),
        ({"deeds": ("collect_fees",)}, AgentFault.DEEDS),
        ({"valid_until": TODAY - DAY}, AgentFault.DATES),
    ],
)
def test_who_does_not_get_in(change: dict[str, object], fault: AgentFault) -> None:
    assert enters(replace(DRAFT, **change)) is fault  # type: ignore[arg-type]  # the test is about wrong values
    assert not AgentRow.objects.exists()
    assert not AuditRow.objects.exists()


def test_a_reason_is_given_and_a_licence_is_in_the_register_once() -> None:
    assert enters(actor=replace(GAO, reason=" ")) is AgentFault.NO_REASON
    assert isinstance(enters(), str)
    assert enters(replace(DRAFT, name="another name")) is AgentFault.LICENCE_TAKEN
    assert AgentRow.objects.count() == 1


@pytest.mark.parametrize(
    ("change", "within"),
    [
        ({}, True),
        ({"regions": ()}, False),
        ({"regions": ("32",)}, False),
        ({"deeds": ("introduce", "train")}, False),
        ({"products": ("a1",)}, True),
        ({"products": ("a1", "z9")}, False),
        ({"products": ()}, False),
        ({"valid_until": TODAY + 401 * DAY}, False),
        ({"valid_from": TODAY - DAY}, False),
    ],
)
def test_nobody_is_given_more_than_the_one_above_has(change: dict[str, object], within: bool) -> None:
    above = enters(replace(DRAFT, products=("a1", "k9")))
    assert isinstance(above, str)
    parts: dict[str, Any] = {"parent_id": above, "products": ("a1",)} | change
    draft = replace(BELOW, **parts)
    told = enters(draft)
    assert isinstance(told, str) if within else told is AgentFault.BEYOND_PARENT


def test_there_are_three_tiers() -> None:
    licences = [licence(number) for number in range(4)]
    above = ""
    for tier, number in enumerate(licences):
        told = enters(replace(DRAFT, licence=number, parent_id=above))
        if tier == 3:
            assert told is AgentFault.TOO_DEEP
        else:
            assert isinstance(told, str), told
            above = told
    assert [row.licence for row in BOOK.chain(above)] == licences[2::-1]


@pytest.mark.parametrize(
    "proof",
    [
        replace(PROOF, place=" "),
        replace(PROOF, place="x" * 201),
        replace(PROOF, digest="ab"),
        replace(PROOF, seen_at=AT + DAY),
    ],
)
def test_what_is_no_proof_of_a_filing(proof: FilingProof) -> None:
    agent_id = enters()
    assert isinstance(agent_id, str)
    assert capture_filing(agent_id, proof, GAO, AT, book=BOOK) is AgentFault.PROOF
    assert not FilingProofRow.objects.exists()


def test_a_check_needs_a_fresh_proof_that_nobody_changes_afterwards() -> None:
    agent_id = enters()
    assert isinstance(agent_id, str)
    assert changes(agent_id, AgentEvent.CHECK, GAO) is AgentFault.PROOF_MISSING
    capture_filing(agent_id, replace(PROOF, seen_at=AT - 31 * DAY), GAO, AT, book=BOOK)
    assert changes(agent_id, AgentEvent.CHECK, GAO) is AgentFault.PROOF_MISSING
    capture_filing(agent_id, PROOF, GAO, AT + DAY, book=BOOK)
    assert changes(agent_id, AgentEvent.CHECK, GAO) is AgentState.CHECKED
    with pytest.raises(DatabaseError), transaction.atomic():
        FilingProofRow.objects.update(digest="cd" * 32)
    assert capture_filing("f" * 32, PROOF, GAO, AT, book=BOOK) is AgentFault.AGENT_UNKNOWN


def test_what_is_not_decided() -> None:
    agent_id = enters()
    assert isinstance(agent_id, str)
    assert changes("f" * 32, AgentEvent.CHECK, GAO) is AgentFault.AGENT_UNKNOWN
    assert changes(agent_id, AgentEvent.CHECK, replace(GAO, reason="")) is AgentFault.NO_REASON
    assert changes(agent_id, AgentEvent.AUTHORISE, HE) is AgentFault.NOT_NOW
    capture_filing(agent_id, PROOF, GAO, AT, book=BOOK)
    changes(agent_id, AgentEvent.CHECK, GAO)
    assert changes(agent_id, AgentEvent.AUTHORISE, GAO) is AgentFault.OWN_CHECK
    with pytest.raises(IntegrityError), transaction.atomic():
        AgentRow.objects.update(authorised_by="gao")
    changes(agent_id, AgentEvent.AUTHORISE, HE)
    assert changes(agent_id, AgentEvent.EXPIRE, HE) is AgentFault.NOT_NOW, "the calendar does that, nobody else"
    stale = BOOK.recall(agent_id)
    assert stale is not None
    changes(agent_id, AgentEvent.SUSPEND, HE)
    assert not BOOK.change(stale, AgentState.REVOKED, AgentEvent.REVOKE, HE, AT, None), "somebody was first"


def test_what_runs_out_is_written_down_and_checked_again_it_goes_on() -> None:
    agent_id = authorised()
    assert expire_agents(AT, TODAY + RECHECK_EVERY, book=BOOK, actor=GAO) == 0
    assert expire_agents(AT, TODAY + RECHECK_EVERY + DAY, book=BOOK, actor=GAO) == 1
    assert expire_agents(AT, TODAY + RECHECK_EVERY + DAY, book=BOOK, actor=GAO) == 0
    later = TODAY + RECHECK_EVERY + DAY
    assert changes(agent_id, AgentEvent.CHECK, HE) is AgentState.CHECKED
    assert AgentRow.objects.get().authorised_by == ""
    assert changes(agent_id, AgentEvent.AUTHORISE, GAO, later) is AgentState.AUTHORISED
    assert AgentRow.objects.get().recheck_on == later + RECHECK_EVERY


def test_promoters_come_and_go() -> None:
    agent_id = authorised()
    promoter_id = promotes(agent_id)

    def moves(event: PromoterEvent, actor: Actor = GAO, whom: str = promoter_id) -> PromoterState | AgentFault:
        return change_promoter(whom, event, actor, AT, book=BOOK)

    assert moves(PromoterEvent.SUSPEND, replace(GAO, reason=" ")) is AgentFault.NO_REASON
    assert moves(PromoterEvent.SUSPEND, whom="f" * 32) is AgentFault.PROMOTER_UNKNOWN
    assert moves(PromoterEvent.RESUME) is AgentFault.NOT_NOW
    assert moves(PromoterEvent.SUSPEND) is PromoterState.SUSPENDED
    assert moves(PromoterEvent.RESUME) is PromoterState.ACTIVE
    stale = BOOK.recall_promoter(promoter_id)
    assert stale is not None
    assert moves(PromoterEvent.LEAVE) is PromoterState.LEFT
    assert moves(PromoterEvent.RESUME) is AgentFault.NOT_NOW
    assert not BOOK.change_promoter(stale, PromoterState.SUSPENDED, PromoterEvent.SUSPEND, GAO, AT)
    actions = AuditRow.objects.filter(object_kind="promoter").order_by("seq").values_list("action", flat=True)
    assert list(actions) == ["promoter_entered", "promoter_suspend", "promoter_resume", "promoter_leave"]


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"agent_id": "f" * 32}, AgentFault.AGENT_UNKNOWN),
        ({"name": ""}, AgentFault.NAME),
        ({"work_number": "a b"}, AgentFault.WORK_NUMBER),
        ({"work_number": "W-1"}, AgentFault.WORK_NUMBER_TAKEN),
    ],
)
def test_who_does_not_become_a_promoter(change: dict[str, str], fault: AgentFault) -> None:
    agent_id = authorised()
    promotes(agent_id)
    draft = replace(PromoterDraft(agent_id, "林晓", "W-2", TODAY), **change)  # type: ignore[arg-type]  # parts by name
    assert enter_promoter(draft, GAO, AT, book=BOOK, make_id=new_id) is fault
    assert PromoterRow.objects.count() == 1


def test_a_promoter_needs_a_reason_to_be_entered() -> None:
    draft = PromoterDraft(authorised(), "林晓", "W-2", TODAY)
    nobody = replace(GAO, reason="")
    assert enter_promoter(draft, nobody, AT, book=BOOK, make_id=new_id) is AgentFault.NO_REASON


def test_a_badge_says_what_the_register_says_now() -> None:
    above = authorised()
    below = authorised(replace(BELOW, parent_id=above))
    promoter_id = promotes(below)
    register = PromoterRegister(SHANGHAI)
    bearer = register.bearer(promoter_id, AT)
    assert bearer is not None
    assert (bearer.name, bearer.agent, bearer.may_act, bearer.since) == ("林*", "柳巷服务", True, TODAY)
    assert (bearer.regions, bearer.deeds) == (("3101",), frozenset({Deed.INTRODUCE, Deed.DELIVER}))
    assert bearer.ends_on == TODAY + 300 * DAY
    changes(above, AgentEvent.SUSPEND, HE)
    bearer = register.bearer(promoter_id, AT)
    assert bearer is not None
    assert not bearer.may_act, "what befalls the agent above befalls them"
    changes(above, AgentEvent.RESUME, HE)
    evening_before = datetime(2026, 5, 31, 15, 59, tzinfo=UTC)
    early = register.bearer(promoter_id, evening_before)
    assert early is not None
    assert not early.may_act, "it is still yesterday in Shanghai"
    at_midnight = register.bearer(promoter_id, datetime(2026, 5, 31, 16, 0, tzinfo=UTC))
    assert at_midnight is not None
    assert at_midnight.may_act
    assert register.bearer("f" * 32, AT) is None
    AgentRow.objects.filter(agent_id=below).update(parent_id="e" * 32)
    orphan = register.bearer(promoter_id, AT)
    assert orphan is not None
    assert not orphan.may_act
    PromoterRow.objects.update(agent_id="d" * 32)
    assert register.bearer(promoter_id, AT) is None
