"""A named request is begun by one, however many web processes hear it at once, on both databases."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from devtools.environment import ROOT

CLAIMERS, NAMES = 3, 40


def start(database: str, *asked: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "support.answer_claimer", database, *asked]
    return subprocess.Popen(command, cwd=ROOT / "tests", stdout=subprocess.PIPE, text=True)


def told(process: subprocess.Popen[str]) -> str:
    said, _ = process.communicate(timeout=180)
    assert process.returncode == 0
    return said.strip()


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
def test_a_name_is_won_by_one_and_its_answer_is_whole(
    kind: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    database = str(tmp_path / "keys.sqlite3") if kind == "sqlite" else str(request.getfixturevalue("postgres_dsn"))
    told(start(database, "make"))
    claimers = [start(database, "claim", str(NAMES)) for _ in range(CLAIMERS)]
    won = [name for claimer in claimers for name in told(claimer).partition(";")[0].split()]
    assert sorted(won, key=int) == [str(number) for number in range(NAMES)]
    assert told(start(database, "claim", str(NAMES))) == f";{NAMES}"
