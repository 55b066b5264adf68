"""The stores that the contract suite of Books and Jobs is told to."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from support import machine
from support.stores import Store, hurry, in_memory, make_database, on_postgres, on_sqlite


@pytest.fixture(scope="module")
def sqlite_store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    folder = tmp_path_factory.mktemp("books")
    make_database(str(folder / "template.sqlite3"))
    return on_sqlite(folder / "template.sqlite3", folder)


@pytest.fixture(scope="module")
def postgres_store(postgres_server: str) -> Iterator[Store]:
    with machine.database(postgres_server, "town") as template:
        hurry(postgres_server)
        make_database(template)
        yield on_postgres(postgres_server, "town")


@pytest.fixture(params=["memory", "sqlite", "postgres"])
def store(request: pytest.FixtureRequest) -> Store:
    if request.param == "memory":
        return in_memory
    chosen: Store = request.getfixturevalue(f"{request.param}_store")
    return chosen
