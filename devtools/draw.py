"""Draws `docs/states/` from the tables of moves in the source: `./dev draw`, `./dev draw --check`.

What may live here: finding every machine, the page of each. What may not: a word about a move that its table does not say.
"""

from __future__ import annotations

import importlib
import re
import sys
from collections.abc import Sequence
from enum import Enum
from pathlib import Path
from typing import Any

from xiaopos.kernel.machine import Machine

ROOT = Path(__file__).resolve().parent.parent
SOURCE = ROOT / "src"
PAGES = ROOT / "docs" / "states"
_MACHINE = re.compile(r"^([A-Z_]+): Machine\[", re.MULTILINE)


def machines() -> list[tuple[Path, Machine[Any, Any]]]:
    """Every machine that a module of the house holds, with the module's path under the root."""
    found = []
    for path in sorted((SOURCE / "xiaopos").rglob("*.py")):
        for name in _MACHINE.findall(path.read_text(encoding="utf8")):
            module = importlib.import_module(".".join(path.relative_to(SOURCE).with_suffix("").parts))
            found.append((path.relative_to(ROOT), getattr(module, name)))
    return found


def page(source: Path, machine: Machine[Any, Any]) -> str:
    """The page of one machine: where it stands, its diagram, and what is possible in each state."""
    states: list[Enum] = list(type(machine.starts).__members__.values())
    rows = [f"| {state.name} | {', '.join(event.name for event in machine.events(state)) or '—'} |" for state in states]
    return "\n".join(
        [
            f"# The moves of a {machine.name}",
            "",
            f"Drawn by `./dev draw` from [{source.as_posix()}](../../{source.as_posix()}); change the table there, then draw",
            "again. A move that is not here does not exist: asking for it raises `IllegalMove` and changes nothing.",
            "",
            "```mermaid",
            machine.draw().rstrip("\n"),
            "```",
            "",
            "| state | what can happen in it |",
            "| --- | --- |",
            *rows,
            "",
        ]
    )


def drawings() -> dict[str, str]:
    """Every page by its file name, and the list of them."""
    found = machines()
    pages = {f"{machine.name}.md": page(source, machine) for source, machine in found}
    rows = [f"- [{machine.name}]({machine.name}.md): `{source.as_posix()}`" for source, machine in found]
    pages["README.md"] = "\n".join(
        ["# States", "", "One page for each table of moves, drawn from the code.", "", *rows, ""]
    )
    return pages


def stale() -> list[str]:
    """The names of pages that are missing, left over, or not what the code says."""
    drawn = drawings()
    kept = {path.name: path.read_text(encoding="utf8") for path in PAGES.glob("*.md")}
    return sorted(name for name in drawn.keys() | kept.keys() if drawn.get(name) != kept.get(name))


def main(arguments: Sequence[str]) -> int:
    """Write the pages, or with `--check` only say which are stale."""
    names = stale()
    if "--check" in arguments:
        print("\n".join(f"stale: docs/states/{name}" for name in names) or "docs/states is what the code says")
        return 1 if names else 0
    PAGES.mkdir(parents=True, exist_ok=True)
    drawn = drawings()
    for name in names:
        if name in drawn:
            (PAGES / name).write_text(drawn[name], encoding="utf8")
        else:
            (PAGES / name).unlink()
        print(f"docs/states/{name}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
