"""The device's own software against the real desk: tips, signatures, scripts' results, queries."""

from __future__ import annotations

from dataclasses import replace

import pytest

from support.card_counter import TID, CardCounter
from support.world import TEA
from xiaopos.kernel.money import Money
from xiaopos.kernel.refusal import MoneyMoved, Reason, Refused
from xiaopos.kernel.secret import Secret
from xiaopos.payments.payment import Kind as PaymentKind
from xiaopos.payments.payment import Payment
from xiaopos.terminal.cards import How
from xiaopos.terminal.memory import Remembered, counted, totals
from xiaopos.terminal.outcome import Action, Kind
from xiaopos.terminal.states import State
from xiaopos.usecases.notices import KeptSignature, ScriptNotice

PICTURE = Secret(b"BM" + bytes(range(200)))
SCRIPTS = bytes.fromhex("910A11223344556677883030" + "72079F180400000001")


@pytest.fixture(params=["unionpay-3des-2012", "unionpay-sm4-draft"])
def counter(request: pytest.FixtureRequest) -> CardCounter:
    made = CardCounter(request.param)
    made.changes(limits=replace(made.world.books.terminals[TID].limits, tip_percent=15))
    assert made.signs_in().approved
    return made


def refused(frame: bytes | Refused) -> Reason:
    assert isinstance(frame, Refused), frame
    return frame.reason


def of_kind(counter: CardCounter, kind: PaymentKind) -> list[Payment]:
    return [one for one in counter.world.books.payments.values() if one.kind is kind]


# -- tips ------------------------------------------------------------------------------------------------------------


def test_a_tip_is_charged_and_counted_in_its_sale(counter: CardCounter) -> None:
    sold = counter.sells(100_00)
    first = counter.passes(counter.device.tip(10_00, sold.stan))
    assert (first.action, first.approved, first.amount, first.money_moved) == (
        Action.TIP, True, Money(10_00), MoneyMoved.YES,
    )  # fmt: skip
    assert counter.passes(counter.device.tip(5_00, sold.stan)).approved
    assert counter.passes(counter.device.tip(1, sold.stan)).response_code == "64", "the agreed share is used up"
    assert [one.amount.minor for one in of_kind(counter, PaymentKind.TIP)] == [10_00, 5_00]
    now = counter.device.remembered
    assert (totals(now).sales_count, totals(now).sales_minor) == (1, 115_00)
    assert [row.amount_minor for row in counted(now)] == [115_00]
    settled = counter.passes(counter.device.settle())
    assert settled.balanced is True
    counter.world.the_books_balance()


def test_a_tip_is_voided_before_its_sale(counter: CardCounter) -> None:
    sold = counter.sells(100_00)
    tip = counter.passes(counter.device.tip(10_00, sold.stan))
    assert refused(counter.device.void(sold.stan)) is Reason.TIP_STANDS
    assert counter.passes(counter.device.void(tip.stan)).approved
    assert counter.passes(counter.device.void(sold.stan)).approved
    assert totals(counter.device.remembered).sales_minor == 0
    assert counter.passes(counter.device.settle()).balanced is True
    assert counter.world.acquirer.takings == 0


def test_a_tip_that_nobody_answered_is_told_again_and_charged_once(counter: CardCounter) -> None:
    sold = counter.sells(100_00)
    frame = counter.device.tip(10_00, sold.stan)
    assert isinstance(frame, bytes)
    assert len(of_kind(counter, PaymentKind.TIP)) == 0
    counter.device.no_answer()
    assert counter.device.owes
    taken = counter.passes(counter.device.pay_up())
    assert (taken.action, taken.approved, taken.amount) == (Action.TIP, True, Money(10_00))
    assert counter.world.acquirer.takings == 110_00
    assert counter.device.remembered.voucher(taken.stan) is not None


