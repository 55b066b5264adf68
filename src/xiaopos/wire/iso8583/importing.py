"""What an import of somebody else's message table yields: a spec, and field by field what could not be said in ours.

What may live here: the result's types and what both importers share. What may not: a format (imports_jpos, imports_moov).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from xiaopos.wire.iso8583.spec import Field, Shown, Spec

PAN_FIELD = 2
PLAIN_FIELDS = frozenset({3, 4, 7, 11, 12, 13, 15, 18, 22, 23, 25, 32, 33, 37, 38, 39, 41, 42, 49, 70, 90})
"""Fields of ISO 8583 that an imported table may show in clear; tables of others say nothing of it, so the rest is hidden."""


@dataclass(frozen=True, slots=True)
class Finding:
    """Something the import did not take as it stood: the field (`0` the message type, `43.2` a part of it, empty the whole
    table), what it says, and what became of it."""

    field: str
    said: str
    done: str

    def __str__(self) -> str:
        where = f"field {self.field}: " if self.field else ""
        return f"{where}{self.said}: {self.done}"


@dataclass(frozen=True, slots=True)
class Imported:
    """A spec made of somebody else's table. Without findings it says all that the table said."""

    spec: Spec
    findings: tuple[Finding, ...]


class ImportFault(ValueError):
    """Text that is no table of the format at all."""


class Findings:
    """Gathers findings, and rows that hold together."""

    def __init__(self) -> None:
        self.found: list[Finding] = []

    def add(self, field: str | int, said: str, done: str) -> None:
        self.found.append(Finding(str(field), said, done))

    def row(self, number: str | int, make: Callable[[], Field]) -> Field | None:
        """The row, or None with a finding when the table says what no row of ours can."""
        try:
            return make()
        except ValueError as error:
            self.add(number, str(error).partition(": ")[2] or str(error), "left out")
            return None


def shown(number: int) -> Shown:
    """What people may see of a field of an imported table."""
    if number == PAN_FIELD:
        return Shown.PAN
    return Shown.PLAIN if number in PLAIN_FIELDS else Shown.HIDDEN
