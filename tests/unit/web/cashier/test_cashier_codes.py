"""One code for every app at the counter: an order that Zhou makes, shows, and sees paid."""

from __future__ import annotations

import pytest
from django.urls import reverse
from django.utils import timezone

from support.world import NOODLES
from support.zhous_till import Till
from xiaopos.kernel.ids import PaymentId
from xiaopos.kernel.money import Money
from xiaopos.merchants.shop_codes import Tried
from xiaopos.store.fleet.models import Terminal
from xiaopos.store.people.models import User
from xiaopos.store.shop_codes.book import begin_try, find_order
from xiaopos.store.shop_codes.models import ShopOrderRow
from xiaopos.web.pages.pay import orders


def shown(till: Till, amount: str = "12.5") -> str:
    answer = till.posts("cashier_code", amount=amount)
    assert answer.status_code == 302
    return str(answer["Location"])


def test_zhou_shows_a_code_and_sees_it_paid(till: Till) -> None:
    assert "沙盒钱包" in till.client.get(reverse("cashier_code")).content.decode()
    address = shown(till)
    row = ShopOrderRow.objects.get()
    assert (row.amount_minor, row.terminal_id, row.made_by, row.code_token) == (12_50, "10000001", "zhou", "")
    page = till.client.get(address).content.decode()
    assert "<svg" in page
    assert "¥12.50" in page
    before = till.client.get(f"{address}/state").json()
    order = find_order(row.token)
    assert order is not None
    paid = PaymentId(till.took())
    assert begin_try(order, Tried(paid, PaymentId("f" * 32), "sandbox", timezone.now()))
    after = till.client.get(f"{address}/state").json()
    assert (before["standing"], after["standing"]) == ("open", "paid")
    page = till.client.get(address).content.decode()
    assert "收款成功" in page
    assert "/portal/" not in page


@pytest.mark.parametrize("amount", ["", "0", "x"])
def test_an_amount_that_is_none_is_asked_for_again(till: Till, amount: str) -> None:
    answer = till.posts("cashier_code", amount=amount)
    assert answer.status_code == 400
    assert "请输入金额" in answer.content.decode()


def test_a_shop_without_a_terminal_or_a_wallet_is_told(till: Till, monkeypatch: pytest.MonkeyPatch) -> None:
    Terminal.objects.update(active=False)
    assert "请先选一台终端" in till.posts("cashier_code", amount="1").content.decode()
    monkeypatch.setattr(orders, "offered", lambda _merchant: [])
    assert "现在不能扫码收款" in till.client.get(reverse("cashier_code")).content.decode()


def test_anothers_order_is_nobodys(till: Till) -> None:
    place = orders.Place(NOODLES, "shop", "20000001")
    other = orders.make_order(place, Money(100), timezone.now())
    for name in ("cashier_code_shown", "cashier_code_state"):
        assert till.client.get(reverse(name, args=[other.token])).status_code == 404
        assert till.client.get(reverse(name, args=["no-token"])).status_code == 404


def test_somebody_of_no_merchant_finds_nothing(till: Till) -> None:
    User.objects.filter(username="zhou").update(merchant_id="898110058120999")
    assert till.client.get(reverse("cashier_code")).status_code == 404
