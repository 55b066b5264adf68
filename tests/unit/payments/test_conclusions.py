"""What an answer means: the next state, the entry, what becomes of the original, what the machine does next."""

from __future__ import annotations

from typing import Any

import pytest

from support.payments import NOON, a_sale, an_approved_sale, an_undoing
from xiaopos.kernel.machine import IllegalMove
from xiaopos.kernel.money import Money
from xiaopos.kernel.refusal import Reason
from xiaopos.ledger import EntryKind
from xiaopos.payments.answers import Answer, Approved, Declined, OutcomeUnknown, PayerAsked
from xiaopos.payments.conclusions import (
    Conclusion,
    Next,
    after_unknown,
    begin_reversal,
    can_be_reversed,
    conclude,
    conclude_reversal,
    give_up,
)
from xiaopos.payments.payment import CardKind, Kind, Method, Payment
from xiaopos.payments.postings import approval_entry, reversal_entry, sale_entry
from xiaopos.payments.states import State

FEE = Money(15)
NOTHING = Money(0)


def concluded(payment: Payment, answer: Answer, *, fee: Money = FEE, **parts: Any) -> Conclusion:
    return conclude(payment, answer, fee=fee, at=NOON, **parts)


def test_an_approved_sale_is_posted_and_nothing_is_left_to_do() -> None:
    answer = Approved("A12345", "ref", "11", issuer="Bank", payer="m***i", card_kind=CardKind.DEBIT)
    conclusion = concluded(a_sale(reason=Reason.OUTCOME_UNKNOWN), answer)
    after = conclusion.payment
    assert (after.state, after.version, after.decided_at) == (State.APPROVED, 2, NOON)
    assert (after.approval_code, after.response_code, after.channel_ref) == ("A12345", "11", "ref")
    assert (after.issuer, after.payer, after.card_kind, after.reason) == ("Bank", "m***i", CardKind.DEBIT, None)
    assert conclusion.entry == sale_entry(after)
    assert (conclusion.original, conclusion.next) == (None, Next.NOTHING)


def test_an_answer_that_names_less_does_not_wipe_out_what_is_known() -> None:
    known: dict[str, Any] = {"channel_ref": "ref", "issuer": "Bank", "payer": "m***i", "card_kind": CardKind.WALLET}
    after = concluded(a_sale(state=State.PAYING, shown_code="pay/1", **known), Approved()).payment
    assert {name: getattr(after, name) for name in known} == known
    assert after.shown_code == ""


def test_a_partial_approval_changes_the_amount_of_a_sale() -> None:
    conclusion = concluded(a_sale(80_00), Approved(amount=Money(40_00)))
    assert conclusion.payment.amount == Money(40_00)
    assert conclusion.entry is not None
    assert conclusion.entry.legs[0].amount == Money(40_00)


def test_a_declined_sale_keeps_the_reason_and_posts_nothing() -> None:
    conclusion = concluded(a_sale(), Declined(Reason.BALANCE_TOO_LOW, "51"))
    assert conclusion.payment.state is State.DECLINED
    assert (conclusion.payment.reason, conclusion.payment.response_code) == (Reason.BALANCE_TOO_LOW, "51")
    assert (conclusion.entry, conclusion.original, conclusion.next) == (None, None, Next.NOTHING)


def test_a_payer_who_must_confirm_is_asked_about_later() -> None:
    conclusion = concluded(a_sale(method=Method.SHOP_CODE), PayerAsked("ref", "pay/1"))
    after = conclusion.payment
    assert (after.state, after.channel_ref, after.shown_code) == (State.PAYING, "ref", "pay/1")
    assert (conclusion.entry, conclusion.next) == (None, Next.ENQUIRE)
    assert concluded(a_sale(channel_ref="kept"), PayerAsked()).payment.channel_ref == "kept"


@pytest.mark.parametrize(
    ("kind", "method", "follows"),
    [
        (Kind.SALE, Method.CARD, Next.REVERSE),
        (Kind.VOID, Method.CARD, Next.REVERSE),
        (Kind.REFUND, Method.CARD, Next.ENQUIRE),
        *((kind, method, Next.ENQUIRE) for kind in Kind for method in (Method.PAYER_CODE, Method.SHOP_CODE)),
    ],
)
def test_an_unknown_outcome_is_a_state_and_something_follows(kind: Kind, method: Method, follows: Next) -> None:
    payment = a_sale(kind=kind, method=method)
    conclusion = concluded(payment, OutcomeUnknown("no answer"))
    assert (conclusion.payment.state, conclusion.payment.reason) == (State.UNKNOWN, Reason.OUTCOME_UNKNOWN)
    assert (conclusion.entry, conclusion.original) == (None, None)
    assert conclusion.next is after_unknown(payment) is follows


def test_an_approved_void_undoes_the_sale_whole_whatever_amount_the_answer_names() -> None:
    sale = an_approved_sale(state=State.VOIDING)
    conclusion = concluded(an_undoing(Kind.VOID), Approved(amount=Money(1)), original=sale)
    assert conclusion.payment.amount == sale.amount
    assert conclusion.original is not None
    assert conclusion.original.state is State.VOIDED
    assert conclusion.entry == sale_entry(sale).mirrored(EntryKind.VOID)


