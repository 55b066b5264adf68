"""Reversals: what a terminal may take back, what the machine does, what it leaves to a person."""

from __future__ import annotations

from dataclasses import replace

import pytest
from msgspec import structs

from support.world import World, at_once
from xiaopos.kernel.ids import MerchantId, PaymentId, TerminalId
from xiaopos.kernel.money import Money
from xiaopos.kernel.refusal import Reason, Refused
from xiaopos.payments.payment import Kind, Method, Payment
from xiaopos.payments.states import State
from xiaopos.usecases.enquire_payment import enquire_payment
from xiaopos.usecases.ports import Change, Known, LeasedJob, Overtaken, Record
from xiaopos.usecases.recover_payments import recover_payments
from xiaopos.usecases.reverse_payment import NotYet, cancel_payment, carry_out_reversal, forestall_payment
from xiaopos.usecases.steps import Request, Voucher
from xiaopos.usecases.take_payment import SaleAsk, ShopCode, take_payment


class Overtaking:
    """Books in which every change of the named sort is overtaken for so many times."""

    def __init__(self, world: World, *, moves: int = 0, claims: int = 0) -> None:
        self._books = world.books
        self.moves, self.claims = moves, claims

    def __getattr__(self, name: str) -> object:
        return getattr(self._books, name)

    async def record(self, change: Change) -> Record:
        """As long as times are left, somebody else was faster."""
        if change.moves and self.moves:
            self.moves -= 1
            return Overtaken()
        if change.claim and self.claims:
            self.claims -= 1
            return Known(change.claim)
        return await self._books.record(change)


def overtaken(world: World, *, moves: int = 0, claims: int = 0) -> None:
    world.house = replace(world.house, books=Overtaking(world, moves=moves, claims=claims))  # type: ignore[arg-type] # the rest is handed on


def job(told_id: str, merchant_id: str, attempts: int = 1) -> LeasedJob:
    world = World()
    return LeasedJob("reverse_payment", MerchantId(merchant_id), PaymentId(told_id), attempts, world.clock.now())


def test_a_terminal_that_may_not_sell_may_not_reverse() -> None:
    world = World()
    facts = world.books.terminals["10000001"]
    world.books.terminals["10000001"] = replace(facts, merchant_active=False)
    assert world.lin.reverses_voucher(Voucher(1, 1), 1_00).reason is Reason.MERCHANT_NOT_ACTIVE


def test_a_refund_and_a_wallets_void_are_not_reversed() -> None:
    world = World()
    card, code = world.lin.sells(25_00).by_card(), world.lin.sells(25_00).by_code()
    refund, void = world.lin.refunds(card, 5_00), world.lin.voids(code)
    assert world.lin.reverses(refund).reason is Reason.TRANSACTION_UNSUPPORTED
    assert world.lin.reverses(void, kind=Kind.VOID).reason is Reason.TRANSACTION_UNSUPPORTED
    world.the_books_balance()


def test_a_sale_that_is_being_paid_back_is_busy() -> None:
    world = World()
    sale = world.lin.sells(25_00).by_card()
    world.lin.refunds(sale, 5_00)
    assert world.lin.reverses(sale).reason is Reason.ORIGINAL_BUSY


def test_a_reversal_of_something_declined_says_so_and_does_nothing() -> None:
    world = World()
    world.the_issuer_declines()
    sale = world.lin.sells(25_00).by_card()
    assert world.lin.reverses(sale).payment == sale.payment
    assert world.books.waiting_jobs == []


@pytest.mark.parametrize(("times", "reason"), [(2, Reason.OUTCOME_UNKNOWN), (3, Reason.ORIGINAL_BUSY)])
def test_an_original_that_moves_meanwhile_is_looked_at_again_a_few_times(times: int, reason: Reason) -> None:
    world = World()
    sale = world.lin.sells(25_00).by_card()
    overtaken(world, moves=times)
    assert world.lin.reverses(sale).reason is reason


