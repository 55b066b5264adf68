"""What is said of a payment, and how a repeat is told from another request."""

from __future__ import annotations

import pytest

from support.payments import MEIS_CARD, NOON, a_sale
from xiaopos.kernel.money import Money
from xiaopos.kernel.refusal import Reason
from xiaopos.payments.payment import Kind, Method
from xiaopos.payments.states import Event, State
from xiaopos.payments.telling import content_hash, reason_now, was_asked_for

SAID = {
    State.COMPLETING: Reason.ORIGINAL_BUSY,
    State.COMPLETED: None,
    State.SENT: Reason.IN_PROGRESS,
    State.PAYING: Reason.IN_PROGRESS,
    State.UNKNOWN: Reason.OUTCOME_UNKNOWN,
    State.REVERSING: Reason.OUTCOME_UNKNOWN,
    State.UNRESOLVED: Reason.OUTCOME_UNKNOWN,
    State.REVERSED: Reason.REVERSED_BEFORE,
    State.VOIDING: Reason.ORIGINAL_BUSY,
    State.VOIDED: Reason.ORIGINAL_VOIDED,
    State.DECLINED: Reason.CHANNEL_DECLINED,
    State.APPROVED: None,
}


@pytest.mark.parametrize("state", State)
def test_every_state_says_something_unless_it_simply_succeeded(state: State) -> None:
    assert reason_now(a_sale(state=state)) is SAID[state]


def test_a_decline_says_why() -> None:
    assert reason_now(a_sale(state=State.DECLINED, reason=Reason.PIN_WRONG)) is Reason.PIN_WRONG


def test_a_reversed_payment_says_that_the_customer_was_too_slow_when_that_is_why() -> None:
    assert reason_now(a_sale(state=State.REVERSED, reason=Reason.PAYER_TOO_SLOW)) is Reason.PAYER_TOO_SLOW
    assert reason_now(a_sale(state=State.REVERSED, reason=Reason.OUTCOME_UNKNOWN)) is Reason.REVERSED_BEFORE


def test_each_part_of_what_was_asked_changes_the_fingerprint() -> None:
    prints = {
        content_hash(Kind.SALE, Method.CARD, Money(1), payer="mei"),
        content_hash(Kind.REFUND, Method.CARD, Money(1), payer="mei"),
        content_hash(Kind.SALE, Method.PAYER_CODE, Money(1), payer="mei"),
        content_hash(Kind.SALE, Method.CARD, Money(2), payer="mei"),
        content_hash(Kind.SALE, Method.CARD, Money(1, "HKD"), payer="mei"),
        content_hash(Kind.SALE, Method.CARD, Money(1), payer="tao"),
        content_hash(Kind.SALE, Method.CARD, Money(1), payer="mei", original="x"),
    }
    assert len(prints) == 7
    assert content_hash(Kind.SALE, Method.CARD, Money(1), payer="mei") in prints


def test_the_amount_that_was_asked_for_is_remembered_in_the_fingerprint() -> None:
    asked = content_hash(Kind.SALE, Method.CARD, Money(80_00), payer=MEIS_CARD.token)
    halved = a_sale(40_00, content_hash=asked)
    assert was_asked_for(halved, Money(80_00))
    assert not was_asked_for(halved, Money(40_00))
    without_card = content_hash(Kind.SALE, Method.SHOP_CODE, Money(80_00), payer="")
    assert was_asked_for(a_sale(card=None, method=Method.SHOP_CODE, content_hash=without_card), Money(80_00))


def test_every_change_of_a_payment_counts_and_keeps_the_rest() -> None:
    sale = a_sale()
    moved = sale.moved(Event.ANSWER_LOST, NOON, reason=Reason.OUTCOME_UNKNOWN)
    assert (moved.state, moved.version, moved.reason) == (State.UNKNOWN, 2, Reason.OUTCOME_UNKNOWN)
    touched = moved.touched(NOON, refunding=Money(1))
    assert (touched.version, touched.state, touched.refundable) == (3, State.UNKNOWN, Money(24_99))
    assert touched.changed(state=State.SENT, version=1, reason=None, decided_at=None, refunding=Money(0)) == sale
