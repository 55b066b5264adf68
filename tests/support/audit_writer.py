"""One process that writes the audit trail: `python -m support.audit_writer DATABASE make | append NAME COUNT | verify`.

Run as a program of its own, because Django can be set up for one database per process, and because the point is several
writers at once. `DATABASE` is a path for SQLite or the URL of a PostgreSQL database.
"""

from __future__ import annotations

import sys
from datetime import UTC, datetime, timedelta

import django
from django.conf import settings
from django.core.management import call_command

from support.make_books import database

AT = datetime(2026, 3, 2, 4, 5, 6, 789_012, UTC)


def _append(name: str, rows: int) -> None:
    from xiaopos.store.audit.trail import AuditEntry, append

    for row in range(rows):
        entry = AuditEntry(name, "support", "looked", detail={"z": row, "a": ["林", None, True], "m": {"b": 1, "a": 2}})
        append(entry, at=AT + timedelta(microseconds=row))


def main(name: str, verb: str, *more: str) -> None:
    """Do one thing to the trail; what was found is printed."""
    options = {} if "://" in name else {"OPTIONS": {"transaction_mode": "IMMEDIATE", "timeout": 30}}
    settings.configure(
        INSTALLED_APPS=["xiaopos.store.audit"],
        DATABASES={"default": database(name) | options},
        USE_TZ=True,
        TIME_ZONE="Asia/Shanghai",
    )
    django.setup()
    if verb == "make":
        call_command("migrate", verbosity=0)
    elif verb == "append":
        _append(more[0], int(more[1]))
    else:
        from xiaopos.store.audit.trail import verify

        print(verify())


if __name__ == "__main__":
    main(*sys.argv[1:])
