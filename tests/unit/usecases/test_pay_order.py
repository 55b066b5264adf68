"""An order is paid once: whatever else is begun for it is closed, and what was paid besides is paid back."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from support.pretend_channels import Mood
from support.shop_orders import CodeShop
from support.world import at_once
from xiaopos.kernel.ids import MerchantId, PaymentId
from xiaopos.kernel.money import Money
from xiaopos.merchants.shop_codes import ORDER_LIVES
from xiaopos.payments.payment import Kind, Payment
from xiaopos.payments.states import State
from xiaopos.usecases.follow_payment import FollowAsk, refund_payment
from xiaopos.usecases.pay_order import ARRIVES_WITHIN, look_after_order, pay_order
from xiaopos.usecases.steps import Request


def refunds(shop: CodeShop) -> list[Payment]:
    return [one for one in shop.world.books.payments.values() if one.kind is Kind.REFUND]


def test_an_order_that_is_paid_is_kept_and_closed() -> None:
    shop = CodeShop()
    order = shop.order()
    paid = shop.begins(order, "alipay")
    assert shop.now(paid).shown_code
    assert not shop.looks()
    shop.pays(paid)
    assert shop.looks()
    assert shop.kept(order) == paid.payment_id
    assert not shop.looks()
    shop.world.the_machine_works()
    assert (shop.alipay.takings, refunds(shop)) == (25_00, [])


def test_asking_twice_begins_once() -> None:
    shop = CodeShop()
    order = shop.order()
    tried = shop.begins(order, "alipay")
    again = at_once(pay_order(shop.orders.orders[order], tried, shop.world.house))
    assert isinstance(again, Payment)
    assert again.payment_id == tried.payment_id
    assert len(shop.world.books.payments) == 1


def test_once_it_is_paid_what_waits_with_another_wallet_is_closed() -> None:
    shop = CodeShop()
    order = shop.order()
    paid, waiting = shop.begins(order, "alipay"), shop.begins(order, "sandbox")
    shop.pays(paid)
    assert not shop.looks()
    shop.world.the_machine_works()
    assert shop.now(waiting).state is State.REVERSED
    assert shop.looks()
    assert (shop.alipay.takings, shop.sandbox.takings) == (25_00, 0)
    shop.world.the_books_balance()


def both_pay(shop: CodeShop) -> tuple[str, PaymentId, PaymentId]:
    order = shop.order()
    first, second = shop.begins(order, "alipay"), shop.begins(order, "sandbox")
    shop.alipay.payer_confirms(first.payment_id)
    shop.sandbox.payer_confirms(second.payment_id)
    shop.the_machine_hears()
    return order, first.payment_id, second.payment_id


def test_of_two_that_paid_one_is_kept_and_the_other_paid_back_once() -> None:
    shop = CodeShop()
    order, first, second = both_pay(shop)
    assert shop.looks()
    assert shop.kept(order) in (first, second)
    assert (shop.alipay.takings + shop.sandbox.takings, len(refunds(shop))) == (25_00, 1)
    assert not shop.looks()
    shop.world.the_books_balance()


def test_it_is_paid_back_once_though_the_answer_is_lost_and_the_process_dies_after_it() -> None:
    shop = CodeShop()
    order, _, _ = both_pay(shop)
    before = shop.orders.orders[order]
    for wallet in (shop.alipay, shop.sandbox):
        wallet.moods.append(Mood.LOSE_ANSWER)
    assert not shop.looks()
    for wallet in (shop.alipay, shop.sandbox):
        wallet.moods.clear()
    assert [one.state for one in refunds(shop)] == [State.UNKNOWN]
    # Whoever read the order before anything was kept comes to the same conclusion.
    assert not at_once(look_after_order(before, shop.orders, shop.world.house))
    shop.world.the_machine_works()
    assert shop.looks()
    assert (shop.alipay.takings + shop.sandbox.takings, len(refunds(shop))) == (25_00, 1)
    shop.world.the_books_balance()


def test_a_wallet_that_does_not_pay_back_is_told_to_a_person() -> None:
    shop = CodeShop()
    order, _, _ = both_pay(shop)
    for wallet in (shop.alipay, shop.sandbox):
        wallet.moods.append(Mood.DECLINE)
    assert shop.looks()
    assert shop.world.found() == ["paid_twice"]
    assert shop.orders.orders[order].closed_at is not None


@pytest.mark.parametrize("whose", ["terminal", "merchant"])
def test_a_refund_that_cannot_be_tried_now_is_tried_again(whose: str) -> None:
    shop = CodeShop()
    both_pay(shop)
    terminal = shop.world.books.terminals["10000001"]
    off = replace(terminal, terminal_active=False) if whose == "terminal" else replace(terminal, merchant_active=False)
    shop.world.books.add([off])
    assert not shop.looks()
    assert set(shop.world.found()) == {"paid_twice"}
    shop.world.books.add([terminal])
    assert shop.looks()
    assert shop.alipay.takings + shop.sandbox.takings == 25_00


def test_a_busy_house_is_asked_again_and_nobody_is_told() -> None:
    shop = CodeShop()
    both_pay(shop)
    assert not at_once(_look_while_busy(shop))
    assert shop.world.found() == []
    assert shop.looks()


async def _look_while_busy(shop: CodeShop) -> bool:
    order = next(iter(shop.orders.orders.values()))
    shop.world.books.busy = True
    closed = await look_after_order(order, shop.orders, shop.world.house)
    shop.world.books.busy = False
    return closed


def test_what_the_shop_paid_back_itself_is_not_paid_back_again() -> None:
    shop = CodeShop()
    order, first, second = both_pay(shop)
    at_once(shop.orders.keep(order, first))
    house = shop.world.house
    now = house.clock.now()
    by_hand = Request(PaymentId("f" * 32), shop.orders.orders[order].terminal_id, Money(25_00), now)
    at_once(refund_payment(FollowAsk(by_hand, second), house))
    assert shop.looks()
    assert (shop.sandbox.takings, len(refunds(shop))) == (0, 1)


def test_an_order_whose_time_is_over_is_closed_with_all_that_waits() -> None:
    shop = CodeShop()
    order = shop.order()
    shop.world.seconds_pass(ORDER_LIVES.total_seconds() - 5)
    waiting = shop.begins(order, "alipay")
    shop.world.seconds_pass(6)
    assert not shop.looks()
    shop.world.the_machine_works()
    assert shop.now(waiting).state is State.REVERSED
    assert shop.looks()
    assert shop.kept(order) == ""


def test_an_order_that_nobody_began_dies_by_itself() -> None:
    shop = CodeShop()
    shop.order()
    assert not shop.looks()
    shop.world.seconds_pass(ORDER_LIVES.total_seconds())
    assert shop.looks()


def test_a_payment_that_was_written_down_and_never_begun_holds_an_order_open_only_so_long() -> None:
    shop = CodeShop()
    order = shop.order()
    shop.writes_try(order, "alipay")
    held = shop.orders.orders[order]
    shop.world.clock.at = held.expires_at - timedelta(minutes=1)
    late = shop.writes_try(order, "sandbox")
    shop.world.clock.at = held.expires_at
    house = shop.world.house
    assert not at_once(look_after_order(shop.orders.orders[order], shop.orders, house))
    shop.world.clock.at = late.made_at + ARRIVES_WITHIN + timedelta(seconds=1)
    assert at_once(look_after_order(shop.orders.orders[order], shop.orders, house))


def test_a_payment_that_the_house_refused_holds_nothing_open() -> None:
    shop = CodeShop()
    order = shop.order()
    tried = shop.writes_try(order, "alipay")
    shop.orders.orders[order] = replace(shop.orders.orders[order], tries=(replace(tried, refused="busy"),))
    shop.world.clock.at = shop.orders.orders[order].expires_at
    assert at_once(look_after_order(shop.orders.orders[order], shop.orders, shop.world.house))


def test_an_order_that_was_begun_once_more_meanwhile_is_not_closed() -> None:
    shop = CodeShop()
    order = shop.order()
    paid = shop.begins(order, "alipay")
    shop.pays(paid)
    read = shop.orders.orders[order]
    shop.begins(order, "sandbox")
    assert not at_once(look_after_order(read, shop.orders, shop.world.house))
    assert shop.orders.orders[order].closed_at is None


def test_a_payment_of_another_merchant_is_not_looked_at() -> None:
    shop = CodeShop()
    order = shop.order()
    shop.pays(shop.begins(order, "alipay"))
    elsewhere = replace(shop.orders.orders[order], merchant_id=MerchantId("898110058120009"))
    assert not at_once(look_after_order(elsewhere, shop.orders, shop.world.house))
