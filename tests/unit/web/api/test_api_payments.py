"""What a merchant's till can do with payments, and what it is told when it cannot."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from support.api_counter import START, TODAY, Counter
from support.pretend_channels import Mood
from support.world import BOOKS, CODES, TEA
from xiaopos.kernel.ids import MerchantId, PaymentId
from xiaopos.kernel.refusal import REASONS, Reason
from xiaopos.store.api_keys.keys import make_api_key
from xiaopos.store.fleet.models import Terminal
from xiaopos.store.payments.models import PaymentRow
from xiaopos.usecases.ports import LeasedJob
from xiaopos.usecases.reverse_payment import carry_out_reversal


def told(response: Any) -> str:
    """The reason of a problem, after checking that it speaks like one."""
    body = response.json()
    row = REASONS[Reason(body["reason"])]
    assert response["Content-Type"] == "application/problem+json"
    assert (body["title"], body["next"]) == (row.title_en, row.next_en)
    assert body["status"] == response.status_code
    assert body["money_moved"] == row.money_moved.value
    assert body["type"] == f"/api/#reason-{body['reason']}"
    return str(body["reason"])


def test_a_payment_code_is_taken_and_the_payment_told(counter: Counter) -> None:
    body = counter.sale()
    response = counter.takes(body)
    payment = response.json()
    assert response.status_code == 201
    assert response["Location"] == f"/api/v1/payments/{body['payment_id']}"
    assert response["Cache-Control"] == "no-store"
    assert (payment["state"], payment["kind"], payment["method"]) == ("approved", "sale", "payer_code")
    assert (payment["amount_minor"], payment["refundable_minor"], payment["currency"]) == (1250, 1250, "CNY")
    assert payment["business_on"] == TODAY
    assert payment["why"] is None
    assert counter.call("GET", f"/payments/{body['payment_id']}").json() == payment


def test_the_same_again_gets_the_same_answer_and_charges_once(counter: Counter) -> None:
    body = counter.sale()
    first, second = counter.takes(body), counter.takes(body)
    assert (first.status_code, first.json()) == (second.status_code, second.json())
    assert counter.wallet.takings == 1250


@pytest.mark.parametrize(
    "part", [{"amount_minor": 1251}, {"payer_code": CODES["Tao"]}, {"means": "shop_code", "payer_code": None}]
)
def test_the_same_id_with_other_content_is_refused(counter: Counter, part: dict[str, Any]) -> None:
    body = counter.sale()
    counter.takes(body)
    response = counter.takes({name: value for name, value in (body | part).items() if value is not None})
    assert response.status_code == 409
    assert told(response) == "repeat_differs"
    assert counter.wallet.takings == 1250


def test_a_shown_code_is_under_way_until_the_customer_has_paid(counter: Counter) -> None:
    body = counter.shown()
    response = counter.takes(body)
    payment = response.json()
    assert (response.status_code, payment["state"]) == (202, "paying")
    assert payment["shown_code"]
    assert payment["why"]["reason"] == "in_progress"
    assert payment["why"]["money_moved"] == "unknown"
    assert response["Retry-After"] == "2"
    assert counter.call("GET", f"/payments/{body['payment_id']}").status_code == 200


def test_a_declined_payment_says_why(counter: Counter) -> None:
    counter.wallet.moods.append(Mood.DECLINE)
    response = counter.takes()
    payment = response.json()
    assert (response.status_code, payment["state"]) == (201, "declined")
    assert payment["why"]["title"] == REASONS[Reason.BALANCE_TOO_LOW].title_en


def test_reasons_are_chinese_for_whoever_reads_chinese(counter: Counter) -> None:
    counter.language = "zh-CN"
    response = counter.takes(counter.sale(payer_code="110000000000000001"))
    assert response.json()["title"] == REASONS[Reason.PAYER_CODE_UNKNOWN].title_zh
    assert response["Content-Language"] == "zh-hans"


def test_an_unknown_outcome_is_under_way(counter: Counter) -> None:
    counter.wallet.moods.append(Mood.LOSE_ANSWER)
    response = counter.takes()
    assert (response.status_code, response.json()["state"]) == (202, "unknown")
    assert response.json()["why"]["reason"] == "outcome_unknown"


def test_an_answer_that_takes_too_long_is_under_way(counter: Counter) -> None:
    counter.house.slow = True
    counter.wallet.moods.append(Mood.ASK_PAYER)
    assert counter.takes().status_code == 202


@pytest.mark.parametrize("trouble", ["stuck", "lost", "broken"])
def test_when_nobody_knows_the_till_is_told_so(counter: Counter, trouble: str) -> None:
    setattr(counter.house, trouble, True)
    response = counter.takes()
    assert response.status_code == 503
    assert response["Retry-After"] == "2"
    assert told(response) == "outcome_unknown"


def test_a_bug_while_reading_moves_no_money(counter: Counter, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_call: Any) -> Any:
        raise AssertionError("a pretend bug")

    monkeypatch.setattr("xiaopos.web.api.views.read_query", broken)
    response = counter.call("GET", f"/payments?business_on={TODAY}")
    assert (response.status_code, told(response)) == (500, "fault")


@pytest.mark.parametrize(
    ("part", "status", "reason"),
    [
        ({"currency": "XXX"}, 422, "currency_wrong"),
        ({"currency": "USD"}, 422, "currency_wrong"),
        ({"amount_minor": 999_999_999_999}, 422, "amount_over_limit"),
        ({"terminal_id": "99999999"}, 422, "terminal_unknown"),
        ({"terminal_id": "20000001"}, 422, "terminal_unknown"),
        ({"payer_code": "110000000000000001"}, 422, "payer_code_unknown"),
        ({"payer_code": "980000000000000001"}, 422, "wallet_not_accepted"),
    ],
)
def test_what_may_not_be_is_refused_by_name(counter: Counter, part: dict[str, Any], status: int, reason: str) -> None:
    response = counter.takes(counter.sale(**part))
    assert (response.status_code, told(response)) == (status, reason)
    assert counter.wallet.takings == 0


def test_a_terminal_that_is_switched_off_takes_nothing(counter: Counter) -> None:
    Terminal.objects.filter(terminal_id="10000001").update(active=False)
    response = counter.takes()
    assert (response.status_code, told(response)) == (403, "terminal_not_active")


def test_a_payment_is_refunded_in_parts_and_never_too_much(counter: Counter) -> None:
    original = counter.took()
    part = {"refund_id": counter.new_id(), "amount_minor": 1000}
    response = counter.call("POST", f"/payments/{original}/refunds", part)
    refund = response.json()
    assert (response.status_code, refund["kind"], refund["state"]) == (201, "refund", "approved")
    assert refund["original_id"] == original
    assert counter.call("POST", f"/payments/{original}/refunds", part).json() == refund
    assert counter.call("GET", f"/payments/{original}").json()["refundable_minor"] == 250
    more = counter.call("POST", f"/payments/{original}/refunds", {"refund_id": counter.new_id(), "amount_minor": 251})
    assert (more.status_code, told(more)) == (422, "refund_too_much")
    assert counter.wallet.takings == 250


def test_a_payment_is_voided_once(counter: Counter) -> None:
    original = counter.took()
    body = {"void_id": counter.new_id()}
    response = counter.call("POST", f"/payments/{original}/void", body)
    assert (response.status_code, response.json()["kind"], response.json()["state"]) == (201, "void", "approved")
    assert counter.call("POST", f"/payments/{original}/void", body).json() == response.json()
    again = counter.call("POST", f"/payments/{original}/void", {"void_id": counter.new_id()})
    assert (again.status_code, told(again)) == (409, "original_voided")
    assert counter.call("GET", f"/payments/{original}").json()["state"] == "voided"
    assert counter.wallet.takings == 0


def test_a_payment_that_nobody_pays_is_given_up(counter: Counter) -> None:
    body = counter.shown()
    counter.takes(body)
    response = counter.call("POST", f"/payments/{body['payment_id']}/cancel")
    assert (response.status_code, response.json()["state"]) == (202, "reversing")


def test_giving_up_may_take_long_too(counter: Counter) -> None:
    body = counter.shown()
    counter.takes(body)
    counter.house.slow = True
    response = counter.call("POST", f"/payments/{body['payment_id']}/cancel")
    assert (response.status_code, response.json()["state"]) == (202, "reversing")


def test_giving_up_what_is_paid_changes_nothing(counter: Counter) -> None:
    original = counter.took()
    response = counter.call("POST", f"/payments/{original}/cancel")
    assert (response.status_code, response.json()["state"]) == (200, "approved")


@pytest.mark.parametrize("name", ["refunds", "void", "cancel", ""])
@pytest.mark.parametrize("missing", ["f" * 32, "nonsense", "%00"])
def test_a_payment_that_is_not_there_is_not_found(counter: Counter, name: str, missing: str) -> None:
    bodies: dict[str, Any] = {"refunds": {"refund_id": "1" * 32, "amount_minor": 1}, "void": {"void_id": "1" * 32}}
    path = f"/payments/{missing}" + (f"/{name}" if name else "")
    response = counter.call("POST" if name else "GET", path, bodies.get(name))
    assert (response.status_code, told(response)) == (404, "original_unknown")


def test_a_days_payments_come_page_by_page_newest_first(counter: Counter) -> None:
    taken = [counter.took() for _ in range(5)]
    seen: list[str] = []
    cursor = ""
    for _ in range(3):
        page = counter.call("GET", f"/payments?business_on={TODAY}&limit=2{cursor}").json()
        seen += [one["payment_id"] for one in page["payments"]]
        cursor = f"&cursor={page['next_cursor']}"
    assert seen == taken[::-1]
    assert page["next_cursor"] is None
    assert counter.call("GET", "/payments?business_on=2026-03-13").json() == {"payments": [], "next_cursor": None}


def test_payments_of_one_instant_are_neither_lost_nor_told_twice(counter: Counter) -> None:
    still = counter.clock.at
    for _ in range(3):
        counter.took()
        counter.clock.at = still
    first = counter.call("GET", f"/payments?business_on={TODAY}&limit=2").json()
    rest = counter.call("GET", f"/payments?business_on={TODAY}&cursor={first['next_cursor']}").json()
    assert len({one["payment_id"] for one in first["payments"] + rest["payments"]}) == 3


def test_a_merchant_never_sees_another(counter: Counter) -> None:
    original = counter.took()
    _, theirs = make_api_key(BOOKS, ("take", "refund", "read"), at=START)
    body = {"refund_id": counter.new_id(), "amount_minor": 1}
    for method, path, sent in (
        ("GET", f"/payments/{original}", None),
        ("POST", f"/payments/{original}/refunds", body),
        ("POST", f"/payments/{original}/void", {"void_id": counter.new_id()}),
        ("POST", f"/payments/{original}/cancel", None),
    ):
        response = counter.call(method, path, sent, key=theirs)
        assert (response.status_code, told(response)) == (404, "original_unknown")
    assert counter.call("GET", f"/payments?business_on={TODAY}", key=theirs).json()["payments"] == []
    assert told(counter.takes(key=theirs)) == "terminal_unknown"


def test_a_key_of_one_shop_sees_only_that_shop(counter: Counter) -> None:
    here, there = counter.took(), counter.takes(counter.sale(terminal_id="10000002")).json()["payment_id"]
    _, key = make_api_key(TEA, ("take", "read"), shop_id="shop-10000002", at=START)
    assert counter.call("GET", f"/payments/{there}", key=key).status_code == 200
    assert counter.call("GET", f"/payments/{here}", key=key).status_code == 404
    day = counter.call("GET", f"/payments?business_on={TODAY}", key=key).json()["payments"]
    assert [one["payment_id"] for one in day] == [there]
    assert told(counter.takes(key=key)) == "terminal_unknown"


def test_the_books_name_the_key_as_the_cashier(counter: Counter) -> None:
    original = counter.took()
    cashier = PaymentRow.objects.get(payment_id=original).cashier
    assert cashier == f"api {counter.key[:13]}"


def test_what_a_terminal_holds_is_captured_once(counter: Counter) -> None:
    original = counter.held()
    body = {"capture_id": counter.new_id(), "amount_minor": 80_00}
    response = counter.call("POST", f"/payments/{original}/captures", body)
    capture = response.json()
    assert (response.status_code, capture["kind"], capture["state"]) == (201, "completion", "approved")
    assert (capture["amount_minor"], capture["original_id"]) == (80_00, original)
    assert counter.call("POST", f"/payments/{original}/captures", body).json() == capture
    assert counter.call("GET", f"/payments/{original}").json()["state"] == "completed"
    again = counter.call("POST", f"/payments/{original}/captures", body | {"capture_id": counter.new_id()})
    assert (again.status_code, told(again)) == (409, "preauth_completed")


def test_a_capture_has_a_limit(counter: Counter) -> None:
    body = {"capture_id": counter.new_id(), "amount_minor": 116_00}
    response = counter.call("POST", f"/payments/{counter.held()}/captures", body)
    assert (response.status_code, told(response)) == (422, "completion_too_much")


def test_what_was_paid_by_code_holds_nothing_to_capture(counter: Counter) -> None:
    body = {"capture_id": counter.new_id(), "amount_minor": 1}
    response = counter.call("POST", f"/payments/{counter.took()}/captures", body)
    assert (response.status_code, told(response)) == (422, "transaction_unsupported")


def test_a_page_stays_where_it_was_when_more_is_taken(counter: Counter) -> None:
    taken = [counter.took() for _ in range(3)]
    first = counter.call("GET", f"/payments?business_on={TODAY}&limit=1").json()
    counter.took()
    rest = counter.call("GET", f"/payments?business_on={TODAY}&cursor={first['next_cursor']}").json()
    assert [one["payment_id"] for one in first["payments"] + rest["payments"]] == taken[::-1]


@pytest.mark.parametrize("paid", [False, True])
def test_what_is_paid_after_the_till_gave_up_is_given_back(counter: Counter, paid: bool) -> None:
    body = counter.shown()
    counter.takes(body)
    if paid:
        counter.wallet.payer_confirms(body["payment_id"])
    assert counter.call("POST", f"/payments/{body['payment_id']}/cancel").json()["state"] == "reversing"
    job = LeasedJob(
        "reverse", MerchantId(TEA), PaymentId(body["payment_id"]), 1, counter.clock.at + timedelta(minutes=1)
    )
    assert counter.house.ask(lambda house: carry_out_reversal(job, house), wait_s=60) is None
    payment = counter.call("GET", f"/payments/{body['payment_id']}").json()
    assert (payment["state"], payment["why"]["money_moved"]) == ("reversed", "no")
    assert counter.wallet.takings == 0
