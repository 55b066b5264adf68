"""The examples in the docstrings of chip data and codes, and on their page, hold."""

from __future__ import annotations

import doctest
import importlib
import pkgutil
from pathlib import Path

import pytest

import xiaopos.wire.emv
import xiaopos.wire.qr

_ROOMS = (xiaopos.wire.emv, xiaopos.wire.qr)
_MODULES = sorted(f"{room.__name__}.{found.name}" for room in _ROOMS for found in pkgutil.iter_modules(room.__path__))


@pytest.mark.parametrize("name", [*_MODULES, *(room.__name__ for room in _ROOMS)])
def test_the_docstrings_tell_the_truth(name: str) -> None:
    assert doctest.testmod(importlib.import_module(name)).failed == 0


def test_the_page_tells_the_truth() -> None:
    page = Path(__file__).parents[3] / "docs" / "chip-and-codes.md"
    result = doctest.testfile(str(page), module_relative=False, encoding="utf-8")
    assert result.attempted > 20
    assert result.failed == 0
