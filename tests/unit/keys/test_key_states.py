"""A key's life: every pair of state and event, and what each state leaves possible."""

from __future__ import annotations

import itertools

import pytest

from xiaopos.kernel.machine import IllegalMove
from xiaopos.keys import KEY_LIFE, KeyEvent, KeyState, Operation, serves

S, E = KeyState, KeyEvent

# Written out by hand, apart from the table: row = state, entries = event -> state after.
LIFE = {
    S.AWAITED: {E.GENERATE: S.GENERATED, E.IMPORT: S.IMPORTED, E.DESTROY: S.DESTROYED},
    S.GENERATED: {E.ACTIVATE: S.ACTIVE, E.COMPROMISE: S.COMPROMISED, E.DESTROY: S.DESTROYED},
    S.IMPORTED: {E.ACTIVATE: S.ACTIVE, E.COMPROMISE: S.COMPROMISED, E.DESTROY: S.DESTROYED},
    S.ACTIVE: {E.RETIRE: S.RETIRED, E.COMPROMISE: S.COMPROMISED},
    S.RETIRED: {E.COMPROMISE: S.COMPROMISED, E.DESTROY: S.DESTROYED},
    S.COMPROMISED: {E.DESTROY: S.DESTROYED},
    S.DESTROYED: {},
}


@pytest.mark.parametrize(("state", "event"), list(itertools.product(KeyState, KeyEvent)))
def test_every_pair_moves_as_written_or_not_at_all(state: KeyState, event: KeyEvent) -> None:
    after = LIFE[state].get(event)
    assert KEY_LIFE.allows(state, event) is (after is not None)
    if after is None:
        with pytest.raises(IllegalMove):
            KEY_LIFE.move(state, event)
    else:
        assert KEY_LIFE.move(state, event) is after


def test_every_state_is_reached_and_only_destruction_ends() -> None:
    assert KEY_LIFE.reachable() == frozenset(KeyState)
    assert KEY_LIFE.ends() == {KeyState.DESTROYED}


@pytest.mark.parametrize(("state", "operation"), list(itertools.product(KeyState, Operation)))
def test_only_an_active_key_makes_and_a_retired_one_reads(state: KeyState, operation: Operation) -> None:
    reading = {
        Operation.OPEN,
        Operation.AEAD_OPEN,
        Operation.PIN_FROM,
        Operation.PIN_VERIFY,
        Operation.TRACK_DECRYPT,
        Operation.TOKEN,
    }
    expected = state is KeyState.ACTIVE or (state is KeyState.RETIRED and operation in reading)
    assert serves(state, operation) is expected
