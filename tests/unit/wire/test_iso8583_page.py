"""The examples on the page about ISO 8583, and in the room's docstring, hold."""

from __future__ import annotations

import doctest
from pathlib import Path

import xiaopos.wire.iso8583


def test_the_page_tells_the_truth() -> None:
    page = Path(__file__).parents[3] / "docs" / "iso8583.md"
    result = doctest.testfile(str(page), module_relative=False, encoding="utf-8")
    assert result.attempted > 15
    assert result.failed == 0


def test_the_docstring_tells_the_truth() -> None:
    assert doctest.testmod(xiaopos.wire.iso8583).failed == 0
