"""Resident memory of the idle demo: every process together, and the card host alone.

What may live here: starting the demo and adding up. What may not: a load.
"""

from __future__ import annotations

import json
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from bench.machine import children, resident_mib
from xiaopos.demo import PORTS

SETTLE_S = 5.0


def _command(process: int) -> str:
    return Path(f"/proc/{process}/cmdline").read_bytes().replace(b"\0", b" ").decode("utf8", "replace")


def measure(rounds: int) -> list[dict[str, Any]]:
    """Start the demo, let it settle, add up."""
    totals, hosts, starts = [], [], []
    with tempfile.TemporaryDirectory() as folder:
        for _ in range(min(rounds, 3)):
            ports = [word for name in PORTS for word in (f"--{name}-port", "0")]
            began = time.monotonic()
            demo = subprocess.Popen(
                [sys.executable, "-m", "xiaopos.cli", "demo", "--data", folder + "/var", "--json", *ports],
                stdout=subprocess.PIPE, text=True,
            )  # fmt: skip
            try:
                assert demo.stdout is not None
                json.loads(demo.stdout.readline())
                starts.append(time.monotonic() - began)
                time.sleep(SETTLE_S)
                family = [demo.pid, *children(demo.pid)]
                totals.append(sum(resident_mib(process) for process in family))
                hosts.append(sum(resident_mib(process) for process in family if "card-host" in _command(process)))
            finally:
                demo.send_signal(signal.SIGINT)
                demo.wait(30)
    rows = (("MiB, whole demo", totals), ("MiB, card host", hosts), ("s from start to ready", starts))
    return [
        {
            "bench": "idle", "subject": "demo", "baseline": "", "unit": unit, "samples": samples,
            "median": statistics.median(samples), "ratio_per_round": [], "ratio": None,
            "versions": {"python": sys.version.split()[0]},
        }
        for unit, samples in rows
    ]  # fmt: skip
