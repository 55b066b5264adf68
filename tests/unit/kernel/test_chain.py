"""A chain of records: whatever was changed, taken out or put in shows."""

from __future__ import annotations

import doctest
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xiaopos.kernel import chain
from xiaopos.kernel.chain import GENESIS, Linked, canonical, first_break, link


def chained(*records: dict[str, Any]) -> list[Linked]:
    rows: list[Linked] = []
    for seq, record in enumerate(records, start=1):
        previous = rows[-1].hash if rows else GENESIS
        rows.append(Linked(seq, record, previous, link(previous, record)))
    return rows


WHOLE = chained(
    {"who": "高", "did": "switched a terminal off"},
    {"who": "He", "n": [1, {"deep": None}]},
    {"who": "Qian", "ok": True},
)


def test_the_example_in_the_docstring_is_true() -> None:
    assert doctest.testmod(chain).failed == 0


def test_a_whole_chain_and_an_empty_one_have_no_break() -> None:
    assert first_break(WHOLE) is None
    assert first_break([]) is None


def test_the_order_of_keys_does_not_matter_and_everything_else_does() -> None:
    assert canonical({"a": 1, "b": 2}) == canonical({"b": 2, "a": 1})
    assert link(GENESIS, {"a": 1}) != link(GENESIS, {"a": "1"})
    assert link(GENESIS, {"a": 1}) != link("1" + GENESIS[1:], {"a": 1})


@pytest.mark.parametrize("record", [{"a": 1.0}, {"a": [1, 2.5]}, {"a": {"b": {"c": 0.1}}}, {"a": [{"b": 1e9}]}])
def test_a_record_holds_no_floats(record: dict[str, Any]) -> None:
    with pytest.raises(TypeError, match="no floats"):
        canonical(record)


def test_a_record_holds_nothing_that_is_no_json() -> None:
    with pytest.raises(TypeError):
        canonical({"a": b"bytes"})  # type: ignore[dict-item] # what is refused


@pytest.mark.parametrize("place", [1, 2, 3])
def test_a_changed_record_shows_at_its_place(place: int) -> None:
    rows = list(WHOLE)
    rows[place - 1] = replace(rows[place - 1], record={"who": "nobody"})
    assert first_break(rows) == place


@pytest.mark.parametrize("place", [1, 2])
def test_a_missing_record_shows_at_its_place_and_a_cut_off_end_does_not(place: int) -> None:
    rows = list(WHOLE)
    del rows[place - 1]
    assert first_break(rows) == place
    assert first_break(WHOLE[:place]) is None


def test_a_record_put_in_with_a_good_hash_of_its_own_still_shows() -> None:
    forged = {"who": "nobody"}
    inserted = Linked(2, forged, WHOLE[0].hash, link(WHOLE[0].hash, forged))
    assert first_break([WHOLE[0], inserted, WHOLE[1], WHOLE[2]]) == 3
    assert first_break([WHOLE[0], inserted, replace(WHOLE[1], seq=3), replace(WHOLE[2], seq=4)]) == 3


@given(
    st.lists(
        st.dictionaries(st.text(max_size=4), st.integers() | st.text(max_size=4) | st.none()), min_size=1, max_size=6
    ),
    st.data(),
)
def test_any_two_records_exchanged_show_at_the_first_of_them(
    records: list[dict[str, Any]], data: st.DataObject
) -> None:
    rows = chained(*records)
    assert first_break(rows) is None
    one, other = sorted(data.draw(st.tuples(*[st.integers(0, len(rows) - 1)] * 2)))
    rows[one], rows[other] = rows[other], rows[one]
    assert first_break(rows) == (None if one == other else one + 1)
