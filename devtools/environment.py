"""Makes `.venv` from the pinned, hashed requirements, and makes it again only when they change.

What may live here: creating, filling and describing the environment. What may not: what is then run in it.
uv is used when it is there, pip otherwise; both see the caller's own settings (PIP_INDEX_URL, UV_..., certificates).
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import time
import tomllib
from pathlib import Path

from devtools import messages

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
STAMP = VENV / "xiaopos-installed.json"


class CannotMake(Exception):
    """The environment cannot be made: a sentence saying why and what to do."""


def say(text: str) -> None:
    """One plain line of progress; beside what a command prints, so that `--json` stays one line of JSON."""
    print(f"· {text}", file=sys.stderr, flush=True)


def python_for(kind: str) -> str:
    """The environment's Python, with the `runtime` or `dev` requirements in it. Raises CannotMake."""
    wanted = {name: _digest(name) for name in (("runtime",) if kind == "runtime" else ("runtime", "dev"))}
    installed = _installed()
    if any(installed.get(name) != digest for name, digest in wanted.items()):
        started = time.monotonic()
        _create()
        _install(kind)
        STAMP.write_text(json.dumps({**installed, **wanted}, indent=1) + "\n", encoding="utf8")
        say(f"environment ready in {time.monotonic() - started:.0f} s")
    messages.compile_changed(ROOT / "src")
    return str(PYTHON)


def _digest(kind: str) -> str:
    """What an installation of this kind was made from: the pins and our own package's description."""
    pins = (ROOT / "requirements" / f"{kind}.txt").read_bytes()
    described = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf8"))
    ours = json.dumps([described["build-system"], described["project"], str(ROOT)], sort_keys=True)
    return hashlib.sha256(pins + ours.encode()).hexdigest()


def _installed() -> dict[str, str]:
    """What the stamp says; nothing when there is none, or when the environment's Python no longer runs."""
    try:
        stamp: dict[str, str] = json.loads(STAMP.read_text(encoding="utf8"))
    except (OSError, ValueError):
        return {}
    return stamp if PYTHON.exists() else {}


def _create() -> None:
    if PYTHON.exists() and subprocess.run([PYTHON, "-c", "pass"], check=False).returncode == 0:
        return
    if VENV.exists():
        shutil.rmtree(VENV)
    say(f"making .venv with Python {sys.version.split()[0]}")
    made = subprocess.run([sys.executable, "-m", "venv", str(VENV)], check=False, capture_output=True, text=True)
    if made.returncode:
        raise CannotMake(
            "Python could not make an environment: install its venv module "
            f"(Debian and Ubuntu: apt-get install python3-venv).\n{made.stdout}{made.stderr}"
        )


def _install(kind: str) -> None:
    installer = _installer()
    name = "uv" if installer[0] != str(PYTHON) else "pip, which takes a minute or two"
    say(f"installing the pinned {kind} requirements with {name}")
    pins = str(ROOT / "requirements" / f"{kind}.txt")
    _run([*installer, "--require-hashes", "-r", pins])
    _run([*installer, "--no-deps", "--no-build-isolation", "--editable", str(ROOT)])


def _installer() -> list[str]:
    """The command that installs into the environment, quietly."""
    uv = shutil.which("uv")
    if uv and subprocess.run([uv, "--version"], check=False, capture_output=True).returncode == 0:
        return [uv, "pip", "install", "--quiet", "--python", str(PYTHON)]
    if subprocess.run([PYTHON, "-m", "pip", "--version"], check=False, capture_output=True).returncode:
        _run([str(PYTHON), "-m", "ensurepip", "--upgrade"])
    return [str(PYTHON), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input"]


def _run(command: list[str]) -> None:
    environment = {name: value for name, value in os.environ.items() if name not in ("PIP_USER", "PYTHONHOME")}
    if subprocess.run(command, check=False, cwd=ROOT, env=environment).returncode:
        raise CannotMake(
            "The pinned requirements could not be installed (the lines above say why): "
            "check that the package registry can be reached, then run the command again; it goes on where it stopped."
        )
