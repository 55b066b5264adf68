"""A terminal that does not know: every way in which an answer fails to come, and how it is put right."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from support.terminal_counter import CARD, NOW, Counter
from xiaopos.kernel.refusal import MoneyMoved, Reason, Refused
from xiaopos.terminal.cards import How
from xiaopos.terminal.device import Device
from xiaopos.terminal.memory import MemoryDamaged, totals
from xiaopos.terminal.messages import Original
from xiaopos.terminal.outcome import Action, Kind
from xiaopos.terminal.profile import Identity, Profile
from xiaopos.terminal.states import State


def a_sale(counter: Counter) -> bytes:
    """The frame of a sale that then hangs in the air."""
    frame = counter.device.sale(1250, CARD, How.TAP, now=NOW)
    assert isinstance(frame, bytes)
    return frame


def test_the_memory_is_saved_before_the_frame_exists_for_anyone_to_send(open_counter: Counter) -> None:
    saves = len(open_counter.paper.journal)
    a_sale(open_counter)
    assert len(open_counter.paper.journal) == saves + 1
    kept = open_counter.paper.load()
    assert kept is not None
    assert kept["owed"]["stan"] == 2
    assert kept["owed"]["reason"] == "06"
    assert kept["next_stan"] == 3


@pytest.mark.parametrize("heard", [False, True], ids=["cut before sending", "cut after sending"])
def test_a_power_cut_leaves_a_reversal_that_goes_first(open_counter: Counter, heard: bool) -> None:
    frame = a_sale(open_counter)
    if heard:
        open_counter.host.answer(frame[2:])
    device = open_counter.restarts()
    assert device.owes
    assert device.sale(100, CARD, How.TAP, now=NOW) == Refused(
        Reason.OUTCOME_UNKNOWN, "a reversal or a repeated refund goes first"
    )
    outcome = open_counter.pays_up()
    reversal = open_counter.host.heard[-1]
    assert (reversal.mti, reversal.fields[11], reversal.fields[39]) == ("0400", "000002", "06")
    assert not {35, 36, 52} & set(reversal.fields)
    assert reversal.fields[55]
    assert (outcome.action, outcome.kind, outcome.response_code) == (
        Action.REVERSAL,
        Kind.APPROVED,
        "00" if heard else "25",
    )
    assert outcome.money_moved is MoneyMoved.NO
    assert device.state is State.READY
    assert open_counter.sells(100).approved


def test_no_answer_in_time_owes_a_reversal_with_reason_98(open_counter: Counter) -> None:
    open_counter.host.mood.silent = True
    outcome = open_counter.sells()
    assert (outcome.kind, outcome.money_moved) == (Kind.UNKNOWN, MoneyMoved.UNKNOWN)
    assert "请勿重复收款" in outcome.words.next("zh")
    open_counter.host.mood.silent = False
    assert open_counter.pays_up().approved
    assert open_counter.host.heard[-1].fields[39] == "98"
    assert open_counter.host.paid["000007", "000002"] == "reversed"


def test_a_wrong_mac_on_the_answer_owes_a_reversal_with_reason_a0(open_counter: Counter) -> None:
    open_counter.host.mood.wrong_mac = True
    assert open_counter.sells().kind is Kind.UNKNOWN
    open_counter.host.mood.wrong_mac = False
    assert open_counter.pays_up().approved
    assert open_counter.host.heard[-1].fields[39] == "A0"


def test_a_success_without_a_mac_is_not_believed_but_a_decline_is(open_counter: Counter) -> None:
    open_counter.host.mood.no_mac = True
    assert open_counter.sells().kind is Kind.UNKNOWN
    open_counter.host.mood.no_mac = False
    open_counter.pays_up()
    open_counter.host.mood.no_mac = True
    open_counter.host.mood.code = "51"
    assert open_counter.sells().kind is Kind.DECLINED


@pytest.mark.parametrize(
    "spoil",
    [
        lambda raw: raw[:-1],
        lambda raw: b"\x00" + raw[1:],
        lambda raw: raw[:11] + b"\x02\x00" + raw[13:],
        lambda _raw: b"",
    ],
    ids=["cut", "foreign", "not an answer", "empty"],
)
def test_a_broken_answer_owes_a_reversal_with_reason_06(open_counter: Counter, spoil: Callable[[bytes], bytes]) -> None:
    answer = open_counter.host.answer(a_sale(open_counter)[2:])
    assert answer is not None
    assert open_counter.device.take(spoil(answer), now=NOW).kind is Kind.UNKNOWN
    assert open_counter.pays_up().approved
    assert open_counter.host.heard[-1].fields[39] == "06"


def test_an_answer_to_somebody_else_is_no_answer(open_counter: Counter) -> None:
    open_counter.host.mood.other_stan = True
    assert open_counter.sells().kind is Kind.UNKNOWN


def test_an_answer_about_another_amount_is_no_answer(open_counter: Counter) -> None:
    open_counter.host.mood.changed_amount = 1
    assert open_counter.sells().kind is Kind.UNKNOWN
    assert open_counter.device.remembered.owed is not None


def test_a_host_that_does_not_know_either_is_treated_as_silence(open_counter: Counter) -> None:
    open_counter.host.mood.code = "98"
    outcome = open_counter.sells()
    assert (outcome.kind, outcome.response_code) == (Kind.UNKNOWN, "98")
    open_counter.host.mood.code = "00"
    assert open_counter.pays_up().approved


def test_after_three_tries_a_reversal_is_put_aside_and_never_lost(open_counter: Counter) -> None:
    open_counter.host.mood.silent = True
    open_counter.sells()
    outcomes = [open_counter.pays_up() for _ in range(3)]
    assert [outcome.kind for outcome in outcomes] == [Kind.UNKNOWN] * 3
    assert "客服" in outcomes[-1].words.next("zh")
    device = open_counter.device
    assert (device.owes, len(device.remembered.unresolved), device.state) == (False, 1, State.READY)
    open_counter.host.mood.silent = False
    assert open_counter.sells(100).approved
    assert device.reopen()
    assert not device.reopen(), "one at a time"
    assert open_counter.pays_up().approved
    assert device.remembered.unresolved == ()
    assert not device.reopen()
    assert open_counter.host.paid["000007", "000002"] == "reversed"


def test_a_reversal_that_the_host_cannot_do_now_is_tried_again(open_counter: Counter) -> None:
    open_counter.host.mood.silent = True
    open_counter.sells()
    open_counter.host.mood.silent = False
    open_counter.host.mood.code = "96"
    assert open_counter.pays_up().response_code == "96"
    assert open_counter.device.owes
    open_counter.host.mood.code = "00"
    assert open_counter.pays_up().approved


def test_a_power_cut_during_a_reversal_sends_it_again(open_counter: Counter) -> None:
    a_sale(open_counter)
    open_counter.restarts()
    assert isinstance(open_counter.device.pay_up(), bytes)
    assert open_counter.restarts().state is State.OWING
    assert open_counter.pays_up().approved


def test_a_reversal_after_new_keys(open_counter: Counter) -> None:
    open_counter.host.mood.silent = True
    open_counter.sells()
    open_counter.host.mood.silent = False
    open_counter.host.mood.code = "A0"
    refused = open_counter.pays_up()
    assert (refused.action, refused.kind, refused.response_code) == (Action.REVERSAL, Kind.UNKNOWN, "A0")
    assert open_counter.device.state is State.SIGNED_OUT_OWING
    assert isinstance(open_counter.device.pay_up(), Refused)
    open_counter.host.mood.code = "00"
    assert open_counter.signs_in().approved
    assert open_counter.device.owes
    assert open_counter.pays_up().approved


def test_keys_that_the_host_does_not_know_any_more(open_counter: Counter) -> None:
    open_counter.host._new_keys()
    outcome = open_counter.sells()
    # The answer carries a MAC under keys that this terminal does not have: its "nothing happened" cannot be believed.
    assert (outcome.kind, outcome.response_code) == (Kind.UNKNOWN, "A0")
    assert open_counter.device.state is State.SIGNED_OUT_OWING
    assert open_counter.signs_in().approved
    assert open_counter.pays_up().response_code == "25"


def test_a_reversed_void_leaves_the_sale_standing(open_counter: Counter) -> None:
    sale = open_counter.sells()
    open_counter.host.mood.silent = True
    assert open_counter.passes(open_counter.device.void(sale.stan)).kind is Kind.UNKNOWN
    open_counter.host.mood.silent = False
    outcome = open_counter.pays_up()
    assert "原交易仍然有效" in outcome.words.title("zh")
    reversal = open_counter.host.heard[-1]
    assert (reversal.fields[3], reversal.fields[38]) == ("200000", "ABC123")
    voucher = open_counter.device.remembered.voucher(sale.stan)
    assert voucher is not None
    assert not voucher.voided
    assert open_counter.host.paid["000007", f"{sale.stan:06d}"] == "approved"


def test_a_refund_without_an_answer_is_sent_again_and_never_reversed(open_counter: Counter) -> None:
    sale = open_counter.sells(1250)
    open_counter.host.mood.silent = True
    outcome = open_counter.passes(open_counter.device.refund(250, Original(sale.rrn)))
    assert "请勿重复退款" in outcome.words.next("zh")
    first = open_counter.host.heard[-1]
    open_counter.host.mood.silent = False
    again = open_counter.pays_up()
    second = open_counter.host.heard[-1]
    assert (again.action, again.approved) == (Action.REFUND, True)
    assert second.mti == "0220"
    assert {n: v for n, v in first.fields.items() if n != 64} == {n: v for n, v in second.fields.items() if n != 64}
    assert [row.action for row in open_counter.device.remembered.vouchers] == ["sale", "refund"]


@pytest.mark.parametrize("code", ["98", "94"])
def test_a_refund_still_under_way_stays_owed(open_counter: Counter, code: str) -> None:
    sale = open_counter.sells(1250)
    open_counter.host.mood.silent = True
    open_counter.passes(open_counter.device.refund(250, Original(sale.rrn)))
    open_counter.host.mood.silent = False
    open_counter.host.mood.code = code
    for _ in range(2):
        assert open_counter.pays_up().response_code == code
        assert open_counter.device.owes
    last = open_counter.pays_up()
    assert "退款结果仍未知" in last.words.title("zh")
    assert not open_counter.device.owes
    assert open_counter.device.reopen()
    open_counter.host.mood.code = "00"
    assert open_counter.pays_up().approved


def test_a_refund_sent_again_is_not_believed_refused_without_a_mac(open_counter: Counter) -> None:
    """One byte of the repeat changed on the way: the host refuses its form, and knows nothing of the first, which was done."""
    sale = open_counter.sells(1250)
    open_counter.host.mood.silent = True
    open_counter.passes(open_counter.device.refund(250, Original(sale.rrn)))
    open_counter.host.mood.silent = False
    open_counter.host.mood.code, open_counter.host.mood.no_mac = "30", True
    assert open_counter.pays_up().kind is Kind.UNKNOWN
    assert open_counter.device.owes
    open_counter.host.mood.code, open_counter.host.mood.no_mac = "00", False
    assert open_counter.pays_up().approved


def test_a_refund_declined_when_sent_again_is_known(open_counter: Counter) -> None:
    sale = open_counter.sells(1250)
    open_counter.host.mood.silent = True
    open_counter.passes(open_counter.device.refund(250, Original(sale.rrn)))
    open_counter.host.mood.silent = False
    open_counter.host.mood.code = "61"
    outcome = open_counter.pays_up()
    assert (outcome.kind, outcome.action) == (Kind.DECLINED, Action.REFUND)
    assert open_counter.device.state is State.READY


def test_nothing_new_while_an_answer_is_awaited(open_counter: Counter) -> None:
    device = open_counter.device
    a_sale(open_counter)
    busy = Refused(Reason.IN_PROGRESS)
    for ask in (device.echo, device.sign_in, device.sign_off, device.settle, device.pay_up):
        assert ask() == busy
    assert device.void(1) == busy


def test_settling_and_signing_off_wait_for_what_is_owed(open_counter: Counter) -> None:
    a_sale(open_counter)
    device = open_counter.restarts()
    assert device.settle() == Refused(Reason.BATCH_HAS_UNKNOWN)
    assert isinstance(device.sign_off(), Refused)
    assert isinstance(device.sale(1, CARD, How.TAP, now=NOW), Refused)


def test_settling_needs_to_be_signed_in(counter: Counter) -> None:
    assert counter.device.settle() == Refused(Reason.TERMINAL_NOT_SIGNED_IN)


def test_nothing_owed_means_nothing_to_pay_up(open_counter: Counter) -> None:
    assert open_counter.device.pay_up() == Refused(Reason.ORIGINAL_UNKNOWN, "nothing is owed")


@pytest.mark.parametrize(
    ("ask", "after"),
    [
        (lambda device: device.sign_in(), State.SIGNED_OUT),
        (lambda device: device.settle(), State.SIGNED_OUT),
        (lambda device: device.sign_off(), State.SIGNED_OUT),
    ],
    ids=["sign-in", "settlement", "sign-off"],
)
def test_a_power_cut_in_a_question_without_money(
    open_counter: Counter, ask: Callable[[Device], bytes | Refused], after: State
) -> None:
    assert isinstance(ask(open_counter.device), bytes)
    assert open_counter.restarts().state is after
    assert not open_counter.device.owes


@pytest.mark.parametrize(("host_batch", "open_sales"), [(7, 1), (8, 0)], ids=["never arrived", "was closed"])
def test_a_settlement_without_an_answer_is_cleared_up_by_the_next_sign_in(
    open_counter: Counter, host_batch: int, open_sales: int
) -> None:
    open_counter.sells()
    open_counter.host.mood.silent = True
    outcome = open_counter.passes(open_counter.device.settle())
    assert (outcome.kind, outcome.money_moved) == (Kind.UNKNOWN, MoneyMoved.NO)
    open_counter.host.mood.silent = False
    open_counter.host.mood.batch = host_batch
    assert open_counter.device.settle() == Refused(Reason.TERMINAL_NOT_SIGNED_IN)
    open_counter.signs_in()
    assert totals(open_counter.device.remembered).sales_count == open_sales
    assert open_counter.passes(open_counter.device.settle()).batch_number == host_batch


def test_a_sign_in_without_an_answer_stays_signed_out(counter: Counter) -> None:
    counter.host.mood.silent = True
    assert counter.signs_in().kind is Kind.UNKNOWN
    assert counter.device.needs_sign_in


def test_a_trace_number_after_the_last_is_the_first(open_counter: Counter) -> None:
    open_counter.paper.saved[-1] = open_counter.paper.saved[-1].replace('"next_stan": 2', '"next_stan": 999999')
    open_counter.restarts()
    assert open_counter.sells().stan == 999_999
    assert open_counter.sells().stan == 1


@pytest.mark.parametrize("damage", ["{}", '{"form": 2}', '{"form": 1}', '{"form": 1, "owed": 3}', "[]"], ids=str)
def test_a_damaged_memory_is_refused(open_counter: Counter, damage: str) -> None:
    open_counter.paper.saved.append(damage)
    with pytest.raises(MemoryDamaged):
        open_counter.restarts()


def test_the_memory_of_another_terminal_is_refused(open_counter: Counter) -> None:
    open_counter.paper.saved[-1] = open_counter.paper.saved[-1].replace('"00000001"', '"00000002"', 1)
    with pytest.raises(MemoryDamaged, match="00000002"):
        open_counter.restarts()


def test_identities_and_profiles_of_another_form_are_refused() -> None:
    for parts in (("1", "952718182217875"), ("00000001", "9"), ("00000001", "952718182217875", "x")):
        with pytest.raises(ValueError):
            Identity(*parts)
    with pytest.raises(ValueError, match="sign-in code"):
        Profile("other", sign_in_code="009")
    with pytest.raises(ValueError, match="TPDU"):
        Profile("other", tpdu=b"")
