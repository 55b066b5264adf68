"""Moods: which request meets which trouble."""

from __future__ import annotations

import pytest

from xiaopos.simulator.moods import Mood, Moods, Stage, Trouble


def test_a_mood_waits_for_its_request_and_is_used_up() -> None:
    moods = Moods()
    moods.set(Mood(Trouble.LATE, seconds=1, times=2))
    assert moods.take(Stage.UNDO) is None
    assert [moods.take(Stage.ASK) is not None for _ in range(3)] == [True, True, False]


def test_a_mood_for_a_card_lets_others_pass() -> None:
    moods = Moods()
    moods.set(Mood(Trouble.LOSE_ANSWER, subject="debit", times=None))
    assert moods.take(Stage.ASK, "credit") is None
    for _ in range(3):
        assert moods.take(Stage.ASK, "debit") is not None
    moods.lift()
    assert moods.take(Stage.ASK, "debit") is None


def test_being_down_is_for_everybody_until_lifted() -> None:
    moods = Moods()
    moods.set(Mood(Trouble.DOWN))
    assert moods.take(Stage.ASK) is None
    assert moods.is_down
    moods.lift()
    assert not moods.is_down


@pytest.mark.parametrize(
    "mood",
    [
        Mood(Trouble.DOWN),
        Mood(Trouble.ANSWER_CODE, code="51", subject="poor", times=None, stage=Stage.ANY),
        Mood(Trouble.LATE, seconds=2.5),
    ],
)
def test_a_mood_goes_through_json(mood: Mood) -> None:
    assert Mood.from_json(mood.as_json()) == mood


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"trouble": "boredom"},
        {"trouble": "answer_code"},
        {"trouble": "late", "seconds": "soon"},
        {"trouble": "late", "stage": "x"},
    ],
)
def test_a_mood_that_cannot_be_read_says_so(given: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="this mood cannot be read"):
        Mood.from_json(given)
