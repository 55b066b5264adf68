"""The lists that terminals download, at the console: entered by one person, approved by another, withdrawn by a new row."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from support.desk_town import Town
from xiaopos.fleet.downloads import DownloadKind, key_of_entry
from xiaopos.simulator import chip_lists
from xiaopos.store.audit.models import AuditRow
from xiaopos.store.fleet.models import TerminalDownload
from xiaopos.web.pages.operator.list_views import KIND_WORDS

TODAY = timezone.localdate


def page(town: Town, kind: str, query: str = "", who: str = "gao", language: str = "zh-hans") -> str:
    answer = town.browser(who, language).get(reverse("console_lists", args=[kind]) + query)
    assert answer.status_code == 200
    return answer.content.decode()


def enters(town: Town, kind: str, who: str = "he", **sent: str) -> str:
    form = {"content": "", "key": "", "profile": "", "valid_from": TODAY().isoformat(), "reason": "网络通知", **sent}
    return town.browser(who).post(reverse("console_list_enter", args=[kind]), form, follow=True).content.decode()


def answers(town: Town, kind: str, answer: str, who: str = "gao", **changed: str) -> str:
    row = TerminalDownload.objects.get(kind=kind, approver="")
    form = {
        "key": row.row_key, "profile": row.profile, "valid_from": row.valid_from.isoformat(), "content": row.content,
        "reason": "核对无误", "answer": answer, **changed,
    }  # fmt: skip
    return town.browser(who).post(reverse("console_list_answer", args=[kind]), form, follow=True).content.decode()


def test_an_entry_counts_once_another_person_has_approved_it(town: Town) -> None:
    said = enters(town, "blacklist", content="6222 0000")
    assert "等另一个人复核" in said
    assert "今天没有下发的条目" in page(town, "blacklist")
    assert "复核通过" not in page(town, "blacklist", who="he"), "whoever entered it is not asked"
    assert "没有改动" in answers(town, "blacklist", "approve", who="he")
    assert TerminalDownload.objects.get().approver == ""
    assert "自生效日起下发" in answers(town, "blacklist", "approve")
    row = TerminalDownload.objects.get()
    assert (row.row_key, row.content, row.author, row.approver) == ("62220000", "62220000", "he", "gao")
    assert "62220000" in page(town, "blacklist")
    assert list(AuditRow.objects.order_by("seq").values_list("action", flat=True)[:2]) == [
        "enter_download",
        "approve_download",
    ]


def test_what_is_approved_is_what_was_seen(town: Town) -> None:
    enters(town, "parameters", key="12", content="30")
    assert "没有改动" in answers(town, "parameters", "approve", content="99")
    assert TerminalDownload.objects.get().approver == ""


def test_an_entry_that_waits_is_taken_back(town: Town) -> None:
    enters(town, "parameters", key="12", content="30")
    assert "通讯等待时间" in page(town, "parameters")
    assert "已撤回" in answers(town, "parameters", "drop", who="he")
    assert not TerminalDownload.objects.exists()


@pytest.mark.parametrize(
    ("kind", "entries"),
    [(DownloadKind.PUBLIC_KEYS, chip_lists.PUBLIC_KEYS), (DownloadKind.CHIP_PARAMETERS, chip_lists.CHIP_PARAMETERS)],
)
def test_an_entry_for_chips_brings_its_own_key(town: Town, kind: DownloadKind, entries: dict[str, str]) -> None:
    content = next(iter(entries.values()))
    enters(town, kind.value, content=content.lower())
    row = TerminalDownload.objects.get()
    assert row.row_key == key_of_entry(bytes.fromhex(content), kind)
    answers(town, kind.value, "approve")
    assert row.row_key in page(town, kind.value)
    later = (TODAY() + timedelta(days=3)).isoformat()
    enters(town, kind.value, key=row.row_key, withdraw="yes", valid_from=later)
    answers(town, kind.value, "approve")
    shown = page(town, kind.value)
    assert "以后生效的" in shown
    assert "撤下" in shown


def test_a_profiles_own_entry_is_shown_for_it(town: Town) -> None:
    enters(town, "parameters", key="13", content="3", profile="regional-qr-2020")
    answers(town, "parameters", "approve")
    assert "今天没有下发的条目" in page(town, "parameters")
    assert "今天没有下发的条目" not in page(town, "parameters", "?profile=regional-qr-2020")
    assert "今天没有下发的条目" in page(town, "parameters", "?profile=of-nobody")


@pytest.mark.parametrize(
    ("kind", "sent", "words"),
    [
        ("blacklist", {"content": "12345"}, "6 to 12 digits"),
        ("blacklist", {"content": ""}, "请填内容"),
        ("blacklist", {"withdraw": "yes"}, "撤下哪一条"),
        ("blacklist", {"content": "622200", "valid_from": "2020-01-01"}, "past"),
        ("blacklist", {"content": "622200", "valid_from": "soon"}, "生效日期看不懂"),
        ("blacklist", {"content": "622200", "profile": "x"}, "没有这种接入方式"),
        ("blacklist", {"content": "622200", "reason": " "}, "没有写明原因"),
        ("public_keys", {"content": "9F06"}, "TLV"),
        ("public_keys", {"content": "not hex"}, "TLV"),
        ("parameters", {"key": "99", "content": "1"}, "99"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_entered(town: Town, kind: str, sent: dict[str, str], words: str) -> None:
    assert words in enters(town, kind, **sent)
    assert not TerminalDownload.objects.exists()
    assert not AuditRow.objects.filter(action="enter_download").exists()


def test_lists_and_days_that_there_are_not(town: Town) -> None:
    gao = town.browser("gao")
    assert gao.get(reverse("console_lists", args=["none"])).status_code == 404
    sent = {"valid_from": "never", "key": "1", "reason": "x"}
    assert gao.post(reverse("console_list_answer", args=["blacklist"]), sent).status_code == 404
    assert set(KIND_WORDS) == set(DownloadKind)
    assert "Blacklist" in page(town, "blacklist", language="en")
