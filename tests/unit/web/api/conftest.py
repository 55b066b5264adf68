"""The till of every test of the API."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from support.api_counter import Counter, counter_at, make_template


@pytest.fixture(scope="session")
def api_template(tmp_path_factory: pytest.TempPathFactory, django_db_blocker: Any) -> Path:
    """A database with the town in it, to be copied."""
    path = tmp_path_factory.mktemp("api") / "town.sqlite3"
    with django_db_blocker.unblock():
        make_template(path)
    return path


@pytest.fixture
def counter(api_template: Path, tmp_path: Path, django_db_blocker: Any) -> Iterator[Counter]:
    """The tea shop's till, in front of a house where nothing has happened yet."""
    with django_db_blocker.unblock(), counter_at(api_template, tmp_path / "books.sqlite3") as till:
        yield till
