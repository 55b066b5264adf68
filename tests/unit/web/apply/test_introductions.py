"""Who brought an applicant: from a badge or a link to the application, its review and the agent's own list, and no further."""

from __future__ import annotations

import re
from urllib.parse import quote

import pytest
from django.urls import reverse
from django.utils import timezone

from support.agent_town import OTHER_LICENCE, AgentTown, build
from unit.web.apply.conftest import Applicant, keep_keys
from xiaopos.merchants.agents.states import PromoterEvent
from xiaopos.merchants.applications.fields import Kind
from xiaopos.risk.rings.traits import TraitKind
from xiaopos.store.agents.book import AgentRows
from xiaopos.store.applications.models import ApplicationRow
from xiaopos.store.merchants.models import Merchant
from xiaopos.store.people.models import User
from xiaopos.store.rings.book import TraitRows
from xiaopos.usecases.actors import Actor
from xiaopos.usecases.keep_agents import change_promoter
from xiaopos.web.introductions import introduced_by, token_of

pytestmark = pytest.mark.django_db
HE = Actor("he", "risk", "left without a word")


@pytest.fixture
def town() -> AgentTown:
    """Feng's agent with Tao, whose badge is fresh; He reviews."""
    town = build()
    keep_keys(town.vault)
    return town


def begin_link(page: str) -> str:
    """The link by which a badge's page leads to an application."""
    found = re.search(r'href="(/apply/start/\?by=[^"]+)"', page)
    assert found is not None
    return found[1]


def brought(town: AgentTown, **parts: str) -> Applicant:
    """Lin scans Tao's badge, and applies from there."""
    lin = Applicant(Kind.MICRO)
    link = begin_link(town.scans(town.takes_badge()))
    page = lin.browser.get(link).content.decode()
    assert "介绍人" in page
    assert "陶*" in page
    assert "陶然" not in page
    by = re.search(r'name="by" value="([^"]+)"', page)
    assert by is not None
    assert lin.begins(by=by[1], **parts).status_code == 302
    return lin


def test_from_a_badge_to_the_review_and_the_agents_own_list(town: AgentTown) -> None:
    lin = brought(town)
    row = lin.row
    assert (row.agent_id, row.promoter_id) == (town.agent_id, town.promoter_id)
    lin.fills_everything()
    lin.hands_in()
    (kept,) = TraitRows().applicants([row.application_id])
    assert len(kept.marks(TraitKind.PROMOTER)) == 1
    shown = town.browser("he").get(reverse("console_application", args=[row.application_id])).content.decode()
    assert "陶然 · T-001" in shown
    own = town.browser("feng").get("/agent/").content.decode()
    assert "小微商户 · 餐饮 · 上海市" in own
    assert row.application_id not in own
    for private in ("林晓", "138", "622202", "1101051949"):
        assert private not in own, private


def test_another_agent_sees_nothing_of_it(town: AgentTown) -> None:
    brought(town)
    other = town.authorised(licence=OTHER_LICENCE, name="另一家服务部")
    town.somebody("wei", "agent", other)
    assert User.objects.get(username="wei").agent_id == other
    page = town.browser("wei").get("/agent/").content.decode()
    assert "还没有介绍过申请" in page
    assert "小微商户" not in page
    assert town.browser("wei").get(reverse("console_application", args=["0" * 32])).status_code == 403


def test_a_merchant_that_came_of_it_is_listed(town: AgentTown) -> None:
    lin = brought(town)
    merchant = Merchant.objects.order_by("merchant_id")[0].merchant_id
    ApplicationRow.objects.filter(application_id=lin.row.application_id).update(state="approved", merchant_id=merchant)
    page = town.browser("feng").get("/agent/").content.decode()
    assert merchant in page
    english = town.browser("feng", "en").get("/agent/").content.decode()
    assert "Merchants we introduced" in english


def test_the_promoters_page_shows_the_link_while_they_may_act(town: AgentTown) -> None:
    page = town.browser("tao").get("/agent/badge/").content.decode()
    assert quote(token_of(town.promoter_id), safe=":") in page or token_of(town.promoter_id) in page
    left = change_promoter(town.promoter_id, PromoterEvent.LEAVE, HE, timezone.now(), book=AgentRows())
    assert left is not None
    assert "介绍用的二维码和链接" not in town.browser("tao").get("/agent/badge/").content.decode()


@pytest.mark.parametrize("by", ["nobody", "x:y", "0" * 32, "<script>alert(1)</script>"])
def test_a_link_that_is_none_of_ours_is_said_and_the_way_alone_stays_open(town: AgentTown, by: str) -> None:
    lin = Applicant(Kind.MICRO)
    page = lin.browser.get(reverse("apply_start"), {"by": by}).content.decode()
    assert "不要付钱给任何人" in page
    assert "<script>alert" not in page
    assert 'name="by"' not in page
    answer = lin.begins(by=by)
    assert answer.status_code == 422
    assert not ApplicationRow.objects.exists()
    assert lin.begins().status_code == 302
    assert lin.row.promoter_id == ""


def test_who_has_left_or_works_elsewhere_brings_nobody(town: AgentTown) -> None:
    token = token_of(town.promoter_id)
    assert introduced_by(token, "310115")
    lin = Applicant(Kind.MICRO)
    elsewhere = lin.begins(by=token, region="440305").content.decode()
    assert "不在授权的地区以内" in elsewhere
    change_promoter(town.promoter_id, PromoterEvent.LEAVE, HE, timezone.now(), book=AgentRows())
    page = lin.browser.get(reverse("apply_start"), {"by": token}).content.decode()
    assert "推广员已离职" in page
    assert introduced_by(token_of("0" * 32)) is None


def test_a_badge_that_is_not_good_leads_to_no_application(town: AgentTown) -> None:
    text = town.takes_badge()
    change_promoter(town.promoter_id, PromoterEvent.LEAVE, HE, timezone.now(), book=AgentRows())
    page = town.scans(text)
    assert "/apply/start/" not in page
