"""The six-way binding: what is missing, every pair of its two machines, and the code that activates."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, fields, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.machines import walk_whole_table
from xiaopos.fleet.activation import DIGITS, TRIES, code_of, digest_of, is_right, phone_of
from xiaopos.fleet.bindings import (
    BINDING_LIFE,
    REPORT_LIFE,
    WHOLE,
    BindingEvent,
    BindingState,
    Part,
    ReportEvent,
    ReportState,
    SixParts,
)
from xiaopos.fleet.deliveries.links import is_token, token_of
from xiaopos.kernel.machine import Machine

SIX = SixParts("XPM2-0001", "48020000", "898110058120001", "91310000DEM000001", "ab" * 16, "柳巷 8 号")
AT = datetime(2026, 6, 1, tzinfo=UTC)


@pytest.mark.parametrize("part", Part)
def test_each_of_the_six_is_missed(part: Part) -> None:
    assert replace(SIX, **{part.value: " "}).missing == (part,)
    assert SIX.differ_from(replace(SIX, **{part.value: "other"})) == (part,)


def test_all_six_are_there_and_an_account_is_never_a_number() -> None:
    assert SIX.missing == ()
    assert [part.value for part in Part] == [each.name for each in fields(SIX)]
    assert replace(SIX, account="6200000000000018").missing == (Part.ACCOUNT,)


@pytest.mark.parametrize("machine", [BINDING_LIFE, REPORT_LIFE], ids=lambda machine: machine.name)
def test_every_move_that_the_table_does_not_hold_is_refused(machine: Machine[Any, Any]) -> None:
    walk_whole_table(machine)


def test_money_is_taken_only_after_an_activation() -> None:
    """No way leads into a state that takes money but activating, proving and going on after a suspension."""
    into = {event for (before, event), after in BINDING_LIFE.table.items() if after in WHOLE and before not in WHOLE}
    assert into == {BindingEvent.ACTIVATE, BindingEvent.RESUME}
    assert BINDING_LIFE.starts not in WHOLE
    assert BINDING_LIFE.ends() == {BindingState.CLOSED}
    moved = {
        BINDING_LIFE.table[state, BindingEvent.REBIND] for state in BindingState if state is not BindingState.CLOSED
    }
    assert moved == {BindingState.AWAITED}


def test_every_change_is_reported_anew() -> None:
    assert {REPORT_LIFE.move(state, ReportEvent.CHANGE) for state in ReportState} == {ReportState.DUE}


@dataclass
class Kept:
    serial: str
    digest: str
    expires_at: datetime = AT + timedelta(days=30)
    tries: int = 0


def hashed(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def test_a_code_is_right_with_its_serial_and_phone_in_its_time() -> None:
    digest = digest_of("XPM2-0001", "01234567", "010-0000-0001", hashed)
    kept = Kept("XPM2-0001", digest)
    assert is_right(kept, digest_of(" xpm2-0001 ", "0123 4567", "01000000001", hashed), AT)
    for typed in (("XPM2-0002", "01234567", "010-0000-0001"), ("XPM2-0001", "01234568", "010-0000-0001"),
                  ("XPM2-0001", "01234567", "010-0000-0002"), ("", "", "")):  # fmt: skip
        assert not is_right(kept, digest_of(*typed, hashed), AT)
    assert not is_right(None, digest, AT)
    assert not is_right(replace(kept, tries=TRIES), digest, AT)
    assert is_right(replace(kept, tries=TRIES - 1), digest, AT)
    assert not is_right(kept, digest, kept.expires_at)


@given(first=st.tuples(*[st.text(max_size=12)] * 3), second=st.tuples(*[st.text(max_size=12)] * 3))
def test_what_is_typed_cannot_slide_from_one_field_into_another(
    first: tuple[str, str, str], second: tuple[str, str, str]
) -> None:
    def seen(typed: tuple[str, str, str]) -> tuple[str, str, str]:
        serial, code, phone = typed
        return "".join(serial.split()).upper(), "".join(code.split()), phone_of(phone)

    without_nul = all("\0" not in text for text in (*first, *second))
    same = digest_of(*first, hashed) == digest_of(*second, hashed)
    assert same == (seen(first) == seen(second)) or not without_nul


@given(st.binary(min_size=8, max_size=8))
def test_codes_have_eight_digits(entropy: bytes) -> None:
    code = code_of(entropy)
    assert len(code) == DIGITS
    assert code.isdigit()


@given(st.binary(min_size=16, max_size=16))
def test_links_hold_all_of_their_randomness(entropy: bytes) -> None:
    assert is_token(token_of(entropy))
    assert token_of(entropy) != token_of(bytes(each ^ 1 for each in entropy))


@pytest.mark.parametrize("entropy", [b"", bytes(7), bytes(17)])
def test_too_little_randomness_is_a_bug(entropy: bytes) -> None:
    with pytest.raises(ValueError, match="random bytes are needed"):
        code_of(entropy)
    with pytest.raises(ValueError, match="random bytes are needed"):
        token_of(entropy)


@pytest.mark.parametrize(
    ("text", "phone"), [("138 0000-0000", "13800000000"), ("+86 10 1234", "+86101234"), ("12", ""), ("x", "")]
)
def test_phones_are_compared_by_their_digits(text: str, phone: str) -> None:
    assert phone_of(text) == phone
