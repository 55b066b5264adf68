"""Receive devices into stock from a maker's list, each line judged by itself.

What may live here: that verb and the role it needs played. What may not: reading a list (fleet.stock.lists), storage, words.

A line with a fault brings nothing in and keeps nothing else out. A serial that is known already is more than a slip of the pen:
no two devices have the same, so it leaves a line in the audit trail.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import Enum
from typing import Protocol

from xiaopos.fleet.stock.lists import MOST_LINES, LineFault, ListLine
from xiaopos.usecases.actors import Actor

LONGEST_NOTE = 60


class ReceiptFault(Enum):
    """Why nothing was received at all."""

    NO_REASON = "no_reason"
    NOTE = "note"
    """A delivery has a note: its number, or who brought it."""
    EMPTY = "empty"
    TOO_LONG = "too_long"
    OVERTAKEN = "overtaken"
    """Somebody else received one of these serials at the same moment."""


@dataclass(frozen=True, slots=True)
class Received:
    """What came of a list: the lines that brought a device in, and those that did not."""

    taken: tuple[ListLine, ...]
    refused: tuple[ListLine, ...]


class ReceiptBook(Protocol):
    """Whoever keeps the stock, as far as receiving needs it."""

    def known(self, serials: Collection[str]) -> Collection[str]:
        """Those of the serials that a device in the house has, or a registered terminal."""
        ...

    def receive(self, lines: Sequence[ListLine], note: str, actor: Actor, at: datetime) -> bool:
        """Write new devices and the audit trail, all or nothing; False when one of them came in meanwhile."""
        ...

    def note_known(self, serials: Sequence[str], note: str, actor: Actor, at: datetime) -> None:
        """Write into the audit trail that serials were delivered which are known already."""
        ...


def receive_stock(
    lines: Sequence[ListLine], note: str, models: Collection[str], actor: Actor, at: datetime, book: ReceiptBook
) -> Received | ReceiptFault:
    """Take what is right of a list into stock. `models` are the names of those in the catalogue."""
    note = note.strip()
    faults = {
        ReceiptFault.NO_REASON: not actor.gives_a_reason,
        ReceiptFault.NOTE: not 0 < len(note) <= LONGEST_NOTE or not note.isprintable(),
        ReceiptFault.EMPTY: not lines,
        ReceiptFault.TOO_LONG: len(lines) > MOST_LINES,
    }
    fault = next((fault for fault, there in faults.items() if there), None)
    if fault is not None:
        return fault
    known = book.known([line.serial for line in lines if line.fault is None])
    judged = [_judged(line, models, known) for line in lines]
    taken = tuple(line for line in judged if line.fault is None)
    again = [line.serial for line in judged if line.fault is LineFault.KNOWN]
    if again:
        book.note_known(again, note, actor, at)
    if taken and not book.receive(taken, note, actor, at):
        return ReceiptFault.OVERTAKEN
    return Received(taken, tuple(line for line in judged if line.fault is not None))


def _judged(line: ListLine, models: Collection[str], known: Collection[str]) -> ListLine:
    if line.fault is not None:
        return line
    if line.model not in models:
        return replace(line, fault=LineFault.MODEL_UNKNOWN)
    return replace(line, fault=LineFault.KNOWN) if line.serial in known else line
