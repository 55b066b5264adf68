"""What strangers see of a badge: verdicts nobody can miss, the number read aloud, reports, warnings, the published keys."""

from __future__ import annotations

import base64
import json
import re
from dataclasses import replace
from datetime import timedelta
from typing import NoReturn
from urllib.parse import quote

import pytest
from django.conf import settings
from django.utils import timezone

from support.agent_town import GAO, AgentTown, build
from support.badges import a_badge
from xiaopos.keys import KeyAlgorithm, KeyFault, KeyRefused
from xiaopos.keys.ed25519 import verify_ed25519
from xiaopos.merchants.agents.states import AgentEvent
from xiaopos.merchants.badges.challenges import LIVES, ChallengeFault
from xiaopos.merchants.badges.credential import Deed, Never, Suite, Unreadable
from xiaopos.merchants.badges.sightings import Suspicion
from xiaopos.merchants.badges.states import BadgeEvent, BadgeState
from xiaopos.merchants.badges.verdicts import Verdict
from xiaopos.store.agents.book import AgentRows
from xiaopos.store.badges.models import BadgeChallengeRow, BadgeReportRow, BadgeRow, BadgeSightingRow
from xiaopos.store.keys.models import HouseKey, KeyRecord
from xiaopos.usecases.keep_agents import change_agent
from xiaopos.usecases.keep_badges import BadgeFault
from xiaopos.usecases.report_badge import ReportFault, ReportKind, ReportState
from xiaopos.web import badge_words, key_room
from xiaopos.web.badge_words import VERDICTS

pytestmark = pytest.mark.django_db

CHINESE = re.compile(r"[\u4e00-\u9fff]")


@pytest.fixture
def town() -> AgentTown:
    return build()


def title(page: str) -> str:
    found = re.search(r'class="verdict (good|bad)"[^>]*><h[12]>([^<]+)<', page)
    assert found is not None, page
    return f"{found[1]}: {found[2]}"


def says(verdict: Verdict | Unreadable) -> str:
    return f"{'good' if verdict is Verdict.AUTHORISED else 'bad'}: {VERDICTS[verdict].title}"


def test_every_word_is_there() -> None:
    assert set(VERDICTS) == {*Verdict, *Unreadable}
    for words, kinds in (
        (badge_words.SUSPICIONS, Suspicion),
        (badge_words.DEEDS, Deed),
        (badge_words.NEVERS, Never),
        (badge_words.REPORT_KINDS, ReportKind),
        (badge_words.REPORT_STATES, ReportState),
        (badge_words.STATES, BadgeState),
        (badge_words.FAULTS, BadgeFault),
        (badge_words.CHALLENGE_FAULTS, ChallengeFault),
        (badge_words.REPORT_FAULTS, ReportFault),
    ):
        assert set(words) == set(kinds)
    assert set(badge_words.EVENTS) == set(BadgeEvent) - {BadgeEvent.REPLACE}


def test_a_good_badge_says_who_where_what_and_what_never(town: AgentTown) -> None:
    page = town.scans(town.takes_badge())
    assert title(page) == says(Verdict.AUTHORISED)
    for words in (
        "陶*",
        "柳巷商务",
        "上海市",
        "介绍机具和价格",
        "帮您填写申请",
        *map(str, badge_words.NEVERS.values()),
    ):
        assert words in page
    assert "陶然" not in page, "strangers see the name masked"
    assert "送机具" not in page, "what the agent may not do is not said"
    assert BadgeSightingRow.objects.count() == 1


@pytest.mark.parametrize(
    ("event", "verdict"), [(BadgeEvent.SUSPEND, Verdict.SUSPENDED), (BadgeEvent.REVOKE, Verdict.REVOKED)]
)
def test_what_the_console_does_to_a_badge_everybody_sees_at_once(
    town: AgentTown, event: BadgeEvent, verdict: Verdict
) -> None:
    text = town.takes_badge()
    badge_id = BadgeRow.objects.get().badge_id
    asked = {"event": event.value, "reason": "a merchant called"}
    assert town.browser("he").post(f"/console/agents/badges/{badge_id}/", asked).status_code == 302
    assert title(town.scans(text)) == says(verdict)


