"""Ten thousand payments over more than two hundred seeds, as an operator would play them: nothing may be lost or done twice.

A process of its own, and not measured for coverage: the other tests of the simulation are.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

SEEDS, PAYMENTS = 220, 50


@pytest.mark.slow
def test_ten_thousand_payments_over_two_hundred_seeds_with_every_kind_of_fault() -> None:
    asked = ["simulate", "--seed", "1", "--seeds", str(SEEDS), "--payments", str(PAYMENTS), "--json"]
    unmeasured = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE_")}
    played = subprocess.run(
        [sys.executable, "-m", "xiaopos.cli", *asked], env=unmeasured, capture_output=True, text=True, check=False
    )
    assert played.returncode in (0, 1), played.stderr
    sums = json.loads(played.stdout)
    assert sums["failed"] == []
    assert sums["seeds"] == SEEDS
    assert sums["payments"] >= 10_000
    assert sums["faults_met"] > 2_000
    assert sums["restarts"] > 100
