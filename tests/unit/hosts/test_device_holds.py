"""The device's own software against the real desk: holds and what follows them, offline sales, balances."""

from __future__ import annotations

from dataclasses import replace

import pytest

from support.card_counter import MEIS_CARD, CardCounter
from support.pretend_channels import Mood
from support.world import at_once
from xiaopos.kernel.money import Money
from xiaopos.kernel.refusal import MoneyMoved, Reason, Refused
from xiaopos.kernel.secret import Secret
from xiaopos.payments.payment import Kind, Payment
from xiaopos.payments.states import State
from xiaopos.terminal.cards import How
from xiaopos.terminal.memory import Remembered, totals
from xiaopos.terminal.outcome import Action, Outcome
from xiaopos.terminal.outcome import Kind as End

PROFILES = ("unionpay-3des-2012", "unionpay-sm4-draft")


@pytest.fixture(params=PROFILES)
def counter(request: pytest.FixtureRequest) -> CardCounter:
    made = CardCounter(request.param)
    assert made.signs_in().approved
    return made


def payment(counter: CardCounter, kind: Kind) -> Payment:
    [found] = [one for one in counter.world.books.payments.values() if one.kind is kind]
    return found


def holds(counter: CardCounter, minor: int = 100_00) -> Outcome:
    held = counter.passes(counter.device.preauth(minor, MEIS_CARD, How.INSERT, now=counter.world.clock.now()))
    assert held.approved
    assert held.money_moved is MoneyMoved.NO
    assert "未扣款" in held.words.title_zh
    return held


def asks_balance(counter: CardCounter) -> bytes | Refused:
    return counter.device.balance(MEIS_CARD, How.SWIPE, now=counter.world.clock.now(), pin=Secret(b"123456"))


def batch(counter: CardCounter) -> tuple[int, int]:
    now = totals(counter.device.remembered)
    return now.sales_count, now.sales_minor


def test_a_hold_is_completed_by_its_code_and_counted_in_the_batch(counter: CardCounter) -> None:
    held = holds(counter)
    assert batch(counter) == (0, 0)
    completed = counter.passes(counter.device.complete(80_00, held.approval_code))
    assert (completed.approved, completed.amount, completed.money_moved) == (True, Money(80_00), MoneyMoved.YES)
    assert payment(counter, Kind.PREAUTH).state is State.COMPLETED
    assert counter.world.acquirer.takings == 80_00
    assert batch(counter) == (1, 80_00)
    settled = counter.passes(counter.device.settle())
    assert settled.balanced


def test_a_hold_is_lifted_whole_without_the_card(counter: CardCounter) -> None:
    held = holds(counter)
    lifted = counter.passes(counter.device.void_preauth(held.approval_code))
    assert (lifted.approved, lifted.amount, lifted.money_moved) == (True, Money(100_00), MoneyMoved.NO)
    assert payment(counter, Kind.PREAUTH).state is State.VOIDED
    assert counter.device.void_preauth(held.approval_code) == Refused(Reason.ORIGINAL_VOIDED)
    assert counter.device.complete(1_00, held.approval_code) == Refused(Reason.ORIGINAL_VOIDED)


def test_a_completion_is_voided_by_its_number_and_the_hold_stands_again(counter: CardCounter) -> None:
    held = holds(counter)
    completed = counter.passes(counter.device.complete(80_00, held.approval_code))
    assert counter.device.void(completed.stan) == Refused(Reason.ORIGINAL_UNKNOWN)
    voided = counter.passes(counter.device.void_completion(completed.stan))
    assert voided.approved
    assert (payment(counter, Kind.COMPLETION).state, payment(counter, Kind.PREAUTH).state) == (
        State.VOIDED,
        State.APPROVED,
    )
    assert batch(counter) == (0, 0)
    assert counter.device.void_completion(completed.stan) == Refused(Reason.ORIGINAL_VOIDED)
    assert counter.device.void_completion(held.stan) == Refused(Reason.ORIGINAL_UNKNOWN)


