"""Tables that the database itself protects: triggers that refuse updates, deletes and truncation.

What may live here: the SQL of such triggers for both databases, as migration operations. What may not: anything else.
"""

from __future__ import annotations

from collections.abc import Sequence

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps


def _create(vendor: str, table: str, verbs: Sequence[str]) -> list[str]:
    if vendor == "sqlite":
        return [
            f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
            f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
            for verb in verbs
        ]
    function = (
        f"CREATE FUNCTION {table}_append_only() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{table} is append-only'; END $$"
    )
    triggers = [
        f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
        f"FOR EACH {'STATEMENT' if verb == 'TRUNCATE' else 'ROW'} EXECUTE FUNCTION {table}_append_only()"
        for verb in (*verbs, "TRUNCATE")
    ]
    return [function, *triggers]


def _drop(vendor: str, table: str, verbs: Sequence[str]) -> list[str]:
    if vendor == "sqlite":
        return [f"DROP TRIGGER {table}_no_{verb.lower()}" for verb in verbs]
    return [f"DROP FUNCTION {table}_append_only() CASCADE"]


def append_only(table: str, verbs: Sequence[str] = ("UPDATE", "DELETE")) -> migrations.RunPython:
    """A migration operation after which the database refuses the verbs (and truncation) on the table."""

    def forwards(apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
        for sql in _create(editor.connection.vendor, table, verbs):
            editor.execute(sql)

    def backwards(apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
        for sql in _drop(editor.connection.vendor, table, verbs):
            editor.execute(sql)

    return migrations.RunPython(forwards, backwards)
