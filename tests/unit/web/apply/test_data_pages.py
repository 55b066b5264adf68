"""An applicant's own data in a browser: seen, copied, consents answered anew, deleted; and the console's side of it."""

from __future__ import annotations

import io
import json
import re
import zipfile
from typing import Any

import pytest
from django.urls import reverse

from support.applicants import PERSON
from support.desk_town import Town
from unit.web.apply.conftest import Applicant
from xiaopos.merchants.applications.fields import Field, Kind
from xiaopos.store.applications.models import ApplicationRow, ApplicationValueRow, ErasureRow, MerchantLimitsRow
from xiaopos.store.audit.models import AuditRow
from xiaopos.store.merchants.models import Merchant
from xiaopos.usecases.keep_personal_data import digest_of

CHINESE = re.compile(r"[\u3400-\u9fff]+")


@pytest.fixture
def desk(keys: None) -> Town:
    """The operator's people."""
    town = Town()
    town.build()
    return town


@pytest.fixture
def handed_in(lin: Applicant) -> Applicant:
    lin.begins()
    lin.fills_everything()
    lin.hands_in()
    return lin


def unpacked(answer: Any) -> tuple[dict[str, Any], list[str]]:
    """What is in the file that was sent."""
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/zip")
    assert "no-store" in answer["Cache-Control"]
    with zipfile.ZipFile(io.BytesIO(answer.content)) as file:
        return json.loads(file.read("data.json")), sorted(name for name in file.namelist() if name != "data.json")


def posts(who: Applicant, name: str, **form: str) -> str:
    return str(who.browser.post(reverse(name), form, follow=True).content.decode())


def test_everything_is_shown_by_name_and_copied_whole(handed_in: Applicant) -> None:
    page = handed_in.opens("apply_data")
    for told in ("身份证号", "保存到", "审核申请", "联系您", "删除我的资料"):
        assert told in page, told
    assert PERSON[Field.RESIDENT_ID] not in page
    copied, pictures = unpacked(handed_in.browser.post(reverse("apply_data_copy")))
    assert copied["given"]["resident_id"] == PERSON[Field.RESIDENT_ID]
    assert {"id_back.png", "id_front.png"} <= set(pictures)


def test_copies_are_few_an_hour(handed_in: Applicant) -> None:
    answers = [handed_in.browser.post(reverse("apply_data_copy")).status_code for _ in range(6)]
    assert answers == [200] * 5 + [429]


def test_a_consent_is_given_and_taken_back(handed_in: Applicant) -> None:
    assert "已记下您的选择" in posts(handed_in, "apply_data_consent", purpose="news", given="yes")
    assert "不再同意" in handed_in.opens("apply_data")
    posts(handed_in, "apply_data_consent", purpose="news", given="no")
    assert "没有这一项就不能申请" in posts(handed_in, "apply_data_consent", purpose="review", given="no")
    assert handed_in.browser.post(reverse("apply_data_consent"), {"purpose": "fun"}).status_code == 404


def test_data_go_after_a_withdrawal_and_leave_a_proof(handed_in: Applicant) -> None:
    assert "请先勾选确认" in posts(handed_in, "apply_data_erase")
    assert "正在审核" in posts(handed_in, "apply_data_erase", sure="yes")
    handed_in.browser.post(reverse("apply_leave"))
    told, _pictures = unpacked(handed_in.browser.post(reverse("apply_data_copy")))
    page = posts(handed_in, "apply_data_erase", sure="yes")
    assert digest_of(told["pieces"]) in page
    assert "删除证明" in page
    assert not ApplicationValueRow.objects.exists()
    assert handed_in.browser.get(reverse("apply_data")).status_code == 302, "the browser holds nothing any more"


def test_whoever_is_still_signed_in_elsewhere_sees_that_it_is_gone(handed_in: Applicant, desk: Town) -> None:
    handed_in.browser.post(reverse("apply_leave"))
    number = handed_in.row.application_id
    session = dict(handed_in.browser.session)
    posts(handed_in, "apply_data_erase", sure="yes")
    other = Applicant()
    kept = other.browser.session
    kept.update(session)
    kept.save()
    page = other.opens("apply_data")
    assert "资料已经删除" in page
    assert ErasureRow.objects.get().digest in page
    assert "没有这份申请，或资料已经删除" in posts(other, "apply_data_copy")
    shown = desk.browser("he").get(reverse("console_application", args=[number])).content.decode()
    assert "已删除" in shown


