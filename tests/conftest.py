"""The root of the suites: its folder is what `import support...` is found in.

What may live here: what the machine must lend to tests - a database server, a browser. What may not: any value of the product.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator

import pytest
from hypothesis import settings

from devtools import messages
from devtools.environment import ROOT
from support import machine

# A busy machine is no failure: examples may take as long as they need.
settings.register_profile("house", deadline=None)
settings.load_profile("house")

messages.compile_changed(ROOT / "src")  # for those who call pytest by itself: pages speak English only from catalogues


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """The URL, without a database, of a real PostgreSQL server that lives as long as the run."""
    with machine.temporary_server() as url:
        yield url


@pytest.fixture
def postgres_dsn(postgres_server: str) -> Iterator[str]:
    """The URL of an empty database of this test's own."""
    with machine.database(postgres_server, f"test_{uuid.uuid1().hex}") as url:
        yield url


@pytest.fixture(scope="session")
def chromium() -> str:
    """The path of a real Chromium. Fails, with a sentence saying what to install, where there is none."""
    return machine.chromium()