def test_a_declined_void_leaves_the_sale_standing() -> None:
    conclusion = concluded(
        an_undoing(Kind.VOID), Declined(Reason.ISSUER_DECLINED), original=an_approved_sale(state=State.VOIDING)
    )
    assert conclusion.original is not None
    assert conclusion.original.state is State.APPROVED
    assert conclusion.entry is None


def test_an_approved_refund_turns_what_was_reserved_into_what_was_refunded() -> None:
    sale = an_approved_sale(100_00, refunding=Money(40_00), refunded=Money(10_00))
    conclusion = concluded(an_undoing(Kind.REFUND, 30_00), Approved(), fee=Money(4), original=sale)
    assert conclusion.original is not None
    assert (conclusion.original.refunding, conclusion.original.refunded) == (Money(10_00), Money(40_00))
    assert conclusion.entry == approval_entry(conclusion.payment, sale)


def test_a_refund_approved_in_part_sets_the_rest_of_its_reservation_free() -> None:
    sale = an_approved_sale(100_00, refunding=Money(30_00))
    conclusion = concluded(an_undoing(Kind.REFUND, 30_00), Approved(amount=Money(12_00)), fee=NOTHING, original=sale)
    assert conclusion.payment.amount == Money(12_00)
    assert conclusion.original is not None
    assert (conclusion.original.refunding, conclusion.original.refunded) == (NOTHING, Money(12_00))


def test_a_declined_refund_sets_its_reservation_free() -> None:
    sale = an_approved_sale(100_00, refunding=Money(30_00))
    conclusion = concluded(an_undoing(Kind.REFUND, 30_00), Declined(Reason.ISSUER_DECLINED), original=sale)
    assert conclusion.original is not None
    assert conclusion.original.refundable == Money(100_00)


@pytest.mark.parametrize("answer", [Approved(), Declined(Reason.ISSUER_DECLINED), OutcomeUnknown("lost")])
def test_a_tip_leaves_its_sale_alone_and_is_told_again_until_it_is_known(answer: Answer) -> None:
    tip = an_undoing(Kind.TIP, 10_00, advice=True)
    conclusion = concluded(tip, answer, original=an_approved_sale(100_00))
    assert conclusion.original is None
    assert (conclusion.entry is not None) is isinstance(answer, Approved)
    assert conclusion.next is (Next.ENQUIRE if isinstance(answer, OutcomeUnknown) else Next.NOTHING)
    assert not can_be_reversed(tip)


def test_an_answer_to_a_payment_that_no_longer_waits_is_an_illegal_move() -> None:
    with pytest.raises(IllegalMove):
        concluded(a_sale(state=State.REVERSED), Approved())


def test_a_reversal_begins_and_the_machine_goes_on_with_it() -> None:
    conclusion = begin_reversal(an_approved_sale(), NOON)
    assert (conclusion.payment.state, conclusion.next, conclusion.entry) == (State.REVERSING, Next.REVERSE, None)


@pytest.mark.parametrize("method", Method)
def test_paying_back_is_asked_again_and_never_reversed(method: Method) -> None:
    assert can_be_reversed(a_sale(method=method))
    assert can_be_reversed(a_sale(kind=Kind.VOID, method=method)) is (method is Method.CARD)
    refund = an_undoing(Kind.REFUND, method=method)
    assert not can_be_reversed(refund)
    with pytest.raises(AssertionError):
        begin_reversal(refund, NOON)


def test_a_reversal_of_something_posted_posts_the_mirror_image() -> None:
    payment = an_approved_sale(state=State.REVERSING)
    conclusion = conclude_reversal(payment, posted=True, at=NOON)
    assert conclusion.payment.state is State.REVERSED
    assert conclusion.entry == reversal_entry(payment, None) == sale_entry(payment).mirrored(EntryKind.REVERSAL)
    assert (conclusion.original, conclusion.next) == (None, Next.NOTHING)


def test_a_reversal_of_something_never_posted_posts_nothing() -> None:
    assert conclude_reversal(a_sale(state=State.REVERSING), posted=False, at=NOON).entry is None


@pytest.mark.parametrize(("stood", "posted"), [(State.VOIDING, False), (State.VOIDED, True)])
def test_a_reversed_void_lets_the_sale_stand_again(stood: State, posted: bool) -> None:
    sale = an_approved_sale(state=stood)
    void = an_undoing(Kind.VOID, state=State.UNRESOLVED)
    conclusion = conclude_reversal(void, posted=posted, at=NOON, original=sale)
    assert conclusion.original is not None
    assert conclusion.original.state is State.APPROVED
    expected = sale_entry(sale).mirrored(EntryKind.VOID).mirrored(EntryKind.REVERSAL) if posted else None
    assert conclusion.entry == expected


def test_an_original_of_anything_but_a_void_is_left_alone() -> None:
    sale = an_approved_sale(state=State.REVERSING)
    assert conclude_reversal(sale, posted=False, at=NOON, original=an_approved_sale()).original is None


def test_a_reversal_that_is_stuck_is_shown_to_a_person_and_goes_on() -> None:
    conclusion = give_up(a_sale(state=State.REVERSING), NOON)
    assert (conclusion.payment.state, conclusion.next) == (State.UNRESOLVED, Next.REVERSE)