def test_an_older_badge_an_agent_without_authority_and_another_region_are_told(town: AgentTown) -> None:
    older = town.takes_badge()
    newer = town.takes_badge()
    assert title(town.scans(older)) == says(Verdict.REPLACED)
    assert title(town.scans(newer, at="31")) == says(Verdict.AUTHORISED)
    assert title(town.scans(newer, at="3205")) == says(Verdict.OUT_OF_SCOPE)
    assert "江苏省 苏州市" in town.scans(newer, at="3205")
    now = timezone.now()
    change_agent(town.agent_id, AgentEvent.SUSPEND, GAO, now, now.date(), book=AgentRows())
    assert title(town.scans(newer)) == says(Verdict.NOT_AUTHORISED)


def test_an_expired_badge_is_told(town: AgentTown) -> None:
    text = town.takes_badge()
    BadgeRow.objects.update(
        issued_at=timezone.now() - timedelta(days=8), expires_at=timezone.now() - timedelta(seconds=1)
    )
    assert title(town.scans(text)) == says(Verdict.EXPIRED)


def forged(text: str) -> str:
    """The same badge for somebody else, under the same signature."""
    head, said, signature = text.split(".")
    claims = json.loads(base64.urlsafe_b64decode(said + "=" * (-len(said) % 4)))
    claims["who"] = "高*"
    edited = base64.urlsafe_b64encode(json.dumps(claims, ensure_ascii=False, separators=(",", ":")).encode())
    return ".".join((head, edited.decode().rstrip("="), signature))


def test_no_attack_makes_a_badge_green(town: AgentTown) -> None:
    text = town.takes_badge()
    tried = {
        forged(text): Unreadable.FORGED,
        a_badge(): Unreadable.OTHER_OPERATOR,
        "<script>alert(1)<script>": Unreadable.NO_BADGE,
        "A" * 3000: Unreadable.NO_BADGE,
        text + "=": Unreadable.NO_BADGE,
        "../../etc": Unreadable.NO_BADGE,
    }
    for attack, verdict in tried.items():
        answer = town.scanner().get(f"/badge/{quote(attack, safe='')}/")
        if answer.status_code == 404 and b"verdict" not in answer.content:
            continue  # the address itself is none of ours
        page = answer.content.decode()
        assert title(page) == says(verdict)
        assert "<script>alert" not in page
    assert BadgeSightingRow.objects.count() == 0, "what is no badge of ours is not remembered as one"


def test_a_badge_that_the_register_does_not_know_is_no_badge(town: AgentTown) -> None:
    text = town.takes_badge()
    BadgeRow.objects.all().delete()
    page = town.scans(text)
    assert title(page) == says(Verdict.UNKNOWN)
    assert "核对本人" not in page


def test_copies_are_noticed_when_one_badge_is_in_two_cities(town: AgentTown) -> None:
    text = town.takes_badge()
    town.scans(text, by="mei", at="3101")
    town.scans(text, by="mei", at="3205")
    assert "可能被复制" not in town.scans(text, by="mei"), "one phone that chose twice is one person"
    page = town.scans(text, by="wu", at="3205")
    assert "同一张工牌在两个城市同时出现过" in page
    assert title(town.scans(text, by="chen")).startswith("bad:")
    listed = town.browser("he").get("/console/agents/reports/").content.decode()
    assert "可能被复制的工牌" in listed
    assert "陶然" in listed


# -- the person behind the badge -------------------------------------------------------------------------------------


def asks(town: AgentTown, text: str, by: str = "mei") -> str:
    answer = town.scanner(by).post(f"/badge/{text}/ask/")
    assert answer.status_code == 302, answer.content.decode()
    return str(answer["Location"])


def number_on(town: AgentTown, address: str, by: str = "mei") -> str:
    found = re.search(r'class="number"[^>]*>(\d{6})<', town.scanner(by).get(address).content.decode())
    assert found is not None
    return found[1]


def answers(town: AgentTown, number: str) -> str:
    return str(town.browser("tao").post("/agent/badge/answer/", {"number": number}, follow=True).content.decode())


def test_only_the_bearer_can_answer_the_number_that_is_read_aloud(town: AgentTown) -> None:
    text = town.takes_badge()
    assert "现在没有人在核对您的工牌" in answers(town, "000000")
    address = asks(town, text)
    assert town.scanner().get(address + "state").json() == {"standing": "waiting"}
    number = number_on(town, address)
    wrong = f"{(int(number) + 1) % 10**6:06d}"
    assert "数字不对" in answers(town, wrong)
    assert "核对成功" in answers(town, f" {number[:3]} {number[3:]} ")
    assert town.scanner().get(address + "state").json() == {"standing": "right"}
    assert title(town.scanner().get(address).content.decode()) == "good: 是本人"
    assert "现在没有人在核对您的工牌" in answers(town, number), "each question is answered once"


