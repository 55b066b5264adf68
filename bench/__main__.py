"""`./dev bench [NAME] [--json FILE] [--rounds N]`: run one benchmark, or all of them.

What may live here: choosing and printing. What may not: what is measured.
"""

from __future__ import annotations

import argparse
import sys
from functools import partial
from pathlib import Path
from typing import Any

from bench import host, idle, keys, payments, profile, rings, several, stored, terminals, unknown, wire
from bench.world import write_json

BENCHES = {
    "payments": payments.measure,
    "host": host.measure,
    "hosts": several.measure,
    "stored": stored.measure,
    "terminals": terminals.measure,
    "profile": profile.measure,
    "idle": idle.measure,
    "unknown": unknown.measure,
    "wire": wire.measure,
    "keys": keys.measure,
    "rings": rings.measure,
}

PARTS = {"payments"}
"""Benchmarks that another one includes."""


def _figure(value: float) -> str:
    """Whole numbers from ten upwards, two places below."""
    return f"{value:.0f}" if abs(value) >= 10 else f"{value:.2f}"


def _table(rows: list[dict[str, Any]]) -> str:
    columns = ("bench", "subject", "baseline", "unit", "median", "ratio", "samples")
    cells = [columns]
    for row in rows:
        ratio = f"{row['ratio']:.{1 if row['ratio'] >= 1 else 2}f} x" if row.get("ratio") else ""
        samples = " ".join(f"{_figure(value)}" for value in row["samples"])
        cells.append(
            (row["bench"], row["subject"], row["baseline"], row["unit"], _figure(row["median"]), ratio, samples)
        )
    widths = [max(len(str(line[place])) for line in cells) for place in range(len(columns))]
    return "\n".join(
        "  ".join(str(cell).ljust(width) for cell, width in zip(line, widths, strict=True)) for line in cells
    )


def main() -> int:
    """Run what was asked for; 0, or 2 for a benchmark that does not exist."""
    parser = argparse.ArgumentParser(prog="./dev bench")
    parser.add_argument("name", nargs="?", choices=sorted(BENCHES), help="one benchmark; all when none is named")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the rows there as well")
    parser.add_argument("--rounds", type=int, default=5, help="how often both sides run, one after the other")
    parser.add_argument(
        "--payments", type=int, default=stored.PAYMENTS, help="stored: how many are stored (default: %(default)s)"
    )
    options = parser.parse_args()
    benches = BENCHES | {"stored": partial(stored.measure, payments=options.payments)}
    rows: list[dict[str, Any]] = []
    for name, measure in benches.items():
        if options.name == name or (options.name is None and name not in PARTS):
            rows += measure(options.rounds)
    print(_table(rows))
    for told in dict.fromkeys(f"{row['bench']}: {row['versions']}" for row in rows):
        print(told)
    if options.json:
        write_json(options.json, rows)
    return 0


if __name__ == "__main__":
    sys.exit(main())
