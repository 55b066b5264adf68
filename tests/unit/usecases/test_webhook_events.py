"""What a change of the books means to a merchant: each state that matters is told once, with what it is about."""

from __future__ import annotations

import json

import pytest

from support.payments import NOON, a_sale, an_approved_sale, an_undoing
from xiaopos.kernel.ids import MerchantId, TerminalId
from xiaopos.kernel.money import Money
from xiaopos.kernel.refusal import Reason
from xiaopos.merchants.webhooks import EventType
from xiaopos.payments.payment import Kind, Payment
from xiaopos.payments.states import State
from xiaopos.usecases.ports import BatchClosing, BatchTotals, Change, TerminalChange
from xiaopos.usecases.webhook_events import MerchantEvent, events_of

TEA = MerchantId("898110058120001")


def told(change: Change, *listening: str) -> list[MerchantEvent]:
    return events_of([change], frozenset(MerchantId(each) for each in listening or (TEA,)))


def kinds(*moves: Payment) -> list[EventType]:
    return [event.type for event in told(Change(moves=moves))]


@pytest.mark.parametrize(
    ("state", "kind"),
    [
        (State.PAYING, EventType.PAYMENT_CONFIRMING),
        (State.APPROVED, EventType.PAYMENT_APPROVED),
        (State.DECLINED, EventType.PAYMENT_DECLINED),
        (State.UNKNOWN, EventType.PAYMENT_UNKNOWN),
        (State.REVERSED, EventType.PAYMENT_REVERSED),
        (State.UNRESOLVED, EventType.PAYMENT_UNRESOLVED),
    ],
)
def test_what_became_of_a_payment_is_told(state: State, kind: EventType) -> None:
    assert kinds(a_sale(state=state, version=2)) == [kind]


@pytest.mark.parametrize("state", [State.SENT, State.REVERSING, State.VOIDING, State.COMPLETING])
def test_what_is_only_under_way_is_not_told(state: State) -> None:
    assert kinds(a_sale(state=state, version=2)) == []


@pytest.mark.parametrize(("kind", "noun"), [(Kind.VOID, "void"), (Kind.REFUND, "refund")])
def test_a_void_and_a_refund_are_told_as_such(kind: Kind, noun: str) -> None:
    for state in (State.DECLINED, State.UNKNOWN, State.UNRESOLVED):
        assert [each.value for each in kinds(an_undoing(kind, state=state))] == [f"{noun}.{state.value}"]
    assert kinds(an_undoing(kind, state=State.PAYING)) == []


def test_what_a_void_or_refund_did_is_told_of_its_payment_too() -> None:
    sale = an_approved_sale(version=4)
    void = an_undoing(Kind.VOID, state=State.APPROVED)
    assert kinds(void, sale.changed(state=State.VOIDED)) == [EventType.VOID_APPROVED, EventType.PAYMENT_VOIDED]
    refund = an_undoing(Kind.REFUND, 10_00, state=State.APPROVED)
    assert kinds(refund, sale.changed(refunded=Money(10_00))) == [
        EventType.REFUND_APPROVED,
        EventType.PAYMENT_REFUNDED,
    ]
    declined = an_undoing(Kind.REFUND, 10_00, state=State.DECLINED)
    assert kinds(declined, sale) == [EventType.REFUND_DECLINED]
    assert kinds(void.changed(state=State.REVERSED), sale) == [EventType.VOID_REVERSED, EventType.PAYMENT_RESTORED]
    assert kinds(void.changed(state=State.UNKNOWN), sale.changed(state=State.VOIDING)) == [EventType.VOID_UNKNOWN]


def test_a_completion_completes_and_its_void_restores_the_hold() -> None:
    hold = an_approved_sale(kind=Kind.PREAUTH, version=4)
    completion = an_undoing(Kind.COMPLETION, state=State.APPROVED)
    assert kinds(completion, hold.changed(state=State.COMPLETED)) == [
        EventType.PAYMENT_APPROVED,
        EventType.PAYMENT_COMPLETED,
    ]
    void = an_undoing(Kind.VOID, state=State.APPROVED)
    assert kinds(void, completion.changed(state=State.VOIDED), hold) == [
        EventType.VOID_APPROVED,
        EventType.PAYMENT_VOIDED,
        EventType.PAYMENT_RESTORED,
    ]


def test_claiming_reserves_and_tells_nothing() -> None:
    change = Change(claim=an_undoing(Kind.REFUND), moves=(an_approved_sale(version=3),))
    assert told(change) == []


def test_who_does_not_listen_is_told_nothing() -> None:
    assert told(Change(moves=(an_approved_sale(),)), "898110058120002") == []
    assert told(Change(terminal=TerminalChange(TerminalId("10000001"), NOON))) == []


def test_an_event_says_what_the_api_says_and_nothing_of_the_card() -> None:
    sale = a_sale(state=State.DECLINED, version=2, decided_at=NOON, reason=Reason.BALANCE_TOO_LOW, payer="Mei")
    (event,) = told(Change(moves=(sale,)))
    assert event.event_id == f"evt-{sale.payment_id}-2"
    assert (event.subject, event.version, event.at, event.shop_id) == (sale.payment_id, 2, NOON, "tea")
    data = json.loads(event.data)
    assert (data["state"], data["reason"], data["amount_minor"], data["currency"]) == (
        "declined",
        "balance_too_low",
        2500,
        "CNY",
    )
    assert "6200" not in event.data
    assert "Mei" not in event.data
    assert "token" not in event.data


def test_a_payment_that_could_not_be_undone_says_why_or_nothing() -> None:
    (event,) = told(Change(moves=(a_sale(state=State.UNRESOLVED, version=3),)))
    assert json.loads(event.data)["reason"] == ""


def test_a_closed_batch_is_told_with_its_totals() -> None:
    closing = BatchClosing(TEA, TerminalId("10000001"), 7, NOON, None, BatchTotals(3, 75_00, 1, 5_00, 0), True, 8)
    change = Change(terminal=TerminalChange(TerminalId("10000001"), NOON, batch_number=8), closing=closing)
    (event,) = told(change)
    assert event.type is EventType.BATCH_CLOSED
    assert event.subject == "10000001"
    data = json.loads(event.data)
    assert (data["sales_count"], data["sales_minor"], data["refunds_minor"], data["next_batch"]) == (3, 7500, 500, 8)
    assert told(change, "898110058120002") == []
