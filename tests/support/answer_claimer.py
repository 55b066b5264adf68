"""One process that claims names of API requests: `python -m support.answer_claimer DATABASE make | claim COUNT`.

Run as a program of its own, because Django can be set up for one database per process, and because the point is several
claimers at once. `DATABASE` is a path for SQLite or the URL of a PostgreSQL database.
"""

from __future__ import annotations

import sys
from datetime import UTC, datetime

import django
from django.conf import settings
from django.core.management import call_command

from support.make_books import database

AT = datetime(2026, 3, 2, 4, 5, 6, 789_012, UTC)
BODY = "成".encode() + b"\x00\xff"


def _claim(names: int) -> None:
    """Claim every name and answer what was won; prints the won ones, then how many answers of others were seen whole."""
    from xiaopos.store.api_keys.answers import Answer, Claim, claim, keep

    won, seen = [], 0
    for number in range(names):
        claimed = claim("xp_1", str(number), "f", at=AT)
        if claimed is Claim.OURS:
            won.append(str(number))
            keep("xp_1", str(number), Answer(201, BODY, {"Location": "/x"}))
        elif isinstance(claimed, Answer):
            assert claimed == Answer(201, BODY, {"Location": "/x"})
            seen += 1
        else:
            assert claimed is Claim.UNDER_WAY
    print(" ".join(won), seen, sep=";")


def main(name: str, verb: str, *more: str) -> None:
    """Make the table, or claim."""
    options = {} if "://" in name else {"OPTIONS": {"transaction_mode": "IMMEDIATE", "timeout": 60}}
    settings.configure(
        INSTALLED_APPS=["xiaopos.store.api_keys"],
        DATABASES={"default": database(name) | options},
        USE_TZ=True,
        TIME_ZONE="Asia/Shanghai",
    )
    django.setup()
    if verb == "make":
        call_command("migrate", verbosity=0)
    else:
        _claim(int(more[0]))


if __name__ == "__main__":
    main(*sys.argv[1:])
