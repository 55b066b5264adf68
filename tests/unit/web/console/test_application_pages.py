"""The console's review of applications: the queue, papers with a reason, calls, two people, what the applicant reads."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from support.applicants import PERSON
from support.desk_town import Town
from unit.web.apply.conftest import Applicant, keys
from xiaopos.merchants.applications.fields import Field, Kind
from xiaopos.store.applications.models import ApplicationRow
from xiaopos.store.audit.models import AuditRow
from xiaopos.store.keys.models import HouseKey
from xiaopos.store.merchants.models import Merchant
from xiaopos.store.people.models import User

assert keys, "the fixture of the applicants' house serves here too"
pytestmark = pytest.mark.usefixtures("keys")
CHINESE = re.compile(r"[\u3400-\u9fff]+")


@pytest.fixture
def handed_in(town: Town) -> ApplicationRow:
    """Lin's application, in the queue; He reviews, Gao too."""
    for name, role in (("he", "risk"), ("gao", "administrator")):
        User.objects.get_or_create(username=name, defaults={"role": role, "name_zh": name, "name_en": name})
    lin = Applicant(Kind.MICRO)
    lin.begins()
    lin.fills_everything()
    lin.hands_in()
    return lin.row


def page(town: Town, name: str, number: str = "", who: str = "he", language: str = "zh-hans") -> str:
    answer = town.browser(who, language).get(reverse(name, args=[number] if number else []))
    assert answer.status_code == 200
    return str(answer.content.decode())


def does(town: Town, row: ApplicationRow, move: str, who: str = "he", **form: str) -> str:
    address = reverse("console_application_move", args=[row.application_id])
    answer = town.browser(who).post(address, {"move": move, "reason": "看过资料", **form}, follow=True)
    row.refresh_from_db()
    return str(answer.content.decode())


def test_the_queue(town: Town, handed_in: ApplicationRow) -> None:
    shown = page(town, "console_applications")
    assert handed_in.application_id in shown
    assert "餐饮 · 上海市浦东新区" in shown
    assert "已超时" not in shown
    ApplicationRow.objects.update(due_at=timezone.now() - timedelta(hours=1), category="0001", region="000001")
    late = page(town, "console_applications")
    assert "已超时" in late
    assert "0001 · 000001" in late
    empty = town.browser("he").get(reverse("console_applications") + "?show=decided").content.decode()
    assert "没有申请" in empty
    assert (
        handed_in.application_id in town.browser("he").get(reverse("console_applications") + "?show=x").content.decode()
    )


def test_what_was_given_is_masked_until_somebody_says_why(town: Town, handed_in: ApplicationRow) -> None:
    shown = page(town, "console_application", handed_in.application_id)
    assert PERSON[Field.RESIDENT_ID] not in shown
    assert "138****0001" in shown
    assert "没有核对过出处的规则" in shown
    address = reverse("console_application_look", args=[handed_in.application_id])
    refused = town.browser("he").post(address, {"reason": " "}, follow=True).content.decode()
    assert "请写明原因" in refused
    answer = town.browser("he").post(address, {"reason": "核对身份证"})
    whole = answer.content.decode()
    assert "no-store" in answer["Cache-Control"]
    assert PERSON[Field.RESIDENT_ID] in whole
    assert whole.count("data:image/png;base64,") == 3
    assert "未查毒" in whole
    noted = AuditRow.objects.filter(actor="he", reason="核对身份证").values_list("action", flat=True)
    assert sorted(noted) == ["application_picture_shown"] * 3 + ["application_shown"]


def test_from_the_queue_to_a_merchant(town: Town, handed_in: ApplicationRow) -> None:
    before = Merchant.objects.count()
    does(town, handed_in, "take")
    assert handed_in.taken_by == "he"
    assert "要先打电话" in does(town, handed_in, "approve")
    does(town, handed_in, "plan_call")
    assert "代别人办" in page(town, "console_application", handed_in.application_id)
    does(town, handed_in, "call", outcome="confirmed")
    assert "本人确认" in page(town, "console_application", handed_in.application_id)
    assert "商户、门店和协议已建立" in does(town, handed_in, "approve")
    assert Merchant.objects.count() == before + 1
    assert handed_in.merchant_id in page(town, "console_application", handed_in.application_id)