def test_a_number_lives_three_minutes_and_guessing_ends(town: AgentTown) -> None:
    text = town.takes_badge()
    address = asks(town, text)
    BadgeChallengeRow.objects.update(asked_at=timezone.now() - LIVES)
    assert town.scanner().get(address + "state").json() == {"standing": "over"}
    assert title(town.scanner().get(address).content.decode()) == "bad: 没有核对成功"
    asks(town, text)
    code = BadgeChallengeRow.objects.get(tries=0, asked_at__gt=timezone.now() - LIVES).code
    wrong = f"{(int(code) + 1) % 10**6:06d}"
    told = [answers(town, wrong) for _ in range(7)]
    assert any("输错太多次" in page for page in told)
    assert "核对成功" not in answers(town, code)


def test_questions_nobody_asked_are_not_found(town: AgentTown) -> None:
    for address in ("/badge/question/nothing/", "/badge/question/nothing/state"):
        assert town.scanner().get(address).status_code == 404
    assert town.scanner().post(f"/badge/{a_badge()}/ask/").status_code == 404
    text = town.takes_badge()
    BadgeRow.objects.all().delete()
    assert town.scanner().post(f"/badge/{text}/ask/").status_code == 404


def test_asking_scanning_and_reporting_have_limits(town: AgentTown) -> None:
    text = town.takes_badge()
    asked = [town.scanner().post(f"/badge/{text}/ask/").status_code for _ in range(11)]
    assert (asked[:10], asked[10]) == ([302] * 10, 429)
    reported = [town.scanner().post("/badge/report/", {"kind": "other"}) for _ in range(6)]
    assert [answer.status_code for answer in reported] == [302] * 5 + [429]
    assert int(reported[-1]["Retry-After"]) > 0
    scanned = [town.scanner("wu").get(f"/badge/{text}/").status_code for _ in range(61)]
    assert (scanned[0], scanned[-1]) == (200, 429)


# -- reports and warnings --------------------------------------------------------------------------------------------


def reports(town: AgentTown, text: str, by: str, kind: str = "asked_for_money", said: str = "") -> str:
    form = {"badge": text, "kind": kind, "said": said}
    return str(town.scanner(by).post("/badge/report/", form, follow=True).content.decode())


def test_a_report_opens_a_case_and_whoever_scanned_is_warned_when_it_was_right(town: AgentTown) -> None:
    text = town.takes_badge()
    town.scans(text, by="chen")
    form = town.scanner("mei").get(f"/badge/report/?badge={text}").content.decode()
    assert all(str(words) in form for words in badge_words.REPORT_KINDS.values())
    page = reports(town, text, "mei", said="<b>要押金</b>")
    row = BadgeReportRow.objects.get()
    assert f"案号 {row.report_id[-8:]}" in page
    queue = town.browser("gao").get("/console/agents/reports/").content.decode()
    assert "向我要钱" in queue
    assert "&lt;b&gt;要押金" in queue
    assert "出了问题" not in town.scanner("chen").get("/badge/scans/").content.decode()
    town.browser("gao").post(
        f"/console/agents/reports/{row.report_id}/", {"answer": "uphold", "reason": "he admitted it"}
    )
    assert "这张工牌后来出了问题" in town.scanner("chen").get("/badge/scans/").content.decode()
    assert '<span class="chip bad">1</span>' in town.scans(text, by="wu")
    other = town.scanner("chen").get("/badge/nothing/").content.decode()
    assert "您以前扫过的工牌出了问题" in other
    assert "还没有扫过工牌" in town.scanner("sun").get("/badge/scans/").content.decode()


def test_reports_from_several_places_suspend_a_badge_at_once(town: AgentTown) -> None:
    text = town.takes_badge()
    assert "已先行暂停" not in reports(town, text, "mei")
    assert "已先行暂停" not in reports(town, text, "mei"), "one place is one voice"
    reports(town, text, "wu")
    assert "已先行暂停" in reports(town, text, "chen")
    assert title(town.scans(text)) == says(Verdict.SUSPENDED)
    held = town.browser("tao").get("/agent/badge/").content.decode()
    assert "工牌已暂停，正在调查" in held
    refused = town.browser("tao").post("/agent/badge/renew/", follow=True).content.decode()
    assert str(badge_words.FAULTS[BadgeFault.SUSPENDED]) in refused


