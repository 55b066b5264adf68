"""A merchant's terms at the console: entered by Qian, approved by Gao, judged by the host from their day on."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from support.desk_town import Town
from support.world import TEA
from xiaopos.store.audit.models import AuditRow
from xiaopos.store.merchants.models import MerchantTerms
from xiaopos.store.merchants.queries import currency_of

CHINESE = re.compile(r"[\u3400-\u9fff]+")


def day(days: int) -> date:
    return timezone.localdate() + timedelta(days=days)


def form(town: Town, **parts: str) -> dict[str, str]:
    plan = MerchantTerms.objects.filter(merchant_id=TEA).first()
    assert plan is not None
    return {
        "valid_from": day(2).isoformat(), "plan": plan.plan_id, "limit": "6000.50", "completion": "110", "days": "20",
        "tip": "10", "reason": "agreed in writing",
    } | parts  # fmt: skip


def enters(town: Town, who: str = "qian", merchant: str = TEA, **parts: str) -> str:
    where = reverse("console_terms_enter", args=[merchant])
    return str(town.browser(who).post(where, form(town, **parts), follow=True).content.decode())


def answers(town: Town, who: str, answer: str = "approve", **parts: str) -> str:
    where = reverse("console_terms_answer", args=[TEA])
    return str(town.browser(who).post(where, form(town, **parts) | {"answer": answer}, follow=True).content.decode())


def newest() -> MerchantTerms:
    found = MerchantTerms.objects.filter(merchant_id=TEA).order_by("-valid_from").first()
    assert found is not None
    return found


def test_terms_are_entered_approved_and_shown(town: Town) -> None:
    page = enters(town)
    assert "等另一个人复核" in page
    assert "协议等复核" in page
    assert "复核通过" not in page, "not by whoever entered them"
    row = newest()
    assert (row.payment_limit_minor, row.completion_percent, row.preauth_days, row.tip_percent) == (
        600_050,
        110,
        20,
        10,
    )
    assert (row.currency, row.author, row.approver) == ("CNY", "qian", "")
    assert "复核通过" in town.browser("gao").get(reverse("console_merchant", args=[TEA])).content.decode()
    page = answers(town, "gao")
    assert "自生效日起执行" in page
    assert "尚未生效" in page
    assert "现行" in page
    assert newest().approver == "gao"
    assert list(AuditRow.objects.order_by("seq").values_list("action", "actor")) == [
        ("enter_terms", "qian"), ("approve_terms", "gao"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("parts", "said"),
    [
        ({"limit": "0"}, "单笔限额"),
        ({"limit": "12.345"}, "单笔限额"),
        ({"limit": "much"}, "单笔限额"),
        ({"completion": "99"}, "完成比例"),
        ({"completion": "x"}, "完成比例"),
        ({"days": "91"}, "有效期"),
        ({"tip": "51"}, "小费比例"),
        ({"tip": ""}, "小费比例"),
        ({"plan": "none"}, "价格方案"),
        ({"reason": " "}, "原因"),
        ({"valid_from": "soon"}, "生效日期看不懂"),
        ({"valid_from": "2025-01-01"}, "下一个营业日"),
    ],
)
def test_what_cannot_be_agreed_is_said(town: Town, parts: dict[str, str], said: str) -> None:
    before = MerchantTerms.objects.count()
    page = enters(town, **parts)
    assert said in page
    assert "没有改动" in page
    assert MerchantTerms.objects.count() == before
    assert not AuditRow.objects.exists()


def test_terms_of_today_stay_as_they_are(town: Town) -> None:
    assert "下一个营业日" in enters(town, valid_from=day(0).isoformat())
    enters(town)
    assert "这一天已有协议" in enters(town, who="gao", limit="1")


def test_what_waits_counts_for_nothing(town: Town) -> None:
    enters(town)
    MerchantTerms.objects.filter(merchant_id=TEA, approver="").update(currency="USD")
    assert currency_of(TEA, day(9)) == "CNY"


def test_an_answer_is_to_what_was_seen(town: Town) -> None:
    enters(town)
    assert "不能自己复核" in answers(town, "qian")
    assert "与您看到的不同" in answers(town, "gao", limit="1")
    assert newest().approver == ""
    assert "已撤回" in answers(town, "gao", answer="drop")
    assert "不在等复核" in answers(town, "gao")
    assert "不在等复核" in answers(town, "gao", answer="drop")
    assert AuditRow.objects.filter(action="drop_terms", actor="gao").count() == 1


def test_who_and_what_does_not_exist(town: Town) -> None:
    where = reverse("console_terms_enter", args=["898110059990009"])
    assert town.browser("qian").post(where, form(town)).status_code == 404
    where = reverse("console_terms_answer", args=[TEA])
    assert town.browser("qian").post(where, form(town, valid_from="")).status_code == 404
    assert town.browser("sun").post(where, form(town)).status_code == 403
    page = town.browser("sun").get(reverse("console_merchant", args=[TEA])).content.decode()
    assert "变更协议" not in page


def test_in_english(town: Town) -> None:
    enters(town)
    page = town.browser("gao", "en").get(reverse("console_merchant", args=[TEA])).content.decode()
    begin = page.index("Terms that wait")
    assert not CHINESE.findall(page[begin : page.index("Shops", begin)])
