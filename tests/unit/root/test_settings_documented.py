"""docs/operating/settings.md says every variable that the program reads, in the program's own words."""

from __future__ import annotations

import re
from pathlib import Path

from xiaopos.deployment import VARIABLES

ROOT = Path(__file__).resolve().parents[3]
TABLE = (ROOT / "docs" / "operating" / "settings.md").read_text(encoding="utf8")
ROWS = dict(re.findall(r"^\| `(XIAOPOS_\w+)` \| (.+) \|$", TABLE, re.MULTILINE))


def test_the_table_is_the_programs_own() -> None:
    assert {name: ROWS.get(name) for name in VARIABLES} == VARIABLES


def test_no_variable_is_read_that_the_table_does_not_name() -> None:
    named = set()
    for path in (ROOT / "src").rglob("*.py"):
        named |= set(re.findall(r"XIAOPOS_[A-Z][A-Z0-9]*(?:_[A-Z]+)*", path.read_text(encoding="utf8")))
    assert named <= set(ROWS), "a variable without a row"
    assert set(ROWS) <= named, "a row for a variable that nobody reads"
