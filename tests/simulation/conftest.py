"""The empty books that every play begins with, made once."""

from __future__ import annotations

from pathlib import Path

import pytest

from xiaopos.simulation.tables import make_tables


@pytest.fixture(scope="session")
def tables(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An SQLite file with the tables and the town in it."""
    path = tmp_path_factory.mktemp("tables") / "tables.sqlite3"
    make_tables(path)
    return path
