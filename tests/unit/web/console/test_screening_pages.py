"""The console's screening lists: imported whole or not at all, ended, looked up with a reason; what a reviewer sees of them."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from support.desk_town import Town
from unit.web.apply.conftest import Applicant, keys
from xiaopos.merchants.applications.fields import Field, Kind
from xiaopos.risk.rings.traits import TraitKind
from xiaopos.risk.screening.matching import HitReason, Outcome
from xiaopos.store.applications.models import ApplicationRow
from xiaopos.store.audit.models import AuditRow
from xiaopos.store.people.models import User
from xiaopos.store.screening.models import ListRow
from xiaopos.usecases.import_screening_list import COLUMNS, ListFault
from xiaopos.web import risk_words

assert keys, "the fixture of the applicants' house serves here too"
pytestmark = pytest.mark.usefixtures("keys")
HEAD = ",".join(COLUMNS) + "\n"
ROWS = HEAD + "1,person,林曉,,,1949-12-31,fraud\n2,company,某某商贸有限公司,,,,unpaid\n"
CHINESE = re.compile(r"[\u3400-\u9fff]+")


@pytest.fixture
def desk(town: Town) -> Town:
    """He reviews."""
    User.objects.get_or_create(username="he", defaults={"role": "risk", "name_zh": "he", "name_en": "he"})
    return town


def imports(desk: Town, text: str | bytes = ROWS, name: str = "拒绝名单", reason: str = "协会六月名单") -> str:
    content = text.encode() if isinstance(text, str) else text
    sent = {"name": name, "reason": reason, "file": SimpleUploadedFile("list.csv", content)}
    answer = desk.browser("he").post(reverse("console_screening_import"), sent, follow=True)
    return str(answer.content.decode())


def looks(desk: Town, language: str = "zh-hans", **form: str) -> str:
    answer = desk.browser("he", language).post(reverse("console_screening_look"), form, follow=True)
    assert "no-store" in answer["Cache-Control"]
    return str(answer.content.decode())


def test_every_word_is_there() -> None:
    assert set(risk_words.TRAITS) == set(TraitKind)
    assert set(risk_words.OUTCOMES) == set(Outcome)
    assert set(risk_words.HITS) == set(HitReason)
    assert set(risk_words.LIST_FAULTS) == set(ListFault)
    assert set(risk_words.COLUMN_WORDS) == {*COLUMNS, "row"}


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        ("ring account", "多份申请共用：收款账户"),
        ("listed certain", "筛查名单：在名单上"),
        ("category 5944", "行业 5944 的风险较高"),
        ("used_elsewhere phone", "手机号：另一份申请也用了它"),
        ("category_closed start", None),
        ("what nobody knows any more", "what nobody knows any more"),
        ("ring of three", "ring of three"),
    ],
)
def test_a_reason_is_said_in_words(reason: str, words: str | None) -> None:
    said = risk_words.reason_words(reason)
    assert said == words if words is not None else (said != reason and ":" not in said)


def test_a_list_is_imported_replaced_and_ended(desk: Town) -> None:
    assert "还没有名单" in desk.browser("he").get(reverse("console_screening")).content.decode()
    assert "已导入 拒绝名单，2 条" in imports(desk)
    assert "一模一样" in imports(desk)
    assert "已导入 拒绝名单，1 条" in imports(desk, HEAD + "1,person,张伟,,,,\n")
    assert [row.ended_at is None for row in ListRow.objects.order_by("imported_at")] == [False, True]
    end = reverse("console_screening_end")
    browser = desk.browser("he")
    assert "请写明原因" in browser.post(end, {"name": "拒绝名单"}, follow=True).content.decode()
    ended = browser.post(end, {"name": "拒绝名单", "reason": "来源停了"}, follow=True).content.decode()
    assert "名单已停用" in ended
    assert "以前的版本" in ended
    again = browser.post(end, {"name": "拒绝名单", "reason": "来源停了"}, follow=True).content.decode()
    assert "没有这份名单" in again
    actions = list(AuditRow.objects.filter(object_kind="screening_list").values_list("action", flat=True))
    assert actions == ["screening_list_imported", "screening_list_imported", "screening_list_ended"]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (b"\xff\xfe\x00", "不是 UTF-8"),
        ("a,b\n", "第一行的列名不对"),
        (HEAD, "一条也没有"),
        (HEAD + "1,person,张伟,,,1990-13-01,\n", "第 2 行，生日"),
        (HEAD + "1,person,张伟,,,,\n1,person,李娜,,,,\n", "第 3 行，编号"),
        (HEAD + "1,person,张伟\n", "第 2 行，列数"),
    ],
)
def test_what_is_wrong_with_a_file_is_named_and_nothing_is_imported(desk: Town, text: Any, told: str) -> None:
    imports(desk, name="在用")
    assert told in imports(desk, text, name="在用")
    assert ListRow.objects.filter(ended_at=None).count() == 1


def test_an_import_needs_a_name_a_reason_and_a_file(desk: Town) -> None:
    assert "名称不对" in imports(desk, name="<b>")
    assert "请写明原因" in imports(desk, reason=" ")
    nothing = desk.browser("he").post(reverse("console_screening_import"), {"name": "空", "reason": "x"}, follow=True)
    assert "没有导入" in nothing.content.decode()
    assert not ListRow.objects.exists()


def test_somebody_is_looked_up_for_a_reason_that_is_kept_without_the_name(desk: Town) -> None:
    imports(desk)
    shown = looks(desk, kind="person", name="林晓", reason="来电询问")
    assert "林曉" in shown
    assert "可能在名单上" in shown
    assert "不在任何名单上" in looks(desk, kind="company", name="林晓", reason="来电询问")
    assert "不在任何名单上" in looks(desk, code="11010519491231002X", reason="来电询问")
    (first, *_rest) = AuditRow.objects.filter(action="screening_looked_up")
    assert (first.reason, first.detail) == ("来电询问", {})
    assert "请写明原因" in looks(desk, kind="person", name="林晓")
    assert "没有查" in looks(desk, reason="来电询问")


def test_the_page_speaks_english(desk: Town) -> None:
    imports(desk)
    imports(desk, HEAD + "1,person,Zhang Wei,,,,\n")
    shown = looks(desk, "en", kind="person", name="Zhang Wei", reason="a call")
    assert {text for text in CHINESE.findall(shown) if text not in {"中文", "拒绝名单"}} == set()


def test_a_reviewer_sees_the_ring_and_the_list_in_words(desk: Town) -> None:
    imports(desk, HEAD + "1,person,林晓,,,1949-12-31,fraud\n")
    for place, resident_id in enumerate(("310101199003071206", "310101199003071214", "11010519491231002X")):
        own = {Field.PHONE: f"1390000000{place}", Field.RESIDENT_ID: resident_id}
        applicant = Applicant(Kind.MICRO, own=own)
        applicant.begins()
        applicant.fills_everything()
        applicant.hands_in()
    row = ApplicationRow.objects.order_by("-opened_at")[0]
    shown = desk.browser("he").get(reverse("console_application", args=[row.application_id])).content.decode()
    assert "像一伙人" in shown
    assert "多份申请共用：收款账户" in shown
    assert shown.count("<circle") == 3
    assert "姓名相近" in shown or "姓名相同" in shown
    assert Field.RESIDENT_ID.value not in shown
    english = desk.browser("he", "en").get(reverse("console_application", args=[row.application_id])).content.decode()
    assert "Looks like a ring" in english