def test_what_is_no_badge_is_reported_too_and_a_report_says_what(town: AgentTown) -> None:
    assert "请选择发生了什么" in reports(town, "", "mei", kind="")
    assert "最多 500 字" in reports(town, "", "mei", said="长" * 501)
    reports(town, a_badge(), "mei", kind="false_badge")
    assert BadgeReportRow.objects.get().badge_id == ""
    assert "不是我们发的工牌" in town.browser("he").get("/console/agents/reports/").content.decode()
    assert "案号" not in town.scanner().get("/badge/report/?done=<script>").content.decode()


# -- keys ------------------------------------------------------------------------------------------------------------


def test_the_published_keys_check_a_badge_and_those_that_were_replaced_still_do(town: AgentTown) -> None:
    text = town.takes_badge()
    town.generates()
    told = town.scanner().get("/.well-known/xiaopos-badges.json").json()
    keys = {key["kid"]: key for key in told["keys"]}
    assert len(keys) == 2
    head, said, signature = text.split(".")
    kid = json.loads(base64.urlsafe_b64decode(head + "=="))["kid"]
    public = base64.urlsafe_b64decode(keys[kid]["x"] + "=")
    assert verify_ed25519(public, f"{head}.{said}".encode(), base64.urlsafe_b64decode(signature + "=="))
    assert title(town.scans(text)) == says(Verdict.AUTHORISED)
    KeyRecord.objects.filter(check_value=kid).update(state="compromised")
    HouseKey.objects.filter(check_value=kid).delete()
    assert title(town.scans(text)) == says(Unreadable.KEY_UNKNOWN)


def test_a_house_with_an_sm2_pair_signs_with_it() -> None:
    town = build(with_key=False)
    town.generates(KeyAlgorithm.SM2)
    text = town.takes_badge()
    assert title(town.scans(text)) == says(Verdict.AUTHORISED)
    (key,) = town.scanner().get("/.well-known/xiaopos-badges.json").json()["keys"]
    assert (key["kty"], key["crv"], key["alg"]) == ("EC", "SM2", Suite.SM2.value)


def test_without_a_key_or_a_vault_nothing_is_green_and_nobody_gets_a_badge(town: AgentTown) -> None:
    text = town.takes_badge()

    def away() -> NoReturn:
        raise KeyRefused(KeyFault.OUT_OF_REACH, "away")

    key_room.install(away)
    assert title(town.scans(text)) == says(Unreadable.KEY_UNKNOWN)
    out_of_reach = "签工牌的密钥现在用不了"
    assert out_of_reach in town.browser("tao").post("/agent/badge/renew/", follow=True).content.decode()
    key_room.install(lambda: town.vault)
    HouseKey.objects.all().delete()
    assert out_of_reach in town.browser("tao").post("/agent/badge/renew/", follow=True).content.decode()


def test_the_operators_name_is_its_public_host(town: AgentTown, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "DEPLOYMENT", replace(settings.DEPLOYMENT, public_url="https://pay.example"))
    text = town.takes_badge()
    assert "pay.example" in town.scans(text)
    monkeypatch.setattr(settings, "DEPLOYMENT", replace(settings.DEPLOYMENT, public_url="https://other.example"))
    assert title(town.scans(text)) == says(Unreadable.OTHER_OPERATOR)


def test_a_pasted_address_leads_to_its_badge(town: AgentTown) -> None:
    text = town.takes_badge()
    page = town.scanner().get("/badge/").content.decode()
    assert "有人向您推销" in page
    assert (
        town.scanner().get("/badge/", {"text": f"https://pay.example/badge/{text}/"})["Location"] == f"/badge/{text}/"
    )
    assert town.scanner().get("/badge/", {"text": "///"})["Location"] == "/badge/-/"
    assert "离线验证" in town.scanner().get("/badge/verify/").content.decode()


def test_english_pages_speak_english(town: AgentTown) -> None:
    text = town.takes_badge()
    address = asks(town, text)
    for path in (
        f"/badge/{text}/",
        "/badge/",
        "/badge/scans/",
        "/badge/verify/",
        "/badge/report/",
        address,
        "/badge/no/",
    ):
        answer = town.scanner("mei", "en").get(path)
        page = answer.content.decode().partition("<main")[2].partition("</main>")[0]
        bare = page.replace("陶*", "").replace("柳巷商务", "").replace("上海市", "")
        bare = re.sub(r"<option[^>]*>[^<]*", "", bare)
        assert not CHINESE.findall(bare), path
