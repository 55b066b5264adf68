"""Every migration of the books can be undone, triggers included, and done again, on both databases."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from support.stores import TESTS

PROGRAM = """
import sys
from support.make_books import make
make(sys.argv[1])
from django.apps import apps
from django.core.management import call_command
from django.db import connection
labels = [config.label for config in apps.get_app_configs()]
from xiaopos.store.fleet.models import Terminal
for model in (Terminal,):
    model.objects.all().delete()
for _ in range(2):
    for label in reversed(labels):
        call_command("migrate", label, "zero", verbosity=0)
    left = set(connection.introspection.table_names()) - {"django_migrations"}
    assert not left, left
    call_command("migrate", verbosity=0)
assert "ledger_leg" in connection.introspection.table_names()
"""


def undo_and_redo(database: str) -> None:
    environment = os.environ | {"PYTHONPATH": str(TESTS)}
    subprocess.run([sys.executable, "-c", PROGRAM, database], env=environment, cwd=TESTS, check=True, timeout=60)


def test_on_sqlite(tmp_path: Path) -> None:
    undo_and_redo(str(tmp_path / "books.sqlite3"))


def test_on_postgres(postgres_dsn: str) -> None:
    undo_and_redo(postgres_dsn)