def test_a_risky_one_is_passed_on(town: Town, handed_in: ApplicationRow) -> None:
    ApplicationRow.objects.update(score=450)
    does(town, handed_in, "take")
    does(town, handed_in, "plan_call")
    does(town, handed_in, "call", outcome="confirmed")
    assert "已转给第二个人复核" in does(town, handed_in, "approve")
    assert "要由另一个人来做" in does(town, handed_in, "approve")
    does(town, handed_in, "send_back", "gao")
    assert handed_in.state == "submitted"


def test_parts_go_back_each_with_its_reason(town: Town, handed_in: ApplicationRow) -> None:
    does(town, handed_in, "take")
    address = reverse("console_application_return", args=[handed_in.application_id])
    told = town.browser("he").post(address, {"why_shop_name": " "}, follow=True).content.decode()
    assert "请至少写一项" in told
    told = town.browser("he").post(address, {"why_shop_name": "写招牌上的名字"}, follow=True).content.decode()
    assert "已记录" in told
    assert "写招牌上的名字" in told
    handed_in.refresh_from_db()
    assert handed_in.state == "returned"


def test_a_refusal_and_its_appeal(town: Town, handed_in: ApplicationRow) -> None:
    does(town, handed_in, "take")
    does(town, handed_in, "refuse", told="店不在这里")
    assert handed_in.refused_by == "he"
    ApplicationRow.objects.update(state="appealed")
    assert "拒绝的人不能答复申诉" in page(town, "console_application", handed_in.application_id)
    assert "要由另一个人来做" in does(town, handed_in, "reopen", told="您说得对")
    does(town, handed_in, "uphold", "gao", told="上门看过")
    assert handed_in.state == "upheld"


def test_somebody_else_sees_what_can_be_done_by_whom(town: Town, handed_in: ApplicationRow) -> None:
    does(town, handed_in, "take")
    assert "领取的人才能决定" in page(town, "console_application", handed_in.application_id, "gao")
    does(town, handed_in, "put_back", "gao")
    assert handed_in.taken_by == ""


@pytest.mark.parametrize("form", [{"move": "dance"}, {"move": "call", "outcome": "sung"}])
def test_what_makes_no_sense(town: Town, handed_in: ApplicationRow, form: dict[str, Any]) -> None:
    address = reverse("console_application_move", args=[handed_in.application_id])
    assert town.browser("he").post(address, form).status_code == 404


@pytest.mark.parametrize("name", ["console_application_look", "console_application_move", "console_application_return"])
def test_what_does_not_exist(town: Town, handed_in: ApplicationRow, name: str) -> None:
    address = reverse(name, args=["0" * 32])
    assert town.browser("he").post(address, {"move": "take", "reason": "x"}).status_code == 404
    assert town.browser("he").get(reverse("console_application", args=["0" * 32])).status_code == 404


def test_without_keys_the_console_says_so(town: Town, handed_in: ApplicationRow) -> None:
    HouseKey.objects.all().delete()
    answer = town.browser("he").get(reverse("console_applications"))
    assert answer.status_code == 503
    assert "密钥不在" in answer.content.decode()


def test_the_review_speaks_english(town: Town, handed_in: ApplicationRow) -> None:
    own = {
        "中文",
        "林",
        "上海市浦东新区柳巷",
        "号",
        "林晓茶摊",
        "餐饮",
        "银发",
        "实名制",
        "凭记忆",
        "网联",
        "二手资料",
        "受益所有人规则",
    }
    does(town, handed_in, "take")
    ApplicationRow.objects.update(state="call_due")
    shown = [page(town, name, number, language="en") for name, number in (
        ("console_applications", ""), ("console_application", handed_in.application_id),
    )]  # fmt: skip
    for text in shown:
        found = {one for one in CHINESE.findall(text) if one not in own}
        assert not found - {
            "我同意用我填写的资料和照片审核这次申请",
            "并按法规要求的时间保存",
            "我同意用我的手机号联系我处理这次申请",
            "看过资料",
            "号文",
        }
