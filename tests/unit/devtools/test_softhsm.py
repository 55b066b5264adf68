"""SoftHSM2 is found, got where that is allowed, or asked for in a sentence."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from devtools import browser, commands, softhsm

APT = """#!/bin/sh
echo "$@" >> {log}
case "$1" in install) touch {library}; touch {tool}; chmod 755 {tool};; esac
"""


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A machine without SoftHSM2 and without a packager; its only folder of programs."""
    programs = tmp_path / "bin"
    programs.mkdir()
    monkeypatch.setenv("PATH", f"{programs}")
    monkeypatch.delenv(softhsm.NAMED, raising=False)
    monkeypatch.setattr(softhsm, "PLACES", (str(tmp_path / "libsofthsm2.so"),))
    return programs


@pytest.fixture
def apt(bare: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A packager that installs it; what it was asked for."""
    log, program = tmp_path / "asked", bare / "apt-get"
    words = {"log": log, "library": tmp_path / "libsofthsm2.so", "tool": bare / "softhsm2-util"}
    program.write_text(APT.format(**words), encoding="utf8")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{bare}:/usr/bin:/bin")
    monkeypatch.setattr("shutil.which", lambda name: str(bare / name) if (bare / name).exists() else None)
    monkeypatch.setattr("os.geteuid", lambda: 0)
    return log


def test_it_is_installed_where_that_is_allowed(apt: Path, tmp_path: Path) -> None:
    assert softhsm.find() is None
    assert softhsm.obtain() == str(tmp_path / "libsofthsm2.so")
    assert [line.split()[0] for line in apt.read_text().splitlines()] == ["update", "install"]
    assert "softhsm2" in apt.read_text()
    assert softhsm.obtain() is not None
    assert len(apt.read_text().splitlines()) == 2  # once is enough


def test_nobody_but_root_installs(apt: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    assert softhsm.obtain() is None
    assert not apt.exists()


def test_a_named_library_that_is_not_there_is_said_and_nothing_installed(
    apt: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(softhsm.NAMED, str(tmp_path / "other.so"))
    assert softhsm.obtain() is None
    assert not apt.exists()
    assert softhsm.missing().startswith(f"XIAOPOS_SOFTHSM names {tmp_path / 'other.so'}, which is not there. ")


def test_a_library_without_its_tool_is_not_enough(bare: Path, tmp_path: Path) -> None:
    (tmp_path / "libsofthsm2.so").touch()
    assert softhsm.find() is None
    (bare / "softhsm2-util").touch(mode=0o755)
    assert softhsm.find() == str(tmp_path / "libsofthsm2.so")


def test_the_tests_say_what_to_install_and_do_not_begin(
    bare: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("XIAOPOS_CHROMIUM", str(bare / "chromium"))
    monkeypatch.setattr(commands, "python_for", lambda kind: os.devnull)
    assert commands.test([]) == 1
    assert capsys.readouterr().err == f"{browser.MISSING}\n{softhsm.MISSING}\n"
