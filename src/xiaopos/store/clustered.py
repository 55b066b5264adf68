"""Tables that are kept in the order of their key, where the database can (SQLite's WITHOUT ROWID).

What may live here: the migration operation that rebuilds an empty table so. What may not: anything else.

A table with a composite key is otherwise two trees on SQLite: the rows by number, and the key pointing to them.
"""

from __future__ import annotations

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps


def clustered(table: str) -> migrations.RunPython:
    """An operation for a table that its migration has just created. Does nothing on other databases."""

    def forwards(apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
        if editor.connection.vendor != "sqlite":
            return
        with editor.connection.cursor() as cursor:
            cursor.execute("SELECT sql FROM sqlite_master WHERE type = 'table' AND name = %s", [table])
            (sql,) = cursor.fetchone()
            cursor.execute(f"SELECT COUNT(*) FROM {table}")
            (rows,) = cursor.fetchone()
        assert rows == 0, f"{table} holds rows and cannot be rebuilt"
        editor.execute(f"DROP TABLE {table}")
        editor.execute(f"{sql} WITHOUT ROWID")

    return migrations.RunPython(forwards, migrations.RunPython.noop)