def test_a_tip_is_added_to_what_took_money_in_this_batch_only(counter: CardCounter) -> None:
    sold = counter.sells(100_00)
    assert refused(counter.device.tip(1_00, 4711)) is Reason.ORIGINAL_UNKNOWN
    assert refused(counter.device.tip(1_00, sold.stan, 77)) is Reason.ORIGINAL_SETTLED
    assert refused(counter.device.tip(0, sold.stan)) is Reason.AMOUNT_ZERO
    tip = counter.passes(counter.device.tip(1_00, sold.stan))
    assert refused(counter.device.tip(1_00, tip.stan)) is Reason.ORIGINAL_UNKNOWN
    counter.passes(counter.device.void(tip.stan))
    counter.passes(counter.device.void(sold.stan))
    assert refused(counter.device.tip(1_00, sold.stan)) is Reason.ORIGINAL_VOIDED


# -- signatures ------------------------------------------------------------------------------------------------------


def test_a_signature_is_kept_sealed_until_the_host_has_it(counter: CardCounter) -> None:
    sold = counter.sells()
    assert isinstance(counter.device.sign(sold.stan, PICTURE), bytes)
    waits = counter.device.no_answer()
    assert (waits.action, waits.kind, waits.money_moved) == (Action.SIGNATURE, Kind.UNKNOWN, MoneyMoved.NO)
    assert not counter.device.owes
    kept = counter.device.remembered
    assert Remembered.from_json(kept.as_json()) == kept
    assert PICTURE.value.hex() not in str(kept.as_json())
    told = counter.passes(counter.device.tell_notice())
    assert (told.action, told.approved, told.stan) == (Action.SIGNATURE, True, sold.stan)
    assert counter.device.remembered.notices == ()
    voucher = counter.device.remembered.voucher(sold.stan)
    assert voucher is not None
    assert voucher.signed
    (held,) = [one for one in counter.world.books.notices if isinstance(one, KeptSignature)]
    (sale,) = of_kind(counter, PaymentKind.SALE)
    assert held.payment_id == sale.payment_id


def test_a_signature_that_the_host_refuses_for_good_is_forgotten(counter: CardCounter) -> None:
    sold = counter.sells()
    assert counter.passes(counter.device.sign(sold.stan, PICTURE)).approved
    other = counter.passes(counter.device.sign(sold.stan, Secret(b"another")))
    assert (other.kind, other.response_code) == (Kind.DECLINED, "94")
    assert counter.device.remembered.notices == ()
    assert refused(counter.device.sign(sold.stan, Secret(b""))) is Reason.FORMAT_WRONG
    assert refused(counter.device.sign(sold.stan, Secret(bytes(1000)))) is Reason.FORMAT_WRONG
    assert refused(counter.device.sign(4711, PICTURE)) is Reason.ORIGINAL_UNKNOWN


def test_a_notice_outlives_a_busy_host(counter: CardCounter) -> None:
    sold = counter.sells()
    counter.world.books.busy = True
    assert counter.passes(counter.device.sign(sold.stan, PICTURE)).kind is Kind.UNKNOWN
    counter.world.books.busy = False
    assert counter.passes(counter.device.tell_notice()).approved


def test_keys_that_the_host_does_not_know_are_renewed_before_the_notice_goes_again(counter: CardCounter) -> None:
    sold = counter.sells()
    mine = counter.device.remembered.tak
    assert counter.signs_in().approved
    counter.device._keep(replace(counter.device.remembered, tak=mine))
    told = counter.passes(counter.device.sign(sold.stan, PICTURE))
    assert (told.kind, told.response_code) == (Kind.UNKNOWN, "A0")
    assert counter.device.state is State.SIGNED_OUT
    assert refused(counter.device.tell_notice()) is Reason.TERMINAL_NOT_SIGNED_IN
    assert counter.signs_in().approved
    assert counter.passes(counter.device.settle()).balanced is True
    assert counter.passes(counter.device.tell_notice()).approved
    assert refused(counter.device.tell_notice()) is Reason.ORIGINAL_UNKNOWN


# -- scripts ---------------------------------------------------------------------------------------------------------


def scripts(counter: CardCounter) -> list[ScriptNotice]:
    return [one for one in counter.world.books.notices if isinstance(one, ScriptNotice)]


