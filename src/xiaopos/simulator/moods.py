"""Moods: what a pretend system does wrong on command, so that stories and tests can ask for trouble by name.

What may live here: the troubles, the list of those that wait, their JSON form. What may not: doing them (the servers do).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import Enum


class Trouble(Enum):
    """What goes wrong. Money moves in LATE, LOSE_ANSWER, DROP_LINE, REPEAT_ANSWER and SPOIL_SEAL; in the others it does not."""

    ANSWER_CODE = "answer_code"
    """Answer with `code` (a success code approves; 10 approves half of the amount)."""
    LATE = "late"
    """Do what was asked and answer `seconds` later."""
    LOSE_REQUEST = "lose_request"
    """Never see the request."""
    LOSE_ANSWER = "lose_answer"
    """Do what was asked and say nothing."""
    DROP_LINE = "drop_line"
    """Do what was asked and close the connection instead of answering."""
    REPEAT_ANSWER = "repeat_answer"
    """Answer twice."""
    SPOIL_SEAL = "spoil_seal"
    """Do what was asked and answer with a MAC or signature that does not fit."""
    DOWN = "down"
    """Accept no connection until lifted."""


class Stage(Enum):
    """Which requests a mood waits for: those that ask for money, those that undo or ask again, or both."""

    ASK = "ask"
    UNDO = "undo"
    ANY = "any"


@dataclass(frozen=True, slots=True)
class Mood:
    """One trouble that waits. `subject` names a card or a customer, empty for whoever comes next.

    `times` counts the requests that it spoils; None is until lifted.
    """

    trouble: Trouble
    code: str = ""
    seconds: float = 0.0
    subject: str = ""
    times: int | None = 1
    stage: Stage = Stage.ASK

    @classmethod
    def from_json(cls, given: Mapping[str, object]) -> Mood:
        """Read what a control request holds. Raises ValueError naming the part that is wrong."""
        try:
            times = given.get("times", 1)
            mood = cls(
                trouble=Trouble(given.get("trouble")),
                code=str(given.get("code", "")),
                seconds=float(str(given.get("seconds", 0))),
                subject=str(given.get("subject", "")),
                times=None if times is None else int(str(times)),
                stage=Stage(given.get("stage", Stage.ASK.value)),
            )
        except ValueError as wrong:
            raise ValueError(f"this mood cannot be read: {wrong}") from None
        if mood.trouble is Trouble.ANSWER_CODE and not mood.code:
            raise ValueError("this mood cannot be read: answer_code needs a code")
        return mood

    def as_json(self) -> dict[str, object]:
        """The mood as a control answer shows it."""
        return {
            "trouble": self.trouble.value,
            "code": self.code,
            "seconds": self.seconds,
            "subject": self.subject,
            "times": self.times,
            "stage": self.stage.value,
        }


class Moods:
    """The moods that wait, oldest first. One request takes at most one."""

    def __init__(self) -> None:
        self._waiting: list[Mood] = []

    def set(self, mood: Mood) -> None:
        """Let a mood wait for its request."""
        self._waiting.append(mood)

    def lift(self) -> None:
        """Be well again: forget every mood."""
        self._waiting.clear()

    @property
    def is_down(self) -> bool:
        """Whether the system accepts no connection."""
        return any(mood.trouble is Trouble.DOWN for mood in self._waiting)

    def take(self, stage: Stage, *subjects: str) -> Mood | None:
        """The mood that a request of this stage, by one of these subjects, meets; it is used up by it."""
        for place, mood in enumerate(self._waiting):
            if mood.trouble is Trouble.DOWN or mood.stage not in (stage, Stage.ANY):
                continue
            if mood.subject and mood.subject not in subjects:
                continue
            if mood.times is not None:
                self._count(place, mood, mood.times - 1)
            return mood
        return None

    def _count(self, place: int, mood: Mood, left: int) -> None:
        if left > 0:
            self._waiting[place] = replace(mood, times=left)
        else:
            del self._waiting[place]

    def as_json(self) -> list[dict[str, object]]:
        """The moods that wait, as a control answer shows them."""
        return [mood.as_json() for mood in self._waiting]
