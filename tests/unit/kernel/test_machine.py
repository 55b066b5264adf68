"""The machine: a table, and what is read from it."""

from __future__ import annotations

from enum import Enum

import pytest

from xiaopos.kernel.machine import IllegalMove, Machine


class Kettle(Enum):
    COLD = "cold"
    HOT = "hot"
    EMPTY = "empty"
    LOST = "lost"


class Deed(Enum):
    HEAT = "heat"
    WAIT = "wait"
    POUR = "pour"


KETTLE: Machine[Kettle, Deed] = Machine(
    "kettle",
    starts=Kettle.COLD,
    table={
        (Kettle.COLD, Deed.HEAT): Kettle.HOT,
        (Kettle.HOT, Deed.WAIT): Kettle.COLD,
        (Kettle.HOT, Deed.POUR): Kettle.EMPTY,
        (Kettle.LOST, Deed.POUR): Kettle.LOST,
    },
)


def test_a_move_in_the_table_is_made() -> None:
    assert KETTLE.move(Kettle.COLD, Deed.HEAT) is Kettle.HOT
    assert KETTLE.allows(Kettle.COLD, Deed.HEAT)


def test_a_move_that_is_not_in_the_table_is_a_bug_with_a_name() -> None:
    assert not KETTLE.allows(Kettle.COLD, Deed.POUR)
    with pytest.raises(IllegalMove, match="kettle: POUR is not possible in COLD") as caught:
        KETTLE.move(Kettle.COLD, Deed.POUR)
    assert (caught.value.state, caught.value.event) == (Kettle.COLD, Deed.POUR)


def test_an_illegal_move_leaves_the_table_as_it_was() -> None:
    before = dict(KETTLE.table)
    with pytest.raises(IllegalMove):
        KETTLE.move(Kettle.EMPTY, Deed.HEAT)
    assert KETTLE.table == before


def test_a_console_can_ask_what_is_possible_now() -> None:
    assert KETTLE.events(Kettle.HOT) == (Deed.WAIT, Deed.POUR)
    assert KETTLE.events(Kettle.EMPTY) == ()


def test_ends_and_what_can_be_reached_are_read_from_the_table() -> None:
    assert KETTLE.ends() == {Kettle.EMPTY}
    assert KETTLE.reachable() == {Kettle.COLD, Kettle.HOT, Kettle.EMPTY}


def test_the_drawing_has_one_line_a_move_and_shows_start_and_end() -> None:
    assert KETTLE.draw() == (
        "stateDiagram-v2\n"
        "    [*] --> COLD\n"
        "    COLD --> HOT: HEAT\n"
        "    HOT --> COLD: WAIT\n"
        "    HOT --> EMPTY: POUR\n"
        "    LOST --> LOST: POUR\n"
        "    EMPTY --> [*]\n"
    )
