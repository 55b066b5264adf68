"""Every story holds in a fresh world, and can be told."""

from __future__ import annotations

import pytest

from scenarios.stories import STORIES
from support.world import World


@pytest.mark.parametrize("name", STORIES)
def test_the_story_holds(name: str) -> None:
    world = World()
    STORIES[name](world)
    assert world.told[-1] == "The books balance."


@pytest.mark.parametrize("name", STORIES)
def test_no_story_tells_a_card_number_or_code(name: str) -> None:
    world = World()
    STORIES[name](world)
    text = "\n".join(world.told) + repr(world.books)
    assert "6200000000000000018" not in text
    assert "990000000000000001" not in text
