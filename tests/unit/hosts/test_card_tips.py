"""A tip is added to a card sale of the open batch: told once, taken once, within the agreed share, and counted with its sale."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from support.card_counter import TID, CardCounter
from support.pretend_channels import Mood
from support.world import TEA
from xiaopos.kernel.refusal import REASONS, Reason
from xiaopos.payments.payment import Kind, Payment
from xiaopos.payments.states import State
from xiaopos.terminal.outcome import Outcome
from xiaopos.usecases.steps import Voucher
from xiaopos.wire.iso8583 import Message
from xiaopos.wire.iso8583.terminal_fields import BatchDetail, SettlementTotals, Totals

CODE = {reason: row.response_code for reason, row in REASONS.items()}


@pytest.fixture
def counter() -> CardCounter:
    made = CardCounter()
    made.changes(limits=replace(made.world.books.terminals[TID].limits, tip_percent=15))
    assert made.signs_in().approved
    return made


def tip(sold: Outcome, minor: int, stan: int = 50, sale_minor: int = 100_00, **parts: str | None) -> Message:
    fields: dict[int, str | bytes] = {
        3: "000000", 4: f"{sale_minor + minor:012d}", 11: f"{stan:06d}", 22: "012", 25: "00", 41: TID, 42: TEA,
        48: f"{minor:012d}", 49: "156", 60: "34000001000", 61: f"{sold.batch_number:06d}{sold.stan:06d}0314",
    }  # fmt: skip
    for name, value in parts.items():
        fields.pop(int(name[1:]), None)
        if value is not None:
            fields[int(name[1:])] = value
    return Message("0220", fields)


def told(counter: CardCounter, message: Message) -> Message:
    answer = counter.asks(message)
    assert answer is not None
    assert answer.mti == "0230"
    return answer


def tips(counter: CardCounter) -> list[Payment]:
    return [one for one in counter.world.books.payments.values() if one.kind is Kind.TIP]


def test_a_tip_is_taken_from_the_sales_card_once(counter: CardCounter) -> None:
    sold = counter.sells(100_00)
    for _ in range(2):
        answer = told(counter, tip(sold, 10_00))
        assert (answer.text(39), answer.text(4)) == ("00", "000000011000")
    (taken,) = tips(counter)
    (sale,) = [one for one in counter.world.books.payments.values() if one.kind is Kind.SALE]
    assert answer.text(37) == taken.rrn != sale.rrn
    assert (taken.amount.minor, taken.state, taken.original_id) == (10_00, State.APPROVED, sale.payment_id)
    assert (taken.fee.minor, sale.fee.minor, sale.state) == (6, 60, State.APPROVED)
    assert counter.world.acquirer.takings == 110_00
    assert counter.world.books.balance(f"payable:{TEA}") == 110_00 - 66
    counter.world.the_books_balance()


def test_a_tip_whose_answer_is_lost_is_told_again_until_the_network_has_it(counter: CardCounter) -> None:
    sold = counter.sells(100_00)
    counter.world.acquirer.moods.append(Mood.LOSE_REQUEST)
    assert told(counter, tip(sold, 10_00)).text(39) == "00"
    assert tips(counter)[0].state is State.UNKNOWN
    counter.world.the_machine_works()
    assert tips(counter)[0].state is State.APPROVED
    assert counter.world.acquirer.takings == 110_00
    counter.world.the_books_balance()


@pytest.mark.parametrize(
    ("minor", "parts", "expected"),
    [
        (15_01, {}, Reason.TIP_WRONG),
        (10_00, {"f4": "000000011001"}, Reason.TIP_WRONG),
        (10_00, {"f61": "0000010000990314"}, Reason.ORIGINAL_UNKNOWN),
        (10_00, {"f61": "0000010000000314"}, Reason.FORMAT_WRONG),
        (10_00, {"f61": None}, Reason.FORMAT_WRONG),
        (10_00, {"f48": None}, Reason.FORMAT_WRONG),
        (10_00, {"f48": "1000"}, Reason.FORMAT_WRONG),
        (10_00, {"f2": "6200010000000012"}, Reason.CARD_DIFFERS),
        (10_00, {"f60": "34000009000"}, Reason.BATCH_WRONG),
        (0, {}, Reason.AMOUNT_ZERO),
    ],
)
def test_a_tip_that_does_not_fit_is_refused(
    counter: CardCounter, minor: int, parts: dict[str, Any], expected: Reason
) -> None:
    sold = counter.sells(100_00)
    assert told(counter, tip(sold, minor, **parts)).text(39) == CODE[expected]
    assert tips(counter) == []
    assert counter.world.acquirer.takings == 100_00


def test_without_an_agreed_share_there_are_no_tips(counter: CardCounter) -> None:
    counter.changes(limits=replace(counter.world.books.terminals[TID].limits, tip_percent=0))
    sold = counter.sells(100_00)
    assert told(counter, tip(sold, 1_00)).text(39) == CODE[Reason.TRANSACTION_UNSUPPORTED]


def test_a_second_tip_shares_what_is_agreed_and_the_same_number_is_no_other_tip(counter: CardCounter) -> None:
    sold = counter.sells(100_00)
    assert told(counter, tip(sold, 10_00)).text(39) == "00"
    assert told(counter, tip(sold, 5_01, 51, 110_00)).text(39) == CODE[Reason.TIP_WRONG]
    assert told(counter, tip(sold, 5_00, 51, 110_00)).text(39) == "00"
    assert told(counter, tip(sold, 4_00)).text(39) == CODE[Reason.REPEAT_DIFFERS]
    assert sum(one.amount.minor for one in tips(counter)) == 15_00


def test_two_tips_at_once_take_no_more_than_agreed(counter: CardCounter) -> None:
    sold = counter.sells(100_00)
    books = counter.world.books
    recall = books.recall_batch_payments

    async def meanwhile(*asked: object) -> object:
        found = await recall(*asked)  # type: ignore[arg-type]  # as they come
        books.recall_batch_payments = recall  # type: ignore[method-assign]  # once
        assert told(counter, tip(sold, 10_00, 51)).text(39) == "00"
        return found

    books.recall_batch_payments = meanwhile  # type: ignore[method-assign, assignment]  # another tip comes in between
    assert told(counter, tip(sold, 10_00, 50)).text(39) == CODE[Reason.TIP_WRONG]
    assert [one.stan for one in tips(counter)] == [51]


@pytest.mark.parametrize(("mti", "code"), [("0200", "23"), ("0220", "25")])
def test_a_sale_is_not_given_back_while_a_tip_stands_on_it(counter: CardCounter, mti: str, code: str) -> None:
    sold = counter.sells(100_00)
    assert told(counter, tip(sold, 10_00)).text(39) == "00"
    asked = tip(sold, 0, 60)
    fields = {**asked.fields, 3: "200000", 37: sold.rrn, 60: f"{code}000001000"}
    del fields[48]
    answer = counter.asks(Message(mti, fields))
    assert answer is not None
    assert answer.text(39) == CODE[Reason.TIP_STANDS]
    assert counter.world.acquirer.takings == 110_00
    counter.world.the_books_balance()


def test_a_sale_that_never_rests_is_too_busy_for_a_tip(counter: CardCounter) -> None:
    sold = counter.sells(100_00)
    books = counter.world.books
    recall = books.recall_batch_payments

    async def restless(*asked: object) -> object:
        found = await recall(*asked)  # type: ignore[arg-type]  # as they come
        for key, one in list(books.payments.items()):
            books.payments[key] = one.touched(counter.world.clock.now())
        return found

    books.recall_batch_payments = restless  # type: ignore[method-assign, assignment]  # it moves whenever it is read
    assert told(counter, tip(sold, 10_00)).text(39) == CODE[Reason.ORIGINAL_BUSY]


def test_a_tip_that_cannot_be_recorded_is_refused(counter: CardCounter) -> None:
    sold = counter.sells(100_00)
    counter.world.books.busy = True
    assert told(counter, tip(sold, 10_00)).text(39) == CODE[Reason.BUSY]


def test_a_batch_counts_a_tip_with_its_sale(counter: CardCounter) -> None:
    sold, plain = counter.sells(100_00), counter.sells(20_00)
    assert told(counter, tip(sold, 10_00)).text(39) == "00"
    half = Totals(130_00, 2, 0, 0, "0")
    totals = SettlementTotals(half, Totals(0, 0, 0, 0, "0")).text()
    closing = Message("0500", {11: "000060", 41: TID, 42: TEA, 48: totals, 49: "156", 60: "00000001201"})
    answer = counter.asks(closing, seal=False)
    assert answer is not None
    assert (answer.text(39), answer.text(48)[30]) == ("00", "1")
    assert plain.approved


def test_an_uploaded_batch_is_compared_with_the_tips_in_their_sales(counter: CardCounter) -> None:
    sold, plain = counter.sells(100_00), counter.sells(20_00)
    assert told(counter, tip(sold, 10_00)).text(39) == "00"
    closing = Message("0500", {11: "000060", 41: TID, 42: TEA, 48: "0" * 62, 49: "156", 60: "00000001201"})
    assert counter.asks(closing, seal=False) is not None
    items = [BatchDetail(False, sold.stan, "6200000000000000018", 110_00)]
    items += [BatchDetail(False, plain.stan, "6200000000000000018", 20_00)]
    for network, text in (("201", BatchDetail.text_of(items)), ("202", "0002")):
        upload = Message("0320", {11: "000061", 41: TID, 42: TEA, 48: text, 60: f"00000001{network}"})
        answer = counter.asks(upload, seal=False)
        assert answer is not None
        assert answer.text(39) == "00"
    assert counter.world.found() == ["batch_totals"]


def test_a_tip_is_voided_by_itself(counter: CardCounter) -> None:
    sold = counter.sells(100_00)
    assert told(counter, tip(sold, 10_00)).text(39) == "00"
    voucher = Voucher(1, 50)
    void = counter.sale(
        f3="200000", f4="000000001000", f11="000052", f60="23000001000",
        f61=f"{voucher.batch_number:06d}{voucher.stan:06d}0314",
    )  # fmt: skip
    answer = counter.asks(void)
    assert answer is not None
    assert answer.text(39) == "00"
    assert counter.world.acquirer.takings == 100_00
    counter.world.the_books_balance()
