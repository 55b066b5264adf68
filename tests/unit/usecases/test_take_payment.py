"""Taking a payment: who may, what is refused and noted, what a repeat hears, what happens when the books are away."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from support.world import LIMIT, NOODLES, Told, World, at_once, card_of, changed
from xiaopos.kernel.ids import PaymentId
from xiaopos.kernel.refusal import Reason, Refused
from xiaopos.payments.payment import Kind
from xiaopos.payments.states import State
from xiaopos.usecases.ports import BooksLost, Change, Overtaken, Record
from xiaopos.usecases.steps import Request
from xiaopos.usecases.take_payment import SaleAsk, take_payment


def sells(world: World, request: Request) -> Told:
    return Told(at_once(take_payment(SaleAsk(request, card_of("Mei")), world.house)), request)


def test_an_unknown_terminal_takes_nothing() -> None:
    world = World()
    world.lin.terminal_id = "10000002"
    request = changed(world.lin.sells(1_00).request, terminal_id="99999999")
    assert sells(world, request).reason is Reason.TERMINAL_UNKNOWN


@pytest.mark.parametrize(
    ("parts", "merchant_id", "reason"),
    [
        ({"terminal_active": False, "merchant_active": False}, NOODLES, Reason.MERCHANT_MISMATCH),
        ({"terminal_active": False, "merchant_active": False}, "", Reason.MERCHANT_NOT_ACTIVE),
        ({"terminal_active": False, "bound": False}, "", Reason.TERMINAL_NOT_ACTIVE),
        ({"bound": False}, "", Reason.TERMINAL_NOT_BOUND),
    ],
)
def test_a_terminal_is_refused_for_its_merchant_first(parts: dict[str, Any], merchant_id: str, reason: Reason) -> None:
    world = World()
    facts = world.books.terminals["10000001"]
    world.books.terminals["10000001"] = replace(facts, **parts)
    request = changed(world.lin.sells(1_00).request, merchant_id=merchant_id)
    assert sells(world, request).reason is reason
    assert world.books.payments == {}


def test_facts_that_the_caller_has_just_recalled_are_not_recalled_again() -> None:
    world = World()
    facts = replace(world.books.terminals["10000001"], terminal_active=False)
    assert sells(world, changed(world.lin.sells(1_00).request, facts=facts)).reason is Reason.TERMINAL_NOT_ACTIVE


@pytest.mark.parametrize(
    ("minor", "currency", "reason"),
    [
        (0, "CNY", Reason.AMOUNT_ZERO),
        (LIMIT + 1, "CNY", Reason.AMOUNT_OVER_LIMIT),
        (1_00, "HKD", Reason.CURRENCY_WRONG),
    ],
)
def test_a_refusal_is_noted_for_the_merchants_list(minor: int, currency: str, reason: Reason) -> None:
    world = World()
    assert world.lin.sells(minor, currency=currency).by_card().reason is reason
    (note,) = world.books.refusals
    assert (note.refused.reason, note.amount.minor, note.kind, note.cashier) == (reason, minor, "sale", "Lin")
    assert note.business_on == datetime(2026, 3, 14, tzinfo=UTC).date()
    assert world.acquirer.asked == []


def test_a_request_of_another_batch_than_the_open_one_sends_the_terminal_to_sign_in() -> None:
    world = World()
    sale = world.lin.sells(25_00).by_card()
    settled = world.lin.sells(1_00).request
    world.lin.settles()
    assert sells(world, settled).reason is Reason.BATCH_WRONG
    assert len(world.acquirer.asked) == 1
    assert world.lin.refunds(sale, 1_00).approved


def test_what_is_kept_of_a_card_is_masked_sealed_and_a_token() -> None:
    world = World()
    first, second = world.lin.sells(1_00).by_card().payment, world.lin.sells(2_00).by_card().payment
    assert first.card is not None
    assert second.card is not None
    assert first.card.masked == "620000*********0018"
    assert first.card.token == second.card.token
    assert first.card.sealed != second.card.sealed
    assert "6200000000000000018" not in repr(world.books)


def test_without_a_queue_place_nothing_is_claimed_and_nobody_is_asked() -> None:
    world = World()
    world.books.busy = True
    assert world.lin.sells(1_00).by_card().reason is Reason.BUSY
    assert world.acquirer.asked == []


def test_books_that_are_away_before_the_claim_let_the_caller_know() -> None:
    world = World()
    world.books.lost = True
    with pytest.raises(BooksLost):
        world.lin.sells(1_00).by_card()
    assert world.acquirer.asked == []


@pytest.mark.parametrize("trouble", ["lost", "busy"])
def test_nobody_hears_approved_without_a_durable_row(trouble: str) -> None:
    world = World()

    def the_books_go_away() -> None:
        world.acquirer.while_asked = None
        setattr(world.books, trouble, True)

    world.acquirer.while_asked = the_books_go_away
    sale = world.lin.sells(25_00).by_card()
    assert sale.reason is Reason.OUTCOME_UNKNOWN
    assert world.acquirer.takings == 25_00
    setattr(world.books, trouble, False)
    assert world.state(sale) is State.SENT
    world.the_process_starts_again()
    world.the_machine_works()
    assert world.state(sale) is State.REVERSED
    world.the_books_balance()


@pytest.mark.parametrize("cut_over", [24, 23])
def test_a_repeat_over_midnight_is_still_a_repeat(cut_over: int) -> None:
    world = World()
    facts = world.books.terminals["10000001"]
    world.books.terminals["10000001"] = replace(facts, cut_over_hour=cut_over)
    world.clock.at = datetime(2026, 3, 14, 15 if cut_over == 24 else 14, 59, 50, tzinfo=UTC)
    sale = world.lin.sells(25_00).by_card()
    world.seconds_pass(20)
    late = changed(sale.request, received_at=world.clock.now(), payment_id=PaymentId("f" * 32))
    assert sells(world, late).payment == sale.payment
    assert len(world.acquirer.asked) == 1


def test_just_after_midnight_a_new_number_is_a_new_sale_and_an_old_one_of_last_week_is_too() -> None:
    world = World()
    world.lin.sells(25_00).by_card()
    world.clock.at = datetime(2026, 3, 20, 16, 0, 5, tzinfo=UTC)
    assert world.lin.sells(1_00).by_card().approved
    world.lin.stan = 0
    assert world.lin.sells(1_00).by_card().approved
    assert len(world.acquirer.asked) == 3


def test_a_client_without_voucher_numbers_names_its_payment_by_id() -> None:
    world = World()
    sale = world.lin.sells(25_00, by_id=True).by_code()
    assert world.lin.repeats(sale).payment == sale.payment
    assert sale.payment.stan is None


def test_a_card_that_names_its_kind_pays_the_price_of_that_kind() -> None:
    world = World()
    assert world.lin.sells(100_00).by_card().payment.fee.minor == 60
    assert world.lin.sells(100_00).by_code().payment.fee.minor == 38


class StubbornBooks:
    """Books in which somebody else is always faster with a conclusion, although the payment itself never moves."""

    def __init__(self, world: World) -> None:
        self._books = world.books

    def __getattr__(self, name: str) -> object:
        return getattr(self._books, name)

    async def record(self, change: Change) -> Record:
        """Every move is overtaken."""
        return await self._books.record(change) if change.claim else Overtaken()


def test_a_conclusion_that_is_overtaken_again_and_again_is_told_as_unknown() -> None:
    world = World()
    world.house = replace(world.house, books=StubbornBooks(world))  # type: ignore[arg-type] # the rest is handed on
    sale = world.lin.sells(25_00).by_card()
    assert sale.reason is Reason.OUTCOME_UNKNOWN
    assert world.state(sale) is State.SENT


def test_an_answer_that_comes_after_the_sweep_is_told_as_it_stands() -> None:
    world = World()

    def somebody_sweeps() -> None:
        world.acquirer.while_asked = None
        world.the_process_starts_again()

    world.acquirer.while_asked = somebody_sweeps
    sale = world.lin.sells(25_00).by_card()
    assert sale.payment.state is State.UNKNOWN
    assert world.found() == []
    world.the_machine_works()
    world.the_books_balance()


def test_a_refused_undoing_is_noted_under_its_own_kind() -> None:
    world = World()
    refused = world.lin.undoes(Kind.REFUND, "000000000000", 1_00)
    assert refused.result == Refused(Reason.ORIGINAL_UNKNOWN)
    assert [note.kind for note in world.books.refusals] == ["refund"]
