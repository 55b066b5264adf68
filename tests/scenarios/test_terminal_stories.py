"""Stories of money at a terminal: one of every kind that the interface has, from the keys pressed to the books.

What may live here: a story a transaction, told with Lin's terminal and the real desk; docs/what-terminals-ask.md names each.
What may not: odd messages and refusals one by one (tests/unit/hosts).
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from support.card_counter import MEIS_CARD, MEIS_CODE, TID, CardCounter
from support.pretend_channels import Mood
from support.world import TEA, at_once
from xiaopos.kernel.money import Money
from xiaopos.kernel.refusal import REASONS, MoneyMoved, Reason, Refused
from xiaopos.kernel.secret import Secret
from xiaopos.payments.payment import Kind, Payment
from xiaopos.payments.states import State
from xiaopos.terminal.cards import How
from xiaopos.terminal.messages import Original
from xiaopos.terminal.outcome import Action, Outcome
from xiaopos.usecases.notices import ScriptNotice
from xiaopos.wire.iso8583 import Message
from xiaopos.wire.iso8583.payer_code import DIALECTS, PRIVATE, UNIONPAY, PayerCodeDialect

CODE = {reason: row.response_code for reason, row in REASONS.items()}


@pytest.fixture
def counter() -> CardCounter:
    made = CardCounter()
    made.changes(limits=replace(made.world.books.terminals[TID].limits, tip_percent=15))
    assert made.signs_in().approved
    return made


def owed(counter: CardCounter) -> int:
    """What Lin is owed, fees taken off, in minor units."""
    counter.world.the_books_balance()
    return counter.world.books.balance(f"payable:{TEA}")


def only(counter: CardCounter, kind: Kind) -> Payment:
    [found] = [one for one in counter.world.books.payments.values() if one.kind is kind]
    return found


def holds(counter: CardCounter, minor: int) -> Outcome:
    held = counter.passes(counter.device.preauth(minor, MEIS_CARD, How.INSERT, now=counter.world.clock.now()))
    assert (held.approved, held.money_moved) == (True, MoneyMoved.NO)
    return held


def told(counter: CardCounter, fields: dict[int, str | bytes]) -> Message:
    """What a terminal that scans codes hears to a message with these fields."""
    answer = counter.asks(Message("0200", {41: TID, 42: TEA, 49: "156", **fields}))
    assert answer is not None
    return answer


def scans(counter: CardCounter, dialect: PayerCodeDialect, stan: int = 1) -> Message:
    """Zhou keys in 12.50 and scans Mei's code."""
    sent = dialect.fields(MEIS_CODE, batch="000001", time="093000", date="260314", wallet="alipay")
    return told(counter, {4: "000000001250", 11: f"{stan:06d}", **sent})


def asks_about(counter: CardCounter, stan: int, *, wallet: bool = False) -> Message:
    kind, processing = ("60", "730000") if wallet else ("01", "311000")
    return told(counter, {3: processing, 11: "000090", 25: "00", 60: f"{kind}000001000", 61: f"000001{stan:06d}0314"})


# -- sales -----------------------------------------------------------------------------------------------------------


def test_mei_pays_by_card_and_lin_is_owed_it_less_the_fee(counter: CardCounter) -> None:
    sold = counter.sells(25_00, How.INSERT, pin="123456")
    assert (sold.approved, sold.amount, sold.money_moved) == (True, Money(25_00), MoneyMoved.YES)
    sale = only(counter, Kind.SALE)
    assert (sale.state, sale.rrn, sale.approval_code) == (State.APPROVED, sold.rrn, sold.approval_code)
    assert (sale.fee.minor, owed(counter)) == (15, 24_85)
    assert sold.masked_pan.startswith("620000"), "the slip shows the card's ends"
    assert MEIS_CARD.pan.digits not in repr(sold)


def test_the_issuer_takes_half_and_zhou_reads_how_much_is_still_due(counter: CardCounter) -> None:
    counter.world.the_issuer_approves_half()
    sold = counter.sells(80_00)
    assert (sold.response_code, sold.amount) == ("10", Money(40_00))
    assert only(counter, Kind.SALE).amount == Money(40_00)
    assert counter.world.acquirer.takings == 40_00
    assert counter.passes(counter.device.settle()).balanced is True


