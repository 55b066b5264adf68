"""What the machine says of itself while a benchmark runs: CPU seconds and memory of processes, pressure, the time of a
sync.

What may live here: reading /proc and timing a sync. What may not: the product.
"""

from __future__ import annotations

import os
import statistics
import time
from pathlib import Path

TICK_S = 1 / os.sysconf("SC_CLK_TCK")


def _stat(process: int) -> list[str]:
    return Path(f"/proc/{process}/stat").read_text(encoding="utf8").rpartition(")")[2].split()


def children(process: int) -> list[int]:
    """Every process below one."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            parent = int(_stat(int(folder.name))[1])
        except OSError:
            continue
        if parent == process:
            child = int(folder.name)
            found += [child, *children(child)]
    return found


def parent_of(process: int) -> int:
    """The process that started one."""
    return int(_stat(process)[1])


def cpu_s(process: int) -> float:
    """CPU seconds of one process, in user and kernel."""
    ticks = _stat(process)
    return (int(ticks[11]) + int(ticks[12])) * TICK_S


def other_threads_cpu_s(process: int) -> float:
    """CPU seconds of a process's threads but its first, since each began."""
    total = 0.0
    for task in Path(f"/proc/{process}/task").iterdir():
        if int(task.name) != process:
            ticks = (task / "stat").read_text(encoding="utf8").rpartition(")")[2].split()
            total += (int(ticks[11]) + int(ticks[12])) * TICK_S
    return total


def family_cpu_s(process: int) -> float:
    """CPU seconds of a process with all that live below it and all of its own children that have ended."""
    total = 0.0
    for member in (process, *children(process)):
        try:
            ticks = _stat(member)
        except OSError:
            continue  # it ended meanwhile; its parent counts it next time
        total += sum(map(int, ticks[11:15] if member == process else ticks[11:13])) * TICK_S
    return total


def resident_mib(process: int) -> float:
    """Resident memory of one process; pages shared between processes count in each."""
    lines = Path(f"/proc/{process}/smaps_rollup").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("Rss:")) / 1024


def cpu_pressure() -> float | None:
    """The share of the last ten seconds, in per cent, in which something waited for a CPU; None where nobody counts."""
    try:
        some = Path("/proc/pressure/cpu").read_text(encoding="ascii").split()
    except OSError:
        return None
    return float(some[1].removeprefix("avg10="))


def sync_ms(folder: Path, times: int = 60) -> float:
    """The median time of writing 4 KiB and making them durable in a folder."""
    taken = []
    path = folder / "sync"
    with path.open("wb", buffering=0) as file:
        for _ in range(times):
            began = time.perf_counter()
            file.write(bytes(4096))
            os.fdatasync(file.fileno())
            taken.append((time.perf_counter() - began) * 1000)
    path.unlink()
    return statistics.median(taken)
