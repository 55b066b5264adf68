"""The command `xiaopos simulate`: what an operator asks and reads, when all is well and when it is not."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from xiaopos import simulate_command
from xiaopos.kernel.secret import Pan
from xiaopos.payments.answers import Answer, Approved
from xiaopos.payments.payment import Payment
from xiaopos.usecases.ports import CardMeans, House


class KindAcquirer:
    """Approves without asking anybody."""

    name = "unionpay"

    def __init__(self, right: Any) -> None:
        self.right = right

    def __getattr__(self, name: str) -> Any:
        return getattr(self.right, name)

    def route(self, _card: Pan) -> tuple[str, ...]:
        return (self.name,)

    async def authorise(self, payment: Payment, _card: CardMeans) -> Answer:
        return Approved(approval_code=payment.rrn[-6:], response_code="00")


def broken(house: House) -> House:
    return replace(house, acquirer=KindAcquirer(house.acquirer))


def test_a_play_that_ends_well_is_one_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    assert simulate_command.run(["--seed", "3", "--payments", "10"]) == 0
    assert capsys.readouterr().out.startswith("All is well: 1 plays, 1")


def test_the_result_is_said_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    asked = ["--seed", "3", "--seeds", "2", "--payments", "5", "--faults", "drop,kill", "--json"]
    assert simulate_command.run(asked) == 0
    sums = json.loads(capsys.readouterr().out)
    assert (sums["seeds"], sums["failed"]) == (2, [])


def test_without_a_seed_one_is_drawn_and_seconds_end_it(capsys: pytest.CaptureFixture[str]) -> None:
    assert simulate_command.run(["--seconds", "0.1", "--payments", "3", "--faults", "none"]) == 0
    assert "All is well" in capsys.readouterr().out


def test_a_failure_tells_its_seed_and_a_short_story_that_can_be_played_again(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    kept = tmp_path / "story.json"
    asked = ["--seed", "3", "--payments", "12", "--faults", "none", "--keep", str(kept)]
    assert simulate_command.run(asked, broken) == 1
    printed = capsys.readouterr()
    assert "Seed 3. The shortest story" in printed.out
    assert printed.out.count(" terminal 1000") == 1, "one act is enough"
    assert "at the card's bank" in printed.out
    assert "xiaopos simulate --seed 3 --payments 12 --faults none" in printed.out
    assert "looking for a shorter story" in printed.err
    assert simulate_command.run(["--story", str(kept)], broken) == 1
    assert simulate_command.run(["--story", str(kept)]) == 0


def test_after_a_failure_the_other_seeds_are_played_when_that_is_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    asked = ["--seed", "3", "--seeds", "3", "--payments", "12", "--faults", "none", "--go-on", "--whole", "--json"]
    assert simulate_command.run(asked, broken) == 1
    sums = json.loads(capsys.readouterr().out)
    assert [failed["seed"] for failed in sums["failed"]] == [3, 4, 5]
    assert sums["failed"][0]["broken"]
    assert len(sums["failed"][0]["story"]) == 12


@pytest.mark.parametrize("words", [["--faults", "rain"], ["--seeds", "0"], ["--payments", "few"]])
def test_what_cannot_be_played_is_a_wrong_use(words: list[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        simulate_command.run(words)
    assert ended.value.code == 2


@pytest.mark.parametrize("text", ["", "[]", '{"form": 2}', '{"form": 1, "seed": 1, "acts": [{}], "faults": []}'])
def test_a_file_that_is_no_story_is_one_sentence(text: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "story.json"
    path.write_text(text)
    assert simulate_command.run(["--story", str(path)]) == 2
    assert len(capsys.readouterr().err.splitlines()) == 1


def test_a_story_that_is_not_there_is_one_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert simulate_command.run(["--story", str(tmp_path / "none.json")]) == 2
    assert "none.json" in capsys.readouterr().err
