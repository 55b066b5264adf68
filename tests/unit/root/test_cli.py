"""The command `xiaopos`: its usage, and one sentence for whatever keeps a process from serving."""

from __future__ import annotations

import json
import os
import socket
import sqlite3
import subprocess
import sys
from dataclasses import fields
from pathlib import Path

import pytest

from xiaopos import cli
from xiaopos.pretend import PretendPorts

DEMO = {"XIAOPOS_SECRET_KEY": "s" * 40, "XIAOPOS_MASTER_KEY": "ab" * 32, "XIAOPOS_MODE": "demo"}


@pytest.mark.parametrize("words", [[], ["help"], ["--help"], ["-h"]])
def test_who_asks_is_told_every_command(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(words) == 0
    printed = capsys.readouterr()
    assert printed.err == ""
    for name, (_, text) in cli.COMMANDS.items():
        assert name in printed.out
        assert text in printed.out


def test_an_unknown_command_is_a_wrong_use(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["sell-the-shop"]) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert "card-host" in printed.err


def ends(command: str, **settings: str) -> tuple[int, list[str]]:
    """How a process ends that cannot serve: its exit code, and its last words without log lines."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("XIAOPOS_")}
    ended = subprocess.run(
        [sys.executable, "-m", "xiaopos.cli", command],
        env=clean | DEMO | settings, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert "Traceback" not in ended.stderr
    return ended.returncode, [line for line in ended.stderr.splitlines() if not line.startswith("{")]


@pytest.mark.parametrize("command", ["card-host", "worker"])
def test_a_database_that_is_not_there_is_one_sentence(command: str, tmp_path: Path) -> None:
    code, words = ends(command, XIAOPOS_DATA_DIR=str(tmp_path))
    assert (code, len(words)) == (2, 1)
    assert words[0].startswith("xiaopos: SQLite: unable to open")


def test_a_wrong_setting_is_one_sentence() -> None:
    code, words = ends("card-host", XIAOPOS_CARD_PORT="many")
    assert (code, len(words)) == (2, 1)
    assert "XIAOPOS_CARD_PORT" in words[0]


PRODUCTION = {"XIAOPOS_MODE": "production", "XIAOPOS_MASTER_KEY": "", "XIAOPOS_WEB_HOSTS": "pos.example.com"}


def test_production_without_a_token_is_one_sentence(tmp_path: Path) -> None:
    code, words = ends("card-host", XIAOPOS_DATA_DIR=str(tmp_path), **PRODUCTION)
    assert (code, len(words)) == (2, 1)
    assert words[0].startswith(
        "xiaopos: XIAOPOS_PKCS11_MODULE is not set: production keeps its keys in a PKCS#11 token."
    )


def test_production_with_a_module_that_is_not_there_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "pin").write_text("20260801\n", encoding="utf8")
    token = {
        "XIAOPOS_PKCS11_MODULE": str(tmp_path / "module.so"),
        "XIAOPOS_PKCS11_TOKEN": "keys",
        "XIAOPOS_PKCS11_PIN_FILE": str(tmp_path / "pin"),
    }
    code, words = ends("card-host", XIAOPOS_DATA_DIR=str(tmp_path), **PRODUCTION, **token)
    assert (code, len(words)) == (2, 1)
    assert words[0].startswith("xiaopos: the keys' token cannot be used (out_of_reach: no PKCS#11 module at ")


def test_a_database_without_the_houses_keys_is_one_sentence(tmp_path: Path) -> None:
    connection = sqlite3.connect(tmp_path / "xiaopos.sqlite3")
    connection.execute("CREATE TABLE house_key (name TEXT, wrapped TEXT)")
    connection.commit()
    connection.close()
    code, words = ends("worker", XIAOPOS_DATA_DIR=str(tmp_path))
    assert code == 2
    assert words == ["xiaopos: the house has no key 'pan_seal'; run the set-up first"]


def test_simulators_are_not_started_by_hand(tmp_path: Path) -> None:
    code, words = ends("simulators", XIAOPOS_DATA_DIR=str(tmp_path))
    assert code == 2
    assert "start ./dev demo" in words[0]


def test_a_simulators_port_in_use_is_one_sentence(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        ports = json.dumps({field.name: 0 for field in fields(PretendPorts)} | {"network": port})
        code, words = ends(
            "simulators",
            XIAOPOS_DATA_DIR=str(tmp_path),
            XIAOPOS_SIMULATOR_PORTS=ports,
            XIAOPOS_SIMULATOR_WEB_ORIGIN="http://127.0.0.1:8000",
        )
    assert (code, len(words)) == (2, 1)
    assert "cannot be used" in words[0]


def test_the_terminal_command_is_handed_its_words(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["terminal", "--help"]) == 0
    assert "sale" in capsys.readouterr().out