def test_an_original_that_arrives_while_its_reversal_is_remembered_is_reversed_after_all() -> None:
    world = World()
    overtaken(world, claims=1)
    assert world.lin.reverses_voucher(Voucher(1, 7), 25_00).payment.state is State.REVERSED


def test_a_full_queue_refuses_a_reversal_and_the_terminal_asks_again() -> None:
    world = World()
    sale = world.lin.sells(25_00).by_card()
    world.books.busy = True
    assert world.lin.reverses(sale).reason is Reason.BUSY
    assert world.lin.reverses_voucher(Voucher(1, 99), 1_00).reason is Reason.BUSY


def test_a_remembered_reversal_holds_for_a_void_too() -> None:
    world = World()
    sale = world.lin.sells(25_00).by_card()
    voucher = world.lin.next_voucher()
    world.lin.reverses_voucher(voucher, 25_00, kind=Kind.VOID)
    world.lin.stan = voucher.stan - 1
    assert world.lin.voids(sale).reason is Reason.REVERSED_BEFORE
    assert world.state(sale) is State.APPROVED


def test_a_cashier_can_only_give_up_what_is_waiting_for_the_customer() -> None:
    world = World()
    sale = world.lin.sells(25_00).by_card()
    assert world.lin.gives_up(sale).payment == sale.payment
    unknown = cancel_payment(MerchantId("898110058120001"), PaymentId("f" * 32), world.house)
    assert at_once(unknown) == Refused(Reason.ORIGINAL_UNKNOWN)


def a_request(world: World, minor: int) -> Request:
    now = world.clock.now()
    return Request(PaymentId(world.new_id(now)), TerminalId(world.lin.terminal_id), Money(minor), now, cashier="lin")


def test_a_sale_that_never_arrived_is_refused_when_it_comes_late() -> None:
    world = World()
    late = a_request(world, 25_00)
    unheard = at_once(forestall_payment(late, Method.PAYER_CODE, world.house))
    assert isinstance(unheard, Payment)
    assert (unheard.state, unheard.reason) == (State.REVERSED, Reason.REVERSED_BEFORE)
    arrived = at_once(take_payment(SaleAsk(late, ShopCode("sandbox")), world.house))
    assert arrived == Refused(Reason.REVERSED_BEFORE)
    assert world.wallet.takings == 0
    assert world.books.waiting_jobs == []


def test_a_sale_that_did_arrive_is_shown_as_it_stands() -> None:
    world = World()
    sale = world.lin.sells(25_00).by_code()
    unheard = structs.replace(a_request(world, 25_00), payment_id=sale.payment.payment_id)
    assert at_once(forestall_payment(unheard, Method.PAYER_CODE, world.house)) == world.now(sale)
    assert world.wallet.takings == 25_00


def test_a_sale_cannot_be_forestalled_by_a_busy_house_or_an_unknown_terminal() -> None:
    world = World()
    unheard = a_request(world, 25_00)
    world.books.busy = True
    stranger = structs.replace(unheard, terminal_id=TerminalId("99999999"))
    for request, reason in ((unheard, Reason.BUSY), (stranger, Reason.TERMINAL_UNKNOWN)):
        refused = at_once(forestall_payment(request, Method.SHOP_CODE, world.house))
        assert isinstance(refused, Refused)
        assert refused.reason is reason


def test_giving_up_a_payment_that_has_just_moved_shows_how_it_stands() -> None:
    world = World()
    sale = world.lin.sells(25_00).by_shown_code()
    overtaken(world, moves=1)
    assert world.lin.gives_up(sale).payment == world.now(sale)


def test_a_job_whose_payment_is_known_has_nothing_left_to_do() -> None:
    world = World()
    sale = world.lin.sells(25_00).by_card().payment
    done = job(sale.payment_id, sale.merchant_id)
    assert at_once(carry_out_reversal(done, world.house)) is None
    assert at_once(enquire_payment(done, world.house)) is None
    assert len(world.acquirer.asked) == 1


