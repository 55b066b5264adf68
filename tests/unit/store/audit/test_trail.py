"""The audit trail: one chain however many write it, and whatever is done to it behind our back shows."""

from __future__ import annotations

import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import DatabaseError, connection, transaction

from devtools.environment import ROOT
from support.audit_writer import AT
from xiaopos.store.audit import queries
from xiaopos.store.audit.models import AuditRow
from xiaopos.store.audit.trail import AuditEntry, Verified, append, verify

WRITERS, EACH = 4, 12


def start(database: str, *asked: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "support.audit_writer", database, *asked]
    return subprocess.Popen(command, cwd=ROOT / "tests", stdout=subprocess.PIPE, text=True)


def told(process: subprocess.Popen[str]) -> str:
    said, _ = process.communicate(timeout=90)
    assert process.returncode == 0
    return said.strip()


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
def test_several_processes_write_one_chain(kind: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    database = str(tmp_path / "audit.sqlite3") if kind == "sqlite" else str(request.getfixturevalue("postgres_dsn"))
    told(start(database, "make"))
    writers = [start(database, "append", f"writer{number}", str(EACH)) for number in range(WRITERS)]
    for writer in writers:
        told(writer)
    assert told(start(database, "verify")) == repr(Verified(WRITERS * EACH, None))


@pytest.fixture
def three_rows(db: None) -> None:
    for number, actor in enumerate(("gao", "sun", "gao")):
        entry = AuditEntry(
            actor, "support", f"did_{number}", merchant_id=f"m{number % 2}", detail={"number": number, "zh": "林"}
        )
        assert append(entry, at=AT + timedelta(seconds=number)) == number + 1


@pytest.mark.usefixtures("three_rows")
def test_a_trail_that_nobody_touched_is_whole() -> None:
    assert verify() == Verified(3, None)


@pytest.mark.django_db
def test_an_empty_trail_is_whole() -> None:
    assert verify() == Verified(0, None)


@pytest.mark.usefixtures("three_rows")
@pytest.mark.parametrize(
    "sql", ["UPDATE audit_row SET actor = 'nobody' WHERE seq = 2", "DELETE FROM audit_row WHERE seq = 3"]
)
def test_the_database_itself_refuses_changes(sql: str) -> None:
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql)
    assert verify() == Verified(3, None)


@pytest.mark.usefixtures("three_rows")
@pytest.mark.parametrize(
    ("sql", "found"),
    [
        ("UPDATE audit_row SET actor = 'nobody' WHERE seq = 2", Verified(3, 2)),
        ("UPDATE audit_row SET at = '2026-03-02 04:05:07.000000' WHERE seq = 1", Verified(3, 1)),
        ("""UPDATE audit_row SET detail = '{"number": 7, "zh": "林"}' WHERE seq = 3""", Verified(3, 3)),
        ("DELETE FROM audit_row WHERE seq = 2", Verified(2, 2)),
        ("DELETE FROM audit_row WHERE seq = 1", Verified(2, 1)),
        ("UPDATE audit_row SET seq = 7 WHERE seq = 3", Verified(3, 3)),
        ("UPDATE audit_row SET hash = previous WHERE seq = 1", Verified(3, 1)),
    ],
)
def test_a_change_by_somebody_who_switched_the_triggers_off_shows(sql: str, found: Verified) -> None:
    with connection.cursor() as cursor:
        cursor.execute("DROP TRIGGER audit_row_no_update")
        cursor.execute("DROP TRIGGER audit_row_no_delete")
        cursor.execute(sql)
    assert verify() == found


@pytest.mark.django_db
def test_what_cannot_be_written_leaves_no_row() -> None:
    with pytest.raises(TypeError):
        append(AuditEntry("gao", "support", "x", detail={"amount": 1.5}), at=AT)  # type: ignore[dict-item]  # the point
    assert AuditRow.objects.count() == 0


@pytest.mark.usefixtures("three_rows")
def test_the_newest_come_first_and_pages_turn() -> None:
    assert [line.seq for line in queries.recent()] == [3, 2, 1]
    assert [line.seq for line in queries.recent(limit=2)] == [3, 2]
    assert [line.seq for line in queries.recent(before_seq=2)] == [1]
    first = queries.recent(limit=1)[0]
    assert (first.actor, first.detail["zh"], first.at) == ("gao", "林", AT + timedelta(seconds=2))


@pytest.mark.usefixtures("three_rows")
def test_rows_are_found_by_merchant_person_and_action() -> None:
    assert [line.seq for line in queries.recent(merchant_id="m0")] == [3, 1]
    assert [line.seq for line in queries.recent(actor="sun")] == [2]
    assert [line.seq for line in queries.recent(actor="gao", action="did_2")] == [3]
    assert queries.recent(merchant_id="m9") == []
