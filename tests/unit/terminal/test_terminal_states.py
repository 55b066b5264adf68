"""The terminal's table of moves, every pair of it."""

from __future__ import annotations

import itertools

import pytest

from xiaopos.kernel.machine import IllegalMove
from xiaopos.terminal.states import BUSY, DEVICE, OWES, Event, State


@pytest.mark.parametrize(("state", "event"), list(itertools.product(State, Event)))
def test_every_pair_moves_by_the_table_or_is_illegal(state: State, event: Event) -> None:
    if (state, event) in DEVICE.table:
        assert DEVICE.move(state, event) is DEVICE.table[state, event]
    else:
        with pytest.raises(IllegalMove):
            DEVICE.move(state, event)


def test_every_state_is_reached_and_none_is_a_dead_end() -> None:
    assert DEVICE.reachable() == frozenset(State)
    assert DEVICE.ends() == frozenset()


def test_every_state_that_waits_survives_a_power_cut_and_is_not_busy_afterwards() -> None:
    for state in BUSY:
        assert DEVICE.move(state, Event.POWER_BACK) not in BUSY


def test_what_is_owed_is_never_forgotten_by_a_move() -> None:
    leaving = {(state, event) for (state, event), after in DEVICE.table.items() if state in OWES and after not in OWES}
    assert leaving == {(State.PAYING_UP, Event.PAID_UP), (State.PAYING_UP, Event.GIVEN_UP)}


def test_a_new_question_about_money_is_possible_when_ready_only() -> None:
    assert [state for state in State if DEVICE.allows(state, Event.ASK)] == [State.READY]
