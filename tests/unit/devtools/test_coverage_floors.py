"""The floors of coverage hold each room to its own, and say what is bare."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from devtools import coverage_floors


def measured(path: str, *, ran: int, branches_ran: int, missing: list[int] | None = None) -> dict[str, Any]:
    """A report of one file of ten lines and ten branches."""
    sums = {"num_statements": 10, "num_branches": 10, "covered_lines": ran, "covered_branches": branches_ran}
    return {"files": {path: {"summary": sums, "missing_lines": missing or [], "missing_branches": []}}}


@pytest.mark.parametrize(
    ("room", "branches", "holds"),
    [("ledger", 10, True), ("ledger", 9, False), ("web", 8, True), ("web", 7, False)],
)
def test_each_room_has_its_floor(room: str, branches: int, holds: bool) -> None:
    [found] = coverage_floors.rooms(measured(f"src/xiaopos/{room}/x.py", ran=10, branches_ran=branches))

    assert found.name == room
    assert found.holds is holds


def test_the_money_rooms_floor_is_everything() -> None:
    assert {room: coverage_floors.Room(room).floor for room in ("kernel", "keys", "settlement", "root", "store")} == {
        "kernel": 100.0,
        "keys": 100.0,
        "settlement": 100.0,
        "root": 90.0,
        "store": 90.0,
    }


def test_almost_everything_is_not_everything() -> None:
    assert not coverage_floors.Room("ledger", all=100_000, ran=99_999).holds


def test_a_file_of_the_root_belongs_to_the_root() -> None:
    [found] = coverage_floors.rooms(measured("src/xiaopos/cli.py", ran=10, branches_ran=10))

    assert found.name == "root"


def test_the_table_names_the_bare_lines_of_a_room_that_misses(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    report = tmp_path / "report.json"
    report.write_text(json.dumps(measured("src/xiaopos/keys/x.py", ran=9, branches_ran=10, missing=[7])))

    assert coverage_floors.main([str(report)]) == 1
    printed = capsys.readouterr().out
    assert "MISSES" in printed
    assert "src/xiaopos/keys/x.py: 7" in printed


def test_a_report_of_nothing_is_a_failure(tmp_path: Path) -> None:
    report = tmp_path / "report.json"
    report.write_text('{"files": {}}')

    assert coverage_floors.main([str(report)]) == 2