def test_the_cellar_has_no_signal_and_the_sale_is_told_later(counter: CardCounter) -> None:
    """The terminal takes 12.50 without asking; two attempts to tell of it fail, the third is taken, once."""
    frame = counter.device.offline_sale(12_50, MEIS_CARD, How.INSERT, now=counter.world.clock.now())
    assert isinstance(frame, bytes)
    counter.device.no_answer()
    assert counter.device.owes
    frame = counter.device.pay_up()
    assert isinstance(frame, bytes)
    assert at_once(counter.desk.answer(frame[2:])) is not None, "the host took it, and its answer is lost"
    counter.device.no_answer()
    taken = counter.passes(counter.device.pay_up())
    assert (taken.action, taken.approved, taken.money_moved) == (Action.OFFLINE_SALE, True, MoneyMoved.YES)
    assert counter.world.acquirer.takings == 12_50
    assert (only(counter, Kind.SALE).state, owed(counter)) == (State.APPROVED, 12_42)


def test_mei_leaves_a_tip_and_not_more_than_was_agreed_with_lin(counter: CardCounter) -> None:
    sold = counter.sells(100_00)
    tip = counter.passes(counter.device.tip(10_00, sold.stan))
    assert (tip.approved, only(counter, Kind.TIP).amount) == (True, Money(10_00))
    refused = counter.passes(counter.device.tip(6_00, sold.stan))
    assert (refused.approved, refused.response_code) == (False, CODE[Reason.TIP_WRONG])
    assert counter.world.acquirer.takings == 110_00
    assert counter.passes(counter.device.settle()).balanced is True
    assert owed(counter) == 110_00 - 60 - 6


def test_tao_asks_what_is_left_on_the_card_and_pays_nothing(counter: CardCounter) -> None:
    frame = counter.device.balance(MEIS_CARD, How.SWIPE, now=counter.world.clock.now(), pin=Secret(b"123456"))
    heard = counter.passes(frame)
    assert (heard.approved, heard.balance, heard.money_moved) == (True, Money(100_00), MoneyMoved.NO)
    assert counter.world.books.payments == {}
    assert owed(counter) == 0


# -- taken back ------------------------------------------------------------------------------------------------------


def test_zhou_keyed_in_a_nought_too_many_and_voids_the_sale(counter: CardCounter) -> None:
    sold = counter.sells(250_00)
    void = counter.passes(counter.device.void(sold.stan))
    assert (void.action, void.approved) == (Action.VOID, True)
    assert (only(counter, Kind.SALE).state, owed(counter)) == (State.VOIDED, 0)
    assert counter.world.acquirer.takings == 0
    again = counter.device.void(sold.stan)
    assert isinstance(again, Refused)
    assert again.reason is Reason.ORIGINAL_VOIDED
    assert counter.passes(counter.device.settle()).balanced is True


def test_mei_brings_back_some_of_her_tea_after_the_day_was_closed(counter: CardCounter) -> None:
    sold = counter.sells(100_00)
    assert counter.passes(counter.device.settle()).balanced is True
    original = Original(sold.rrn, sold.batch_number, sold.stan)
    assert isinstance(counter.device.void(sold.stan), Refused), "the void's time is over"
    for minor in (30_00, 50_00):
        assert counter.passes(counter.device.refund(minor, original, MEIS_CARD)).approved
    too_much = counter.passes(counter.device.refund(20_01, original, MEIS_CARD))
    assert (too_much.approved, too_much.response_code) == (False, CODE[Reason.REFUND_TOO_MUCH])
    assert counter.passes(counter.device.refund(20_00, original, MEIS_CARD)).approved
    assert counter.world.acquirer.takings == 0
    assert owed(counter) == 0


