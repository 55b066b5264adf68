"""`./dev` lists what it can do, refuses what it cannot in a sentence, and pins one set of requirements."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from devtools import browser, commands, environment
from devtools.postgres import NoServer, temporary_server

ROOT = Path(__file__).resolve().parents[3]
PIN = re.compile(r"^([a-z0-9._-]+)==(\S+)", re.MULTILINE)


def dev(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run `./dev` as a person does."""
    return subprocess.run(
        [sys.executable, ROOT / "dev", *arguments], capture_output=True, text=True, check=False, cwd=ROOT, timeout=60
    )


def test_alone_it_lists_its_commands_one_line_each() -> None:
    listed = dev().stdout.splitlines()

    assert [line.split()[1] for line in listed] == list(commands.COMMANDS)
    assert all(len(line) < 130 for line in listed)


def test_an_unknown_command_is_answered_in_a_sentence() -> None:
    refused = dev("fly")

    assert refused.returncode == 2
    assert refused.stderr.startswith("./dev knows no 'fly'; it knows: demo, terminal, test,")


def test_development_pins_what_the_service_runs_on() -> None:
    runtime, dev_pins = (
        dict(PIN.findall((ROOT / "requirements" / f"{kind}.txt").read_text(encoding="utf8")))
        for kind in ("runtime", "dev")
    )

    assert len(runtime) > 20
    assert runtime.items() <= dev_pins.items()


@pytest.mark.parametrize("kind", ["runtime", "dev"])
def test_every_pin_has_a_hash(kind: str) -> None:
    text = (ROOT / "requirements" / f"{kind}.txt").read_text(encoding="utf8")
    parts = re.split(r"(?m)^(?=[a-z0-9])", text)

    assert all("--hash=sha256:" in part for part in parts if PIN.match(part))


def test_the_stamp_follows_the_pins(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "requirements").mkdir()
    (tmp_path / "pyproject.toml").write_text('[build-system]\n[project]\nname = "x"\n')
    pins = tmp_path / "requirements" / "runtime.txt"
    monkeypatch.setattr(environment, "ROOT", tmp_path)
    pins.write_text("a==1")
    before = environment._digest("runtime")
    pins.write_text("a==2")

    assert environment._digest("runtime") != before


def test_a_named_browser_that_is_not_there_is_none(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XIAOPOS_CHROMIUM", str(tmp_path / "chromium"))
    assert browser.find() is None

    (tmp_path / "chromium").touch()
    assert browser.find() == str(tmp_path / "chromium")


@pytest.mark.slow
def test_the_packaged_server_starts_and_leaves_nothing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for folder in (tmp_path, *tmp_path.parents):
        if folder.stat().st_mode & 0o055 != 0o055:
            folder.chmod(0o755)  # pytest's own folders are closed to the account that the server runs as
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with temporary_server(packaged=True) as url:
        assert url.startswith("postgresql://postgres@127.0.0.1:")

    assert list(tmp_path.iterdir()) == []


def test_without_any_server_it_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("devtools.postgres.PACKAGE", "no_such_package")

    with pytest.raises(NoServer, match="is installed"), temporary_server(packaged=True):
        raise AssertionError("there was a server")
