"""What can go wrong, where, and at which of the things that happen there.

What may live here: the kinds of fault, the places, counting what happens at each. What may not: doing them (network, disk,
town).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum


class Kind(Enum):
    """The kinds of fault, by the names that an operator gives."""

    DROP = "drop"
    DELAY = "delay"
    DUPLICATE = "duplicate"
    REORDER = "reorder"
    CORRUPT = "corrupt"
    CUT = "cut"
    HALF_OPEN = "half-open"
    KILL = "kill"
    DATABASE = "database"
    COMMIT = "commit"
    DISK_FULL = "disk-full"
    CLOCK = "clock"


WORDS: dict[Kind, str] = {
    Kind.DROP: "is lost",
    Kind.DELAY: "takes long",
    Kind.DUPLICATE: "arrives twice",
    Kind.REORDER: "is overtaken by the next",
    Kind.CORRUPT: "arrives with another byte",
    Kind.CUT: "is lost with its connection",
    Kind.HALF_OPEN: "and all after it vanish, and neither end hears of it",
    Kind.KILL: "is killed",
    Kind.DATABASE: "fails",
    Kind.COMMIT: "is done, but reported as failed",
    Kind.DISK_FULL: "finds the disk full, as do those after it",
    Kind.CLOCK: "has its clock put wrong",
}
LINES = ("terminals.ask", "terminals.answer", "network.ask", "network.answer", "wallet.ask", "wallet.answer")
PROCESSES = ("card-host", "worker", "counter")
STATEMENTS, COMMITS = "books.statement", "books.commit"

PLACES: dict[Kind, tuple[str, ...]] = {
    **dict.fromkeys((Kind.DROP, Kind.DELAY, Kind.DUPLICATE, Kind.REORDER, Kind.CORRUPT, Kind.CUT, Kind.HALF_OPEN), LINES),
    Kind.KILL: PROCESSES,
    Kind.DATABASE: (STATEMENTS,),
    Kind.COMMIT: (COMMITS,),
    Kind.DISK_FULL: (STATEMENTS,),
    Kind.CLOCK: ("card-host.clock", "worker.clock"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault: of what kind, where, at the how manieth thing that happens there (1 is the first).

    `value` is its measure: seconds of delay, seconds by which a clock is wrong, statements for which a disk is full, or for
    other bytes a number from 0 to 1 that says which.
    """

    kind: Kind
    place: str
    nth: int
    value: float = 0.0

    def __str__(self) -> str:
        what = "step" if self.kind in (Kind.KILL, Kind.CLOCK) else self.place.rpartition(".")[2]
        where = self.place.partition(".")[0]
        return f"{where}: {what} number {self.nth} {WORDS[self.kind]}" + (f" ({self.value:.1f})" if self.value else "")


class Troubles:
    """The faults of a play, each met once. `over` ends all trouble."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self._waiting: dict[tuple[str, int], Fault] = {}
        self._counts: Counter[str] = Counter()
        self.met: list[Fault] = []
        self.over = False
        for fault in faults:
            self._waiting.setdefault((fault.place, fault.nth), fault)

    def at(self, place: str) -> Fault | None:
        """Count one thing that happens at a place; the fault that it meets, if any."""
        self._counts[place] += 1
        if self.over:
            return None
        fault = self._waiting.pop((place, self._counts[place]), None)
        if fault is not None:
            self.met.append(fault)
        return fault

    @property
    def counts(self) -> Counter[str]:
        """How much has happened at each place."""
        return self._counts
