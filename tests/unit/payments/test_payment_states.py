"""The payment's table of moves: every pair of state and event."""

from __future__ import annotations

import itertools

import pytest

from support.payments import NOON, a_sale
from xiaopos.kernel.machine import IllegalMove
from xiaopos.payments.states import KNOWN, MONEY_HELD, PAYMENT, Event, State

S, E = State, Event

# Written out by hand, apart from the table: row = state, entries = event -> state after.
LIFE = {
    S.SENT: {
        E.PAYER_ASKED: S.PAYING,
        E.ANSWERED_YES: S.APPROVED,
        E.ANSWERED_NO: S.DECLINED,
        E.ANSWER_LOST: S.UNKNOWN,
        E.REVERSE: S.REVERSING,
    },
    S.PAYING: {
        E.ANSWERED_YES: S.APPROVED,
        E.ANSWERED_NO: S.DECLINED,
        E.ANSWER_LOST: S.UNKNOWN,
        E.REVERSE: S.REVERSING,
    },
    S.UNKNOWN: {E.ANSWERED_YES: S.APPROVED, E.ANSWERED_NO: S.DECLINED, E.REVERSE: S.REVERSING},
    S.APPROVED: {
        E.REVERSE: S.REVERSING,
        E.VOID_ASKED: S.VOIDING,
        E.COMPLETION_ASKED: S.COMPLETING,
        E.COMPLETION_RESTORED: S.COMPLETED,
    },
    S.DECLINED: {},
    S.REVERSING: {E.REVERSAL_DONE: S.REVERSED, E.REVERSAL_STUCK: S.UNRESOLVED},
    S.REVERSED: {},
    S.UNRESOLVED: {E.REVERSE: S.REVERSING, E.REVERSAL_DONE: S.REVERSED},
    S.VOIDING: {E.VOID_DONE: S.VOIDED, E.VOID_FAILED: S.APPROVED},
    S.VOIDED: {E.VOID_UNDONE: S.APPROVED},
    S.COMPLETING: {E.COMPLETION_DONE: S.COMPLETED, E.COMPLETION_FAILED: S.APPROVED},
    S.COMPLETED: {E.COMPLETION_UNDONE: S.APPROVED},
}
PAIRS = list(itertools.product(State, Event))


@pytest.mark.parametrize(("state", "event"), PAIRS)
def test_every_pair_moves_as_written_or_not_at_all(state: State, event: Event) -> None:
    after = LIFE[state].get(event)
    assert PAYMENT.allows(state, event) is (after is not None)
    if after is None:
        with pytest.raises(IllegalMove):
            PAYMENT.move(state, event)
    else:
        assert PAYMENT.move(state, event) is after


@pytest.mark.parametrize(("state", "event"), [pair for pair in PAIRS if pair[1] not in LIFE[pair[0]]])
def test_an_illegal_move_leaves_the_payment_as_it_was(state: State, event: Event) -> None:
    payment = a_sale(state=state)
    with pytest.raises(IllegalMove, match=f"payment: {event.name} is not possible in {state.name}"):
        payment.moved(event, NOON)
    assert payment == a_sale(state=state)


def test_every_state_is_reached() -> None:
    assert PAYMENT.reachable() == frozenset(State)


def test_only_a_decline_and_a_reversal_are_final() -> None:
    assert PAYMENT.ends() == {S.DECLINED, S.REVERSED}


@pytest.mark.parametrize("state", [state for state in State if state not in KNOWN])
def test_every_state_that_is_not_known_can_still_become_known(state: State) -> None:
    seen: set[State] = set()
    todo = [state]
    while todo:
        at = todo.pop()
        seen.add(at)
        todo += [after for after in (PAYMENT.move(at, event) for event in PAYMENT.events(at)) if after not in seen]
    assert seen & KNOWN


def test_money_is_held_only_after_an_approval() -> None:
    assert {S.APPROVED, S.VOIDING} == MONEY_HELD
    entering = {
        event for (state, event), after in PAYMENT.table.items() if after in MONEY_HELD and state not in MONEY_HELD
    }
    assert entering == {E.ANSWERED_YES, E.VOID_UNDONE, E.COMPLETION_FAILED, E.COMPLETION_UNDONE}