def test_a_hold_of_an_earlier_batch_needs_the_card(counter: CardCounter) -> None:
    held = holds(counter)
    assert counter.passes(counter.device.settle()).balanced
    code = held.approval_code
    refused = counter.device.complete(90_00, code)
    assert isinstance(refused, Refused)
    assert refused.reason is Reason.PAN_WRONG
    assert counter.passes(counter.device.complete(90_00, code, MEIS_CARD)).approved
    assert payment(counter, Kind.COMPLETION).amount == Money(90_00)


def test_a_hold_nobody_heard_of_is_undone(counter: CardCounter) -> None:
    counter.world.acquirer.moods.append(Mood.LOSE_ANSWER)
    asked = counter.device.preauth(100_00, MEIS_CARD, How.TAP, now=counter.world.clock.now())
    lost = counter.passes(asked)
    assert lost.kind is End.UNKNOWN
    assert counter.device.owes
    righted = counter.passes(counter.device.pay_up())
    assert (righted.action, righted.approved) == (Action.REVERSAL, True)
    counter.world.the_machine_works()
    assert payment(counter, Kind.PREAUTH).state is State.REVERSED


AFTERWARDS = {
    "completion": {Kind.COMPLETION: State.REVERSED, Kind.PREAUTH: State.APPROVED},
    "void_preauth": {Kind.PREAUTH: State.APPROVED},
    "void_completion": {Kind.COMPLETION: State.APPROVED, Kind.PREAUTH: State.COMPLETED},
}


@pytest.mark.parametrize("event", AFTERWARDS)
def test_what_follows_a_hold_is_undone_when_its_answer_is_lost(counter: CardCounter, event: str) -> None:
    held = holds(counter)
    if event == "completion":
        frame = counter.device.complete(80_00, held.approval_code)
    elif event == "void_preauth":
        frame = counter.device.void_preauth(held.approval_code)
    else:
        done = counter.passes(counter.device.complete(80_00, held.approval_code))
        frame = counter.device.void_completion(done.stan)
    assert isinstance(frame, bytes)
    assert at_once(counter.desk.answer(frame[2:])) is not None
    assert counter.device.no_answer().kind is End.UNKNOWN
    righted = counter.passes(counter.device.pay_up())
    assert (righted.action, righted.approved) == (Action.REVERSAL, True)
    counter.world.the_machine_works()
    assert {kind: payment(counter, kind).state for kind in AFTERWARDS[event]} == AFTERWARDS[event]
    assert not counter.device.owes
    counter.world.the_books_balance()


def test_a_completion_by_notice_is_told_until_it_is_taken(counter: CardCounter) -> None:
    held = holds(counter)
    frame = counter.device.complete(80_00, held.approval_code, advice=True)
    assert isinstance(frame, bytes)
    lost = counter.device.no_answer()
    assert (lost.kind, lost.words.title_zh) == (End.UNKNOWN, "主机还没有收到通知，正在自动重发")
    told = counter.passes(counter.device.pay_up())
    assert (told.action, told.approved, told.money_moved) == (Action.COMPLETION_ADVICE, True, MoneyMoved.YES)
    assert payment(counter, Kind.COMPLETION).state is State.APPROVED
    assert counter.world.acquirer.takings == 80_00
    assert batch(counter) == (1, 80_00)


def test_an_offline_sale_is_told_until_it_is_taken_once(counter: CardCounter) -> None:
    frame = counter.device.offline_sale(12_50, MEIS_CARD, How.INSERT, now=counter.world.clock.now())
    assert isinstance(frame, bytes)
    counter.device.no_answer()
    told = counter.passes(counter.device.pay_up())
    assert (told.action, told.approved) == (Action.OFFLINE_SALE, True)
    assert counter.world.acquirer.takings == 12_50
    assert batch(counter) == (1, 12_50)