def test_the_line_breaks_after_mei_was_charged_and_the_terminal_takes_it_back(counter: CardCounter) -> None:
    """Approved, but nobody at the counter heard so: before the next customer the terminal reverses it."""
    frame = counter.device.sale(25_00, MEIS_CARD, How.TAP, now=counter.world.clock.now())
    assert isinstance(frame, bytes)
    assert at_once(counter.desk.answer(frame[2:])) is not None
    assert counter.world.acquirer.takings == 25_00
    lost = counter.device.no_answer()
    assert lost.money_moved is MoneyMoved.UNKNOWN
    righted = counter.passes(counter.device.pay_up())
    assert (righted.action, righted.approved) == (Action.REVERSAL, True)
    counter.world.the_machine_works()
    assert (only(counter, Kind.SALE).state, owed(counter)) == (State.REVERSED, 0)
    assert counter.world.acquirer.takings == 0
    assert counter.sells(25_00).approved, "the next customer is served"


# -- holds -----------------------------------------------------------------------------------------------------------


def test_lin_holds_a_deposit_and_takes_what_was_broken(counter: CardCounter) -> None:
    held = holds(counter, 500_00)
    assert (counter.world.acquirer.takings, owed(counter)) == (0, 0)
    over = counter.passes(counter.device.complete(600_00, held.approval_code))
    assert (over.approved, over.response_code) == (False, CODE[Reason.COMPLETION_TOO_MUCH])
    done = counter.passes(counter.device.complete(80_00, held.approval_code))
    assert (done.action, done.approved, done.money_moved) == (Action.COMPLETION, True, MoneyMoved.YES)
    assert (only(counter, Kind.PREAUTH).state, counter.world.acquirer.takings) == (State.COMPLETED, 80_00)
    assert owed(counter) == 80_00 - 48


def test_nothing_was_broken_and_the_deposit_is_let_go(counter: CardCounter) -> None:
    held = holds(counter, 500_00)
    assert sum(counter.world.acquirer.held.values()) == 500_00
    lifted = counter.passes(counter.device.void_preauth(held.approval_code))
    assert (lifted.action, lifted.approved, lifted.money_moved) == (Action.PREAUTH_VOID, True, MoneyMoved.NO)
    assert only(counter, Kind.PREAUTH).state is State.VOIDED
    assert counter.world.acquirer.held == {}
    assert owed(counter) == 0


def test_the_guest_has_gone_and_lin_tells_what_she_took_of_the_deposit(counter: CardCounter) -> None:
    """A completion by notice is a fact: the network hears of it until it takes it."""
    held = holds(counter, 500_00)
    counter.world.acquirer.moods.append(Mood.LOSE_REQUEST)
    done = counter.passes(counter.device.complete(80_00, held.approval_code, advice=True))
    assert (done.action, done.approved) == (Action.COMPLETION_ADVICE, True)
    counter.world.the_machine_works()
    assert (only(counter, Kind.COMPLETION).state, counter.world.acquirer.takings) == (State.APPROVED, 80_00)
    assert owed(counter) == 80_00 - 48


def test_the_cup_was_found_and_what_was_taken_of_the_deposit_is_given_back(counter: CardCounter) -> None:
    held = holds(counter, 500_00)
    done = counter.passes(counter.device.complete(80_00, held.approval_code))
    voided = counter.passes(counter.device.void_completion(done.stan))
    assert (voided.action, voided.approved) == (Action.COMPLETION_VOID, True)
    assert (only(counter, Kind.COMPLETION).state, only(counter, Kind.PREAUTH).state) == (State.VOIDED, State.APPROVED)
    assert (counter.world.acquirer.takings, owed(counter)) == (0, 0)


# -- payment codes ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("dialect", DIALECTS, ids=lambda each: each.key)
def test_mei_shows_her_code_at_a_terminal_of_any_dialect(counter: CardCounter, dialect: PayerCodeDialect) -> None:
    paid = scans(counter, dialect)
    assert (paid.text(39), paid.text(25)) == ("00", dialect.condition)
    sale = only(counter, Kind.SALE)
    assert (sale.state, sale.rrn, counter.world.wallet.takings) == (State.APPROVED, paid.text(37), 12_50)
    assert MEIS_CODE not in repr(counter.world.books)
    assert owed(counter) == 12_45


