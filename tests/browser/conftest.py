"""The real demo, started once for every test in a browser, and Chromium."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import StorageState, sync_playwright

from support import machine
from support.demo import Demo
from support.shop_floor import Floor, Phone, Till


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """The demo as a stranger starts it, on free ports."""
    running = Demo.start(tmp_path_factory.mktemp("demo") / "var")
    try:
        yield running
    finally:
        running.stop()


@pytest.fixture(scope="session")
def signed_in() -> dict[str, StorageState]:
    """The cookies of whoever has signed in."""
    return {}


@pytest.fixture(scope="module")
def floor(demo: Demo, signed_in: dict[str, StorageState], chromium: str) -> Iterator[Floor]:
    """The shop floor. It ends with the module: while it lives, nothing else can run a loop in this thread."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=machine.CHROMIUM_OPTIONS)
        yield Floor(browser, demo, signed_in)
        browser.close()


@pytest.fixture
def till(floor: Floor, phone: Phone) -> Iterator[Till]:
    """Zhou's counter, open. The browser's console must stay silent but for what the test allows."""
    yours = floor.till()
    yours.opens()
    yield yours
    yours.page.context.close()
    assert yours.wrong() == []


@pytest.fixture
def phone(demo: Demo) -> Iterator[Phone]:
    """Mei's phone."""
    hers = Phone(demo.told["phone"].removesuffix("/phone"))
    yield hers
    hers.well()
