"""Stories of getting a POS: a stall, a noodle shop, a bookshop, and somebody who gives up and comes back."""

from __future__ import annotations

import pytest

from support.applicants import GAO, HE, PERSON, Office, Told
from xiaopos.merchants.applications.checks import Finding, Wrong
from xiaopos.merchants.applications.fields import Field, Kind
from xiaopos.merchants.applications.states import ApplicationState
from xiaopos.store.applications.queries import queue, starting_limits
from xiaopos.store.audit.trail import verify
from xiaopos.store.merchants.models import Merchant, MerchantTerms
from xiaopos.usecases.actors import Actor
from xiaopos.usecases.application_ports import CallOutcome
from xiaopos.usecases.apply_for_pos import (
    appeal,
    expire_applications,
    hand_in,
    resume,
    save_step,
    send_code,
)
from xiaopos.usecases.review_application import answer_appeal, refuse, return_parts

pytestmark = pytest.mark.django_db


@pytest.fixture
def office() -> Office:
    """He and Gao review. It is a Monday morning."""
    return Office()


def merchant_of(office: Office, number: str) -> Merchant:
    row = office.book.recall(number)
    assert row is not None
    return Merchant.objects.get(merchant_id=row.merchant_id)


def test_lin_has_a_tea_stall_and_no_licence(office: Office) -> None:
    number = office.begins(Kind.MICRO)
    first = save_step(number, PERSON | {Field.CARD_NUMBER: "6222021234567890123"}, office.at, office.desk)
    assert first == (Finding(Field.CARD_NUMBER, Wrong.CARD_CHECK),), "she mistyped a digit, and is told at once"
    office.fills_in(number)
    office.hands_in(number)
    office.later(hours=2)
    office.takes(number)
    office.calls(number)
    assert office.approves(number) is ApplicationState.APPROVED
    stall = merchant_of(office, number)
    limits = starting_limits(stall.merchant_id)
    assert limits is not None
    assert (limits.credit_day_minor, limits.credit_month_minor) == (100_000, 1_000_000)
    assert MerchantTerms.objects.get(merchant_id=stall.merchant_id).payment_limit_minor == 100_000
    assert Field.DOOR_PICTURE in office.standing(number).open, "she photographs the stall when the POS arrives"
    assert verify().broken_seq is None


def test_chen_has_a_noodle_shop_with_a_licence_and_a_blurred_photograph(office: Office) -> None:
    number = office.applies(Kind.SOLE)
    office.takes(number)
    why = {Field.LICENCE_PICTURE: "执照照片模糊，看不清号码"}
    assert return_parts(number, why, HE, office.at, office.desk) is None
    assert office.standing(number).open >= {Field.LICENCE_PICTURE}
    assert Field.SHOP_NAME not in office.standing(number).open, "everything else stays as it was"
    office.later(days=1)
    office.sends(number, Field.LICENCE_PICTURE)
    assert hand_in(number, (), office.at, office.desk) is ApplicationState.SUBMITTED
    office.takes(number, GAO)
    assert office.approves(number, GAO) is ApplicationState.APPROVED, "no risk, no call, one person"
    assert merchant_of(office, number).name == "陈记面馆"


def test_wu_has_a_bookshop_company_and_is_refused_by_mistake(office: Office) -> None:
    number = office.applies(Kind.COMPANY)
    office.takes(number)
    refuse(number, "执照上的地址和店不一样", HE, office.at, office.desk)
    office.later(days=2)
    appeal(number, "执照是总部的地址，店在柳巷，租约可以给你们看", office.at, office.desk)
    assert [line.application_id for line in queue()] == [number]
    assert answer_appeal(number, "您说得对，我们重新审核", GAO, office.at, office.desk, right=True) is None
    office.takes(number)
    office.calls(number)
    assert office.approves(number) is ApplicationState.APPROVED
    assert merchant_of(office, number).name == "梧桐书店"
    assert Field.OWNERS in office.standing(number).open, "who owns the company may be told within thirty days"


def test_a_person_who_gives_up_and_comes_back(office: Office) -> None:
    number, told = office.begins(Kind.MICRO, link_mark="lins link"), Told()
    save_step(number, {Field.SHOP_NAME: "林晓茶摊", Field.RESIDENT_ID: "11010519"}, office.at, office.desk)
    office.later(days=29)
    assert expire_applications(office.at, office.desk, Actor("clock", "", "time ran out")) == 0
    mark = office.seal.mark("code", "lins link:424242")
    send_code("lins link", "424242", mark, office.at, office.desk, told)
    back = resume("lins link", mark, office.at, office.desk)
    assert back is not None
    standing = office.standing(back.application_id)
    assert standing.values[Field.SHOP_NAME] == "林晓茶摊", "nothing is lost"
    assert standing.values[Field.RESIDENT_ID] == "11010519", "not even what was half typed"
    office.fills_in(number)
    office.hands_in(number)
    assert office.state(number) == "submitted"


def test_somebody_applies_in_another_persons_name(office: Office) -> None:
    number = office.applies(Kind.MICRO)
    office.takes(number)
    office.calls(number, CallOutcome.DENIED)
    assert refuse(number, "本人没有申请", HE, office.at, office.desk) is None
    again = office.applies(Kind.MICRO, phone="13900000001")
    assert office.standing(again).risk.score == 0, "a refused application makes nobody suspicious by itself"
    third = office.applies(Kind.MICRO, phone="13900000002")
    assert office.standing(third).risk.score >= office.desk.rules.review.second_from, "but two at once need two people"
    office.takes(third)
    office.calls(third)
    assert office.approves(third) is ApplicationState.SECOND_REVIEW
    assert not Merchant.objects.exists()
