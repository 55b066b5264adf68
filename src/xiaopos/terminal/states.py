"""The states of a terminal and the one table of its moves.

What may live here: State, Event, the table. What may not: anything else.

A terminal asks one question at a time. When the outcome of a question is unknown it *owes* the host a message: the
reversal 0400 of a sale or void, or the same refund notice 0220 once more. What is owed goes before any new question, and
signing in again does not forget it.

A settlement without an answer signs the terminal out: the next sign-in tells which batch the host has open, and so whether
the old one was closed.
"""

from __future__ import annotations

from enum import Enum

from xiaopos.kernel.machine import Machine


class State(Enum):
    """Where a terminal stands. The values are what its memory holds."""

    SIGNED_OUT = "signed_out"
    SIGNING_IN = "signing_in"
    READY = "ready"
    WAITING = "waiting"
    OWING = "owing"
    PAYING_UP = "paying_up"
    SIGNED_OUT_OWING = "signed_out_owing"
    SIGNING_IN_OWING = "signing_in_owing"
    SETTLING = "settling"
    SIGNING_OFF = "signing_off"


class Event(Enum):
    """What can happen to a terminal. POWER_BACK is a restart in the middle of something."""

    SIGN_IN = "sign_in"
    KEYS_TAKEN = "keys_taken"
    SIGN_IN_FAILED = "sign_in_failed"
    ASK = "ask"
    ANSWERED = "answered"
    ANSWER_LOST = "answer_lost"
    KEYS_REFUSED = "keys_refused"
    PAY_UP = "pay_up"
    PAID_UP = "paid_up"
    GIVEN_UP = "given_up"
    REOPEN = "reopen"
    SETTLE = "settle"
    SIGN_OFF = "sign_off"
    TOLD_TO_SIGN_IN = "told_to_sign_in"
    POWER_BACK = "power_back"


DEVICE: Machine[State, Event] = Machine(
    "terminal",
    starts=State.SIGNED_OUT,
    table={
        (State.SIGNED_OUT, Event.SIGN_IN): State.SIGNING_IN,
        (State.SIGNING_IN, Event.KEYS_TAKEN): State.READY,
        (State.SIGNING_IN, Event.SIGN_IN_FAILED): State.SIGNED_OUT,
        (State.SIGNING_IN, Event.POWER_BACK): State.SIGNED_OUT,
        (State.READY, Event.SIGN_IN): State.SIGNING_IN,
        (State.READY, Event.ASK): State.WAITING,
        (State.READY, Event.SETTLE): State.SETTLING,
        (State.READY, Event.SIGN_OFF): State.SIGNING_OFF,
        (State.READY, Event.TOLD_TO_SIGN_IN): State.SIGNED_OUT,
        (State.READY, Event.REOPEN): State.OWING,
        (State.WAITING, Event.ANSWERED): State.READY,
        (State.WAITING, Event.KEYS_REFUSED): State.SIGNED_OUT_OWING,
        (State.WAITING, Event.ANSWER_LOST): State.OWING,
        (State.WAITING, Event.POWER_BACK): State.OWING,
        (State.OWING, Event.PAY_UP): State.PAYING_UP,
        (State.OWING, Event.SIGN_IN): State.SIGNING_IN_OWING,
        (State.PAYING_UP, Event.PAID_UP): State.READY,
        (State.PAYING_UP, Event.ANSWER_LOST): State.OWING,
        (State.PAYING_UP, Event.POWER_BACK): State.OWING,
        (State.PAYING_UP, Event.KEYS_REFUSED): State.SIGNED_OUT_OWING,
        (State.PAYING_UP, Event.GIVEN_UP): State.READY,
        (State.SIGNED_OUT_OWING, Event.SIGN_IN): State.SIGNING_IN_OWING,
        (State.SIGNING_IN_OWING, Event.KEYS_TAKEN): State.OWING,
        (State.SIGNING_IN_OWING, Event.SIGN_IN_FAILED): State.SIGNED_OUT_OWING,
        (State.SIGNING_IN_OWING, Event.POWER_BACK): State.SIGNED_OUT_OWING,
        (State.SETTLING, Event.ANSWERED): State.READY,
        (State.SETTLING, Event.ANSWER_LOST): State.SIGNED_OUT,
        (State.SETTLING, Event.POWER_BACK): State.SIGNED_OUT,
        (State.SIGNING_OFF, Event.ANSWERED): State.SIGNED_OUT,
        (State.SIGNING_OFF, Event.ANSWER_LOST): State.SIGNED_OUT,
        (State.SIGNING_OFF, Event.POWER_BACK): State.SIGNED_OUT,
    },
)

BUSY: frozenset[State] = frozenset(state for state in State if DEVICE.allows(state, Event.POWER_BACK))
"""The states in which an answer is awaited: a restart finds its way out of each by POWER_BACK."""

OWES: frozenset[State] = frozenset({State.OWING, State.PAYING_UP, State.SIGNED_OUT_OWING, State.SIGNING_IN_OWING})
"""The states in which a message is owed and no new question may be asked."""
