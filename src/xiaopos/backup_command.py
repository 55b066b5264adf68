"""The commands `xiaopos backup` and `xiaopos restore`: a copy of the books that was checked before it is called one.

What may live here: copying, checking, saying what is in a copy. What may not: keys (they are backed up apart from the books),
when to copy (the machine's own timer).
"""

from __future__ import annotations

import argparse
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.parse import unquote, urlsplit, urlunsplit

from xiaopos.deployment import Deployment, read_deployment

PAGES_AT_ONCE = 2_000
PAUSE_S = 0.005
"""Between two parts of a copy, so that whoever takes money is not kept waiting."""
_SIGNED = "SUM(CASE side WHEN 'D' THEN amount_minor ELSE -amount_minor END)"


class CannotCopy(Exception):
    """Why no copy was made, or nothing was restored; nothing was changed."""


def backup(arguments: list[str]) -> int:
    """Run `xiaopos backup FILE`: 0 done, 2 not done."""
    parser = argparse.ArgumentParser(prog="xiaopos backup", description="Copy the books, also while the service runs.")
    parser.add_argument("file", type=Path, help="where to; must not exist")
    return _told(parser, arguments, _back_up)


def restore(arguments: list[str]) -> int:
    """Run `xiaopos restore FILE`: 0 done, 2 not done. The service must not run."""
    parser = argparse.ArgumentParser(
        prog="xiaopos restore", description="Put a copy in the place of books that are not there."
    )
    parser.add_argument("file", type=Path, help="a copy that `xiaopos backup` made")
    return _told(parser, arguments, _restore)


def _told(parser: argparse.ArgumentParser, arguments: list[str], do: Callable[[Deployment, Path], str]) -> int:
    wanted = parser.parse_args(arguments)
    try:
        held = do(read_deployment(os.environ), wanted.file.absolute())
    except (CannotCopy, OSError, sqlite3.Error) as refused:
        print(f"{parser.prog}: {refused}; nothing was changed", file=sys.stderr)
        return 2
    print(held)
    return 0


def _back_up(deployment: Deployment, file: Path) -> str:
    if file.exists():
        raise CannotCopy(f"{file} exists already")
    with _made_beside(file) as part:
        if deployment.sqlite_path is None:
            _run("pg_dump", "--format=custom", f"--file={part}", database=deployment.database)
            return _listed(part)
        if not deployment.sqlite_path.exists():
            raise CannotCopy(f"there are no books at {deployment.sqlite_path}")
        _copy(deployment.sqlite_path, part)
        return _checked(part)


def _restore(deployment: Deployment, file: Path) -> str:
    if not file.exists():
        raise CannotCopy(f"there is no {file}")
    if deployment.sqlite_path is None:
        held = _listed(file)
        how = ("--exit-on-error", "--single-transaction", "--no-owner", "--no-acl")
        _run("pg_restore", *how, str(file), database=deployment.database)
        return held
    held = _checked(file)
    if deployment.sqlite_path.exists():
        raise CannotCopy(f"there are books at {deployment.sqlite_path}: move them away first, they are evidence")
    with _made_beside(deployment.sqlite_path) as part:
        _copy(file, part)
    return held


@contextmanager
def _made_beside(file: Path) -> Iterator[Path]:
    """A place beside the file, which takes its name when all went well and is gone when not."""
    part = file.with_name(file.name + ".part")
    part.unlink(missing_ok=True)
    os.close(os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    try:
        yield part
        os.replace(part, file)
    finally:
        part.unlink(missing_ok=True)


def _copy(source: Path, target: Path) -> None:
    """A copy as of one moment, however much is written meanwhile."""
    with (
        closing(sqlite3.connect(f"{source.as_uri()}?mode=ro", uri=True)) as books,
        closing(sqlite3.connect(target)) as copy,
    ):
        books.backup(copy, pages=PAGES_AT_ONCE, sleep=PAUSE_S)
        copy.execute("PRAGMA journal_mode = delete")


def _checked(file: Path) -> str:
    """What a copy holds, in words, once it is known to be whole."""
    with closing(sqlite3.connect(f"{file.as_uri()}?mode=ro", uri=True)) as copy:
        try:
            said = [row[0] for row in copy.execute("PRAGMA integrity_check")]
            sums = copy.execute(
                f"SELECT payment_id FROM ledger_leg GROUP BY payment_id, entry_kind HAVING {_SIGNED} <> 0"
            )
            unbalanced = sums.fetchall()
            payments, newest = copy.execute("SELECT COUNT(*), COALESCE(MAX(received_at), '') FROM payment").fetchone()
        except sqlite3.DatabaseError as error:
            raise CannotCopy(f"{file} is no copy of the books ({error})") from None
    if said != ["ok"]:
        raise CannotCopy(f"{file} is damaged: {said[0]}")
    if unbalanced:
        raise CannotCopy(f"{file}: the entry of payment {unbalanced[0][0]} does not balance")
    return f"{payments} payments, the newest of {newest or 'never'}; checked: whole, and every entry balances"


def _listed(file: Path) -> str:
    """What pg_restore sees in a copy; what it holds is counted by the database alone."""
    listed = _run("pg_restore", "--list", str(file))
    if " TABLE DATA public payment " not in listed:
        raise CannotCopy(f"{file} is no copy of the books")
    return f"{listed.count(' TABLE DATA ')} tables; checked: it can be read to its end"


def _run(program: str, *words: str, database: str = "") -> str:
    """Run one of PostgreSQL's programs. A password goes there by the environment, where other users cannot read it."""
    environment = dict(os.environ)
    if database:
        parts = urlsplit(database)
        if parts.password:
            environment["PGPASSWORD"] = unquote(parts.password)
        place = parts._replace(netloc=parts.netloc.replace(f":{parts.password}@", "@", 1)) if parts.password else parts
        words = (f"--dbname={urlunsplit(place)}", *words)
    found = shutil.which(program)
    if found is None:
        raise CannotCopy(f"{program} is not installed; it comes with PostgreSQL's client")
    done = subprocess.run([found, *words], capture_output=True, text=True, check=False, env=environment)
    if done.returncode:
        lines = done.stderr.strip().splitlines() or ["it did not say why"]
        raise CannotCopy(f"{program}: {next((line for line in lines if 'error:' in line), lines[0])}")
    return done.stdout
