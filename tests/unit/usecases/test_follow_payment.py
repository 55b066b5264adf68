"""Voids and refunds: how the original is named, what a repeat hears, what happens when others are faster."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from support.world import Told, World, at_once, changed
from xiaopos.kernel.ids import PaymentId
from xiaopos.kernel.money import Money
from xiaopos.kernel.refusal import Reason
from xiaopos.payments.answers import Answer, Approved
from xiaopos.payments.payment import Kind, Payment
from xiaopos.payments.states import State
from xiaopos.usecases.follow_payment import FollowAsk, refund_payment, void_payment
from xiaopos.usecases.ports import BooksLost, CardMeans, Change, Overtaken, Record
from xiaopos.usecases.steps import Request, Voucher


@pytest.mark.parametrize("named_by", ["id", "voucher", "rrn"])
def test_the_original_is_found_however_it_is_named(named_by: str) -> None:
    world = World()
    sale = world.lin.sells(25_00).by_card().payment
    names: dict[str, PaymentId | Voucher | str] = {
        "id": sale.payment_id,
        "voucher": Voucher(1, sale.stan or 0),
        "rrn": sale.rrn,
    }
    assert world.lin.undoes(Kind.REFUND, names[named_by], 5_00).approved
    assert world.acquirer.takings == 20_00


def test_a_void_by_another_terminals_voucher_number_finds_nothing() -> None:
    world = World()
    sale = world.lin.sells(25_00).by_card().payment
    assert world.zhou.undoes(Kind.VOID, Voucher(1, sale.stan or 0), 25_00).reason is Reason.ORIGINAL_UNKNOWN


def test_another_merchant_does_not_find_it() -> None:
    world = World()
    sale = world.lin.sells(25_00).by_card().payment
    assert world.chen.undoes(Kind.REFUND, sale.payment_id, 5_00).reason is Reason.ORIGINAL_UNKNOWN
    assert world.chen.undoes(Kind.REFUND, sale.rrn, 5_00).reason is Reason.ORIGINAL_UNKNOWN


def test_a_terminal_that_may_not_sell_may_not_pay_back() -> None:
    world = World()
    sale = world.lin.sells(25_00).by_card()
    facts = world.books.terminals["10000001"]
    world.books.terminals["10000001"] = replace(facts, terminal_active=False)
    assert world.lin.refunds(sale, 1_00).reason is Reason.TERMINAL_NOT_ACTIVE


def test_another_card_is_refused_and_the_right_one_is_kept_with_the_refund() -> None:
    world = World()
    sale = world.lin.sells(25_00).by_card("Mei")
    assert world.lin.refunds(sale, 5_00, card="Tao").reason is Reason.CARD_DIFFERS
    refund = world.lin.refunds(sale, 5_00, card="Mei").payment
    assert refund.card is not None
    assert sale.payment.card is not None
    assert refund.card.token == sale.payment.card.token
    assert refund.card.sealed != sale.payment.card.sealed


def test_a_card_shown_for_a_wallets_payment_is_not_kept() -> None:
    world = World()
    sale = world.lin.sells(25_00).by_code()
    assert world.lin.refunds(sale, 5_00, card="Mei").payment.card is None


def test_a_void_carries_the_whole_fee_and_a_refund_its_part() -> None:
    world = World()
    sale, other = world.lin.sells(100_00).by_card(), world.lin.sells(100_00).by_card()
    assert world.lin.voids(sale).payment.fee.minor == 60
    assert [world.lin.refunds(other, minor).payment.fee.minor for minor in (33_33, 66_67)] == [20, 40]


def test_a_repeated_undoing_is_not_judged_anew() -> None:
    world = World()
    sale = world.lin.sells(25_00).by_card()
    refund = world.lin.refunds(sale, 25_00)
    assert world.lin.repeats_undoing(Kind.REFUND, refund, sale).payment == refund.payment
    other = changed(refund.request, payment_id=world.new_id(world.clock.now()))
    assert again(world, other, sale).payment == refund.payment
    assert again(world, changed(other, amount=Money(1)), sale).reason is Reason.REPEAT_DIFFERS


def again(world: World, request: Request, sale: Told) -> Told:
    ask = FollowAsk(request, sale.payment.payment_id)
    return Told(at_once(refund_payment(ask, world.house)), ask.request)


def test_an_undoing_of_another_batch_than_the_open_one_sends_the_terminal_to_sign_in() -> None:
    world = World()
    sale = world.lin.sells(25_00).by_card()
    settled = world.lin.sells(1_00).request
    world.lin.settles()
    assert again(world, settled, sale).reason is Reason.BATCH_WRONG
    assert world.now(sale).refundable == sale.payment.amount


def test_the_same_voucher_number_on_another_day_is_another_request() -> None:
    world = World()
    sale = world.lin.sells(100_00).by_card()
    refund = world.lin.refunds(sale, 10_00)
    world.clock.at = datetime(2026, 3, 15, 4, 0, tzinfo=UTC)
    new = changed(refund.request, payment_id=world.new_id(world.clock.now()), received_at=world.clock.now())
    assert again(world, new, sale).approved
    assert world.acquirer.takings == 80_00


def test_a_client_without_voucher_numbers_repeats_by_id() -> None:
    world = World()
    sale = world.lin.sells(25_00, by_id=True).by_code()
    request = changed(world.lin.sells(5_00, by_id=True).request)
    first = again(world, request, sale)
    assert again(world, request, sale).payment == first.payment
    assert world.wallet.takings == 20_00


class BusyOriginal:
    """Books in which the original moves each time between reading and claiming, for so many times."""

    def __init__(self, world: World, times: int) -> None:
        self._books = world.books
        self.left = times

    def __getattr__(self, name: str) -> object:
        return getattr(self._books, name)

    async def record(self, change: Change) -> Record:
        """Overtaken while times are left."""
        if change.claim is not None and change.moves and self.left:
            self.left -= 1
            return Overtaken()
        return await self._books.record(change)


@pytest.mark.parametrize(("times", "reason"), [(2, None), (3, Reason.ORIGINAL_BUSY)])
def test_an_original_that_moved_meanwhile_is_judged_again_a_few_times(times: int, reason: Reason | None) -> None:
    world = World()
    sale = world.lin.sells(25_00).by_card()
    world.house = replace(world.house, books=BusyOriginal(world, times))  # type: ignore[arg-type] # the rest is handed on
    assert world.lin.refunds(sale, 5_00).reason is reason


def test_a_full_queue_refuses_an_undoing_before_anybody_is_asked() -> None:
    world = World()
    sale = world.lin.sells(25_00).by_card()
    world.books.busy = True
    assert world.lin.voids(sale).reason is Reason.BUSY
    assert len(world.acquirer.asked) == 1


def test_books_that_go_away_while_a_refund_is_asked_leave_it_unknown_and_it_is_done_once() -> None:
    world = World()
    sale = world.lin.sells(25_00).by_card()

    def the_books_go_away() -> None:
        world.acquirer.while_asked = None
        world.books.lost = True

    world.acquirer.while_asked = the_books_go_away
    refund = world.lin.refunds(sale, 5_00)
    assert refund.reason is Reason.OUTCOME_UNKNOWN
    world.books.lost = False
    world.the_process_starts_again()
    world.the_machine_works()
    assert world.state(refund) is State.APPROVED
    assert world.acquirer.takings == 20_00
    world.the_books_balance()


class TooLate:
    """A card network that approves a void after the whole reversal of it was done."""

    name = "unionpay"

    def __init__(self, world: World) -> None:
        self._world = world
        self._acquirer = world.acquirer

    def __getattr__(self, name: str) -> object:
        return getattr(self._acquirer, name)

    async def void(self, void: Payment, original: Payment, card: CardMeans | None) -> Answer:
        """The terminal gives up and the machine reverses; only then comes the approval."""
        self._world.lin.reverses_voucher(Voucher(1, void.stan or 0), 25_00, kind=Kind.VOID)
        self._world.the_machine_works()
        return Approved()


def test_an_approval_of_a_void_that_is_reversed_already_posts_nothing_and_is_shown_to_a_person() -> None:
    world = World()
    sale = world.lin.sells(25_00).by_card()
    world.house = replace(world.house, acquirer=TooLate(world))  # type: ignore[arg-type] # the rest is handed on
    void = world.lin.voids(sale)
    assert void.payment.state is State.REVERSED
    assert world.state(sale) is State.APPROVED
    assert world.found() == ["late_approval"]
    world.the_books_balance()


def test_books_lost_before_the_claim_are_not_hidden() -> None:
    world = World()
    sale = world.lin.sells(25_00).by_card()
    world.books.lost = True
    with pytest.raises(BooksLost):
        at_once(void_payment(FollowAsk(world.lin.sells(25_00).request, sale.payment.payment_id), world.house))
