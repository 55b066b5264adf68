"""What the counter asks of the house, and what it is told."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from support.pretend_channels import Mood
from support.world import TEA
from support.zhous_till import APPROVAL, Till
from xiaopos.store.fleet.models import Terminal
from xiaopos.store.payments.models import PaymentRow
from xiaopos.store.people.models import User
from xiaopos.web.pages.cashier import views

MEIS = "990000000000000001"


def moves(till: Till, payment_id: str) -> str:
    return str(PaymentRow.objects.get(payment_id=payment_id).state)


def test_the_customers_code_is_taken(till: Till) -> None:
    told = till.takes(means="payer_code", code=MEIS).json()
    assert (told["outcome"], told["final"], told["title"], told["amount"]) == ("approved", True, "收款成功", "¥12.50")
    assert told["receipt"]
    assert till.counter.wallet.takings == 1250
    again = till.client.get(reverse("cashier_state", args=[told["payment_id"]])).json()
    assert again == told


def test_a_code_is_shown_and_given_up(till: Till) -> None:
    till.counter.wallet.mood = Mood.ASK_PAYER
    told = till.takes().json()
    assert (told["outcome"], told["title"], told["money"]) == ("waiting", "请顾客扫码付款", "还没有扣款")
    assert told["code"]
    assert told["code_svg"].startswith("<svg")
    assert "style" not in told["code_svg"]
    till.counter.wallet.mood = Mood.APPROVE
    given_up = till.posts("cashier_cancel", told["payment_id"]).json()
    assert given_up["outcome"] in ("reversed", "unknown")
    assert till.counter.wallet.takings == 0


def test_the_code_of_a_wallet_that_the_shop_does_not_have_is_refused(till: Till) -> None:
    assert till.takes(wallet="sandbox").json()["outcome"] in ("approved", "waiting")
    refused = till.takes(wallet="alipay")
    assert (refused.status_code, refused.json()["reason"]) == (422, "wallet_not_accepted")
    for nonsense in (7, "x" * 33):
        assert till.takes(wallet=nonsense).json()["reason"] == "format_wrong"


def test_a_customer_who_must_confirm_is_waited_for(till: Till) -> None:
    till.counter.wallet.mood = Mood.ASK_PAYER
    told = till.takes(means="payer_code", code=MEIS).json()
    assert (told["outcome"], told["title"], told["code"]) == ("waiting", "顾客正在确认付款", "")


def test_declined_and_unknown_are_told_in_words(till: Till) -> None:
    till.counter.wallet.mood = Mood.DECLINE
    assert till.takes(means="payer_code", code=MEIS).json()["outcome"] == "declined"
    till.counter.wallet.mood = Mood.LOSE_REQUEST
    told = till.takes(means="payer_code", code=MEIS).json()
    assert (told["outcome"], told["final"]) == ("unknown", False)
    assert "正在确认" in told["money"]


def test_what_takes_long_goes_on_by_itself(till: Till) -> None:
    till.counter.house.slow = True
    answer = till.takes(means="payer_code", code=MEIS)
    told = answer.json()
    assert (answer.status_code, told["outcome"], told["final"]) == (202, "unknown", False)
    assert moves(till, told["payment_id"]) == "approved"
    till.counter.house.stuck = True
    answer = till.posts("cashier_cancel", told["payment_id"])
    assert (answer.status_code, answer.json()["outcome"]) == (202, "unknown")


@pytest.mark.parametrize(
    ("parts", "status", "reason"),
    [
        ({"payment_id": "short"}, 400, "format_wrong"),
        ({"amount_minor": True}, 400, "format_wrong"),
        ({"amount_minor": -1}, 400, "format_wrong"),
        ({"amount_minor": 10**12}, 400, "format_wrong"),
        ({"amount_minor": 0}, 422, "amount_zero"),
        ({"means": "card"}, 422, "payer_code_unknown"),
        ({"means": "payer_code", "code": "付款码付款码"}, 422, "payer_code_unknown"),
        ({"means": "payer_code", "code": "1" * 65}, 422, "payer_code_unknown"),
        ({"means": "payer_code", "code": 9}, 422, "payer_code_unknown"),
    ],
)
def test_what_cannot_be_asked_is_refused_by_name(
    till: Till, parts: dict[str, object], status: int, reason: str
) -> None:
    answer = till.takes(**parts)
    assert (answer.status_code, answer.json()["reason"]) == (status, reason)
    assert not PaymentRow.objects.exists()


@pytest.mark.parametrize("body", ["[]", "{", '"' + "x" * 3_000 + '"'])
def test_a_body_that_is_no_sale(till: Till, body: str) -> None:
    assert till.posts("cashier_take", body=body).json()["reason"] == "format_wrong"


def test_the_same_number_with_another_amount_is_refused(till: Till) -> None:
    payment_id = till.took()
    answer = till.takes(payment_id=payment_id, amount_minor=1, means="payer_code", code=MEIS)
    assert (answer.status_code, answer.json()["reason"]) == (409, "repeat_differs")


def test_without_a_terminal_nothing_is_taken(till: Till) -> None:
    payment_id = till.took()
    Terminal.objects.update(active=False)
    assert till.takes().json()["reason"] == "terminal_unknown"
    assert till.posts("cashier_undo", payment_id, "void", approval=APPROVAL).status_code == 422
    assert till.client.get(reverse("cashier_voucher", args=[1, 1])).status_code == 404
    assert "本店没有可用的终端" in till.client.get(reverse("cashier")).content.decode()
    page = till.client.post(reverse("cashier_close"))
    assert page.status_code == 200
    assert "撤销整笔" not in till.client.get(reverse("cashier_payment", args=[payment_id])).content.decode()


def test_a_payment_nobody_heard_of(till: Till) -> None:
    assert till.client.get(reverse("cashier_state", args=["0" * 32])).status_code == 404
    assert till.posts("cashier_cancel", "0" * 32).status_code == 400
    assert till.client.get(reverse("cashier_payment", args=["0" * 32])).status_code == 404
    assert till.client.get(reverse("cashier_voucher", args=[1, 999])).status_code == 404
    assert till.posts("cashier_undo", "0" * 32, "steal").status_code == 404


def test_a_sale_that_never_arrived_is_not_taken_when_it_comes_late(till: Till) -> None:
    payment_id = till.counter.new_id()
    unheard = {"payment_id": payment_id, "amount_minor": 1250, "means": "payer_code"}
    told = till.posts("cashier_cancel", payment_id, body=unheard).json()
    assert (told["outcome"], told["title"], told["money"]) == ("reversed", "这笔没有送到，已作废", "没有动钱")
    assert (told["next"], told["try_again"], told["final"]) == ("请再收一次", True, True)
    late = till.takes(payment_id=payment_id, means="payer_code", code=MEIS)
    assert (late.status_code, late.json()["reason"]) == (422, "reversed_before")
    assert till.counter.wallet.takings == 0


def test_a_sale_that_did_arrive_is_told_as_it_stands(till: Till) -> None:
    payment_id = till.took()
    unheard = {"payment_id": payment_id, "amount_minor": 1250, "means": "payer_code"}
    told = till.posts("cashier_cancel", payment_id, body=unheard).json()
    assert (told["outcome"], told["try_again"]) == ("approved", False)


def test_what_cannot_be_forestalled_is_refused_by_name(till: Till) -> None:
    payment_id = till.counter.new_id()
    unheard = {"payment_id": payment_id, "amount_minor": 1250, "means": "shop_code"}
    told = till.posts("cashier_cancel", till.counter.new_id(), body=unheard).json()
    assert told["reason"] == "format_wrong"
    assert till.posts("cashier_cancel", till.counter.new_id(), body=unheard | {"amount_minor": ""}).status_code == 400
    till.counter.house.stuck = True
    assert till.posts("cashier_cancel", payment_id, body=unheard).status_code == 202
    Terminal.objects.update(active=False)
    assert till.posts("cashier_cancel", payment_id, body=unheard).json()["reason"] == "terminal_unknown"


def test_void_needs_a_managers_code(till: Till) -> None:
    payment_id = till.took()
    page = till.posts("cashier_undo", payment_id, "void", undo_id=till.counter.new_id(), approval="999999")
    assert page.status_code == 422
    assert moves(till, payment_id) == "approved"
    page = till.posts("cashier_undo", payment_id, "void", undo_id=till.counter.new_id(), approval=APPROVAL)
    assert page.status_code == 302
    assert moves(till, payment_id) == "voided"
    assert "撤销成功" in till.client.get(page["Location"]).content.decode()
    assert "这笔已撤销" in till.client.get(reverse("cashier_payment", args=[payment_id])).content.decode()
    assert till.counter.wallet.takings == 0


@pytest.mark.parametrize(("typed", "takings"), [("2.50", 1000), ("2.5", 1000), ("12", 50)])
def test_a_part_is_refunded(till: Till, typed: str, takings: int) -> None:
    payment_id = till.took()
    page = till.posts(
        "cashier_undo", payment_id, "refund", undo_id=till.counter.new_id(), amount=typed, approval=APPROVAL
    )
    assert "退款成功" in till.client.get(page["Location"]).content.decode()
    assert till.counter.wallet.takings == takings


@pytest.mark.parametrize("typed", ["", "1.", "1.234", "-1", "一", "1234567890123", "99"])
def test_a_refund_that_cannot_be(till: Till, typed: str) -> None:
    payment_id = till.took()
    page = till.posts(
        "cashier_undo", payment_id, "refund", undo_id=till.counter.new_id(), amount=typed, approval=APPROVAL
    )
    assert page.status_code == 422
    assert till.counter.wallet.takings == 1250


def test_an_undoing_that_takes_long_is_said_to(till: Till) -> None:
    payment_id = till.took()
    till.counter.house.slow = True
    page = till.posts("cashier_undo", payment_id, "void", undo_id=till.counter.new_id(), approval=APPROVAL)
    assert page["Location"] == reverse("cashier_payment", args=[payment_id])


def test_a_batch_is_closed(till: Till) -> None:
    till.took()
    page = till.client.post(reverse("cashier_close"), {"batch": "1"}, follow=True)
    assert "已结算" in page.content.decode()
    assert Terminal.objects.get(terminal_id="10000001").batch_number == 2


def test_a_batch_closed_twice_is_told_again_and_nothing_more_is_closed(till: Till) -> None:
    till.took()
    for _ in range(2):
        page = till.client.post(reverse("cashier_close"), {"batch": "1"}, follow=True)
        assert "已结算" in page.content.decode()
    assert Terminal.objects.get(terminal_id="10000001").batch_number == 2


@pytest.mark.parametrize("batch", ["7", "", "一"])
def test_only_the_batch_that_the_page_showed_is_closed(till: Till, batch: str) -> None:
    till.client.post(reverse("cashier_close"), {"batch": "1"})
    assert till.client.post(reverse("cashier_close"), {"batch": batch}).status_code == 422
    assert Terminal.objects.get(terminal_id="10000001").batch_number == 2


def test_a_closing_that_takes_long_is_said_to(till: Till) -> None:
    till.counter.house.slow = True
    page = till.client.post(reverse("cashier_close"), {"batch": "1"}, follow=True)
    assert page.status_code == 200
    assert "已结算" not in page.content.decode()
    assert Terminal.objects.get(terminal_id="10000001").batch_number == 2


@pytest.fixture
def one_clock(till: Till, monkeypatch: pytest.MonkeyPatch) -> None:
    """The pages live on the day of the house."""
    monkeypatch.setattr(timezone, "now", till.counter.clock.now)


@pytest.mark.usefixtures("one_clock")
def test_what_was_refused_is_listed_and_said_to_have_moved_no_money(till: Till) -> None:
    till.takes(amount_minor=0)
    page = till.client.get(reverse("cashier_today")).content.decode()
    assert "没有受理的" in page
    assert "没有动钱" in page
    User.objects.update(shop_id="shop-another")
    assert "没有受理的" not in till.client.get(reverse("cashier_today")).content.decode()


@pytest.mark.usefixtures("one_clock")
def test_a_long_day_has_pages(till: Till, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(views, "LINES_TODAY", 1)
    till.took()
    till.takes(means="payer_code", code=MEIS, amount_minor=1300)
    first, second = (
        till.client.get(reverse("cashier_today") + f"?page={number}").content.decode() for number in (1, 2)
    )
    assert ("¥13.00" in first, "¥12.50" in first, 'rel="next"' in first) == (True, False, True)
    assert ("¥13.00" in second, "¥12.50" in second, 'rel="prev"' in second) == (False, True, True)


def test_an_undoing_without_its_number_is_refused(till: Till) -> None:
    payment_id = till.took()
    page = till.posts("cashier_undo", payment_id, "void", approval=APPROVAL)
    assert page.status_code == 400
    assert moves(till, payment_id) == "approved"


@pytest.mark.usefixtures("one_clock")
def test_a_waiting_payment_says_for_how_long(till: Till) -> None:
    till.counter.wallet.mood = Mood.ASK_PAYER
    assert till.takes().json()["seconds_left"] == 120
    told = till.takes(means="payer_code", code=MEIS).json()
    assert told["seconds_left"] == 45
    till.counter.clock.at += timedelta(minutes=5)
    assert till.client.get(reverse("cashier_state", args=[told["payment_id"]])).json()["seconds_left"] == 0


def test_a_device_remembers_its_terminal(till: Till) -> None:
    terminals = [row.terminal_id for row in Terminal.objects.filter(merchant_id=TEA).order_by("terminal_id")]
    till.posts("cashier_terminal", terminal=terminals[1])
    page = till.client.get(reverse("cashier"))
    assert f'value="{terminals[1]}" selected' in page.content.decode()
    till.posts("cashier_terminal", terminal="30000001")
    till.takes()
    assert PaymentRow.objects.get().terminal_id == terminals[1]
