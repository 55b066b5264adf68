"""The known answers in the docstrings of the room hold."""

from __future__ import annotations

import doctest
import importlib
import pkgutil

import pytest

import xiaopos.keys

_ROOM = sorted(found.name for found in pkgutil.iter_modules(xiaopos.keys.__path__))


@pytest.mark.parametrize("name", _ROOM)
def test_the_docstrings_tell_the_truth(name: str) -> None:
    assert doctest.testmod(importlib.import_module(f"xiaopos.keys.{name}")).failed == 0
