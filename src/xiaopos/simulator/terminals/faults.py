"""What can go wrong on a pretend terminal's line, by name.

What may live here: the faults and the row of those that wait. What may not: doing them (the line does).
"""

from __future__ import annotations

from enum import Enum


class Fault(Enum):
    """What goes wrong with one exchange. The host has acted in AFTER_SEND (perhaps) and in all that follow it."""

    BEFORE_SEND = "before-send"
    """The line drops before anything is sent."""
    AFTER_SEND = "after-send"
    """The line drops when the request is out."""
    BEFORE_ANSWER = "before-answer"
    """The answer arrives at the door and is lost."""
    LATE_ANSWER = "late-answer"
    """The answer comes after the terminal has stopped waiting."""
    CORRUPT_ANSWER = "corrupt-answer"
    """One byte of the answer is another."""
    WRONG_MAC = "wrong-mac"
    """The answer's MAC is not right."""
    CORRUPT_REQUEST = "corrupt-request"
    """One byte of the request's MAC is another: the host must refuse it."""


CUTS: frozenset[Fault] = frozenset({Fault.BEFORE_SEND, Fault.AFTER_SEND, Fault.BEFORE_ANSWER})


class Faults:
    """The faults that wait, oldest first; each spoils one exchange."""

    def __init__(self) -> None:
        self._waiting: list[Fault] = []

    def set(self, fault: Fault, times: int = 1) -> None:
        """Let a fault wait for the next `times` exchanges."""
        self._waiting.extend([fault] * times)

    def lift(self) -> None:
        """Forget every fault."""
        self._waiting.clear()

    def take(self) -> Fault | None:
        """The fault that this exchange meets, if one waits."""
        return self._waiting.pop(0) if self._waiting else None

    def names(self) -> list[str]:
        """The faults that wait, by name."""
        return [fault.value for fault in self._waiting]