def test_what_came_of_an_issuers_script_is_told_by_itself(counter: CardCounter) -> None:
    counter.world.acquirer.issuer_data = SCRIPTS
    sold = counter.sells(12_50, How.INSERT)
    (waiting,) = counter.device.remembered.notices
    assert (waiting.tells, waiting.of_stan) == (Action.SCRIPT_NOTICE, sold.stan)
    assert counter.passes(counter.device.tell_notice()).approved
    (told,) = scripts(counter)
    (sale,) = of_kind(counter, PaymentKind.SALE)
    assert (told.payment_id, told.result) == (sale.payment_id, "2000000001")
    assert dict(told.chip)["9F36"]
    assert counter.device.remembered.notices == ()


@pytest.mark.parametrize("data", ["", "910A11223344556677883030", "72039F1801", "72"])
def test_answers_without_a_script_that_can_be_read_leave_nothing_to_tell(counter: CardCounter, data: str) -> None:
    counter.world.acquirer.issuer_data = bytes.fromhex(data)
    assert counter.sells(12_50, How.INSERT).approved
    counter.world.acquirer.issuer_data = SCRIPTS
    assert counter.sells(12_50, How.SWIPE).approved
    assert counter.device.remembered.notices == ()


def test_a_scripts_result_is_told_by_hand(counter: CardCounter) -> None:
    sold = counter.sells()
    assert counter.passes(counter.device.tell_script_result(sold.stan, bytes.fromhex("1000000002"))).approved
    assert [one.result for one in scripts(counter)] == ["1000000002"]
    assert refused(counter.device.tell_script_result(sold.stan, b"")) is Reason.FORMAT_WRONG
    assert refused(counter.device.tell_script_result(sold.stan, b"1234")) is Reason.FORMAT_WRONG
    assert refused(counter.device.tell_script_result(4711, bytes(5))) is Reason.ORIGINAL_UNKNOWN


# -- queries ---------------------------------------------------------------------------------------------------------


def test_a_payment_is_asked_about_by_either_number(counter: CardCounter) -> None:
    sold = counter.sells(12_50)
    for named in ({"rrn": sold.rrn}, {"stan": sold.stan}):
        answer = counter.passes(counter.device.query(**named))  # type: ignore[arg-type]  # one of its two names
        assert (answer.action, answer.kind, answer.amount, answer.money_moved) == (
            Action.QUERY, Kind.APPROVED, Money(12_50), MoneyMoved.YES,
        )  # fmt: skip
        assert answer.rrn == sold.rrn
    counter.passes(counter.device.void(sold.stan))
    gone = counter.passes(counter.device.query(sold.rrn))
    assert (gone.kind, gone.money_moved, gone.words.title_en) == (
        Kind.DECLINED, MoneyMoved.NO, "The payment that was asked about was taken back",
    )  # fmt: skip
    assert counter.passes(counter.device.query(stan=4711)).response_code == "25"
    assert refused(counter.device.query()) is Reason.ORIGINAL_UNKNOWN


def test_a_payment_codes_order_is_asked_about_as_such(counter: CardCounter) -> None:
    made = counter.asks(counter.code_sale(f11="000050"))
    assert made is not None
    paid = counter.passes(counter.device.query(made.text(37), code=True))
    assert (paid.approved, paid.amount) == (True, Money(12_50))
    assert counter.world.books.terminals[TID].merchant_id == TEA


def test_a_payment_that_has_no_result_yet_is_not_known(counter: CardCounter) -> None:
    sold = counter.sells()
    counter.world.books.busy = True

    async def broken(*_: object) -> None:
        raise AssertionError("a bug")

    counter.world.books.recall_rrn = broken  # type: ignore[method-assign, assignment]  # the host cannot tell now
    answer = counter.passes(counter.device.query(sold.rrn))
    assert (answer.kind, answer.money_moved, answer.response_code) == (Kind.UNKNOWN, MoneyMoved.UNKNOWN, "96")
    assert counter.device.state is State.READY
    assert counter.passes(counter.device.query(stan=sold.stan)).approved
