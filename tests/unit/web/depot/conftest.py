"""The town of every test of the depot, with keys, a courier and a house."""

from __future__ import annotations

from datetime import timedelta

import pytest

from support.desk_town import Town
from support.world import World
from unit.web.apply.conftest import keep_keys
from unit.web.console.test_reading_page import CountersHouse
from xiaopos.simulator.courier import PretendCourier
from xiaopos.web import asking, depot_room, key_room

SECOND = timedelta(microseconds=1)


@pytest.fixture
def town(db: None) -> Town:
    """Three merchants where nothing has happened yet."""
    built = Town()
    built.build()
    return built


@pytest.fixture
def world() -> World:
    """The house that the pages ask."""
    return World()


@pytest.fixture
def depot(town: Town, world: World, monkeypatch: pytest.MonkeyPatch) -> Town:
    """The town, with keys for papers and codes, a pretend courier whose days pass at once, and a house that takes money."""
    monkeypatch.setattr(key_room, "_openers", [lambda: world.house.vault])
    monkeypatch.setattr(asking, "_players", [CountersHouse(world.house)])
    monkeypatch.setattr(depot_room, "_couriers", [PretendCourier(hour=SECOND)])
    keep_keys(world.house.vault)
    return town
