"""The known answers in the docstrings of the room hold."""

from __future__ import annotations

import doctest
import importlib
import pkgutil

import pytest

import xiaopos.keys

# Modules of tables and roles have nothing to run.
_PLAIN = {"hierarchy", "states"}
_ROOM = sorted({found.name for found in pkgutil.iter_modules(xiaopos.keys.__path__)} - _PLAIN)


@pytest.mark.parametrize("name", _ROOM)
def test_the_docstrings_tell_the_truth(name: str) -> None:
    result = doctest.testmod(importlib.import_module(f"xiaopos.keys.{name}"))
    assert result.attempted > 0
    assert result.failed == 0