@pytest.mark.parametrize("wallet", [False, True])
def test_the_screen_goes_dark_and_zhou_asks_before_scanning_again(counter: CardCounter, wallet: bool) -> None:
    """Mei's phone asks her first: unknown is not failed, and asking tells how it ended."""
    counter.world.the_customer_must_confirm()
    assert scans(counter, PRIVATE if wallet else UNIONPAY).text(39) == CODE[Reason.IN_PROGRESS]
    assert asks_about(counter, 1, wallet=wallet).text(39) == CODE[Reason.IN_PROGRESS]
    for order, minor in counter.world.wallet.orders.items():
        counter.world.wallet.moved[order] = minor
    counter.world.wallet.orders.clear()
    counter.world.the_machine_works()
    heard = asks_about(counter, 1, wallet=wallet)
    assert (heard.text(39), heard.text(4), heard.text(37)) == ("00", "000000001250", only(counter, Kind.SALE).rrn)
    assert asks_about(counter, 2, wallet=wallet).text(39) == CODE[Reason.ORIGINAL_UNKNOWN]


@pytest.mark.parametrize("dialect", DIALECTS, ids=lambda each: each.key)
def test_mei_was_scanned_twice_and_one_is_paid_back(counter: CardCounter, dialect: PayerCodeDialect) -> None:
    first, second = scans(counter, dialect, 1), scans(counter, dialect, 2)
    assert counter.world.wallet.takings == 25_00
    how = {3: "720000", 60: "60000001000"} if dialect is PRIVATE else {3: "200000", 22: "032", 60: "23000001000"}
    void = told(counter, {4: "000000001250", 11: "000003", 25: dialect.condition or "00", 37: second.text(37), **how})
    assert void.text(39) == "00"
    states = {one.rrn: one.state for one in counter.world.books.payments.values() if one.kind is Kind.SALE}
    assert states == {first.text(37): State.APPROVED, second.text(37): State.VOIDED}
    assert (counter.world.wallet.takings, owed(counter)) == (12_50, 12_45)


# -- afterwards ------------------------------------------------------------------------------------------------------


def test_the_issuer_changes_something_on_meis_chip_and_hears_whether_it_worked(counter: CardCounter) -> None:
    counter.world.acquirer.issuer_data = bytes.fromhex("910A11223344556677883030" + "72079F180400000001")
    assert counter.sells(12_50, How.INSERT).approved
    counter.passes(counter.device.tell_notice())
    assert counter.device.remembered.notices == ()
    [result] = [one for one in counter.world.books.notices if isinstance(one, ScriptNotice)]
    assert (result.payment_id, result.result) == (only(counter, Kind.SALE).payment_id, "2000000001")
    counter.world.the_machine_works()
    assert counter.world.acquirer.asked[-1].startswith("script "), "the issuer hears of it through the network"
    assert counter.world.books.waiting_jobs == []
    assert counter.world.acquirer.takings == 12_50, "telling of it moves nothing"


# -- what is not served ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("mti", "processing", "kind", "condition"),
    [
        ("0200", "000000", "22", "08"),  # an order by telephone
        ("0100", "030000", "10", "18"),  # a hold by telephone
        ("0200", "000000", "22", "64"),  # in instalments
        ("0200", "000000", "36", "00"),  # electronic cash
    ],
)
def test_an_old_terminal_offers_what_is_not_served_and_nobody_is_charged(
    counter: CardCounter, mti: str, processing: str, kind: str, condition: str
) -> None:
    """A customer orders tea by telephone: the cashier hears at once that this is not served, and takes it another way."""
    asked = counter.sale(f3=processing, f25=condition, f60=f"{kind}000001000", f11="000077")
    heard = counter.asks(Message(mti, asked.fields))
    assert heard is not None
    assert heard.text(39) == CODE[Reason.TRANSACTION_UNSUPPORTED] == "40"
    assert counter.world.books.payments == {}
    assert counter.world.acquirer.asked == []
    counter.world.clock.at += timedelta(minutes=1)
    assert counter.sells(12_50).approved
    assert owed(counter) == 12_42
