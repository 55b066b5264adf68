"""What reviewers do, who may do what after whom, and that an approved application is a merchant."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from support.applicants import AT, GAO, HE, RULES, SOLE, Office
from xiaopos.merchants.applications.fields import Field, Kind
from xiaopos.merchants.applications.states import ApplicationState
from xiaopos.store.applications.book import ApplicationRows
from xiaopos.store.applications.models import ApplicationRow
from xiaopos.store.applications.queries import (
    StartingLimits,
    calls_of,
    queue,
    risk_reasons_of,
    starting_limits,
    steps_of,
)
from xiaopos.store.audit.models import AuditRow
from xiaopos.store.audit.trail import verify
from xiaopos.store.merchants.models import Merchant, MerchantTerms, PricePlan, Shop
from xiaopos.usecases.actors import Actor
from xiaopos.usecases.application_ports import CallOutcome, ReturnedPart
from xiaopos.usecases.apply_for_pos import appeal, hand_in, save_step
from xiaopos.usecases.review_application import (
    MOST_CALLS,
    ReviewFault,
    answer_appeal,
    approve,
    plan_call,
    put_back,
    record_call,
    refuse,
    return_parts,
    send_back,
    take,
)

pytestmark = pytest.mark.django_db
NO_WORDS = Actor("he", "risk", " ")
RISKY = {Field.SHOP_ADDRESS: "别处 8 号", Field.CARD_NUMBER: "6222021234567890123", Field.ID_UNTIL: "2026-07-01"}


@pytest.fixture
def office() -> Office:
    return Office()


def test_a_person_without_a_licence_is_called_and_then_a_merchant(office: Office) -> None:
    number = office.applies()
    office.takes(number)
    assert approve(number, HE, office.at, office.desk) is ReviewFault.CALL_MISSING
    office.calls(number)
    assert office.approves(number) is ApplicationState.APPROVED
    row = ApplicationRow.objects.get()
    merchant = Merchant.objects.get()
    assert row.merchant_id == merchant.merchant_id == "898310158120001"
    assert (merchant.name, merchant.category_code, merchant.active) == ("林晓茶摊", "5812", True)
    terms = MerchantTerms.objects.get()
    assert (terms.payment_limit_minor, terms.plan_id, terms.author, terms.approver) == (
        100_000, "street", "rules demo-2026-1", "he",
    )  # fmt: skip
    assert Shop.objects.get().phone == "13800000001"
    assert starting_limits(row.merchant_id) == StartingLimits("micro", "310115", 100_000, 1_000_000)
    assert starting_limits("nobody") is None
    assert [line.actor for line in steps_of(number)] == ["applicant", "he", "he", "he", "he"]
    assert verify().broken_seq is None
    assert approve(number, HE, office.at, office.desk) is ReviewFault.NOT_NOW


def test_the_queue_is_in_the_order_in_which_things_are_due(office: Office) -> None:
    first = office.applies()
    office.later(hours=1)
    second = office.applies(Kind.SOLE)
    office.begins()
    assert [line.application_id for line in queue()] == [first, second]
    assert queue()[0].due_at == AT + timedelta(hours=24)
    office.takes(first)
    assert take(first, GAO, office.at, office.desk) is ReviewFault.NOT_NOW
    assert put_back(first, NO_WORDS, office.at, office.desk) is ReviewFault.NO_REASON
    assert put_back(first, GAO, office.at, office.desk) is None
    assert queue()[0].taken_by == ""
    assert queue()[0].due_at == AT + timedelta(hours=24), "the clock goes on"
    assert take("nothing", HE, office.at, office.desk) is ReviewFault.UNKNOWN


def test_only_who_took_it_decides(office: Office) -> None:
    number = office.applies()
    office.takes(number)
    assert plan_call(number, GAO, office.at, office.desk) is ReviewFault.NOT_YOURS
    assert return_parts(number, {Field.SHOP_NAME: "x"}, GAO, office.at, office.desk) is ReviewFault.NOT_YOURS
    assert refuse(number, "x", GAO, office.at, office.desk) is ReviewFault.NOT_YOURS
    assert approve(number, GAO, office.at, office.desk) is ReviewFault.NOT_YOURS
    assert approve(number, NO_WORDS, office.at, office.desk) is ReviewFault.NO_REASON
    assert refuse(number, " ", HE, office.at, office.desk) is ReviewFault.NO_REASON


@pytest.mark.parametrize("number", ["nothing"])
def test_what_does_not_exist(office: Office, number: str) -> None:
    found = [
        approve(number, HE, AT, office.desk),
        refuse(number, "x", HE, AT, office.desk),
        plan_call(number, HE, AT, office.desk),
        record_call(number, CallOutcome.CONFIRMED, HE, AT, office.desk),
        answer_appeal(number, "x", HE, AT, office.desk, right=True),
        return_parts(number, {}, HE, AT, office.desk),
    ]
    assert set(found) == {ReviewFault.UNKNOWN}


def test_only_the_returned_parts_are_given_anew(office: Office) -> None:
    number = office.applies()
    office.takes(number)
    assert return_parts(number, {}, HE, office.at, office.desk) is ReviewFault.NO_PARTS
    assert return_parts(number, {Field.ID_FRONT: " "}, HE, office.at, office.desk) is ReviewFault.NO_PARTS
    parts = {Field.ID_FRONT: "照片反光，看不清号码", Field.SHOP_NAME: "请写招牌上的名字"}
    assert return_parts(number, parts, HE, office.at, office.desk) is None
    assert return_parts(number, parts, HE, office.at, office.desk) is ReviewFault.NOT_YOURS
    standing = office.standing(number)
    assert standing.returned[Field.SHOP_NAME] == ReturnedPart("请写招牌上的名字", False)
    assert {Field.ID_FRONT, Field.SHOP_NAME} <= standing.open
    assert Field.PERSON_NAME not in standing.open
    found = hand_in(number, (), office.at, office.desk)
    assert not isinstance(found, ApplicationState)
    save_step(number, {Field.SHOP_NAME: "林晓奶茶", Field.PERSON_NAME: "陈"}, office.at, office.desk)
    office.sends(number, Field.ID_FRONT)
    assert office.standing(number).values[Field.PERSON_NAME] == "林晓"
    assert hand_in(number, (), office.at, office.desk) is ApplicationState.SUBMITTED
    assert not office.standing(number).returned
    assert office.standing(number).values[Field.SHOP_NAME] == "林晓奶茶"
    office.takes(number)
    ApplicationRow.objects.filter(application_id=number).update(state="second_review")
    assert return_parts(number, parts, HE, office.at, office.desk) is ReviewFault.NOT_NOW


def test_a_risky_one_needs_two_people(office: Office) -> None:
    number = office.applies(category="5944", papers=RISKY)
    assert set(risk_reasons_of(number)) >= {"category 5944", "address_elsewhere shop_address", "card_check card_number"}
    office.takes(number)
    office.calls(number)
    assert office.approves(number) is ApplicationState.SECOND_REVIEW
    assert not Merchant.objects.exists()
    assert approve(number, HE, office.at, office.desk) is ReviewFault.SAME_PERSON
    assert send_back(number, NO_WORDS, office.at, office.desk) is ReviewFault.NO_REASON
    assert send_back(number, GAO, office.at, office.desk) is None
    office.takes(number)
    assert office.approves(number) is ApplicationState.SECOND_REVIEW
    assert office.approves(number, GAO) is ApplicationState.APPROVED
    assert MerchantTerms.objects.get().approver == "gao"
    assert risk_reasons_of("nothing") == ()


def test_a_second_person_may_refuse(office: Office) -> None:
    number = office.applies(category="5944")
    office.takes(number)
    office.calls(number)
    office.approves(number)
    assert refuse(number, "店不在这里", GAO, office.at, office.desk) is None
    assert office.state(number) == "refused"


@pytest.mark.parametrize("outcome", [CallOutcome.DENIED, CallOutcome.DIFFERENT])
def test_who_never_applied_is_no_merchant(office: Office, outcome: CallOutcome) -> None:
    number = office.applies(Kind.SOLE)
    office.takes(number)
    office.calls(number, outcome)
    assert approve(number, HE, office.at, office.desk) is ReviewFault.CALL_MISSING


def test_a_call_that_reaches_nobody_stays_due_for_a_while(office: Office) -> None:
    number = office.applies()
    office.takes(number)
    assert record_call(number, CallOutcome.CONFIRMED, HE, office.at, office.desk) is ReviewFault.NOT_NOW
    assert plan_call(number, HE, office.at, office.desk) is None
    assert record_call(number, CallOutcome.CONFIRMED, NO_WORDS, office.at, office.desk) is ReviewFault.NO_REASON
    for tried in range(MOST_CALLS):
        assert office.state(number) == "call_due", tried
        office.later(hours=1)
        assert record_call(number, CallOutcome.NOT_REACHED, GAO, office.at, office.desk) is None
    assert office.state(number) == "in_review"
    assert [line.outcome for line in calls_of(number)] == ["not_reached"] * MOST_CALLS
    assert approve(number, GAO, office.at, office.desk) is ReviewFault.CALL_MISSING
    assert AuditRow.objects.filter(action="application_called").count() == MOST_CALLS


def test_calls_before_it_was_handed_in_again_do_not_count(office: Office) -> None:
    number = office.applies()
    office.takes(number)
    office.calls(number)
    return_parts(number, {Field.SHOP_NAME: "请写招牌上的名字"}, HE, office.at, office.desk)
    save_step(number, {Field.SHOP_NAME: "林晓奶茶"}, office.at, office.desk)
    hand_in(number, (), office.at, office.desk)
    office.takes(number)
    assert approve(number, HE, office.at, office.desk) is ReviewFault.CALL_MISSING


def test_an_appeal_is_answered_by_somebody_else(office: Office) -> None:
    number = office.applies()
    office.takes(number)
    refuse(number, "店不在这里", HE, office.at, office.desk)
    appeal(number, "门口换了招牌", office.at, office.desk)
    assert answer_appeal(number, "x", HE, office.at, office.desk, right=True) is ReviewFault.SAME_PERSON
    assert answer_appeal(number, " ", GAO, office.at, office.desk, right=True) is ReviewFault.NO_REASON
    assert answer_appeal(number, "您说得对，我们重新审核", GAO, office.at, office.desk, right=True) is None
    assert office.state(number) == "submitted"
    office.takes(number)
    refuse(number, "店不在这里", HE, office.at, office.desk)
    appeal(number, "请再看看", office.at, office.desk)
    assert answer_appeal(number, "上门看过，没有这家店", GAO, office.at, office.desk, right=False) is None
    assert office.state(number) == "upheld"
    assert steps_of(number)[-1].told == "上门看过，没有这家店"


def test_what_stops_it_now_stops_the_approval(office: Office) -> None:
    number = office.applies(Kind.SOLE)
    office.takes(number)
    office.later(days=4000)
    assert approve(number, HE, office.at, office.desk) is ReviewFault.STILL_WRONG


def test_without_a_price_plan_nothing_is_made(office: Office) -> None:
    number = office.applies(Kind.SOLE, SOLE)
    office.takes(number)
    PricePlan.objects.all().delete()
    assert approve(number, HE, office.at, office.desk) is ReviewFault.PLAN_UNKNOWN


def test_nobody_decides_over_somebody_who_was_first(office: Office) -> None:
    number = office.applies(Kind.SOLE, SOLE)
    office.takes(number)
    read = office.book.recall(number)
    assert read is not None
    stale = replace(office.desk, book=_Stale(office, read))
    office.approves(number)
    assert approve(number, HE, office.at, stale) is ReviewFault.NOT_NOW
    assert return_parts(number, {Field.SHOP_NAME: "x"}, HE, office.at, stale) is ReviewFault.NOT_NOW
    assert put_back(number, HE, office.at, stale) is ReviewFault.NOT_NOW
    assert Merchant.objects.count() == 1


class _Stale(ApplicationRows):
    """The book as it was before somebody else decided."""

    def __init__(self, office: Office, read: ApplicationRow) -> None:
        super().__init__(office.seal)
        self._read = read

    def recall(self, application_id: str) -> ApplicationRow:
        return self._read


def test_a_number_that_is_taken_is_not_given_twice(office: Office) -> None:
    for place, kind in enumerate((Kind.SOLE, Kind.COMPANY)):
        number = office.applies(kind, phone=f"1390000000{place}")
        ApplicationRow.objects.filter(application_id=number).update(score=0)
        office.takes(number)
        if RULES.review.calls(kind, office.standing(number).risk.score):
            office.calls(number)
        office.approves(number)
        if office.state(number) == "second_review":
            office.approves(number, GAO)
    assert sorted(Merchant.objects.values_list("merchant_id", flat=True)) == ["898310158120001", "898310158120002"]