def test_a_reversal_that_is_overtaken_at_its_beginning_or_end_is_tried_again() -> None:
    world = World()
    world.the_answer_gets_lost()
    sale = world.lin.sells(25_00).by_card()
    mine = job(sale.payment.payment_id, sale.payment.merchant_id)
    overtaken(world, moves=1)
    assert at_once(carry_out_reversal(mine, world.house)) == NotYet("the payment moved meanwhile")
    world.house = world.new_house()
    world.lin.reverses(sale)
    overtaken(world, moves=1)
    assert at_once(carry_out_reversal(mine, world.house)) == NotYet("the payment moved meanwhile")
    world.house = world.new_house()
    assert at_once(carry_out_reversal(mine, world.house)) is None
    assert world.state(sale) is State.REVERSED


@pytest.mark.parametrize("trouble", ["lost", "busy"])
def test_an_enquiry_whose_outcome_the_books_do_not_take_keeps_its_job(trouble: str) -> None:
    world = World()
    world.the_answer_gets_lost()
    sale = world.lin.sells(25_00).by_code()
    world.seconds_pass(3)
    (mine,) = at_once(world.books.lease(owner="w", now=world.clock.now(), limit=9, seconds=60))
    world.house = replace(world.house, wallets={"sandbox": Cutting(world, trouble)})  # type: ignore[dict-item] # the rest is handed on
    assert at_once(enquire_payment(mine, world.house)) == NotYet("the books did not take the outcome")
    setattr(world.books, trouble, False)
    world.house = world.new_house()
    assert at_once(enquire_payment(mine, world.house)) is None
    assert world.state(sale) is State.APPROVED


class Cutting:
    """A wallet that answers well while the books go away."""

    def __init__(self, world: World, trouble: str) -> None:
        self._world, self._trouble = world, trouble

    async def query(self, payment: object) -> object:
        """What became of it; meanwhile the books are gone."""
        answer = await self._world.wallet.query(payment)  # type: ignore[arg-type] # handed on
        setattr(self._world.books, self._trouble, True)
        return answer


def test_an_enquiry_goes_on_while_the_customer_has_time() -> None:
    world = World()
    world.the_customer_must_confirm()
    sale = world.lin.sells(25_00).by_code()
    world.seconds_pass(5)
    (mine,) = at_once(world.books.lease(owner="w", now=world.clock.now(), limit=9, seconds=60))
    assert isinstance(at_once(enquire_payment(mine, world.house)), NotYet)
    assert world.state(sale) is State.PAYING


def test_an_enquiry_that_is_overtaken_when_it_turns_into_a_reversal_is_tried_again() -> None:
    world = World()
    world.the_customer_must_confirm()
    world.lin.sells(25_00).by_code()
    world.seconds_pass(50)
    (mine,) = at_once(world.books.lease(owner="w", now=world.clock.now(), limit=9, seconds=60))
    overtaken(world, moves=1)
    assert at_once(enquire_payment(mine, world.house)) == NotYet("the payment moved meanwhile")


def test_recovery_leaves_a_payment_that_somebody_else_has_just_moved() -> None:
    world = World()
    world.lin.sells(25_00).by_card()
    sent = world.books.moves[0].changed()
    world.books.payments[sent.merchant_id, sent.payment_id] = sent
    world.seconds_pass(1)
    overtaken(world, moves=1)
    assert at_once(recover_payments(world.house, claimed_by=None, before=world.clock.now())) == 0
    assert at_once(recover_payments(world.house, claimed_by="somebody else", before=world.clock.now())) == 0
    assert at_once(recover_payments(world.house, claimed_by=None, before=world.clock.now())) == 1


def test_recovery_goes_on_until_nothing_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    world = World()
    for _ in range(5):
        world.lin.sells(1_00).by_card()
    for first in [move for move in world.books.moves if move.state is State.SENT]:
        world.books.payments[first.merchant_id, first.payment_id] = first
    world.seconds_pass(1)
    monkeypatch.setattr("xiaopos.usecases.recover_payments.AT_ONCE", 2)
    assert at_once(recover_payments(world.house, claimed_by=None, before=world.clock.now())) == 5
