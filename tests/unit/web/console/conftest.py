"""The town of every test of the console."""

from __future__ import annotations

import pytest

from support.desk_town import Town


@pytest.fixture
def town(db: None) -> Town:
    """Three merchants where nothing has happened yet."""
    built = Town()
    built.build()
    return built
