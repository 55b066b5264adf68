"""The town of the pages, and the counter in front of a real house with pretend channels."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.hashers import make_password
from django.test import Client

from support.api_counter import counter_at, make_template
from support.desk_town import Town
from support.world import TEA, World
from support.zhous_till import APPROVAL, Till
from unit.web.console.test_reading_page import CountersHouse
from xiaopos.store.people.models import User
from xiaopos.web import asking


@pytest.fixture
def town(db: None) -> Town:
    """Three merchants where nothing has happened yet."""
    built = Town()
    built.build()
    return built


@pytest.fixture(scope="session")
def till_template(tmp_path_factory: pytest.TempPathFactory, django_db_blocker: Any) -> Path:
    """A database with the town in it, to be copied."""
    path = tmp_path_factory.mktemp("till") / "town.sqlite3"
    with django_db_blocker.unblock():
        make_template(path)
    return path


@pytest.fixture
def till(till_template: Path, tmp_path: Path, django_db_blocker: Any) -> Iterator[Till]:
    """Zhou's counter, in front of a house where nothing has happened yet."""
    with django_db_blocker.unblock(), counter_at(till_template, tmp_path / "books.sqlite3") as counter:
        people = {"lin": ("manager", make_password(APPROVAL)), "zhou": ("cashier", "")}
        for username, (role, approval) in people.items():
            User.objects.create(
                username=username, password="!", name_zh="林" if approval else "周", name_en=username, role=role,
                merchant_id=TEA, approval_code=approval,
            )  # fmt: skip
        client = Client()
        client.force_login(User.objects.get(username="zhou"), "django.contrib.auth.backends.ModelBackend")
        yield Till(counter, client)


@pytest.fixture(autouse=True)
def house(monkeypatch: pytest.MonkeyPatch) -> CountersHouse:
    """The house that the pages ask where a test installs no other."""
    made = CountersHouse(World().house)
    monkeypatch.setattr(asking, "_players", [made])
    return made
