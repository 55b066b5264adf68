"""Office rooms' tables on a database of either kind, in this process: what contracts of their books stand on.

What may live here: pointing Django at a database and making some apps' tables there. What may not: rows, what a test expects.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.core.management import call_command
from django.db import connections


def _settings(database: str | Path) -> dict[str, Any]:
    if isinstance(database, Path):
        return {"NAME": str(database)}
    parts = urlsplit(database)
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": parts.path.lstrip("/"),
        "USER": parts.username or "",
        "HOST": parts.hostname or "",
        "PORT": str(parts.port or ""),
        "OPTIONS": {},
    }


@contextmanager
def office_at(database: str | Path, *apps: str) -> Iterator[None]:
    """Django on this database, with the tables of these apps; the suite's own connection stays as it is meanwhile."""
    words, suites = connections.settings["default"], connections["default"]
    before = dict(words)
    words |= _settings(database)
    connections["default"] = own = connections.create_connection("default")
    try:
        for app in apps:
            call_command("migrate", app, verbosity=0)
        yield
    finally:
        own.close()
        words.clear()
        words |= before
        connections["default"] = suites
