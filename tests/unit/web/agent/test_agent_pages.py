"""Agents from the console to their own pages: two people decide, each promoter carries their own badge, nobody sees another's."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from support.agent_town import OTHER_LICENCE, AgentTown, build
from xiaopos.merchants.agents.authority import Doubt
from xiaopos.merchants.agents.states import AgentEvent, AgentState, PromoterEvent, PromoterState
from xiaopos.merchants.badges.states import BadgeState
from xiaopos.store.agents.models import AgentRow, FilingProofRow, PromoterRow
from xiaopos.store.audit.models import AuditRow
from xiaopos.store.badges.models import BadgeRow
from xiaopos.store.people.models import User
from xiaopos.usecases.keep_agents import AgentFault
from xiaopos.web import agent_words
from xiaopos.web.agent_words import FAULTS
from xiaopos.web.pages.operator import agent_views

pytestmark = pytest.mark.django_db

CHINESE = re.compile(r"[\u4e00-\u9fff]")


@pytest.fixture
def town() -> AgentTown:
    return build()


def test_every_word_is_there() -> None:
    for words, kinds in (
        (agent_words.STATES, AgentState),
        (agent_words.PROMOTER_STATES, PromoterState),
        (agent_words.PROMOTER_EVENTS, PromoterEvent),
        (agent_words.DOUBTS, Doubt),
        (agent_words.FAULTS, AgentFault),
    ):
        assert set(words) == set(kinds)
    assert set(agent_words.EVENTS) == set(AgentEvent) - {AgentEvent.EXPIRE}


def form(**changed: str | list[str]) -> dict[str, str | list[str]]:
    today = timezone.now().date()
    return {
        "name": "另一家服务部",
        "licence": OTHER_LICENCE.lower(),
        "filing": "F-2026-0002",
        "contract": "C-2",
        "parent": "",
        "regions": "31, 3205",
        "products": "swift-a1",
        "deeds": ["introduce", "deliver"],
        "valid_from": str(today),
        "valid_until": str(today + timedelta(days=100)),
        "reason": "came with a letter",
        **changed,
    }


def enters(town: AgentTown, **changed: str | list[str]) -> str:
    return str(town.browser("he").post("/console/agents/", form(**changed), follow=True).content.decode())


def moves(town: AgentTown, who: str, agent_id: str, event: str, reason: str = "looked into it") -> str:
    address = f"/console/agents/{agent_id}/move/"
    return str(town.browser(who).post(address, {"event": event, "reason": reason}, follow=True).content.decode())


def captures(town: AgentTown, agent_id: str, content: bytes = b"picture", place: str = "the public list") -> str:
    sent = {"place": place, "reason": "seen", "proof": SimpleUploadedFile("list.png", content)}
    answer = town.browser("he").post(f"/console/agents/{agent_id}/filing/", sent, follow=True)
    return str(answer.content.decode())


def test_an_agent_goes_the_whole_way_through_two_people(town: AgentTown) -> None:
    assert "已登记；留存备案截图" in enters(town)
    row = AgentRow.objects.get(licence=OTHER_LICENCE)
    assert (row.regions, row.products, row.deeds) == (["31", "3205"], ["swift-a1"], ["introduce", "deliver"])
    assert str(FAULTS[AgentFault.PROOF_MISSING]) in moves(town, "he", row.agent_id, "check")
    assert "已留存备案记录" in captures(town, row.agent_id)
    assert FilingProofRow.objects.get(agent_id=row.agent_id).place == "the public list"
    assert "已核实，待授权" in moves(town, "he", row.agent_id, "check")
    assert str(FAULTS[AgentFault.OWN_CHECK]) in moves(town, "he", row.agent_id, "authorise")
    page = moves(town, "gao", row.agent_id, "authorise")
    assert "已授权" in page
    assert "江苏省 苏州市" in page
    row.refresh_from_db()
    assert (row.checked_by, row.authorised_by, row.state) == ("he", "gao", "authorised")
    assert AuditRow.objects.filter(object_kind="agent", object_id=row.agent_id).count() == 4


@pytest.mark.parametrize(
    ("changed", "fault"),
    [
        ({"name": " "}, AgentFault.NAME),
        ({"licence": "911100000000000000"}, AgentFault.LICENCE),
        ({"licence": "91110000MA0000001L"}, AgentFault.LICENCE_TAKEN),
        ({"filing": "?"}, AgentFault.FILING),
        ({"parent": "nobody"}, AgentFault.PARENT_UNKNOWN),
        ({"regions": "Shanghai"}, AgentFault.REGIONS),
        ({"deeds": []}, AgentFault.DEEDS),
        ({"deeds": ["decide"]}, AgentFault.DEEDS),
        ({"valid_until": "2020-01-01"}, AgentFault.DATES),
        ({"valid_from": "soon"}, AgentFault.DATES),
        ({"reason": ""}, AgentFault.NO_REASON),
    ],
)
def test_what_is_wrong_with_a_form_is_said_and_nothing_is_lost(
    town: AgentTown, changed: dict[str, str | list[str]], fault: AgentFault
) -> None:
    page = enters(town, **changed)
    assert str(FAULTS[fault]) in page
    assert "C-2" in page, "what was typed stays in the form"
    assert AgentRow.objects.count() == 1


def test_an_agent_below_goes_no_further_than_the_one_above(town: AgentTown) -> None:
    assert str(FAULTS[AgentFault.BEYOND_PARENT]) in enters(town, parent=town.agent_id)
    assert "已登记" in enters(town, parent=town.agent_id, regions="3101", deeds=["introduce"])
    page = town.browser("gao").get(f"/console/agents/{town.agent_id}/").content.decode()
    assert "下级代理商" in page
    assert "另一家服务部" in page


def test_a_proof_needs_a_place_and_something_that_was_saved(town: AgentTown, monkeypatch: pytest.MonkeyPatch) -> None:
    before = FilingProofRow.objects.count()
    assert str(FAULTS[AgentFault.PROOF]) in captures(town, town.agent_id, place=" ")
    assert str(FAULTS[AgentFault.PROOF]) in captures(town, town.agent_id, content=b"")
    monkeypatch.setattr(agent_views, "BIGGEST_PROOF", 3)
    assert str(FAULTS[AgentFault.PROOF]) in captures(town, town.agent_id)
    nothing = town.browser("he").post(f"/console/agents/{town.agent_id}/filing/", {"place": "x"}, follow=True)
    assert str(FAULTS[AgentFault.PROOF]) in nothing.content.decode()
    assert FilingProofRow.objects.count() == before


def test_what_runs_out_is_told_before_and_written_down_after(town: AgentTown) -> None:
    AgentRow.objects.update(valid_until=timezone.now().date() + timedelta(days=20))
    assert "三十天内到期" in town.browser("he").get("/console/agents/").content.decode()
    AgentRow.objects.update(valid_until=timezone.now().date() - timedelta(days=2))
    page = town.browser("he").get("/console/agents/").content.decode()
    assert "三十天内到期" not in page
    assert AgentRow.objects.get().state == "expired"
    assert AuditRow.objects.get(action="agent_expire").actor == "xiaopos"
    assert town.browser("he").get("/console/agents/?q=nobody").content.decode().count("没有这样的代理商") == 1


def test_an_agent_above_that_may_not_act_is_named_as_the_doubt(town: AgentTown) -> None:
    enters(town, parent=town.agent_id, regions="3101", deeds=["introduce"])
    below = AgentRow.objects.get(licence=OTHER_LICENCE).agent_id
    captures(town, below)
    moves(town, "he", below, "check")
    moves(town, "gao", below, "authorise")
    moves(town, "gao", town.agent_id, "suspend")
    listed = town.browser("gao").get("/console/agents/").content.decode()
    assert "上级代理商现在没有授权" in listed
    assert "上级代理商现在没有授权" in town.browser("gao").get(f"/console/agents/{below}/").content.decode()


# -- promoters -------------------------------------------------------------------------------------------------------


def adds(town: AgentTown, **changed: str) -> str:
    sent = {"name": "吴", "work_number": "T-002", "since": "2026-01-01", "reason": "contract signed", **changed}
    answer = town.browser("he").post(f"/console/agents/{town.agent_id}/promoters/", sent, follow=True)
    return str(answer.content.decode())


def test_promoters_are_entered_invited_suspended_and_leave(town: AgentTown) -> None:
    assert "已登记推广员" in adds(town)
    assert str(FAULTS[AgentFault.WORK_NUMBER_TAKEN]) in adds(town)
    assert str(FAULTS[AgentFault.WORK_NUMBER]) in adds(town, work_number="?")
    promoter_id = PromoterRow.objects.get(work_number="T-002").promoter_id
    sent = {"promoter": promoter_id, "username": "wu", "name_zh": "吴", "name_en": "Wu", "reason": "new"}
    invited = town.browser("gao").post(f"/console/agents/{town.agent_id}/invite/", sent)
    assert "只显示这一次" in invited.content.decode()
    person = User.objects.get(username="wu")
    assert (person.role, person.agent_id, person.promoter_id) == ("promoter", town.agent_id, promoter_id)
    head = {**sent, "promoter": "", "username": "chen.2"}
    assert town.browser("gao").post(f"/console/agents/{town.agent_id}/invite/", head).status_code == 200
    assert User.objects.get(username="chen.2").role == "agent"
    taken = town.browser("gao").post(f"/console/agents/{town.agent_id}/invite/", sent, follow=True).content.decode()
    assert "这个用户名已经有人用" in taken
    other = {**sent, "promoter": "f" * 32, "username": "x.x"}
    assert town.browser("gao").post(f"/console/agents/{town.agent_id}/invite/", other).status_code == 404
    for event, words in (("suspend", "已暂停"), ("resume", "在岗"), ("leave", "已离职")):
        asked = {"event": event, "reason": "as told"}
        page = town.browser("he").post(f"/console/promoters/{promoter_id}/move/", asked, follow=True).content.decode()
        assert f"已改为：{words}" in page
    again = town.browser("he").post(
        f"/console/promoters/{promoter_id}/move/", {"event": "leave", "reason": "x"}, follow=True
    )
    assert str(FAULTS[AgentFault.NOT_NOW]) in again.content.decode()


def test_what_there_is_not_is_not_found(town: AgentTown) -> None:
    he = town.browser("he")
    assert he.get("/console/agents/nobody/").status_code == 404
    for address in (
        f"/console/agents/{town.agent_id}/move/",
        "/console/promoters/nobody/move/",
        f"/console/promoters/{town.promoter_id}/move/",
        "/console/agents/badges/nobody/",
        "/console/agents/reports/nobody/",
    ):
        assert he.post(address, {"event": "fly", "reason": "x", "answer": "fly"}).status_code == 404
    told = he.post("/console/agents/badges/nobody/", {"event": "revoke", "reason": "x"}, follow=True).content.decode()
    assert "没有这张工牌" in told
    told = he.post("/console/agents/reports/nobody/", {"answer": "uphold", "reason": "x"}, follow=True).content.decode()
    assert "没有这个举报" in told
    away = he.post(
        "/console/agents/badges/nobody/", {"event": "revoke", "reason": "x", "back": "https://elsewhere.example/"}
    )
    assert away["Location"] == "/console/agents/reports/"


# -- an agent's own pages --------------------------------------------------------------------------------------------


def seen(client: Client, address: str) -> str:
    return str(client.get(address, follow=True).content.decode())


def test_a_promoter_takes_carries_and_renews_a_badge(town: AgentTown) -> None:
    tao = town.browser("tao")
    assert tao.get("/")["Location"] == "/agent/"
    page = seen(tao, "/agent/")
    assert "还没有工牌" in page
    assert "领取工牌" in page
    first = town.takes_badge()
    page = seen(tao, "/agent/badge/")
    assert "我的工牌二维码" in page
    assert "被扫次数 0" in page
    BadgeRow.objects.update(expires_at=timezone.now() + timedelta(days=1))
    assert "快到期，请更新" in seen(tao, "/agent/badge/")
    BadgeRow.objects.update(issued_at=timezone.now() - timedelta(days=8), expires_at=timezone.now() - timedelta(days=1))
    page = seen(tao, "/agent/badge/")
    assert "工牌已过期" in page
    assert "我的工牌二维码" not in page
    assert town.takes_badge() != first
    assert [row.state for row in BadgeRow.objects.order_by("issued_at")] == [
        BadgeState.REPLACED.value,
        BadgeState.VALID.value,
    ]


def test_who_may_not_promote_gets_no_badge_and_reads_why(town: AgentTown) -> None:
    town.browser("he").post(f"/console/promoters/{town.promoter_id}/move/", {"event": "suspend", "reason": "x"})
    tao = town.browser("tao")
    page = seen(tao, "/agent/badge/")
    assert "您现在不能向商户推广" in page
    assert "推广员已暂停" in page
    assert "不能发工牌" in tao.post("/agent/badge/renew/", follow=True).content.decode()
    assert BadgeRow.objects.count() == 0
    assert "您还没有工牌" in tao.post("/agent/badge/answer/", {"number": "1"}, follow=True).content.decode()


def test_renewing_and_answering_have_limits(town: AgentTown) -> None:
    tao = town.browser("tao")
    told = [tao.post("/agent/badge/renew/", follow=True).content.decode() for _ in range(11)]
    assert "一小时内换得太多" in told[-1]
    assert "一小时内换得太多" not in told[9]
    answered = [tao.post("/agent/badge/answer/", {"number": "0"}, follow=True).content.decode() for _ in range(11)]
    assert "试得太多" in answered[-1]


def test_an_agent_sees_its_own_people_and_record_and_nobody_elses(town: AgentTown) -> None:
    other = town.authorised(licence=OTHER_LICENCE, name="另一家服务部")
    town.somebody("hu", "promoter", other, town.promoter(other, "何", "H-1"))
    text = town.takes_badge()
    town.scanner("mei").post("/badge/report/", {"badge": text, "kind": "asked_for_card"})
    town.scanner("wu").post("/badge/report/", {"badge": text, "kind": "other"})
    listed = town.browser("gao").get("/console/agents/reports/").content.decode()
    upheld = re.findall(r"/console/agents/reports/([0-9a-f]{32})/", listed)[0]
    town.browser("gao").post(f"/console/agents/reports/{upheld}/", {"answer": "uphold", "reason": "he admitted it"})
    page = seen(town.browser("feng"), "/agent/")
    assert "陶然" in page
    assert "he admitted it" in page
    assert page.count('class="chip bad"') == 1, "what nobody has decided is no record"
    assert "H-1" not in page
    assert "另一家" not in page
    town.somebody("lost", "agent", "nobody")
    assert town.browser("lost").get("/agent/").status_code == 403
    town.somebody("astray", "promoter", other, town.promoter_id)
    for address in ("/agent/badge/", "/agent/"):
        assert town.browser("astray").get(address, follow=True).status_code == 403
    assert town.browser("astray").post("/agent/badge/renew/").status_code == 403


def test_english_pages_speak_english(town: AgentTown) -> None:
    text = town.takes_badge()
    town.scanner("mei").post("/badge/report/", {"badge": text, "kind": "asked_for_card"})
    captures(town, town.agent_id)
    for who, address in (
        ("tao", "/agent/badge/"),
        ("feng", "/agent/"),
        ("gao", "/console/agents/"),
        ("gao", f"/console/agents/{town.agent_id}/"),
        ("gao", "/console/agents/reports/"),
    ):
        page = town.browser(who, "en").get(address).content.decode().partition("<main")[2].partition("</main>")[0]
        for name in ("陶然", "柳巷商务", "上海市"):
            page = page.replace(name, "")
        assert not CHINESE.findall(page), address
