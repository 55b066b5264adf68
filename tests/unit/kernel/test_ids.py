"""Ids: time-ordered, 128 bit."""

from __future__ import annotations

import uuid

import pytest

from xiaopos.kernel.ids import is_id, make_id


def test_an_id_is_a_uuid_of_version_7_that_holds_its_instant() -> None:
    made = make_id(0x0192F0C1D2E3, bytes(range(10)))
    assert uuid.UUID(made).version == 7
    assert uuid.UUID(made).variant == uuid.RFC_4122
    assert int(made[:12], 16) == 0x0192F0C1D2E3


def test_ids_made_later_sort_later_whatever_the_dice_say() -> None:
    assert make_id(1_000, b"\xff" * 10) < make_id(1_001, b"\x00" * 10)


def test_every_random_bit_but_six_is_kept() -> None:
    assert make_id(0, b"\xff" * 10)[12:] == "7fff" + "bfffffffffffffff"


@pytest.mark.parametrize("now_ms", [-1, 1 << 48])
def test_an_instant_that_does_not_fit_is_refused(now_ms: int) -> None:
    with pytest.raises(ValueError, match="48 bits"):
        make_id(now_ms, bytes(10))


@pytest.mark.parametrize("length", [0, 9, 11])
def test_too_few_or_too_many_random_bytes_are_refused(length: int) -> None:
    with pytest.raises(ValueError, match="10 random bytes"):
        make_id(0, bytes(length))


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("0192f0c1d2e370008000000000000000", True),
        ("0192F0C1D2E370008000000000000000", False),
        ("0192f0c1d2e37000800000000000000", False),
        ("0192f0c1-d2e3-7000-8000-00000000", False),
        ("0192f0c1d2e370008000000000000000\n", False),
    ],
)
def test_the_form_of_an_id_is_strict(text: str, answer: bool) -> None:
    assert is_id(text) is answer
