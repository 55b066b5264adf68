"""The public pages of applying: what they say, keep, refuse and hide."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from typing import NoReturn

import pytest
from django.test import Client
from django.urls import reverse

from support.applicants import HE, PERSON
from unit.web.apply.conftest import Applicant, newest_code
from xiaopos.deployment import Mode
from xiaopos.keys import KeyFault, KeyRefused
from xiaopos.merchants.applications.fields import Field, Kind, Step
from xiaopos.store.applications.models import ApplicationRow, LetterRow, PictureRow
from xiaopos.store.keys.models import HouseKey
from xiaopos.usecases.application_ports import CallOutcome
from xiaopos.usecases.review_application import approve, plan_call, record_call, refuse, return_parts, take
from xiaopos.web import application_room, key_room
from xiaopos.web.application_room import open_room

CHINESE = re.compile(r"[\u3400-\u9fff]+")
OWN = {"中文", "林晓茶摊", "上海市浦东新区柳巷", "号", "林", "林晓", "示例机具厂", "示例扫码厂"}


def test_the_site_says_what_is_needed_and_what_it_costs(lin: Applicant) -> None:
    page = lin.opens("apply")
    assert "小微商户" in page
    assert "身份证号码" in page
    assert "0.5 %" in page
    assert "24 小时内处理" in page
    assert "申请不收押金" in page


@pytest.mark.parametrize(
    ("form", "told"),
    [
        ({"phone": "123"}, "手机号是 1 开头"),
        ({"phone": ""}, "还没有填"),
        ({"category": "7995"}, "法律不允许为博彩收款"),
        ({"category": ""}, "请选一个行业"),
        ({"region": "1"}, "请选一个我们服务的地区"),
    ],
)
def test_a_wrong_beginning_is_said_at_once(lin: Applicant, form: dict[str, str], told: str) -> None:
    answer = lin.begins(**form)
    assert answer.status_code == 422
    assert told in answer.content.decode()
    assert not ApplicationRow.objects.exists()


def test_the_kind_that_was_chosen_is_ticked(lin: Applicant) -> None:
    page = lin.browser.get(reverse("apply_start") + "?kind=company").content.decode()
    assert 'value="company" checked' in page
    assert 'value="micro" checked' in lin.browser.get(reverse("apply_start") + "?kind=x").content.decode()


@pytest.mark.parametrize("kind", Kind)
def test_from_the_beginning_to_the_queue(keys: None, kind: Kind) -> None:
    somebody = Applicant(kind)
    assert somebody.begins()["Location"] == reverse("apply_now")
    somebody.fills_everything()
    page = somebody.opens("apply_check")
    assert "未查毒" in page
    assert "还没有填" not in page
    answer = somebody.hands_in()
    assert "已交给我们审核" in answer.content.decode()
    assert somebody.row.state == "submitted"
    assert "最晚处理时间" in somebody.opens("apply_now")
    assert somebody.browser.get(reverse("apply_check"))["Location"] == reverse("apply_now")
    assert somebody.browser.get(reverse("apply_step", args=["shop"]))["Location"] == reverse("apply_now")


def test_what_is_wrong_is_said_beside_the_field_and_above_all(lin: Applicant) -> None:
    lin.begins()
    answer = lin.fills(Step.PERSON, resident_id="110105194912310021")
    assert answer.status_code == 422
    page = answer.content.decode()
    assert page.count("有一位输错了") == 2
    assert 'href="#resident_id"' in page
    assert 'value="110105194912310021"' in page
    assert 'aria-invalid="true"' in page
    assert "有一位输错了" in lin.opens("apply_step", "person"), "also when one comes back"


def test_what_may_be_wrong_stops_nobody(lin: Applicant) -> None:
    lin.begins()
    answer = lin.fills(Step.SHOP, shop_address="苏州市柳巷 8 号")
    assert answer["Location"] == reverse("apply_step", args=["person"])
    assert "地址里没有写您选的地区" in lin.opens("apply_check")


def test_nothing_is_handed_in_unfinished_or_without_agreeing(lin: Applicant) -> None:
    lin.begins()
    assert "还有没填好的" in lin.hands_in().content.decode()
    lin.fills_everything()
    answer = lin.hands_in(agree_contact="no")
    assert answer.status_code == 422
    assert "请勾选必须同意的两项" in answer.content.decode()


def test_private_pages_are_not_kept_anywhere(lin: Applicant) -> None:
    lin.begins()
    for name, args in (("apply_now", []), ("apply_step", ["shop"]), ("apply_check", []), ("apply_start", [])):
        answer = lin.browser.get(reverse(name, args=args))
        assert answer["Cache-Control"] == "private, no-store"
        assert answer["X-Robots-Tag"] == "noindex"


@pytest.mark.parametrize("name", ["apply_now", "apply_check"])
def test_whoever_holds_no_application_sees_none(lin: Applicant, name: str) -> None:
    assert Client().get(reverse(name))["Location"] == reverse("apply")


def test_numbers_are_masked_once_they_were_given(lin: Applicant) -> None:
    lin.begins()
    lin.fills_everything()
    page = lin.opens("apply_check")
    assert PERSON[Field.RESIDENT_ID] not in page
    assert "**************002X" in page


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"", "请先选一张照片"),
        (b"<svg/>", "这不是照片"),
        (b"%PDF-1.4", "不收 PDF 文件"),
        (b"\x89PNG\r\n\x1a\n" + bytes(30), "照片打不开"),
    ],
)
def test_what_is_no_picture_is_told_beside_it(lin: Applicant, data: bytes, told: str) -> None:
    lin.begins()
    answer = lin.sends(Field.ID_FRONT, data)
    assert answer.status_code == 422
    assert told in answer.content.decode()
    assert not PictureRow.objects.exists()


def test_pictures_that_are_too_large_or_not_asked_for(lin: Applicant, settings: object) -> None:
    lin.begins()
    settings.FILE_UPLOAD_MAX_MEMORY_SIZE = 1000  # type: ignore[attr-defined]  # pytest-django's settings
    assert "照片太大" in lin.sends(Field.ID_FRONT, bytes(5000)).content.decode()
    settings.FILE_UPLOAD_MAX_MEMORY_SIZE = 13_000_000  # type: ignore[attr-defined]  # likewise
    assert lin.sends(Field.LEASE)["Location"] == reverse("apply_now")
    assert "现在不需要这张照片" in lin.opens("apply_now")
    assert lin.sends(Field.SHOP_NAME).status_code == 404
    assert lin.browser.post(reverse("apply_picture", args=["x"])).status_code == 404
    assert lin.browser.get(reverse("apply_step", args=["x"])).status_code == 404
    for _number in range(60):
        lin.browser.post(reverse("apply_picture", args=["id_front"]))
    assert lin.sends(Field.ID_FRONT).status_code == 429


def test_another_device_needs_the_code(lin: Applicant) -> None:
    lin.begins()
    lin.fills(Step.SHOP)
    link = lin.link()
    assert lin.browser.get(link)["Location"] == reverse("apply_now")
    other = Applicant(browser=Client())
    page = other.browser.get(link).content.decode()
    assert PERSON[Field.SHOP_NAME] not in page
    sent = other.browser.post(link, {"ask": "send"}).content.decode()
    assert "如果链接是对的" in sent
    assert other.browser.post(link, {"code": "000000" if newest_code() != "000000" else "1"}).status_code == 422
    code = newest_code()
    assert code in other.browser.get(link.replace("/a/", "/phone/")).content.decode()
    assert other.browser.post(link, {"code": f" {code[:3]} {code[3:]}"})["Location"] == reverse("apply_now")
    assert PERSON[Field.SHOP_NAME] in other.opens("apply_step", "shop")
    assert other.link() == link
    third = Client()
    assert third.post(link, {"code": code}).status_code == 422, "a code works once"


def test_a_link_that_leads_nowhere_looks_like_any_other(lin: Applicant) -> None:
    lin.begins()
    link, nowhere = lin.link(), reverse("apply_back", args=["nobody-ever-got-this-one"])

    def told(address: str, **form: str) -> tuple[int, str]:
        browser = Client()
        answer = browser.post(address, form) if form else browser.get(address)
        text = re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", answer.content.decode())
        return answer.status_code, text.replace(address.split("/")[-2], "")

    for form in ({}, {"ask": "send"}, {"code": "x"}):
        assert told(link, **form) == told(nowhere, **form)
    assert LetterRow.objects.count() == 1
    assert "还没有收到短信" in lin.browser.get(nowhere.replace("/a/", "/phone/")).content.decode()


def test_nobody_tries_codes_for_long(lin: Applicant) -> None:
    lin.begins()
    link, other = lin.link(), Client()
    for _try in range(5):
        assert other.post(link, {"code": "x"}).status_code == 422
    answer = other.post(link, {"code": "x"})
    assert answer.status_code == 429
    assert int(answer["Retry-After"]) > 0
    for _try in range(5):
        assert other.post(link, {"ask": "send"}).status_code == 200
    assert other.post(link, {"ask": "send"}).status_code == 429


def test_nobody_begins_for_ever(lin: Applicant) -> None:
    for _number in range(20):
        assert Client().post(reverse("apply_start"), {"phone": "1"}).status_code == 422
    assert lin.begins().status_code == 429


def test_in_production_nobody_sees_a_pretend_telephone(lin: Applicant, settings: object) -> None:
    lin.begins()
    link = lin.link()
    settings.DEPLOYMENT = replace(settings.DEPLOYMENT, mode=Mode.PRODUCTION)  # type: ignore[attr-defined]  # likewise
    assert "这里还不能发验证码" in Client().get(link).content.decode()
    assert Client().post(link, {"ask": "send"}).status_code == 200
    assert not LetterRow.objects.exists()
    assert Client().get(link.replace("/a/", "/phone/")).status_code == 404


def test_without_keys_nothing_is_taken(lin: Applicant) -> None:
    HouseKey.objects.all().delete()
    answer = lin.begins()
    assert answer.status_code == 503
    assert "现在不能申请" in answer.content.decode()
    key_room.install(_away)
    assert lin.begins().status_code == 503


def _away() -> NoReturn:
    raise KeyRefused(KeyFault.OUT_OF_REACH, "away")


def test_only_the_returned_part_is_given_anew(lin: Applicant) -> None:
    lin.begins()
    lin.fills_everything()
    lin.hands_in()
    room, row = open_room(), lin.row
    assert take(row.application_id, HE, row.opened_at, room.desk) is None
    parts = {Field.SHOP_NAME: "请写招牌上的名字", Field.ID_BACK: "照片反光"}
    assert return_parts(row.application_id, parts, HE, row.opened_at, room.desk) is None
    page = lin.opens("apply_now")
    assert "请写招牌上的名字" in page
    form = lin.opens("apply_step", "shop")
    assert 'name="shop_name"' in form
    assert 'name="shop_address"' not in form
    assert lin.browser.get(reverse("apply_step", args=["person"]))["Location"] == reverse("apply_now")
    assert lin.browser.post(reverse("apply_check")).status_code == 422
    assert lin.fills(Step.SHOP, shop_name="林晓奶茶").status_code == 302
    assert lin.sends(Field.ID_BACK).status_code == 302
    assert "已重填" in lin.opens("apply_now")
    assert "请您同意" not in lin.opens("apply_check")
    lin.browser.post(reverse("apply_check"))
    assert lin.row.state == "submitted"


def test_a_refusal_is_told_with_its_reason_and_can_be_appealed(lin: Applicant) -> None:
    lin.begins()
    lin.fills_everything()
    lin.hands_in()
    room, row = open_room(), lin.row
    take(row.application_id, HE, row.opened_at, room.desk)
    refuse(row.application_id, "店不在这里", HE, row.opened_at + timedelta(minutes=1), room.desk)
    page = lin.opens("apply_now")
    assert "店不在这里" in page
    assert HE.username not in re.sub(r"<[^>]+>", " ", page).split()
    assert "请写明为什么不对" in lin.browser.post(reverse("apply_appeal"), {"words": ""}, follow=True).content.decode()
    lin.browser.post(reverse("apply_appeal"), {"words": "门口换了招牌"})
    assert lin.row.state == "appealed"
    ApplicationRow.objects.update(state="refused", changed_at=row.opened_at - timedelta(days=99))
    assert 'id="words"' not in lin.opens("apply_now")


def test_what_was_left_for_later_is_added_after_the_approval(lin: Applicant) -> None:
    lin.begins()
    lin.fills_everything()
    PictureRow.objects.filter(field="door_picture").delete()
    lin.hands_in()
    room, row = open_room(), lin.row
    take(row.application_id, HE, row.opened_at, room.desk)
    plan_call(row.application_id, HE, row.opened_at, room.desk)
    record_call(row.application_id, CallOutcome.CONFIRMED, HE, row.opened_at, room.desk)
    approve(row.application_id, HE, row.opened_at, room.desk)
    assert "店门照片" in lin.opens("apply_now")
    assert lin.sends(Field.DOOR_PICTURE).status_code == 302
    assert "还要补的" not in lin.opens("apply_now")


def test_withdrawing_by_page(lin: Applicant) -> None:
    lin.begins()
    assert "申请已撤回" in lin.browser.post(reverse("apply_leave"), follow=True).content.decode()
    again = lin.browser.post(reverse("apply_leave"), follow=True).content.decode()
    assert "这一步现在不能做" in again


def test_every_page_speaks_english(lin: Applicant) -> None:
    lin.browser.cookies["xiaopos_language"] = "en"
    lin.begins()
    assert lin.row.language == "en"
    bad = lin.fills(Step.PERSON, resident_id="1").content.decode()
    lin.fills_everything()
    pages = [bad, *(lin.opens(name) for name in ("apply", "apply_start", "apply_now", "apply_check"))]
    pages += [lin.opens("apply_step", step.value) for step in (Step.SHOP, Step.PERSON, Step.ACCOUNT, Step.PICTURES)]
    other = Client()
    other.cookies["xiaopos_language"] = "en"
    pages += [other.post(lin.link(), {"ask": "send"}).content.decode()]
    for page in pages:
        assert set(CHINESE.findall(page)) <= OWN


def test_the_composition_root_may_say_who_else_sees_risk(lin: Applicant) -> None:
    class Reads:
        def read(self, field: Field, picture: bytes) -> dict[Field, str]:
            return {Field.PERSON_NAME: "林晓"} if picture else {}

    reader = Reads()
    application_room.install(reader=reader)
    assert open_room().reader is reader
    application_room.install()
    assert open_room().reader is None
