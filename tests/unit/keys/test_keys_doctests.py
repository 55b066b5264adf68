"""The known answers in the docstrings of the room, and on its page, hold."""

from __future__ import annotations

import doctest
import importlib
import pkgutil
from pathlib import Path

import pytest

import xiaopos.keys

_ROOM = sorted(found.name for found in pkgutil.iter_modules(xiaopos.keys.__path__))


@pytest.mark.parametrize("name", _ROOM)
def test_the_docstrings_tell_the_truth(name: str) -> None:
    assert doctest.testmod(importlib.import_module(f"xiaopos.keys.{name}")).failed == 0


def test_the_page_on_keys_tells_the_truth() -> None:
    page = Path(__file__).parents[3] / "docs" / "keys.md"
    result = doctest.testfile(str(page), module_relative=False)
    assert result.attempted > 50
    assert result.failed == 0
