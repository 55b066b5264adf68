"""A database of the town for each engine, made once, copied for each test."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest

from support import machine
from support.stores import make_database

_copies = count(1)


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("writer") / "template.sqlite3"
    make_database(str(path))
    return path


@pytest.fixture
def sqlite_file(sqlite_template: Path, tmp_path: Path) -> Path:
    path = tmp_path / "books.sqlite3"
    shutil.copyfile(sqlite_template, path)
    return path


@pytest.fixture(scope="session")
def postgres_template(postgres_server: str) -> Iterator[str]:
    with machine.database(postgres_server, "writers_town") as url:
        make_database(url)
        yield url


@pytest.fixture
def postgres_url(postgres_server: str, postgres_template: str) -> Iterator[str]:
    name = f"writer_{next(_copies)}"
    with machine.copy_of(postgres_server, "writers_town", name) as url:
        yield url