def test_a_notice_that_is_never_taken_is_kept_and_taken_up_again(counter: CardCounter) -> None:
    counter.device.offline_sale(12_50, MEIS_CARD, How.INSERT, now=counter.world.clock.now())
    counter.device.no_answer()
    for _ in range(counter.device.profile.reversal_tries):
        counter.device.pay_up()
        last = counter.device.no_answer()
    assert last.words.title_zh == "通知仍未送达，已登记待处理"
    assert not counter.device.owes
    assert counter.device.reopen()
    assert counter.passes(counter.device.pay_up()).approved
    assert counter.world.acquirer.takings == 12_50


def test_a_balance_moves_no_money_and_owes_nothing(counter: CardCounter) -> None:
    told = counter.passes(asks_balance(counter))
    assert told.approved
    assert told.balance is not None
    assert told.money_moved is MoneyMoved.NO
    assert told.as_json()["balance_minor"] == told.balance.minor
    assert isinstance(asks_balance(counter), bytes)
    lost = counter.device.no_answer()
    assert (lost.kind, lost.money_moved) == (End.UNKNOWN, MoneyMoved.NO)
    assert not counter.device.owes
    assert counter.sells().approved


def test_a_balance_that_is_refused_says_why(counter: CardCounter) -> None:
    counter.changes(merchant_active=False)
    told = counter.passes(asks_balance(counter))
    assert told.kind is End.DECLINED
    assert told.balance is None


def test_nothing_follows_a_hold_for_no_money(counter: CardCounter) -> None:
    assert counter.device.complete(0, "ABC123", MEIS_CARD) == Refused(Reason.AMOUNT_ZERO)
    assert counter.device.void_preauth("ABC123") == Refused(Reason.AMOUNT_ZERO)
    assert counter.device.preauth(0, MEIS_CARD, How.TAP, now=counter.world.clock.now()) == Refused(Reason.AMOUNT_ZERO)


def pretend_missing(counter: CardCounter, sales: int) -> None:
    """Sell so often, and let the terminal forget the last: its totals then differ from the house's."""
    for _ in range(sales):
        assert counter.sells(1_00).approved
    now = counter.device.remembered
    counter.device._keep(replace(now, vouchers=now.vouchers[:-1]))


def test_a_batch_that_differs_is_uploaded_and_compared(counter: CardCounter) -> None:
    pretend_missing(counter, 11)
    settled = counter.passes(counter.device.settle())
    assert (settled.approved, settled.balanced) == (True, False)
    assert (counter.device.remembered.upload_batch, counter.device.remembered.upload_count) == (1, 10)
    for left in (2, 0, 0):
        told = counter.passes(counter.device.upload())
        assert (told.action, told.approved, told.batch_number) == (Action.UPLOAD, True, 1)
        assert len(counter.device.remembered.uploads) == left
    assert counter.device.remembered.upload_batch == 0
    kinds = [item.kind for item in counter.world.books.discrepancies]
    assert "batch_totals" in kinds
    assert len(kinds) >= 2
    assert isinstance(counter.device.upload(), Refused)
    assert counter.sells().approved


def test_an_upload_that_is_not_heard_goes_on_after_a_power_cut(counter: CardCounter) -> None:
    pretend_missing(counter, 3)
    counter.passes(counter.device.settle())
    assert isinstance(counter.device.upload(), bytes)
    lost = counter.device.no_answer()
    assert (lost.kind, lost.money_moved) == (End.UNKNOWN, MoneyMoved.NO)
    kept = Remembered.from_json(counter.device.remembered.as_json())
    assert (kept.upload_count, len(kept.uploads)) == (2, 2)
    assert counter.passes(counter.device.upload()).approved
    assert counter.passes(counter.device.upload()).approved
    assert counter.device.remembered.upload_batch == 0


def test_an_upload_that_the_host_refuses_is_not_sent_again(counter: CardCounter) -> None:
    pretend_missing(counter, 2)
    counter.passes(counter.device.settle())
    now = counter.device.remembered
    counter.device._keep(replace(now, upload_batch=77))
    refused = counter.passes(counter.device.upload())
    assert refused.kind is End.DECLINED
    assert (counter.device.remembered.upload_batch, counter.device.remembered.uploads) == (0, ())
