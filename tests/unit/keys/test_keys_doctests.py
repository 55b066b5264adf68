"""The known answers in the docstrings of the room hold."""

from __future__ import annotations

import doctest
import importlib

import pytest


@pytest.mark.parametrize("name", ["des", "macs", "pin_blocks", "tracks", "cryptograms", "vault", "software_vault"])
def test_the_docstrings_tell_the_truth(name: str) -> None:
    result = doctest.testmod(importlib.import_module(f"xiaopos.keys.{name}"))
    assert result.attempted > 0
    assert result.failed == 0
