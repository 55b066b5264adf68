"""What holds of every state machine's table: all of it is reached and used, and what it does not hold is refused.

What may live here: that walk. What may not: what one machine alone must do.
"""

from __future__ import annotations

from typing import Any

import pytest

from xiaopos.kernel.machine import IllegalMove, Machine


def walk_whole_table(machine: Machine[Any, Any]) -> None:
    """Every state with every event: a move that the table holds is made, any other refused; none is without use."""
    a_state, an_event = next(iter(machine.table))
    states, events = [*type(a_state).__members__.values()], [*type(an_event).__members__.values()]
    assert machine.reachable() == set(states)
    assert {event for _, event in machine.table} == set(events)
    for state in states:
        for event in events:
            if machine.allows(state, event):
                assert machine.move(state, event) is machine.table[state, event]
                continue
            with pytest.raises(IllegalMove):
                machine.move(state, event)
