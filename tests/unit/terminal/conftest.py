"""A terminal on the counter of 小林茶铺, before and after its sign-in."""

from __future__ import annotations

import pytest

from support.terminal_counter import Counter, new_counter


@pytest.fixture
def counter() -> Counter:
    """A new terminal that has not signed in."""
    return new_counter()


@pytest.fixture
def open_counter() -> Counter:
    """A terminal that has signed in."""
    counter = new_counter()
    assert counter.signs_in().approved
    return counter
