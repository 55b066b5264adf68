"""The page behind a shop's code: it recognises the app, asks for money only when told to, and an order is paid once."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from support.world import TEA
from unit.web.pay.conftest import BROWSER, WECHAT, Wall
from xiaopos.kernel.ids import PaymentId
from xiaopos.kernel.money import Money
from xiaopos.merchants.shop_codes import ShopOrder, Tried
from xiaopos.merchants.tries import Limit
from xiaopos.payments.payment import Kind, Payment
from xiaopos.payments.states import State
from xiaopos.store.payments.models import PaymentRow
from xiaopos.store.payments.portal_queries import one_payment
from xiaopos.store.shop_codes.book import CodeRows, begin_try, find_order
from xiaopos.store.shop_codes.models import ShopOrderRow
from xiaopos.usecases.actors import Actor
from xiaopos.web.pages.pay import orders, views


def order_at(address: str) -> ShopOrder:
    found = find_order(address.rsplit("/", 1)[-1])
    assert found is not None
    return found


def payments_of(order: ShopOrder) -> list[Payment]:
    found = [one_payment(order.merchant_id, one.payment_id) for one in order.tries]
    return [one for one in found if one is not None]


def test_opening_a_page_asks_for_nothing(wall: Wall) -> None:
    token = wall.code()
    page = wall.get(f"/pay/{token}")
    assert page.status_code == 200
    assert "小林茶铺" in page.content.decode()
    assert "用支付宝付款" in page.content.decode()
    assert page["Cache-Control"] == "private, no-store"
    assert page["Referrer-Policy"] == "same-origin"
    assert ShopOrderRow.objects.count() == 0


def test_mei_keys_in_the_amount_and_pays_with_the_app_that_she_scanned_with(wall: Wall) -> None:
    address = wall.begins(wall.code(), amount="12.5")
    order = order_at(address)
    assert order.amount == Money(12_50)
    (payment,) = payments_of(order)
    assert (payment.channel, payment.state, payment.terminal_id) == ("alipay", State.PAYING, "10000001")
    page = wall.get(address).content.decode()
    assert payment.shown_code in page
    assert "<svg" in page
    before = wall.get(f"{address}/state").json()
    assert before["standing"] == "waiting"
    wall.alipay.payer_confirms(payment.payment_id)
    wall.the_machine_works()
    after = wall.get(f"{address}/state").json()
    assert (after["standing"], after["stamp"] != before["stamp"]) == ("paid", True)
    wall.looks_after()
    assert "已付" in wall.get(address).content.decode()
    assert ShopOrderRow.objects.get().kept_payment_id == payment.payment_id
    assert ShopOrderRow.objects.get().closed_at is not None


def test_a_wallets_own_address_is_offered_as_a_link_and_never_led_to(wall: Wall) -> None:
    address = wall.begins(wall.code())
    (payment,) = payments_of(order_at(address))
    link = "https://qr.alipay.com/bax01234567890"
    PaymentRow.objects.filter(payment_id=payment.payment_id).update(shown_code=link)
    page = wall.get(address)
    assert page.status_code == 200
    assert f'href="{link}"' in page.content.decode()
    for name in ("next", "url", "redirect"):
        told = wall.get(f"{address}?{name}=https://evil.example/")
        assert told.status_code == 200
        assert "evil" not in told.content.decode()
    again = wall.post(f"{address}?next=https://evil.example/", next="https://evil.example/")
    assert (again.status_code, again["Location"]) == (302, address)


def test_a_locked_code_takes_its_amount_whatever_is_sent(wall: Wall) -> None:
    token = wall.code(8_00)
    assert "¥8.00" in wall.get(f"/pay/{token}").content.decode()
    assert order_at(wall.begins(token, amount="0.01")).amount == Money(8_00)


@pytest.mark.parametrize("amount", ["", "0", "-5", "abc", "1.234", "9" * 30])
def test_an_amount_that_is_none_is_asked_for_again(wall: Wall, amount: str) -> None:
    answer = wall.post(f"/pay/{wall.code()}", amount=amount)
    assert answer.status_code == 400
    assert "请输入金额" in answer.content.decode()
    assert ShopOrderRow.objects.count() == 0


def test_an_app_whose_wallet_the_shop_does_not_have_is_told_which_can_pay(wall: Wall) -> None:
    token = wall.code()
    page = wall.get(f"/pay/{token}", WECHAT).content.decode()
    assert "不能用微信支付付款" in page
    assert "支付宝" in page
    assert "没有动钱" in page
    address = wall.begins(token, WECHAT)
    assert order_at(address).tries == ()
    assert "不能用微信支付付款" in wall.get(address, WECHAT).content.decode()
    only = {"alipay": wall.alipay}
    wall.counter.house.house = replace(wall.counter.house.house, wallets=only)
    page = wall.get(f"/pay/{token}", BROWSER).content.decode()
    assert "不要用浏览器打开" in page
    assert "支付宝" in page


def test_a_house_that_cannot_tell_says_that_nobody_can_pay_now(wall: Wall) -> None:
    token = wall.code()
    wall.counter.house.lost = True
    assert "现在不能扫码收款" in wall.get(f"/pay/{token}").content.decode()
    wall.counter.house.lost = False
    wall.counter.house.stuck = True
    assert "现在不能扫码收款" in wall.get(f"/pay/{token}").content.decode()


def test_pressing_twice_begins_once(wall: Wall) -> None:
    address = wall.begins(wall.code())
    for _ in range(2):
        assert wall.post(address)["Location"] == address
    assert len(order_at(address).tries) == 1


def test_of_two_wallets_that_paid_the_second_is_paid_back_and_both_pages_say_so(wall: Wall) -> None:
    address = wall.begins(wall.code())
    wall.post(address, BROWSER)
    order = order_at(address)
    assert [one.wallet for one in order.tries] == ["alipay", "sandbox"]
    first, second = payments_of(order)
    wall.alipay.payer_confirms(first.payment_id)
    wall.sandbox.payer_confirms(second.payment_id)
    wall.the_machine_works()
    told = wall.get(address).content.decode()
    assert "已付款" in told
    wall.looks_after()
    wall.looks_after()
    page = wall.get(address).content.decode()
    assert "已付" in page
    assert "重复付款，已自动退回" in page
    assert wall.alipay.takings + wall.sandbox.takings == 25_00
    assert PaymentRow.objects.filter(kind=Kind.REFUND.value).count() == 1
    assert ShopOrderRow.objects.get().closed_at is not None


def test_what_waits_with_another_wallet_when_it_is_paid_is_said_to_be_closed(wall: Wall) -> None:
    address = wall.begins(wall.code())
    wall.post(address, BROWSER)
    first, second = payments_of(order_at(address))
    wall.alipay.payer_confirms(first.payment_id)
    wall.the_machine_works()
    assert "正在关闭" in wall.get(address).content.decode()
    wall.looks_after()
    wall.sandbox.payer_confirms(second.payment_id)
    wall.the_machine_works()
    page = wall.get(address, BROWSER).content.decode()
    assert "已付" in page
    assert "已关闭；付过的钱已原路退回" in page
    assert (wall.alipay.takings, wall.sandbox.takings) == (25_00, 0)
    wall.looks_after()
    assert ShopOrderRow.objects.get().closed_at is not None


def test_a_customer_who_refused_may_begin_again_and_reads_why(wall: Wall) -> None:
    address = wall.begins(wall.code())
    (payment,) = payments_of(order_at(address))
    wall.alipay.payer_refuses(payment.payment_id)
    wall.the_machine_works()
    page = wall.get(address).content.decode()
    assert "用支付宝付款" in page
    assert "没有动钱" in page
    wall.post(address)
    assert len(order_at(address).tries) == 2


def test_a_refusal_of_the_house_is_read_on_the_orders_page(wall: Wall) -> None:
    address = wall.begins(wall.code(), amount="999999999")
    page = wall.get(address).content.decode()
    assert "用支付宝付款" in page
    assert "没有动钱" in page
    wall.counter.house.lost = True
    answer = wall.post(address)
    assert answer.status_code == 302


def test_when_the_books_are_away_while_it_is_begun_it_says_so(wall: Wall, monkeypatch: pytest.MonkeyPatch) -> None:
    address = wall.begins(wall.code(), WECHAT)
    monkeypatch.setattr(orders, "offered", lambda _merchant: ["alipay"])
    wall.counter.house.lost = True
    wall.post(address)
    order = order_at(address)
    assert len(order.tries) == 1
    assert "没有动钱" in wall.get(address).content.decode()
    wall.counter.house.lost = False
    wall.counter.house.stuck = True
    wall.post(address)
    wall.counter.house.stuck = False
    assert "正在确认" in wall.get(address).content.decode()
    wall.post(address)
    assert order_at(address).tries == order.tries
    assert [one.payment_id for one in payments_of(order)] == [order.tries[0].payment_id]


def test_while_nobody_knows_it_says_not_to_pay_again(wall: Wall) -> None:
    address = wall.begins(wall.code())
    (payment,) = payments_of(order_at(address))
    PaymentRow.objects.filter(payment_id=payment.payment_id).update(state=State.UNKNOWN.value)
    assert "正在确认，请勿重复付款" in wall.get(address).content.decode()
    wall.post(address)
    assert len(order_at(address).tries) == 1


def test_an_order_whose_time_is_over_takes_nothing(wall: Wall) -> None:
    address = wall.begins(wall.code(), WECHAT)
    ShopOrderRow.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert "已失效" in wall.get(address).content.decode()
    wall.post(address)
    assert order_at(address).tries == ()


def test_another_page_that_was_first_is_not_overtaken(wall: Wall) -> None:
    address = wall.begins(wall.code(), WECHAT)
    order, now = order_at(address), timezone.now()
    tried = Tried(PaymentId(order.order_id), PaymentId("f" * 32), "alipay", now)
    assert begin_try(order, tried)
    assert not begin_try(order, replace(tried, payment_id=PaymentId("e" * 32)))
    assert orders.begin(order, "sandbox", now) is None
    assert len(order_at(address).tries) == 1


def test_a_payment_that_never_arrived_is_begun_anew(wall: Wall) -> None:
    address = wall.begins(wall.code(), WECHAT)
    order = order_at(address)
    long_ago = timezone.now() - timedelta(minutes=2)
    assert begin_try(order, Tried(PaymentId("d" * 32), PaymentId("f" * 32), "alipay", long_ago))
    wall.post(address)
    assert [one.wallet for one in order_at(address).tries] == ["alipay", "alipay"]


@pytest.mark.parametrize("token", ["", "x", "0" * 26, "0" * 25 + "'", "../../etc/passwd", "%00" * 26])
def test_no_such_code_is_told_in_words(wall: Wall, token: str) -> None:
    answer = wall.get(f"/pay/{token}")
    assert answer.status_code == 404
    if re.fullmatch("[0-9x]+", token):
        assert "没有动钱" in answer.content.decode()
        assert wall.get(f"/pay/{token}/state").status_code == 404


def test_a_retired_code_takes_nothing(wall: Wall) -> None:
    token = wall.code()
    book = CodeRows()
    code = book.of(TEA, token)
    assert code is not None
    assert book.retire(code, Actor("lin", "owner", ""), timezone.now())
    assert wall.get(f"/pay/{token}").status_code == 404
    assert wall.post(f"/pay/{token}", amount="1").status_code == 404


def test_too_many_orders_are_slowed_down(wall: Wall, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(views, "PER_CODE", Limit(2, timedelta(minutes=1)))
    token = wall.code()
    addresses = [wall.begins(token, WECHAT) for _ in range(2)]
    answer = wall.post(f"/pay/{token}", amount="1")
    assert answer.status_code == 429
    assert 0 < int(answer["Retry-After"]) <= 60
    assert "没有动钱" in answer.content.decode()
    assert wall.post(addresses[0]).status_code == 429
    assert ShopOrderRow.objects.count() == 2
    monkeypatch.setattr(views, "PER_ADDRESS", Limit(1, timedelta(minutes=1)))
    assert wall.post(f"/pay/{wall.code()}", amount="1").status_code == 302
    assert wall.post(f"/pay/{wall.code()}", amount="1").status_code == 429


def test_a_form_of_another_site_is_refused(wall: Wall) -> None:
    token = wall.code()
    assert Client(enforce_csrf_checks=True).post(f"/pay/{token}", {"amount": "1"}).status_code == 403
