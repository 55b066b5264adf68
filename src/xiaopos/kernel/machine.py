"""A state machine as one table, from which everything else is read.

What may live here: the table, the one way to move, and what can be drawn or listed from it.
What may not: actions, conditions or storage. A move that is not in the table does not exist.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import Generic, TypeVar

S = TypeVar("S", bound=Enum)
E = TypeVar("E", bound=Enum)


class IllegalMove(Exception):
    """A move that the table does not hold: a bug of ours, never a peer's fault."""

    def __init__(self, machine: str, state: Enum, event: Enum) -> None:
        super().__init__(f"{machine}: {event.name} is not possible in {state.name}")
        self.state = state
        self.event = event


class Machine(Generic[S, E]):
    """The legal moves of one noun: `(State, Event) -> State`."""

    def __init__(self, name: str, *, starts: S, table: Mapping[tuple[S, E], S]) -> None:
        self.name = name
        self.starts = starts
        self.table = dict(table)

    def move(self, state: S, event: E) -> S:
        """The state after the event. Raises IllegalMove, and changes nothing, when the table has no such move."""
        try:
            return self.table[state, event]
        except KeyError:
            raise IllegalMove(self.name, state, event) from None

    def allows(self, state: S, event: E) -> bool:
        """Whether the event is possible in the state: what a console asks before it shows a button."""
        return (state, event) in self.table

    def events(self, state: S) -> tuple[E, ...]:
        """The events possible in a state, in the order of the table."""
        return tuple(event for (at, event) in self.table if at is state)

    def ends(self) -> frozenset[S]:
        """The states that no event leaves."""
        states = {self.starts, *(state for state, _ in self.table), *self.table.values()}
        return frozenset(states - {state for state, _ in self.table})

    def reachable(self) -> frozenset[S]:
        """Every state that some row of events leads to from the start."""
        seen = {self.starts}
        todo = [self.starts]
        while todo:
            state = todo.pop()
            for event in self.events(state):
                after = self.table[state, event]
                if after not in seen:
                    seen.add(after)
                    todo.append(after)
        return frozenset(seen)

    def draw(self) -> str:
        """The table as a Mermaid state diagram, one line a move, in the order of the table."""
        lines = ["stateDiagram-v2", f"    [*] --> {self.starts.name}"]
        lines += [f"    {state.name} --> {after.name}: {event.name}" for (state, event), after in self.table.items()]
        lines += [f"    {state.name} --> [*]" for state in sorted(self.ends(), key=lambda state: state.name)]
        return "\n".join(lines) + "\n"
