"""Hearing a wallet: a notification moves nothing by itself, and what was given up and is paid after all comes back."""

from __future__ import annotations

from dataclasses import replace

import pytest

from support.pretend_channels import Mood
from support.pretend_desk import PretendDesk
from support.world import NOODLES, TEA, World, at_once
from xiaopos.payments.states import State
from xiaopos.usecases.hear_wallet import hear_wallet
from xiaopos.usecases.keep_wallet_contract import Incoming, Noticed, Unbelieved
from xiaopos.usecases.ports import House

NOTHING = Incoming({}, b"")


def heard(world: World, desk: PretendDesk, wallet: str = "sandbox") -> Noticed | Unbelieved:
    house: House = replace(world.house, contracts=desk)
    return at_once(hear_wallet(wallet, "c1", NOTHING, house))


def test_a_customer_who_pays_is_known_of_at_once() -> None:
    world = World()
    sale = world.lin.sells(25_00).by_shown_code()
    world.wallet.payer_confirms(sale.payment.payment_id)
    assert isinstance(heard(world, PretendDesk((TEA, sale.payment.payment_id))), Noticed)
    assert world.state(sale) is State.APPROVED
    world.seconds_pass(5)
    world.the_machine_works()
    world.the_books_balance()


def test_what_a_notification_says_is_not_taken_for_what_happened() -> None:
    world = World()
    sale = world.lin.sells(25_00).by_shown_code()
    assert isinstance(heard(world, PretendDesk((TEA, sale.payment.payment_id))), Noticed)
    assert world.state(sale) is State.PAYING, "the wallet says that nobody has paid"


def test_a_notification_that_comes_again_changes_nothing() -> None:
    world = World()
    sale = world.lin.sells(25_00).by_code("Mei")
    before = list(world.wallet.asked)
    for _ in range(3):
        assert isinstance(heard(world, PretendDesk((TEA, sale.payment.payment_id))), Noticed)
    assert world.wallet.asked == before, "what is known is not asked about"
    assert world.state(sale) is State.APPROVED


def test_a_refused_payment_that_is_paid_after_all_is_paid_back_and_shown() -> None:
    world = World()
    sale = world.lin.sells(25_00).by_shown_code()
    world.wallet.payer_refuses(sale.payment.payment_id)
    heard(world, PretendDesk((TEA, sale.payment.payment_id)))
    assert world.state(sale) is State.DECLINED
    world.wallet.moved[sale.payment.payment_id] = 25_00
    assert isinstance(heard(world, PretendDesk((TEA, sale.payment.payment_id))), Noticed)
    assert world.wallet.takings == 0
    (item,) = world.books.discrepancies
    assert (item.kind, item.detail) == ("late_approval", "paid after declined; paid back")


def test_what_could_not_be_paid_back_says_so() -> None:
    world = World()
    sale = world.lin.sells(25_00).by_shown_code()
    world.wallet.payer_refuses(sale.payment.payment_id)
    heard(world, PretendDesk((TEA, sale.payment.payment_id)))
    world.wallet.moved[sale.payment.payment_id] = 25_00
    world.wallet.moods.extend([Mood.APPROVE, Mood.LOSE_REQUEST])
    heard(world, PretendDesk((TEA, sale.payment.payment_id)))
    (item,) = world.books.discrepancies
    assert item.detail == "paid after declined; not paid back yet (OutcomeUnknown)"


def test_a_refund_that_was_unknown_is_asked_for_again() -> None:
    world = World()
    sale = world.lin.sells(25_00).by_code("Mei")
    world.wallet.moods.append(Mood.LOSE_ANSWER)
    refund = world.lin.refunds(sale, 10_00)
    assert world.state(refund) is State.UNKNOWN
    assert isinstance(heard(world, PretendDesk((TEA, refund.payment.payment_id))), Noticed)
    assert world.state(refund) is State.APPROVED
    assert world.wallet.takings == 15_00


@pytest.mark.parametrize("says", [(TEA, "0" * 32), (NOODLES, "")])
def test_what_is_about_no_payment_of_this_merchant_is_not_accepted(says: tuple[str, str]) -> None:
    world = World()
    sale = world.lin.sells(25_00).by_shown_code()
    merchant, number = says
    told = heard(world, PretendDesk((merchant, number or sale.payment.payment_id)))
    assert isinstance(told, Unbelieved)
    assert world.state(sale) is State.PAYING


def test_another_wallets_notification_and_an_unsigned_one_are_not_accepted() -> None:
    world = World()
    sale = world.lin.sells(25_00).by_shown_code()
    assert isinstance(heard(world, PretendDesk((TEA, sale.payment.payment_id)), wallet="alipay"), Unbelieved)
    assert heard(world, PretendDesk()) == Unbelieved("not signed")
    assert isinstance(at_once(hear_wallet("alipay", "c1", NOTHING, world.house)), Unbelieved)
