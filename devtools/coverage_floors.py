"""Holds each room to its floor of branch coverage, and says which lines stand bare.

What may live here: the floors, and reading coverage's own report. What may not: measuring.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

REPORT = Path(".cache/coverage/report.json")
PACKAGE = "src/xiaopos/"
FULL = ("kernel", "wire", "keys", "ledger", "payments", "settlement", "risk")
OTHERS_FLOOR = 90.0
SHOWN = 12


@dataclass(slots=True)
class Room:
    """What one room's files sum to: lines and branches, and those that ran."""

    name: str
    all: int = 0
    ran: int = 0
    bare: list[str] = field(default_factory=list)

    @property
    def floor(self) -> float:
        """The share that must have run, in per cent."""
        return 100.0 if self.name in FULL else OTHERS_FLOOR

    @property
    def share(self) -> float:
        """The share of lines and branches that ran, in per cent; a room with nothing to run is covered."""
        return 100.0 * self.ran / self.all if self.all else 100.0

    @property
    def holds(self) -> bool:
        """Whether the floor holds. Compared in whole numbers, so that 99.999 is not 100."""
        return self.ran * 100 >= self.all * int(self.floor)


def rooms(report: Mapping[str, Any]) -> list[Room]:
    """The rooms of a report made by `coverage json`, by name; files of the root are the room `root`."""
    found: dict[str, Room] = {}
    for path, measured in sorted(report["files"].items()):
        if not path.startswith(PACKAGE):
            continue
        inside = path.removeprefix(PACKAGE).split("/")
        room = found.setdefault(
            inside[0] if len(inside) > 1 else "root", Room(inside[0] if len(inside) > 1 else "root")
        )
        sums = measured["summary"]
        room.all += sums["num_statements"] + sums["num_branches"]
        room.ran += sums["covered_lines"] + sums["covered_branches"]
        bare = [str(line) for line in measured["missing_lines"]]
        bare += [f"{start}->{'end' if end < 0 else end}" for start, end in measured["missing_branches"]]
        if bare:
            more = f" and {len(bare) - SHOWN} more" if len(bare) > SHOWN else ""
            room.bare.append(f"{path}: {' '.join(bare[:SHOWN])}{more}")
    return sorted(found.values(), key=lambda room: room.name)


def table(measured: list[Room]) -> str:
    """The rooms with their shares and floors; below them the bare lines of those that miss theirs."""
    lines = [f"{'room':<14}{'branch coverage':>16}{'floor':>8}"]
    lines += [
        f"{r.name:<14}{r.share:>15.2f}%{r.floor:>7.0f}%  {'' if r.holds else 'MISSES'}".rstrip() for r in measured
    ]
    lines += [bare for room in measured if not room.holds for bare in room.bare]
    return "\n".join(lines)


def main(arguments: list[str]) -> int:
    """Print the table of a report; 1 when a room misses its floor, 2 when nothing was measured."""
    measured = rooms(json.loads(Path(arguments[0]).read_text(encoding="utf8")))
    print(table(measured))
    if not measured:
        print("nothing was measured: the report names no file of ours")
        return 2
    return 0 if all(room.holds for room in measured) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
