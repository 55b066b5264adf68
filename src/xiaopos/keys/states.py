"""A key's life: one table, and what a key may still do in each state.

What may live here: states, events, the table, and which operations a state leaves possible.
What may not: who may cause an event (use cases), storage, what a usage allows (`hierarchy`).
"""

from __future__ import annotations

from enum import Enum

from xiaopos.kernel.machine import Machine
from xiaopos.keys.hierarchy import Operation


class KeyState(Enum):
    """Where a key is in its life."""

    AWAITED = "awaited"
    """A place is reserved: custodians have been called, or a sign-in is under way; there is no key yet."""
    GENERATED = "generated"
    """Made in this vault; the other side may not have it yet."""
    IMPORTED = "imported"
    """Came from outside, by components or under another key; its check value was right."""
    ACTIVE = "active"
    RETIRED = "retired"
    """Replaced: reads and checks what it made, makes nothing new."""
    COMPROMISED = "compromised"
    """Perhaps known to others: trusted for nothing, kept as evidence until destroyed."""
    DESTROYED = "destroyed"


class KeyEvent(Enum):
    """What happens to a key."""

    GENERATE = "generate"
    IMPORT = "import"
    ACTIVATE = "activate"
    RETIRE = "retire"
    COMPROMISE = "compromise"
    DESTROY = "destroy"


_S, _E = KeyState, KeyEvent

KEY_LIFE: Machine[KeyState, KeyEvent] = Machine(
    "key",
    starts=_S.AWAITED,
    table={
        (_S.AWAITED, _E.GENERATE): _S.GENERATED,
        (_S.AWAITED, _E.IMPORT): _S.IMPORTED,
        (_S.AWAITED, _E.DESTROY): _S.DESTROYED,
        (_S.GENERATED, _E.ACTIVATE): _S.ACTIVE,
        (_S.GENERATED, _E.COMPROMISE): _S.COMPROMISED,
        (_S.GENERATED, _E.DESTROY): _S.DESTROYED,
        (_S.IMPORTED, _E.ACTIVATE): _S.ACTIVE,
        (_S.IMPORTED, _E.COMPROMISE): _S.COMPROMISED,
        (_S.IMPORTED, _E.DESTROY): _S.DESTROYED,
        (_S.ACTIVE, _E.RETIRE): _S.RETIRED,
        (_S.ACTIVE, _E.COMPROMISE): _S.COMPROMISED,
        (_S.RETIRED, _E.COMPROMISE): _S.COMPROMISED,
        (_S.RETIRED, _E.DESTROY): _S.DESTROYED,
        (_S.COMPROMISED, _E.DESTROY): _S.DESTROYED,
    },
)

_READING = frozenset(
    {
        Operation.OPEN,
        Operation.AEAD_OPEN,
        Operation.PIN_FROM,
        Operation.PIN_VERIFY,
        Operation.TRACK_DECRYPT,
        Operation.TOKEN,
    }
)

_SERVES: dict[KeyState, frozenset[Operation]] = {
    KeyState.AWAITED: frozenset(),
    # Carried to the other side before it serves; only then can it be activated.
    KeyState.GENERATED: frozenset(),
    KeyState.IMPORTED: frozenset(),
    KeyState.ACTIVE: frozenset(Operation),
    KeyState.RETIRED: _READING,
    KeyState.COMPROMISED: frozenset(),
    KeyState.DESTROYED: frozenset(),
}


CARRIED_STATES = frozenset({KeyState.GENERATED, KeyState.IMPORTED, KeyState.ACTIVE})
"""A key in one of these may still be carried to another place, under another key."""


def serves(state: KeyState, operation: Operation) -> bool:
    """Whether a key in this state may still be used so, given that its usage allows it.

    A retired key opens what it sealed and reads what was under way; it carries, encrypts and authenticates nothing. A
    retired token key still finds old rows.
    """
    return operation in _SERVES[state]
