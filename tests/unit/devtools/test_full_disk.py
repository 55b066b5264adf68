"""A PostgreSQL whose disk is full refuses to write, and serves again, with all that was committed, once there is room."""

from __future__ import annotations

import psycopg
import pytest

from devtools.postgres import Server, stoppable_server

ROWS = "INSERT INTO kept SELECT n, repeat('x', 1000) FROM generate_series(1, %s) AS n"


def ask(server: Server, words: str, *values: object) -> list[tuple[object, ...]]:
    with psycopg.connect(f"{server.url}/postgres", autocommit=True) as books:
        cursor = books.execute(words, values)
        return cursor.fetchall() if cursor.description else []


@pytest.mark.parametrize("largest", [1_000_000, 12_000_000])
def test_a_full_disk_refuses_and_room_brings_everything_back(largest: int) -> None:
    with stoppable_server() as server:
        ask(server, "CREATE TABLE kept (n integer, text text)")
        ask(server, ROWS, 10)
        server.fill_disk(largest)
        with pytest.raises(psycopg.Error):
            ask(server, ROWS, 40_000)
        server.free_disk()
        assert "File too large" in server.log()
        assert ask(server, "SELECT count(*) FROM kept") == [(10,)]
        ask(server, ROWS, 10)
        assert ask(server, "SELECT count(*) FROM kept") == [(20,)]
