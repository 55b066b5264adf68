"""A copy of the books, made while they are written, and put back: on both databases."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

from devtools.postgres import client_programs
from support import machine
from support.stores import make_database
from xiaopos import backup_command

DEMO = {"XIAOPOS_MODE": "demo", "XIAOPOS_SECRET_KEY": "s" * 40, "XIAOPOS_MASTER_KEY": "ab" * 32}
Telling = Callable[..., tuple[int, str]]


@pytest.fixture
def copying(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Telling:
    """Runs a command in the environment of one installation; its exit code and what it said."""
    for name, value in (DEMO | {"XIAOPOS_DATA_DIR": str(tmp_path)}).items():
        monkeypatch.setenv(name, value)

    def told(verb: str, file: Path, **settings: str) -> tuple[int, str]:
        for name, value in settings.items():
            monkeypatch.setenv(name, value)
        code = getattr(backup_command, verb)([str(file)])
        printed = capsys.readouterr()
        return code, printed.out + printed.err

    return told


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("template") / "template.sqlite3"
    make_database(str(made))
    return made


@pytest.fixture
def books(template: Path, tmp_path: Path) -> Path:
    place = tmp_path / "xiaopos.sqlite3"
    place.write_bytes(template.read_bytes())
    return place


def terminals(file: Path) -> int:
    with sqlite3.connect(file) as held:
        (number,) = held.execute("SELECT COUNT(*) FROM terminal").fetchone()
    held.close()
    return int(number)


def test_books_are_copied_while_they_are_written_and_put_back(books: Path, tmp_path: Path, copying: Telling) -> None:
    writer = sqlite3.connect(books, isolation_level=None)
    writer.execute("PRAGMA journal_mode = wal")
    writer.execute("BEGIN IMMEDIATE")
    writer.execute("DELETE FROM terminal WHERE terminal_id = '10000001'")
    before = terminals(books)
    code, said = copying("backup", tmp_path / "copy")
    writer.execute("COMMIT")
    writer.close()
    assert (code, said) == (0, "0 payments, the newest of never; checked: whole, and every entry balances\n")
    assert (tmp_path / "copy").stat().st_mode & 0o077 == 0
    assert terminals(tmp_path / "copy") == before == terminals(books) + 1
    books.unlink()
    code, said = copying("restore", tmp_path / "copy")
    assert code == 0
    assert terminals(books) == before


def test_books_that_are_there_are_not_overwritten(books: Path, tmp_path: Path, copying: Telling) -> None:
    assert copying("backup", tmp_path / "copy")[0] == 0
    held = books.read_bytes()
    code, said = copying("restore", tmp_path / "copy")
    assert code == 2
    assert "move them away first, they are evidence; nothing was changed" in said
    assert books.read_bytes() == held
    assert copying("backup", tmp_path / "copy")[1].endswith("exists already; nothing was changed\n")


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (lambda held: b"not a database at all" * 100, "is no copy of the books"),
        (lambda held: held[:40_000], "no copy of the books"),
        (lambda held: held[:60_000] + b"\xff" * 4_096 + held[64_096:], ""),
    ],
)
def test_a_damaged_copy_is_not_restored(
    books: Path, tmp_path: Path, copying: Telling, damage: Callable[[bytes], bytes], said: str
) -> None:
    copying("backup", tmp_path / "copy")
    (tmp_path / "copy").write_bytes(damage((tmp_path / "copy").read_bytes()))
    books.unlink()
    code, told = copying("restore", tmp_path / "copy")
    assert code == 2
    assert said in told
    assert not books.exists()
    assert not list(tmp_path.glob("*.part"))


def test_a_copy_whose_entries_do_not_balance_is_not_called_one(books: Path, tmp_path: Path, copying: Telling) -> None:
    with sqlite3.connect(books) as held:
        leg = {
            "merchant_id": "898110058120001", "payment_id": "p", "entry_kind": "sale", "leg_number": 1, "amount_minor": 1,
            "business_on": "2026-03-14", "posted_at": "2026-03-14", "account": "a", "account_kind": "asset", "side": "D",
            "currency": "CNY",
        }  # fmt: skip
        held.execute(f"INSERT INTO ledger_leg ({', '.join(leg)}) VALUES ({', '.join('?' * len(leg))})", [*leg.values()])
    held.close()
    code, told = copying("backup", tmp_path / "copy")
    assert code == 2
    assert "the entry of payment p does not balance" in told
    assert not (tmp_path / "copy").exists()


def test_what_is_not_there_is_named(tmp_path: Path, copying: Telling) -> None:
    assert "there are no books at" in copying("backup", tmp_path / "copy")[1]
    assert "there is no" in copying("restore", tmp_path / "none")[1]


def test_a_database_on_postgresql_is_copied_and_put_back(
    postgres_server: str, tmp_path: Path, copying: Telling, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(client_programs()))
    with machine.database(postgres_server, "kept") as kept, machine.database(postgres_server, "empty") as empty:
        make_database(kept)
        code, said = copying("backup", tmp_path / "copy", XIAOPOS_DATABASE=kept)
        assert (code, said.partition(";")[2]) == (0, " checked: it can be read to its end\n")
        assert copying("restore", tmp_path / "copy", XIAOPOS_DATABASE=empty)[0] == 0
        with psycopg.connect(kept) as one, psycopg.connect(empty) as other:
            asked = "SELECT terminal_id FROM terminal ORDER BY terminal_id"
            assert one.execute(asked).fetchall() == other.execute(asked).fetchall() != []
        code, said = copying("restore", tmp_path / "copy", XIAOPOS_DATABASE=empty)
        assert code == 2
        assert "already exists" in said
        (tmp_path / "copy").write_bytes(b"PGDMP nonsense")
        assert copying("restore", tmp_path / "copy", XIAOPOS_DATABASE=empty)[0] == 2
    code, said = copying("backup", tmp_path / "other", XIAOPOS_DATABASE="postgresql://lin:s%3Acret@127.0.0.1:1/none")
    assert code == 2
    assert "pg_dump: " in said
    assert "cret" not in said


def test_without_postgresqls_programs_it_says_what_to_install(
    tmp_path: Path, copying: Telling, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    code, said = copying("backup", tmp_path / "copy", XIAOPOS_DATABASE="postgresql://lin@127.0.0.1:1/none")
    assert (code, said.startswith("xiaopos backup: pg_dump is not installed")) == (2, True)


def test_they_are_commands_of_xiaopos() -> None:
    for verb in ("backup", "restore"):
        told = subprocess.run(
            [sys.executable, "-m", "xiaopos.cli", verb, "--help"],
            capture_output=True,
            text=True,
            check=True,
            timeout=30,
        )
        assert f"xiaopos {verb}" in told.stdout
