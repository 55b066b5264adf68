"""The states of a payment and the one table of its moves.

What may live here: State, Event, the table. What may not: anything else; diagrams, database constraints, tests and
buttons are read from the table.

A void, a refund and a completion are payments of their own with the same states; what they do to the payment that they
follow are the VOID_... and COMPLETION_... moves of that payment. How much of a payment was refunded is an amount on it,
not a state.
"""

from __future__ import annotations

from enum import Enum

from xiaopos.kernel.machine import Machine


class State(Enum):
    """Where a payment stands."""

    SENT = "sent"
    PAYING = "paying"
    APPROVED = "approved"
    DECLINED = "declined"
    UNKNOWN = "unknown"
    REVERSING = "reversing"
    REVERSED = "reversed"
    UNRESOLVED = "unresolved"
    VOIDING = "voiding"
    VOIDED = "voided"
    COMPLETING = "completing"
    COMPLETED = "completed"


class Event(Enum):
    """What can happen to a payment."""

    PAYER_ASKED = "payer_asked"
    ANSWERED_YES = "answered_yes"
    ANSWERED_NO = "answered_no"
    ANSWER_LOST = "answer_lost"
    REVERSE = "reverse"
    REVERSAL_DONE = "reversal_done"
    REVERSAL_STUCK = "reversal_stuck"
    VOID_ASKED = "void_asked"
    VOID_DONE = "void_done"
    VOID_FAILED = "void_failed"
    VOID_UNDONE = "void_undone"
    COMPLETION_ASKED = "completion_asked"
    COMPLETION_DONE = "completion_done"
    COMPLETION_FAILED = "completion_failed"
    COMPLETION_UNDONE = "completion_undone"
    COMPLETION_RESTORED = "completion_restored"


PAYMENT: Machine[State, Event] = Machine(
    "payment",
    starts=State.SENT,
    table={
        (State.SENT, Event.PAYER_ASKED): State.PAYING,
        (State.SENT, Event.ANSWERED_YES): State.APPROVED,
        (State.SENT, Event.ANSWERED_NO): State.DECLINED,
        (State.SENT, Event.ANSWER_LOST): State.UNKNOWN,
        (State.SENT, Event.REVERSE): State.REVERSING,
        (State.PAYING, Event.ANSWERED_YES): State.APPROVED,
        (State.PAYING, Event.ANSWERED_NO): State.DECLINED,
        (State.PAYING, Event.ANSWER_LOST): State.UNKNOWN,
        (State.PAYING, Event.REVERSE): State.REVERSING,
        (State.UNKNOWN, Event.ANSWERED_YES): State.APPROVED,
        (State.UNKNOWN, Event.ANSWERED_NO): State.DECLINED,
        (State.UNKNOWN, Event.REVERSE): State.REVERSING,
        (State.APPROVED, Event.REVERSE): State.REVERSING,
        (State.APPROVED, Event.VOID_ASKED): State.VOIDING,
        (State.REVERSING, Event.REVERSAL_DONE): State.REVERSED,
        (State.REVERSING, Event.REVERSAL_STUCK): State.UNRESOLVED,
        (State.UNRESOLVED, Event.REVERSE): State.REVERSING,
        (State.UNRESOLVED, Event.REVERSAL_DONE): State.REVERSED,
        (State.VOIDING, Event.VOID_DONE): State.VOIDED,
        (State.VOIDING, Event.VOID_FAILED): State.APPROVED,
        (State.VOIDED, Event.VOID_UNDONE): State.APPROVED,
        (State.APPROVED, Event.COMPLETION_ASKED): State.COMPLETING,
        (State.COMPLETING, Event.COMPLETION_DONE): State.COMPLETED,
        (State.COMPLETING, Event.COMPLETION_FAILED): State.APPROVED,
        (State.COMPLETED, Event.COMPLETION_UNDONE): State.APPROVED,
        (State.APPROVED, Event.COMPLETION_RESTORED): State.COMPLETED,
    },
)

KNOWN: frozenset[State] = frozenset({State.APPROVED, State.DECLINED, State.REVERSED, State.VOIDED, State.COMPLETED})
"""The states in which everybody knows what happened to the money."""

MONEY_HELD: frozenset[State] = frozenset({State.APPROVED, State.VOIDING})
"""The states in which the books hold the entry of a payment that takes money."""
