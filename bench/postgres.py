"""A PostgreSQL server for a benchmark, in a folder of its own, gone afterwards.

What may live here: starting and stopping one. What may not: tuning that an operator would not do.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import psycopg

from bench.machine import parent_of
from devtools.postgres import temporary_server


@contextmanager
def a_server() -> Iterator[Callable[[str], str]]:
    """Yields a function that makes a database and returns its URL."""
    with temporary_server() as url:

        def make_database(name: str) -> str:
            with psycopg.connect(f"{url}/postgres", autocommit=True) as connection:
                connection.execute(f'CREATE DATABASE "{name}"')
            return f"{url}/{name}"

        yield make_database


def server_process(database: str) -> int:
    """The process of the server that a database is on, of which all its others are children."""
    with psycopg.connect(database) as connection:
        row = connection.execute("SELECT pg_backend_pid()").fetchone()
        assert row is not None
        return parent_of(int(row[0]))
