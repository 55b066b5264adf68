"""Lists of serial numbers as makers deliver them: one device a line, serial and model.

What may live here: reading such a list, what is wrong with a line. What may not: which serials are known (usecases), storage.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum

from xiaopos.fleet.activation import plain_serial

MOST_LINES = 2_000
SERIAL = re.compile(r"[0-9A-Z][0-9A-Z./_-]{2,39}")
_HEADS = frozenset({"SERIAL", "SN", "序列号"})


class LineFault(Enum):
    """Why a line brought no device into stock."""

    UNREADABLE = "unreadable"
    """It has not two columns."""
    SERIAL_WRONG = "serial_wrong"
    MODEL_UNKNOWN = "model_unknown"
    TWICE = "twice"
    """The same serial stands above it in the same list."""
    KNOWN = "known"
    """A device of this serial is, or was, in the house: one of the two is not what it says."""


@dataclass(frozen=True, slots=True)
class ListLine:
    """One line: its number in the list, the serial and the model as far as they could be read, and what is wrong with it."""

    number: int
    serial: str
    model: str
    fault: LineFault | None = None


def read_list(text: str) -> tuple[ListLine, ...]:
    """The lines of a list, columns apart by comma, semicolon or tab; a heading and empty lines are left out.

    >>> [(line.number, line.serial, line.model) for line in read_list("SN,model\\nxp-1001, XP-M2")]
    [(2, 'XP-1001', 'XP-M2')]
    """
    lines, seen = [], set[str]()
    for number, line in enumerate(text.splitlines(), 1):
        columns = [column.strip() for column in re.split(r"[,;\t]", line)]
        if not line.strip() or plain_serial(columns[0]) in _HEADS:
            continue
        if len(columns) != 2:
            lines.append(ListLine(number, line.strip()[:40], "", LineFault.UNREADABLE))
            continue
        serial = plain_serial(columns[0])
        wrong = SERIAL.fullmatch(serial) is None
        fault = LineFault.SERIAL_WRONG if wrong else LineFault.TWICE if serial in seen else None
        seen.add(serial)
        lines.append(ListLine(number, serial[:40], columns[1][:32], fault))
    return tuple(lines)
