"""Tables that the database itself protects: triggers that refuse updates, deletes and truncation.

What may live here: the SQL of such triggers for both databases, as migration operations. What may not: anything else.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

_Operation = Callable[[StateApps, BaseDatabaseSchemaEditor], None]


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
    protect, lay_open = _operations(table, verbs)
    return migrations.RunPython(protect, lay_open)


def laid_open(table: str, verbs: Sequence[str] = ("UPDATE", "DELETE")) -> migrations.RunPython:
    """The opposite, before a migration that alters the table (SQLite copies it); `append_only` must follow at its end."""
    protect, lay_open = _operations(table, verbs)
    return migrations.RunPython(lay_open, protect)


def _operations(table: str, verbs: Sequence[str]) -> tuple[_Operation, _Operation]:
    def protect(apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
        for sql in _create(editor.connection.vendor, table, verbs):
            editor.execute(sql)

    def lay_open(apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
        for sql in _drop(editor.connection.vendor, table, verbs):
            editor.execute(sql)

    return protect, lay_open
