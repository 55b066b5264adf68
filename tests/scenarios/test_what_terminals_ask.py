"""docs/what-terminals-ask.md names every transaction, and for each that is served a story that exists."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from xiaopos.wire.iso8583.meaning import TRANSACTIONS

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "what-terminals-ask.md"
STORY = re.compile(r"\[([a-z0-9 ]+)\]\((\.\./tests/[a-z_/]+\.py)\)")


def _rows() -> list[tuple[str, str]]:
    """What each row of the tables of transactions names, and its last column."""
    text = DOCUMENT.read_text(encoding="utf8").partition("## Not served")[0]
    rows = [
        [cell.strip() for cell in line.strip("| ").split(" | ")] for line in text.splitlines() if line.startswith("| ")
    ]
    assert {len(row) for row in rows} == {4}, "transaction, message, what carries it out, its story"
    return [(row[0], row[3]) for row in rows if row[0] not in ("transaction", "---")]


def _tests_in(path: Path) -> set[str]:
    tree = ast.parse(path.read_text(encoding="utf8"))
    return {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}


@pytest.mark.parametrize(("named", "stories"), _rows(), ids=[named for named, _ in _rows()])
def test_every_transaction_that_is_served_has_a_story(named: str, stories: str) -> None:
    found = STORY.findall(stories)
    assert found, f"{named}: no story is named"
    assert STORY.sub("", stories).strip("; ") == "", "nothing but stories"
    for words, path in found:
        assert f"test_{words.replace(' ', '_')}" in _tests_in(DOCUMENT.parent / path), f"{named}: {words}"


def test_every_story_that_the_text_names_exists() -> None:
    found = STORY.findall(DOCUMENT.read_text(encoding="utf8"))
    assert len(found) > len(_rows())
    for words, path in found:
        assert f"test_{words.replace(' ', '_')}" in _tests_in(DOCUMENT.parent / path)


def test_every_transaction_is_in_the_tables_or_among_what_is_not_served() -> None:
    tables = {name for named, _ in _rows() for name in re.split(r",? ", named)}
    unserved = DOCUMENT.read_text(encoding="utf8").partition("## Not served")[2]
    for row in TRANSACTIONS:
        assert row.zh in tables or row.zh.removesuffix("结束") in unserved, row.zh
