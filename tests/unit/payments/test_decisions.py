"""Whether a sale, a void or a refund may be asked for, and which refusal takes precedence."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from support.payments import NOON, a_sale, an_approved_sale, an_undoing
from xiaopos.kernel.ids import TerminalId
from xiaopos.kernel.money import Money
from xiaopos.kernel.refusal import Reason, Refused
from xiaopos.payments.decisions import (
    Following,
    Limits,
    decide_completion,
    decide_refund,
    decide_sale,
    decide_tip,
    decide_void,
)
from xiaopos.payments.payment import CardKind, Kind, Method, Payment
from xiaopos.payments.states import State

LIMITS = Limits("CNY", 100_00)

NOT_UNDOABLE = {
    State.COMPLETING: Reason.ORIGINAL_BUSY,
    State.COMPLETED: Reason.PREAUTH_COMPLETED,
    State.SENT: Reason.ORIGINAL_BUSY,
    State.PAYING: Reason.ORIGINAL_BUSY,
    State.UNKNOWN: Reason.ORIGINAL_BUSY,
    State.REVERSING: Reason.ORIGINAL_BUSY,
    State.UNRESOLVED: Reason.ORIGINAL_BUSY,
    State.VOIDING: Reason.ORIGINAL_BUSY,
    State.VOIDED: Reason.ORIGINAL_VOIDED,
    State.DECLINED: Reason.ORIGINAL_NOT_APPROVED,
    State.REVERSED: Reason.ORIGINAL_NOT_APPROVED,
}


def reason(decided: Refused | object) -> Reason | None:
    return decided.reason if isinstance(decided, Refused) else None


def void(original: Payment, *, card: str | None = None, batch: int = 1, **parts: Any) -> Refused | Following:
    asked = an_undoing(Kind.VOID, **parts)
    return decide_void(asked, original, open_batch=batch, at=NOON, card_token=card)


def refund(original: Payment, minor: int, *, card: str | None = None, **parts: Any) -> Refused | Following:
    return decide_refund(an_undoing(Kind.REFUND, minor, **parts), original, at=NOON, card_token=card)


def test_a_sale_within_the_limit_may_be_sent_as_it_is() -> None:
    sale = a_sale(100_00)
    assert decide_sale(sale, LIMITS) is sale


@pytest.mark.parametrize(
    ("amount", "expected"),
    [
        (Money(100_01), Reason.AMOUNT_OVER_LIMIT),
        (Money(0), Reason.AMOUNT_ZERO),
        (Money(-1), Reason.AMOUNT_ZERO),
        (Money(0, "HKD"), Reason.CURRENCY_WRONG),
        (Money(999_99, "HKD"), Reason.CURRENCY_WRONG),
    ],
)
def test_a_sale_is_refused_for_its_currency_then_for_zero_then_for_its_limit(amount: Money, expected: Reason) -> None:
    assert reason(decide_sale(a_sale(amount=amount), LIMITS)) is expected


def test_a_void_takes_the_whole_sale_and_holds_it() -> None:
    original = an_approved_sale()
    undoing = void(original, card="token-of-mei")
    assert isinstance(undoing, Following)
    assert undoing.payment.fee == original.fee
    assert undoing.payment.original_id == original.payment_id
    assert undoing.original.state is State.VOIDING
    assert undoing.original.version == original.version + 1


@pytest.mark.parametrize("state", list(NOT_UNDOABLE))
def test_only_an_approved_sale_can_be_undone(state: State) -> None:
    original = an_approved_sale(state=state)
    assert reason(void(original)) is NOT_UNDOABLE[state]
    voided = state in (State.VOIDED, State.VOIDING)
    assert reason(refund(original, 1)) is (Reason.REFUND_AFTER_VOID if voided else NOT_UNDOABLE[state])


@pytest.mark.parametrize("kind", [Kind.VOID, Kind.REFUND])
def test_an_undoing_cannot_itself_be_undone(kind: Kind) -> None:
    original = an_approved_sale(kind=kind)
    assert reason(void(original)) is Reason.ORIGINAL_UNKNOWN
    assert reason(refund(original, 1)) is Reason.ORIGINAL_UNKNOWN


def test_another_card_than_the_one_that_paid_is_refused() -> None:
    assert reason(void(an_approved_sale(), card="token-of-tao")) is Reason.CARD_DIFFERS
    assert reason(refund(an_approved_sale(), 1, card="token-of-tao")) is Reason.CARD_DIFFERS


def test_a_card_shown_for_a_wallets_payment_says_nothing() -> None:
    assert reason(void(an_approved_sale(card=None), card="token-of-tao")) is None


@pytest.mark.parametrize(
    ("original", "parts", "expected"),
    [
        ({"terminal_id": "10000002", "batch_number": 9}, {}, Reason.ORIGINAL_OTHER_TERMINAL),
        ({"batch_number": 9, "refunded": Money(1)}, {}, Reason.ORIGINAL_SETTLED),
        ({"refunded": Money(1), "refunding": Money(1)}, {}, Reason.ORIGINAL_BUSY),
        ({"refunded": Money(1)}, {}, Reason.VOID_AMOUNT_DIFFERS),
        ({}, {"minor": 24_99}, Reason.VOID_AMOUNT_DIFFERS),
    ],
)
def test_a_void_is_refused_for_terminal_then_batch_then_refunds_then_amount(
    original: dict[str, Any], parts: dict[str, Any], expected: Reason
) -> None:
    assert reason(void(an_approved_sale(**original), **parts)) is expected


def test_a_refund_reserves_its_amount_on_the_original() -> None:
    original = an_approved_sale(refunded=Money(5_00), refunding=Money(1_00), card_kind=CardKind.CREDIT)
    undoing = refund(original, 19_00)
    assert isinstance(undoing, Following)
    assert undoing.original.refunding == Money(20_00)
    assert undoing.original.refundable == Money(0)
    assert undoing.original.state is State.APPROVED
    assert undoing.original.version == original.version + 1
    assert undoing.payment.card_kind is CardKind.CREDIT


@pytest.mark.parametrize(
    ("amount", "expected"),
    [
        (Money(19_01), Reason.REFUND_TOO_MUCH),
        (Money(0), Reason.AMOUNT_ZERO),
        (Money(-5), Reason.AMOUNT_ZERO),
        (Money(0, "HKD"), Reason.CURRENCY_WRONG),
    ],
)
def test_a_refund_is_refused_for_currency_then_zero_then_what_remains(amount: Money, expected: Reason) -> None:
    original = an_approved_sale(refunded=Money(5_00), refunding=Money(1_00))
    assert reason(refund(original, 1, amount=amount)) is expected


def complete(minor: int = 50_00, **changes: Any) -> Refused | Following:
    preauth = an_approved_sale(kind=Kind.PREAUTH)
    preauth = preauth.changed(**({"amount": Money(50_00)} | changes))
    asked = an_undoing(Kind.COMPLETION).changed(amount=Money(minor))
    limits = Limits("CNY", 1_000_00, completion_percent=115, preauth_days=30)
    return decide_completion(asked, preauth, limits, at=NOON, card_token=None)


@pytest.mark.parametrize(
    ("minor", "changes", "refused"),
    [
        (57_50, {}, None),
        (57_51, {}, Reason.COMPLETION_TOO_MUCH),
        (0, {}, Reason.AMOUNT_ZERO),
        (50_00, {"received_at": NOON - timedelta(days=31)}, Reason.PREAUTH_EXPIRED),
        (50_00, {"amount": Money(50_00, "USD")}, Reason.CURRENCY_WRONG),
        (50_00, {"kind": Kind.SALE}, Reason.ORIGINAL_UNKNOWN),
    ],
)
def test_a_completion_takes_at_most_the_agreed_share_in_time(
    minor: int, changes: dict[str, Any], refused: Reason | None
) -> None:
    assert reason(complete(minor, **changes)) is refused


SALE = an_approved_sale(100_00)
TIPPING = Limits("CNY", 1_000_00, tip_percent=15)


def tip(
    minor: int = 10_00,
    sale: Payment = SALE,
    *,
    tips: tuple[Payment, ...] = (),
    total: int | None = None,
    limits: Limits = TIPPING,
    batch: int = 1,
    card: str | None = None,
    **parts: Any,
) -> Refused | Following:
    asked = an_undoing(Kind.TIP, minor, advice=True, **parts)
    told = Money(sale.amount.minor + minor if total is None else total)
    return decide_tip(asked, sale, limits, tips=tips, total=told, open_batch=batch, at=NOON, card_token=card)


def test_a_tip_follows_its_sale_which_stays_as_it_is() -> None:
    decided = tip(channel="elsewhere")
    assert isinstance(decided, Following)
    assert (decided.payment.channel, decided.payment.original_id) == (SALE.channel, SALE.payment_id)
    assert decided.original == SALE.touched(NOON)


def test_the_tips_of_a_sale_take_at_most_the_agreed_share_together() -> None:
    standing = an_approved_sale(10_00, kind=Kind.TIP)
    declined = standing.changed(state=State.DECLINED)
    assert reason(tip(15_00)) is None
    assert reason(tip(15_01)) is Reason.TIP_WRONG
    assert reason(tip(5_00, tips=(standing,), total=115_00)) is None
    assert reason(tip(5_01, tips=(standing,), total=115_01)) is Reason.TIP_WRONG
    assert reason(tip(15_00, tips=(declined,))) is None
    assert reason(tip(5_00, tips=(standing,))) is Reason.TIP_WRONG


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        ({"limits": Limits("CNY", 1_000_00)}, Reason.TRANSACTION_UNSUPPORTED),
        ({"sale": SALE.changed(method=Method.PAYER_CODE)}, Reason.ORIGINAL_UNKNOWN),
        ({"sale": SALE.changed(kind=Kind.TIP)}, Reason.ORIGINAL_UNKNOWN),
        ({"sale": SALE.changed(kind=Kind.PREAUTH)}, Reason.ORIGINAL_UNKNOWN),
        ({"sale": SALE.changed(state=State.VOIDED)}, Reason.ORIGINAL_VOIDED),
        ({"card": "token-of-tao"}, Reason.CARD_DIFFERS),
        ({"terminal_id": TerminalId("10000002")}, Reason.ORIGINAL_OTHER_TERMINAL),
        ({"batch": 2}, Reason.ORIGINAL_SETTLED),
        ({"sale": SALE.changed(refunded=Money(1))}, Reason.TIP_WRONG),
        ({"amount": Money(10_00, "USD")}, Reason.CURRENCY_WRONG),
        ({"minor": 0}, Reason.AMOUNT_ZERO),
        ({"limits": Limits("CNY", 5_00, tip_percent=15)}, Reason.AMOUNT_OVER_LIMIT),
        ({"total": 110_01}, Reason.TIP_WRONG),
    ],
)
def test_a_tip_that_does_not_fit_is_refused(parts: dict[str, Any], expected: Reason) -> None:
    assert reason(tip(**parts)) is expected


def test_a_completion_may_be_tipped_and_a_tip_voided_and_refunded() -> None:
    assert reason(tip(sale=SALE.changed(kind=Kind.COMPLETION))) is None
    taken = an_approved_sale(10_00, kind=Kind.TIP)
    assert reason(void(taken, minor=10_00)) is None
    assert reason(refund(taken, 10_00)) is None
