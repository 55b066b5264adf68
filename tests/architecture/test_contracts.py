"""The import contracts of pyproject.toml hold, and they speak of every room."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
HOUSE = ROOT / "src" / "xiaopos"
LINTED = "from importlinter.cli import lint_imports; import sys; sys.exit(lint_imports(cache_dir=None, no_cache=True))"
WITHOUT_DJANGO = ("xiaopos.cli", "xiaopos.demo", "xiaopos.wiring", "xiaopos.pretend", "xiaopos.hosts.card_host",
                  "xiaopos.hosts.worker", "xiaopos.store.writer.postgres", "xiaopos.simulator.terminal_command")  # fmt: skip
"""What the processes without pages import: each stays small because Django stays out."""


def _contract(name: str) -> dict[str, Any]:
    described = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf8"))
    contracts: list[dict[str, Any]] = described["tool"]["importlinter"]["contracts"]
    return next(contract for contract in contracts if contract["id"] == name)


def _layers() -> list[list[str]]:
    return [re.findall(r"[a-z_]+", layer) for layer in _contract("layers")["layers"]]


def _optional() -> set[str]:
    """Modules in parentheses: their layer is known before they exist."""
    return {name for layer in _contract("layers")["layers"] for name in re.findall(r"\((\w+)\)", layer)}


def test_the_import_contracts_hold() -> None:
    ran = subprocess.run([sys.executable, "-c", LINTED], cwd=ROOT, capture_output=True, text=True, check=False)

    assert ran.returncode == 0, ran.stdout + ran.stderr


def test_every_room_and_module_of_the_root_has_its_layer() -> None:
    there = {path.stem for path in HOUSE.iterdir() if path.suffix == ".py" or (path / "__init__.py").exists()}
    placed = [name for layer in _layers() for name in layer]

    assert there - {"__init__"} <= set(placed)
    assert set(placed) - there <= _optional()
    assert len(placed) == len(set(placed))
    assert _contract("layers")["exhaustive"] is True


def test_the_line_is_drawn_under_every_room_below_it() -> None:
    layers = _layers()
    start = next(number for number, layer in enumerate(layers) if "usecases" in layer)
    below = {f"xiaopos.{room}" for layer in layers[start:] for room in layer}

    assert set(_contract("below-the-line")["source_modules"]) == below


def test_the_terminal_knows_nothing_but_wire_keys_and_kernel() -> None:
    rooms = {name for layer in _layers() for name in layer} - {"terminal", "wire", "keys", "kernel"} - _optional()

    assert {f"xiaopos.{room}" for room in rooms} <= set(_contract("terminal")["forbidden_modules"])


@pytest.mark.parametrize("module", WITHOUT_DJANGO)
def test_a_process_without_pages_does_not_load_django(module: str) -> None:
    code = f"import {module}, sys; sys.exit(any(name.split('.')[0] == 'django' for name in sys.modules))"

    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0


def test_a_room_that_imports_upwards_is_caught(tmp_path: Path) -> None:
    for room in ("kernel", "ledger"):
        (tmp_path / "house" / room).mkdir(parents=True)
        (tmp_path / "house" / room / "__init__.py").write_text("import house.ledger\n" * (room == "kernel"))
    (tmp_path / "house" / "__init__.py").write_text("")
    (tmp_path / "pyproject.toml").write_text(
        '[tool.importlinter]\nroot_package = "house"\n[[tool.importlinter.contracts]]\nid = "layers"\nname = "layers"\n'
        'type = "layers"\ncontainers = ["house"]\nexhaustive = true\nlayers = ["ledger", "kernel"]\n'
    )

    command = [sys.executable, "-c", "import sys; sys.path.insert(0, '.'); " + LINTED]
    ran = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)

    assert ran.returncode == 1
    assert "house.kernel is not allowed to import house.ledger" in ran.stdout
