"""The simulated disk: real SQLite connections that fail at the statement at which they are told to.

What may live here: failing statements and commits, a full disk. What may not: the engine itself (store.writer), when it fails.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

from xiaopos.simulation.faults import COMMITS, STATEMENTS, Kind, Troubles
from xiaopos.store.writer.sqlite import connect

_ENDS = ("BEGIN", "ROLLBACK", "PRAGMA")
READS = "SELECT"


class SimulatedDisk:
    """Whether there is room, for all processes alike."""

    def __init__(self, troubles: Troubles) -> None:
        self._troubles = troubles
        self._full_for = 0
        self._opened: list[sqlite3.Connection] = []

    def connecting(self) -> Callable[[Path], sqlite3.Connection]:
        """What opens a connection on this disk."""
        disk = self

        class Connection(sqlite3.Connection):
            """A connection with the disk's troubles."""

            def execute(self, sql: str, parameters: Any = (), /) -> sqlite3.Cursor:
                """Do a statement, or fail before it or after it."""
                word = sql.split(None, 1)[0].upper()
                if word == "COMMIT":
                    return disk.commit(super().execute)
                if word not in _ENDS:
                    disk.meet(word)
                return super().execute(sql, parameters)

        def opened(path: Path) -> sqlite3.Connection:
            disk._opened.append(connect(path, Connection))
            return disk._opened[-1]

        return opened

    def meet(self, word: str) -> None:
        """One statement. Raises sqlite3.OperationalError when it fails."""
        fault = self._troubles.at(STATEMENTS)
        if fault is not None and fault.kind is Kind.DISK_FULL:
            self._full_for = int(fault.value)
        if self._full_for and word != READS and not self._troubles.over:
            self._full_for -= 1
            raise sqlite3.OperationalError("database or disk is full")
        if fault is not None and fault.kind is Kind.DATABASE:
            raise sqlite3.OperationalError("disk I/O error")

    def commit(self, execute: Callable[[str], sqlite3.Cursor]) -> sqlite3.Cursor:
        """A commit. Raises sqlite3.OperationalError when it was done and looks as if it was not."""
        fault = self._troubles.at(COMMITS)
        done = execute("COMMIT")
        if fault is not None:
            raise sqlite3.OperationalError("disk I/O error")
        return done

    def close(self) -> None:
        """Close what is still open."""
        for connection in self._opened:
            connection.close()
