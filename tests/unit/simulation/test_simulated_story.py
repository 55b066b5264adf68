"""A plan written down and read again is the same plan; anything else is refused with a reason."""

from __future__ import annotations

import json
from typing import Any

import pytest

from xiaopos.simulation.faults import Kind
from xiaopos.simulation.plan import make_plan
from xiaopos.simulation.story import NotAStory, dumps, in_words, loads


@pytest.mark.parametrize("seed", range(5))
def test_a_story_is_its_plan(seed: int) -> None:
    plan = make_plan(seed, 30, rate=2.0)
    assert loads(dumps(plan)) == plan


def test_a_story_in_words_names_every_fault_and_every_act() -> None:
    plan = make_plan(1, 20, rate=2.0)
    assert len(in_words(plan)) == len(plan.acts) + len(plan.faults)
    assert any("batch close." in line for seed in range(9) for line in in_words(make_plan(seed, 60)))


def changed(part: str, **values: Any) -> str:
    story = json.loads(dumps(make_plan(1, 5, [Kind.DROP], rate=3.0)))
    story[part][0].update(values)
    return json.dumps(story)


@pytest.mark.parametrize(
    "text",
    [
        changed("acts", terminal=99),
        changed("acts", deed="robbery"),
        changed("acts", amount_minor="much"),
        changed("faults", place="the moon"),
        changed("faults", kind="rain"),
        changed("faults", nth=None),
        changed("faults", more=1),
    ],
)
def test_what_no_plan_can_be_is_refused(text: str) -> None:
    with pytest.raises(NotAStory):
        loads(text)