@pytest.mark.usefixtures("keys")
def test_a_stranger_has_no_data_page() -> None:
    for name in ("apply_data", "apply_data_copy", "apply_data_consent", "apply_data_erase"):
        stranger = Applicant()
        verb = stranger.browser.get if name == "apply_data" else stranger.browser.post
        assert verb(reverse(name)).status_code == 302


def test_the_pages_speak_english(handed_in: Applicant) -> None:
    handed_in.browser.cookies["xiaopos_language"] = "en"
    page = handed_in.opens("apply_data")
    said = "".join(CHINESE.findall(re.sub(r"<li><b>.*?</li>", "", page)))
    assert said.replace("中文", "") == ""
    handed_in.browser.post(reverse("apply_leave"))
    assert not set(CHINESE.findall(posts(handed_in, "apply_data_erase", sure="yes"))) - {"中文"}


# -- the console -----------------------------------------------------------------------------------------------------


def does(desk: Town, name: str, *args: str, who: str = "he", **form: str) -> str:
    answer = desk.browser(who).post(reverse(name, args=args), form, follow=True)
    return str(answer.content.decode())


def test_the_console_holds_copies_and_deletes_for_a_reason(handed_in: Applicant, desk: Town) -> None:
    number = handed_in.row.application_id
    assert "请写明原因" in does(desk, "console_data", number, verb="hold")
    assert "司法或监管要求保留" in does(desk, "console_data", number, verb="hold", reason="法院来函")
    handed_in.browser.post(reverse("apply_leave"))
    held = posts(handed_in, "apply_data_erase", sure="yes")
    assert "法规要求保存" in held
    assert "法院" not in held, "nobody outside learns why"
    does(desk, "console_data", number, verb="let_go", reason="法院已结案")
    assert "法规要求再保存一段时间" in does(desk, "console_data", number, verb="erase", reason="到期")
    assert "请写明原因" in does(desk, "console_data_copy", number)
    copied = desk.browser("he").post(reverse("console_data_copy", args=[number]), {"reason": "本人到店，核对身份证"})
    assert unpacked(copied)[0]["application"] == number
    assert AuditRow.objects.get(action="application_copied").reason == "本人到店，核对身份证"
    browser = desk.browser("he")
    for name, form in (
        ("console_data", {"verb": "burn"}),
        ("console_data", {"verb": "hold"}),
        ("console_data_copy", {}),
    ):
        wanted = "0" * 32 if form != {"verb": "burn"} else number
        assert browser.post(reverse(name, args=[wanted]), form).status_code == 404


def test_business_with_a_merchant_ends_at_its_page(desk: Town) -> None:
    chen = Applicant(Kind.SOLE)
    chen.begins()
    chen.fills_everything()
    chen.hands_in()
    number = chen.row.application_id
    for move in ("take", "approve"):
        does(desk, "console_application_move", number, move=move, reason="看过资料")
    merchant_id = ApplicationRow.objects.get(application_id=number).merchant_id
    assert merchant_id
    page = desk.browser("gao").get(reverse("console_merchant", args=[merchant_id])).content.decode()
    assert "结束业务" in page
    assert "请写明原因" in does(desk, "console_merchant_end", merchant_id, who="gao")
    assert "业务已结束" in does(desk, "console_merchant_end", merchant_id, who="gao", reason="商户注销")
    assert "没有改动" in does(desk, "console_merchant_end", merchant_id, who="gao", reason="商户注销")
    assert not Merchant.objects.get(merchant_id=merchant_id).active
    assert MerchantLimitsRow.objects.get().ended_on is not None
    unknown = reverse("console_merchant_end", args=["898110058120001"])
    assert desk.browser("gao").post(unknown, {"reason": "x"}).status_code == 404
