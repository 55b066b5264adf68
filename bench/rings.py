"""`./dev bench rings`: how well and how fast rings are found among 100,000 applications, on both databases.

What may live here: laying in, looking, judging against what was planted. What may not: the search, the population.

Precision and recall are of all applications, looked at in the order in which they came, each against those before it: whoever was
named in a ring's finding is flagged. Times are of a new application, its reading and writing included, once the others are stored
(on PostgreSQL they are laid in without being looked at).
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bench import world
from bench.machine import cpu_pressure
from bench.postgres import a_server
from xiaopos.risk.rings.findings import Finding
from xiaopos.risk.rings.traits import Applicant, Weights

APPLICATIONS = 100_000
SEED = 2026
NEWEST = 2_000
"""The last of them are the new applications whose time is taken."""
LEAST, MOST_MS = 0.95, 50.0
"""What the search promises: precision and recall of at least so much, a new application in so much."""


def measure(rounds: int) -> list[dict[str, Any]]:
    """Quality on SQLite, for the search is the same on every database and in every round; times on both."""
    with tempfile.TemporaryDirectory() as folder, a_server() as make_database:
        databases = {"SQLite": "", "PostgreSQL": make_database("rings")}
        rows = []
        for engine, database in databases.items():
            data = Path(folder) / engine
            data.mkdir()
            told = _run(data, database, rounds)
            rows += [_row(engine, unit, samples, database) for unit, samples in told.items()]
    return rows


def _run(data: Path, database: str, rounds: int) -> dict[str, list[float]]:
    """Play it in a process of its own: Django has one database in a process's life."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("XIAOPOS_")}
    environment |= {
        "XIAOPOS_MODE": "demo",
        "XIAOPOS_DATA_DIR": str(data),
        "XIAOPOS_SECRET_KEY": "only-for-a-benchmark-" + "s" * 32,
        "XIAOPOS_MASTER_KEY": "ab" * 32,
        "DJANGO_SETTINGS_MODULE": "xiaopos.settings",
    }
    if database:
        environment["XIAOPOS_DATABASE"] = database
    command = [sys.executable, "-m", "bench.rings", str(rounds), "laid-in" if database else "looked-at"]
    printed = subprocess.run(command, env=environment, check=True, stdout=subprocess.PIPE, text=True).stdout
    return {
        name: [float(sample) for sample in samples.split()]
        for name, _, samples in (line.partition(":") for line in printed.splitlines())
    }


def _row(engine: str, unit: str, samples: list[float], database: str) -> dict[str, Any]:
    return {
        "bench": f"rings, {engine}", "subject": f"{APPLICATIONS:,} applications", "baseline": "", "unit": unit,
        "samples": samples, "median": statistics.median(samples), "ratio_per_round": [], "ratio": None,
        "versions": world.versions(database) | {"cpu pressure": f"{cpu_pressure()} %"},
    }  # fmt: skip


# -- in the process that is measured ---------------------------------------------------------------------------------


def _played(rounds: int, *, all_looked_at: bool) -> dict[str, list[float]]:
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0)
    from xiaopos.simulator.applicants import Population
    from xiaopos.store.rings.book import TraitRows

    drawn = Population(SEED, APPLICATIONS).draw()
    early = [each.applicant for each in drawn[:-NEWEST]]
    newest = [each.applicant for each in drawn[-NEWEST:]]
    told, runs = {}, []
    if all_looked_at:
        findings, times = _look(early + newest)
        flagged = {number for finding in findings if finding.is_ring for number in finding.applications}
        truth = {each.applicant.application_id for each in drawn if each.ring}
        right = len(flagged & truth)
        told = {"precision": [right / len(flagged)], "recall": [right / len(truth)]}
        assert min(*told["precision"], *told["recall"]) >= LEAST, told
        runs = [times[-NEWEST:]]
    else:
        for begin in range(0, len(early), NEWEST):
            TraitRows().lay_in(early[begin : begin + NEWEST])
    while len(runs) < rounds:  # the same ones again: an application that comes in anew is looked at anew
        runs.append(_look(newest)[1])
    for name, part in (("p50", 0.5), ("p99", 0.99), ("slowest", 1.0)):
        told[f"ms for a new one, {name}"] = [_quantile(run, part) for run in runs]
    assert statistics.median(told["ms for a new one, p50"]) < MOST_MS, told
    return told


def _look(applicants: Sequence[Applicant]) -> tuple[list[Finding], list[float]]:
    from xiaopos.store.rings.book import TraitRows
    from xiaopos.usecases.look_for_rings import look_for_ring

    book, weights = TraitRows(), Weights()
    findings, times = [], []
    for applicant in applicants:
        began = time.perf_counter()
        findings.append(look_for_ring(applicant, book=book, weights=weights))
        times.append((time.perf_counter() - began) * 1000)
    return findings, times


def _quantile(samples: list[float], part: float) -> float:
    ordered = sorted(samples)
    return ordered[min(len(ordered) - 1, int(len(ordered) * part))]


if __name__ == "__main__":
    for told_name, told_samples in _played(int(sys.argv[1]), all_looked_at=sys.argv[2] == "looked-at").items():
        print(f"{told_name}:{' '.join(f'{sample:.4f}' for sample in told_samples)}")
