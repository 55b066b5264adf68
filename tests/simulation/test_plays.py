"""The whole service on a virtual clock and network: the same seed is the same play, and every play must end well."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from xiaopos.simulation.faults import Fault, Kind
from xiaopos.simulation.plan import Plan, make_plan
from xiaopos.simulation.play import play
from xiaopos.simulation.slips import Deed


def test_a_day_without_trouble_approves_most_and_breaks_nothing(tables: Path) -> None:
    report = play(make_plan(1, 60, kinds=()), tables)
    assert report.broken == ()
    assert (report.met, report.restarts) == (0, 0)
    assert report.states["approved"] > report.payments / 3


def test_the_same_seed_is_the_same_play(tables: Path) -> None:
    first, again, other = (play(make_plan(seed, 40), tables) for seed in (7, 7, 8))
    assert first.digest == again.digest != other.digest


@pytest.mark.parametrize("kind", Kind, ids=lambda kind: kind.value)
def test_each_kind_of_trouble_alone_is_survived(tables: Path, kind: Kind) -> None:
    reports = [play(make_plan(seed, 30, [kind], rate=0.4), tables) for seed in range(3)]
    assert [line for report in reports for line in report.broken] == []
    assert sum(report.met for report in reports) > 0


@pytest.mark.parametrize("place", [0, 3], ids=["a simulated terminal", "the device's software"])
def test_an_answer_that_arrives_twice_on_a_kept_line_never_puts_a_terminal_out_of_step(
    tables: Path, place: int
) -> None:
    """Each question was answered with the answer before it, for ever."""
    sales = tuple(
        replace(act, terminal=place, deed=Deed.SALE, card="debit", after_s=1.0) for act in make_plan(1, 4, ()).acts
    )
    report = play(Plan(1, sales, (Fault(Kind.DUPLICATE, "terminals.answer", 2),)), tables)
    assert report.broken == ()
    assert report.virtual_s < 600
    assert report.states["approved"] >= 3
